r"""Audits of one training, in order: which checkpoint is best, what changed, and whether it is still getting better.

All audits share their reals, their folds and the latents of their fakes. So the probes of one checkpoint, calibrated
and stacked anew, bound JS of its neighbours too. Each checkpoint is read by those probes, its own or a neighbour's,
that show the most on validation samples; what they show on test samples is a lower bound as before. Where a
neighbour's show more on these too, by more than noise, the own ones were under-trained, and no other evidence makes
them near-optimal.

Differences are paired as well (`ganprobe.judge.differences`). The best checkpoint and the place where a plateau begins
are chosen after looking, hence the band: with m checkpoints the limits of a difference are

    rise -+ z s,    z = Phi^-1(1 - .025 / (m (m - 1) / 2)),

s being the paired standard error, so that by Bonferroni's inequality all pairs hold together at 95 %. They are about
what the probes demonstrate; how much of JS each of these misses is not in them.

A difference of two lower bounds is no bound: a checkpoint may look better because its probe was worse. So "worse" and
"better" are said only where the band excludes 0 and the better one's probe is estimated to have missed less than the
difference; all else is "unresolved".

Where JS is at its ceiling, log 2, throughout, it ranks nothing. Then the statistic is the half-scale, the noise that
takes JS to log 2 / 2, which falls as the two sides approach each other even where they never overlap. It is read off
bounds as well, and nobody measured what those miss: it orders checkpoints and demonstrates no difference.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from statistics import NormalDist

from ganprobe.errors import UsageError
from ganprobe.judge import differences
from ganprobe.plan import Select
from ganprobe.record.all import (
    Audit,
    BestRecord,
    ChangeRecord,
    CrossRecord,
    Estimate,
    FailureRecord,
    History,
    HistoryRecord,
    Outcome,
    RaisedRecord,
    SmoothingRecord,
    Statistic,
    TrendRecord,
)

_LEVEL = 0.95
# Above this share of log 2 the interval cannot tell JS from its ceiling.
_AT_CEILING = 0.99
# Fewer checkpoints in which nothing moves are no plateau.
_LEAST_PLATEAU = 3
# What a neighbour's probes must show beyond the own ones to convict them, as for the audits of
# `ganprobe.measures.optimality`: so many nats, and so many standard errors.
_NEGLIGIBLE, _SURE = 0.005, 2.0


@dataclass(frozen=True, slots=True)
class _Reading:
    """The statistic of one checkpoint with its interval; ``value`` is None above the noise that was tried."""

    value: float | None
    low: float | None
    high: float | None


def compare(audits: Sequence[Audit], select: Select = "auto", failed: Sequence[FailureRecord] = ()) -> History:
    """The history of ``audits``, which are in the order of training.

    Raises `UsageError` where there is none, where they are not of the same data, or where ``select`` asks for what
    they do not hold.
    """
    if not audits:
        raise UsageError("there is no audit to compare", "name at least one checkpoint that can be measured")
    read, raised = _by_best_probes(audits)
    statistic, why = _choose(read, select)
    series = _Series(read, statistic)
    best = series.order[0]
    pairs = [*pairwise(range(len(audits))), *((min(i, best), max(i, best)) for i in range(len(audits)) if i != best)]
    changes = {pair: series.change(*pair) for pair in dict.fromkeys(pairs)}
    trend = TrendRecord(
        statistic=statistic,
        reason=why,
        values=tuple(reading.value for reading in series.readings),
        low=tuple(reading.low for reading in series.readings),
        high=tuple(reading.high for reading in series.readings),
        order=series.order,
        regressed=series.regressed(),
        plateau=series.plateau(),
        collapse=_collapse(audits),
    )
    found = tuple(change for change in changes.values() if change is not None)
    return History(tuple(audits), HistoryRecord(series.best(), found, trend, tuple(failed), raised))


# -- the probes of neighbours --------------------------------------------------


def _by_best_probes(audits: Sequence[Audit]) -> tuple[tuple[Audit, ...], tuple[RaisedRecord, ...]]:
    """Every audit as the probes read it that show the most on validation, and which of these are a neighbour's."""
    read, raised = [*audits], []
    for position, audit in enumerate(audits):
        own = _estimate(audit)
        tried = [(cross, by) for by, other in enumerate(audits) for cross in _of(audit, other)]
        if own.validation is None or not tried:
            continue
        cross, by = max(tried, key=lambda pair: pair[0].validation)
        if cross.validation <= own.validation:
            continue
        # Not the whole estimate: what is read here.
        js = replace(own, nats=cross.nats, low=cross.low, high=cross.high, floor=cross.floor)
        now = replace(audit, measurements=replace(audit.measurements, js=js, batches=cross.batches))
        gain, se = differences.paired(audit, now)
        if under_trained := gain > max(_NEGLIGIBLE, _SURE * se):
            js = replace(js, near_optimal=False, gap=None if own.gap is None else max(own.gap, gain))
            now = replace(now, measurements=replace(now.measurements, js=js))
        read[position] = now
        bounds = (cross.nats, cross.low, cross.high, cross.floor)
        raised.append(RaisedRecord(position, by, own.nats, *bounds, se, under_trained))
    return tuple(read), tuple(raised)


