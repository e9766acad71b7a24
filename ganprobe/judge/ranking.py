r"""A series in the order of its statistic: the best, what it is better than, regressions and plateaus.

Differences are paired (`ganprobe.judge.differences`). The best checkpoint and the place where a plateau begins are
chosen after looking, hence the band: with m checkpoints the limits of a difference are

    rise -+ z s,    z = Phi^-1(1 - .025 / (m (m - 1) / 2)),

s being the paired standard error, so that by Bonferroni's inequality all pairs hold together at 95 %. They are about
what the probes demonstrate; how much of JS each of these misses is not in them.

A difference of two lower bounds is no bound: a checkpoint may look better because its probe was worse. So "worse" and
"better" are said only where the band excludes 0 and the better one's probe is estimated to have missed less than the
difference; all else is "unresolved". What noise leaves has no such estimate, but nets of one series are trained on the
same reals, latents, noise and first weights, and what they miss they miss alike. Trained anew, by other seeds, the area
of one checkpoint moves by .018 and the difference of two by no more than its paired standard error (digits of a DCGAN,
four checkpoints: -.0048 and -.0052, -.0021 and -.0019, -.0034 and -.0023, at errors of .0006 to .0011): s is the root
of 2 times that. Areas on different ladders are not paired, and there a difference counts that is more than `_RETRAINED`
of the larger area.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist

from ganprobe.judge import differences
from ganprobe.judge.statistic import Reading, at_ceiling, common_window, of_area, of_js, on_ladder
from ganprobe.record.audit import Audit
from ganprobe.record.history import BestRecord, ChangeRecord, Outcome, Statistic
from ganprobe.record.smoothing import SmoothingRecord

_LEVEL = 0.95
_RETRAINED = 0.05
# By how much more than samples make them do differences of areas vary with the training of their nets.
_TRAINED = math.sqrt(2)
# Fewer checkpoints in which nothing moves are no plateau.
_LEAST_PLATEAU = 3


@dataclass(frozen=True)
class Series:
    """Audits in order, read by one statistic; positions count from 0."""

    audits: tuple[Audit, ...]
    statistic: Statistic

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """The statistic of each audit."""
        return tuple(map(of_js, self.audits)) if self.statistic == "js" else self.areas

    @cached_property
    def window(self) -> tuple[float, ...]:
        """The noise at which areas are read; none where curves have nothing in common."""
        return common_window(self.audits) or ()

    @cached_property
    def _curves(self) -> tuple[SmoothingRecord, ...]:
        """JS under noise of each, where there is a window that they have in common."""
        curves = [audit.measurements.smoothing for audit in self.audits]
        return tuple(curve for curve in curves if curve is not None and self.window)

    @cached_property
    def areas(self) -> tuple[Reading, ...]:
        """The area under JS under noise of each, where they have a `window` in common."""
        return tuple(of_area(curve, self.window) for curve in self._curves)

    @cached_property
    def order(self) -> tuple[int, ...]:
        """The best first, and of equals the earlier first; those at the ceiling of JS by what noise leaves of them."""

        def rank(position: int) -> tuple[bool, float]:
            saturated = self.statistic == "js" and at_ceiling(differences.estimate(self.audits[position]))
            by = self.areas if saturated and self.areas else self.readings
            return saturated, by[position].value

        return tuple(sorted(range(len(self.audits)), key=rank))

    @cached_property
    def _band(self) -> float:
        """Standard errors that all pairs stay within together."""
        pairs = max(1, math.comb(len(self.audits), 2))
        return NormalDist().inv_cdf(1 - (1 - _LEVEL) / 2 / pairs)

    def change(self, before: int, now: int) -> ChangeRecord:
        """From the one position to the later other."""
        if self.statistic == "js":
            rise, spread = differences.paired(self.audits[before], self.audits[now])
            missed = differences.estimate(self.audits[before if rise > 0 else now]).gap
        else:
            rise, spread, missed = self._apart(before, now)
        near, far = differences.ONE_SIDED * spread, self._band * spread
        outcome: Outcome = "unresolved"
        if missed is not None and abs(rise) > max(far, missed):
            outcome = "worse" if rise > 0 else "better"
        return ChangeRecord(before, now, rise, rise - near, rise + near, rise - far, rise + far, missed, outcome)

    def _apart(self, before: int, now: int) -> tuple[float, float, float]:
        """Difference of two areas, its standard error, and what it must exceed: nothing more where it is paired."""
        first, second = self.readings[before], self.readings[now]
        batches = [self._curves[position].batches for position in (before, now)]
        if batches[0] is not None and batches[1] is not None and len({curve.sigma for curve in self._curves}) == 1:
            return second.value - first.value, _TRAINED * differences.apart(batches[0], batches[1]), 0.0
        halves = [(reading.high - reading.low) / 2 for reading in (first, second)]
        spread = math.hypot(*halves) / differences.TWO_SIDED
        return second.value - first.value, spread, _RETRAINED * max(first.value, second.value, 0.0)

    def regressed(self) -> tuple[int, ...]:
        """Positions that are demonstrably worse than the best before them."""
        bests = [next(position for position in self.order if position < now) for now in range(1, len(self.audits))]
        return tuple(now for now, best in enumerate(bests, 1) if self.change(best, now).outcome == "worse")

    def plateau(self) -> int | None:
        """The first position from which to the end the band resolves no change; None where fewer than three do."""
        last = len(self.audits) - 1
        first = last
        while first > 0 and all(self._level(first - 1, now) for now in range(first, last + 1)):
            first -= 1
        return first if last - first + 1 >= _LEAST_PLATEAU else None

    def _level(self, before: int, now: int) -> bool:
        change = self.change(before, now)
        return change.band_low <= 0 <= change.band_high

    def best(self) -> BestRecord:
        """The first in order, and which others it is demonstrably better than."""
        position, *others = self.order
        changes = {other: self.change(min(position, other), max(position, other)) for other in others}
        tied = tuple(sorted(o for o, change in changes.items() if change.outcome == "unresolved"))
        chosen = self.audits[position].measurements.checkpoint
        return BestRecord(
            position=position,
            path=chosen.path,
            sha256=chosen.sha256,
            step=chosen.step,
            value=self.readings[position].value,
            tied=tied,
            reason=self._reason(position, [changes[other] for other in others]),
        )

    def _reason(self, position: int, changes: Sequence[ChangeRecord]) -> str:
        others, tied = len(changes), sum(change.outcome == "unresolved" for change in changes)
        js = differences.estimate(self.audits[position])
        if self.statistic == "area":
            said = f"noise leaves the least of {others + 1}, area {self.readings[position].value:.3f}"
            said += self._where(position) if others else ""
        else:
            said = f"the least estimate of {others + 1}, {js.nats:.4f} nats, certified at least {max(js.floor, 0):.4f}"
        if others and all(change.missed is None for change in changes):
            said += "; no difference is demonstrated where it was not asked what the probes miss"
        elif others:
            said += f"; demonstrably better than {others - tied} of the {others} others"
        if self.statistic == "js" and js.near_optimal is not True and not at_ceiling(js):
            said += "; its probe is not shown to be near-optimal, so JS may be larger"
        return said

    def _where(self, position: int) -> str:
        """The noise under which it is furthest below the others together, and JS there."""

        def at(sigma: float) -> tuple[float, list[float]]:
            own, *rest = (
                on_ladder(self._curves[i], self._curves[i].js, sigma)
                for i in (position, *(i for i in range(len(self.audits)) if i != position))
            )
            return own, rest

        sigma = max(self.window, key=lambda s: sum(at(s)[1]) - (len(self.audits) - 1) * at(s)[0])
        own, rest = at(sigma)
        unit = {"range": " of the range", "sd": " sd", "data": ""}[self._curves[position].unit]
        return f": under noise {sigma:.2g}{unit} {own:.3f} nats are left of it, of the others {span(rest)}"


def span(values: Sequence[float]) -> str:
    """One value as it is, of several the least and the greatest."""
    return f"{min(values):.3f}" if len(values) == 1 else f"{min(values):.3f} to {max(values):.3f}"
