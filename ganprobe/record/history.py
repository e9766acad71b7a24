"""What the audits of one training say together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ganprobe.record.audit import Audit
from ganprobe.record.bound import Bound, Bounded
from ganprobe.record.notebook import framed
from ganprobe.record.plots import Axis, Figure, Lines, Series

HISTORY_SCHEMA = "ganprobe-history/1"


# What checkpoints are ranked by: the estimate of JS, or the area under JS under noise (`ganprobe.record.area`).
Statistic = Literal["js", "area"]
Outcome = Literal["better", "worse", "unresolved"]


@dataclass(frozen=True, slots=True)
class Difference:
    """How far JS rose from one audit to another, in nats: estimate, lower and upper limit at one-sided 95 %.

    ``missed`` is how much JS the earlier audit's probe is estimated to have missed; None where it was not measured.
    """

    rise: float
    low: float
    high: float
    missed: float | None


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """How far the statistic rose from one checkpoint to a later one; positions count from 0 in the order of training.

    ``low`` and ``high`` are each at one-sided 95 %, paired where both keep their batches; ``band_low`` and
    ``band_high`` hold at 95 % for all pairs of checkpoints at once. ``missed`` is how much JS the better one's probe is
    estimated to have missed, None where that was not measured. ``outcome`` is the later one's, as far as demonstrated.
    """

    before: int
    now: int
    rise: float
    low: float
    high: float
    band_low: float
    band_high: float
    missed: float | None
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class RaisedRecord(Bounded):
    """A checkpoint of which the probes of another one, at ``by``, demonstrate more on validation than its ``own``.

    The other fields are those of `Estimate`, by the probes at ``by``. ``under_trained``: they demonstrate more on test
    samples too, by more than noise and than what is negligible, so that its own probes were not near-optimal.
    """

    KEY = "nats"

    position: int
    by: int
    own: float
    bound: Bound
    gain_se: float
    under_trained: bool

    @property
    def nats(self) -> float:
        """The estimate."""
        return self.bound.value


@dataclass(frozen=True, slots=True)
class BestRecord:
    """The checkpoint with the least value. ``tied``: positions of those that are not demonstrably worse."""

    position: int
    path: str
    sha256: str
    step: int | None
    value: float
    tied: tuple[int, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class FallRecord:
    """The overlap of both laws, 1 - JS / log 2 or the like of areas, is falling: `ganprobe.judge.collapse`.

    ``since``: from there to the end it is out of its band. ``at_best`` is the most before the last one, at the position
    ``best``, and ``now`` the last one's. ``by``: the reading that shows it most, "js", "area" or the name of a probe.
    """

    since: int
    best: int
    at_best: float
    now: float
    by: str = "js"


@dataclass(frozen=True, slots=True)
class TrendRecord:
    """The statistic over training, less is better; ``reason`` says why it is this one.

    ``values`` with ``low`` and ``high`` are those of each. ``order``: all positions, the best first. ``regressed``:
    those demonstrably worse than the best before them. ``plateau``: from there to the end no change is resolved.
    ``collapse``: from there to the end fewer of the reals are reached than once were. ``fall``: what both laws share
    is falling, which is how a collapse begins.
    """

    statistic: Statistic
    reason: str
    values: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    order: tuple[int, ...]
    regressed: tuple[int, ...]
    plateau: int | None
    collapse: int | None
    fall: FallRecord | None = None


@dataclass(frozen=True, slots=True)
class BeyondTrendRecord:
    """JS of each checkpoint through the finest ``view`` that is blind to the tell in all of them and saturated in none.

    ``order``: all positions, the least first. Lower bounds like any other; see `ganprobe.judge.beyond`.
    """

    view: str
    values: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    floor: tuple[float, ...]
    order: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FailureRecord:
    """A checkpoint of a sweep that could not be measured: what happened, and what to do.

    ``usage``: what was asked for is wrong, not the file.
    """

    path: str
    message: str
    hint: str
    usage: bool = False


@dataclass(frozen=True, slots=True)
class HistoryRecord:
    """What the audits of a training say together. ``differences`` are those to the previous and to the best one."""

    best: BestRecord
    differences: tuple[ChangeRecord, ...]
    trend: TrendRecord
    failed: tuple[FailureRecord, ...] = ()
    raised: tuple[RaisedRecord, ...] = ()
    beyond_tell: BeyondTrendRecord | None = None


@dataclass(frozen=True, slots=True)
class History:
    """The audits of one training in order, at least one, and what they say together."""

    audits: tuple[Audit, ...]
    record: HistoryRecord

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return framed(self)


def trend_figures(history: History) -> Iterator[Figure]:
    """The statistic, and the share of the reals that is reached, over training."""
    steps = [audit.measurements.checkpoint.step for audit in history.audits]
    known = [float(step) for step in steps if step is not None]
    places = known if len(known) == len(steps) and len(set(known)) == len(known) else [*map(float, range(len(steps)))]
    x = Axis("training step" if places is known else "checkpoint, in order")
    trend = history.record.trend
    drawn = [*zip(places, trend.values, trend.low, trend.high, strict=True)]
    if len(drawn) > 1:
        line = Series("", tuple((at, v) for at, v, _, _ in drawn), "series-0", band=tuple(d[2:] for d in drawn))
        what = "JS, estimate, nats" if trend.statistic == "js" else "area under JS under noise"
        caption = "Less is better. The band is each checkpoint's own interval; differences are paired, and sharper."
        yield Figure("Over training", caption, Lines((line,), x, Axis(what, low=0.0)))
    reached = [
        (at, s.real_covered, (s.real_covered_low, s.real_covered_high))
        for at, audit in zip(places, history.audits, strict=True)
        if (s := audit.measurements.support) is not None
    ]
    if len(reached) > 1:
        points = tuple((at, share) for at, share, _ in reached)
        line = Series("", points, "series-1", band=tuple(band for _, _, band in reached))
        caption = "The share of the reals that the generator reaches: a lasting fall is a collapse."
        yield Figure("Reals reached", caption, Lines((line,), x, Axis("share of reals", low=0.0)))