def _of(audit: Audit, other: Audit) -> Iterator[CrossRecord]:
    """What the probes of ``other`` show about the checkpoint of ``audit``, on the same data through the same view."""
    one, two = (
        (m.data.content_hash, m.headline_view, m.headline_settings) for m in (audit.measurements, other.measurements)
    )
    if one == two:
        sha256 = audit.measurements.checkpoint.sha256
        yield from (cross for cross in other.measurements.crossed if cross.sha256 == sha256)


# -- the statistic -------------------------------------------------------------


def _choose(audits: Sequence[Audit], select: Select) -> tuple[Statistic, str]:
    if any(audit.measurements.js is None for audit in audits):
        raise UsageError("an audit holds no estimate of JS", "give audits that ganprobe js or compare made")
    ranked = [audit.measurements.smoothing is not None for audit in audits]
    if select == "js":
        return "js", "as asked"
    if select == "half_scale":
        if not all(ranked):
            raise UsageError("an audit holds no JS under noise to rank by", "measure it again, or use --select js")
        return "half_scale", "as asked"
    at_ceiling = sum(_at_ceiling(_estimate(audit)) for audit in audits)
    if at_ceiling < len(audits):
        return "js", f"{len(audits) - at_ceiling} of {len(audits)} are below the ceiling of JS"
    if not all(ranked):
        return "js", "JS is at its ceiling throughout and ranks nothing, but JS under noise was not measured"
    return "half_scale", "JS is at its ceiling, log 2, throughout and ranks nothing: ranked by the noise that halves it"


def _estimate(audit: Audit) -> Estimate:
    js = audit.measurements.js
    if js is None:
        raise UsageError("an audit holds no estimate of JS", "give audits that ganprobe js or compare made")
    return js


def _at_ceiling(js: Estimate) -> bool:
    return js.status == "saturated" or js.high > _AT_CEILING * js.ceiling


def _read(audit: Audit, statistic: Statistic) -> _Reading:
    js, curve = _estimate(audit), audit.measurements.smoothing
    if statistic == "js" or curve is None:
        return _Reading(js.nats, js.low, js.high)
    half = js.ceiling / 2
    if js.nats <= half:  # without any noise
        return _Reading(0.0, 0.0, 0.0)
    if (value := curve.half_scale) is None:
        return _Reading(None, None, None)
    low, high = (_crossing(curve, rungs, half) for rungs in (curve.low, curve.high))
    return _Reading(value, min(value, low or value), None if high is None else max(value, high))


def _crossing(curve: SmoothingRecord, rungs: Sequence[float], half: float) -> float | None:
    """The sigma at which ``rungs`` fall to ``half``, between rungs in log sigma; None where they stay above."""
    steps = sorted(zip(curve.sigma, rungs, strict=True))
    if steps[0][1] <= half:
        return steps[0][0]
    for (near, above), (far, below) in pairwise(steps):
        if below <= half:
            share = (above - half) / (above - below)
            return math.exp(math.log(near) + share * (math.log(far) - math.log(near)))
    return None


# -- differences ---------------------------------------------------------------


