r"""A series in the order of its statistic: the best, what it is better than, regressions and plateaus.

Differences are paired (`ganprobe.judge.differences`). The best checkpoint and the place where a plateau begins are
chosen after looking, hence the band: with m checkpoints the limits of a difference are

    rise -+ z s,    z = Phi^-1(1 - .025 / (m (m - 1) / 2)),

s being the paired standard error, so that by Bonferroni's inequality all pairs hold together at 95 %. They are about
what the probes demonstrate; how much of JS each of these misses is not in them.

A difference of two lower bounds is no bound: a checkpoint may look better because its probe was worse. So "worse" and
"better" are said only where the band excludes 0 and the better one's probe is estimated to have missed less than the
difference; all else is "unresolved".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist

from ganprobe.judge import differences
from ganprobe.judge.statistic import Reading, at_ceiling, read
from ganprobe.record.audit import Audit
from ganprobe.record.history import BestRecord, ChangeRecord, Outcome, Statistic

_LEVEL = 0.95
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
        return tuple(read(audit, self.statistic) for audit in self.audits)

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
        difference = self._paired(before, now) if self.statistic == "js" else self._apart(before, now)
        if difference is None:
            return None
        rise, spread = difference
        near, far = differences.ONE_SIDED * spread, self._band * spread
        better = before if rise > 0 else now
        missed = differences.estimate(self.audits[better]).gap if self.statistic == "js" else None
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
        worse = []
        for now in range(1, len(self.audits)):
            best = next(position for position in self.order if position < now)
            change = self.change(best, now)
            if change is not None and change.outcome == "worse":
                worse.append(now)
        return tuple(worse)

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
        js, value = differences.estimate(self.audits[position]), self.readings[position].value
        if self.statistic == "half_scale":
            said = "no noise that was tried halves JS" if value is None else f"noise of {value:.3g} halves JS"
            return f"{said}, the least of {others + 1}; an order, no demonstrated difference"
        said = f"the least estimate of {others + 1}, {js.nats:.4f} nats, certified at least {max(js.floor, 0):.4f}"
        if others:
            said += f"; demonstrably better than {others - tied} of the {others} others"
        if js.near_optimal is not True and not at_ceiling(js):
            said += "; its probe is not shown to be near-optimal, so JS may be larger"
        return said