@dataclass(frozen=True)
class _Series:
    """Audits in order, read by one statistic; positions count from 0."""

    audits: tuple[Audit, ...]
    statistic: Statistic

    @cached_property
    def readings(self) -> tuple[_Reading, ...]:
        return tuple(_read(audit, self.statistic) for audit in self.audits)

    @cached_property
    def order(self) -> tuple[int, ...]:
        """The best first; those above all noise last, and of equals the earlier first."""

        def rank(position: int) -> tuple[bool, float]:
            value = self.readings[position].value
            return value is None, value or 0.0

        return tuple(sorted(range(len(self.audits)), key=rank))

    @cached_property
    def _band(self) -> float:
        """Standard errors that all pairs stay within together."""
        pairs = max(1, math.comb(len(self.audits), 2))
        return NormalDist().inv_cdf(1 - (1 - _LEVEL) / 2 / pairs)

    def change(self, before: int, now: int) -> ChangeRecord | None:
        """From the one position to the later other; None where one of them has no value."""
        found = self._paired(before, now) if self.statistic == "js" else self._apart(before, now)
        if found is None:
            return None
        rise, spread = found
        near, far = differences.ONE_SIDED * spread, self._band * spread
        better = before if rise > 0 else now
        missed = _estimate(self.audits[better]).gap if self.statistic == "js" else None
        outcome: Outcome = "unresolved"
        if abs(rise) > far and missed is not None and abs(rise) > missed:
            outcome = "worse" if rise > 0 else "better"
        return ChangeRecord(before, now, rise, rise - near, rise + near, rise - far, rise + far, missed, outcome)

    def _paired(self, before: int, now: int) -> tuple[float, float]:
        return differences.paired(self.audits[before], self.audits[now])

    def _apart(self, before: int, now: int) -> tuple[float, float] | None:
        """Difference and standard error where each has an interval of its own, two-sided 95 %."""
        values, variance = [], 0.0
        for reading in (self.readings[before], self.readings[now]):
            if reading.value is None or reading.low is None or reading.high is None:
                return None
            values.append(reading.value)
            variance += ((reading.high - reading.low) / (2 * NormalDist().inv_cdf(0.975))) ** 2
        return values[1] - values[0], math.sqrt(variance)

    def regressed(self) -> tuple[int, ...]:
        """Positions that are demonstrably worse than the best before them."""
        found = []
        for now in range(1, len(self.audits)):
            best = next(position for position in self.order if position < now)
            change = self.change(best, now)
            if change is not None and change.outcome == "worse":
                found.append(now)
        return tuple(found)

    def plateau(self) -> int | None:
        """The first position from which to the end the band resolves no change; None where fewer than three do."""
        last = len(self.audits) - 1
        first = last
        while first > 0 and all(self._level(first - 1, now) for now in range(first, last + 1)):
            first -= 1
        return first if last - first + 1 >= _LEAST_PLATEAU else None

    def _level(self, before: int, now: int) -> bool:
        change = self.change(before, now) if self.statistic == "js" else None
        return change is not None and change.band_low <= 0 <= change.band_high

    def best(self) -> BestRecord:
        """The first in order, and which others it is demonstrably better than."""
        position, *others = self.order
        changes = {other: self.change(min(position, other), max(position, other)) for other in others}
        tied = tuple(sorted(o for o, change in changes.items() if change is None or change.outcome == "unresolved"))
        chosen = self.audits[position].measurements.checkpoint
        value = self.readings[position].value
        return BestRecord(
            position=position,
            path=chosen.path,
            sha256=chosen.sha256,
            step=chosen.step,
            value=value,
            tied=tied,
            reason=self._reason(position, len(others), len(tied)),
        )

    def _reason(self, position: int, others: int, tied: int) -> str:
        js, value = _estimate(self.audits[position]), self.readings[position].value
        if self.statistic == "half_scale":
            said = "no noise that was tried halves JS" if value is None else f"noise of {value:.3g} halves JS"
            return f"{said}, the least of {others + 1}; an order, no demonstrated difference"
        said = f"the least estimate of {others + 1}, {js.nats:.4f} nats, certified at least {max(js.floor, 0):.4f}"
        if others:
            said += f"; demonstrably better than {others - tied} of the {others} others"
        if js.near_optimal is not True and not _at_ceiling(js):
            said += "; its probe is not shown to be near-optimal, so JS may be larger"
        return said


# -- collapse ------------------------------------------------------------------


def _collapse(audits: Sequence[Audit]) -> int | None:
    """The first position from which to the end the whole interval of the covered share of the reals is below an
    earlier one's: what the generator once reached, it no longer does.

    The intervals are widened until all hold together. One that is above 1 comes from a probe that is too sure, and is
    nothing to fall short of.
    """
    wider = NormalDist().inv_cdf(1 - (1 - _LEVEL) / 2 / len(audits)) / NormalDist().inv_cdf(1 - (1 - _LEVEL) / 2)
    onset, most, fell = None, -math.inf, []
    for audit in audits:
        support = audit.measurements.support
        if support is None:
            fell.append(False)
            continue
        low, share, high = support.real_covered_low, support.real_covered, support.real_covered_high
        fell.append(share + wider * (high - share) < most)
        least = share - wider * (share - low)
        most = max(most, least if least <= 1 else -math.inf)
    for position in reversed(range(len(audits))):
        if not fell[position]:
            break
        onset = position
    return onset
