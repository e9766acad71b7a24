"""Which part of each side the other one reaches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ganprobe.record.cells import Cell, Column, Table
from ganprobe.record.clusters import ModesRecord, mass_figure, missed_table
from ganprobe.record.memorisation import CopiesRecord
from ganprobe.record.plots import Axis, Figure, Gallery, Lines, Series, Shown

if TYPE_CHECKING:
    from ganprobe.record.audit import Measurements


@dataclass(frozen=True, slots=True)
class Dimension:
    """Intrinsic dimension of the reals and the fakes, and the size of the latent.

    ``real`` and ``fake`` are by TwoNN; ``real_mle`` and ``fake_mle`` by Levina and Bickel's estimator. With standard
    errors, which leave out the bias that both sides share.
    """

    real: float | None
    fake: float | None
    latent: int | None
    real_se: float | None = None
    fake_se: float | None = None
    real_mle: float | None = None
    fake_mle: float | None = None
    real_mle_se: float | None = None
    fake_mle_se: float | None = None


@dataclass(frozen=True, slots=True)
class TradeOff:
    """A point of the precision-recall curve: the share of the fakes, and of the reals, within min(slope p, q)."""

    slope: float
    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class Extreme:
    """A held-out sample that the probe is surest about.

    ``row`` counts rows of the file, or fakes in the order drawn, from 0. ``logit``: of being on its own side.
    ``distance``: to the nearest sample of the other side, in the median distance of a real to the nearest other real.
    ``picture``: a small PNG as a data URI; what is no picture has ``numbers`` by name. See
    `ganprobe.samples.thumbnails`.
    """

    row: int
    logit: float
    distance: float
    label: int | None = None
    picture: str | None = None
    numbers: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SupportRecord:
    """Which part of each side the other one reaches; intervals at 95 %.

    ``density`` and ``coverage`` are ratios to their real-against-real value, given beside them. ``js_floor``: the least
    JS, at 95 %, that the parts out of reach leave possible. ``missed_reals`` and ``stray_fakes``: those that the probe
    is surest about.
    """

    real_covered: float
    real_covered_low: float
    real_covered_high: float
    fake_covered: float
    fake_covered_low: float
    fake_covered_high: float
    density: float | None
    coverage: float | None
    null_density: float | None
    null_coverage: float | None
    dimension: Dimension
    mismatch: bool
    js_floor: float = 0.0
    curve: tuple[TradeOff, ...] = ()
    modes: ModesRecord | None = None
    missed_reals: tuple[Extreme, ...] = ()
    stray_fakes: tuple[Extreme, ...] = ()
    copies: CopiesRecord | None = None


def summary(m: Measurements) -> list[tuple[Cell, ...]]:
    """Its rows on the first screen."""
    if (s := m.support) is None:
        return []
    reached = (s.real_covered, s.real_covered_low, s.real_covered_high, "share of reals that fakes reach")
    on_target = (s.fake_covered, s.fake_covered_low, s.fake_covered_high, "share of fakes where reals are")
    return [("reals reached", *reached), ("fakes on target", *on_target)]


def tables(m: Measurements) -> tuple[Table, ...]:
    """The quantities, the clusters that are missed, and the samples that the probe is surest about."""
    if (s := m.support) is None:
        return ()
    missed = () if s.modes is None else (missed_table(s.modes),)
    return (_quantities(s), *missed, _extremes(s))


def _quantities(s: SupportRecord) -> Table:
    columns = (
        Column("quantity"),
        Column("value", "number"),
        Column("low", "number"),
        Column("high", "number"),
        Column("real against real", "number"),
    )
    d = s.dimension
    near = (s.copies.share, None, None, s.copies.expected) if s.copies else (None, None, None, None)
    every: tuple[tuple[Cell, ...], ...] = (
        ("share of reals that fakes reach", s.real_covered, s.real_covered_low, s.real_covered_high, None),
        ("share of fakes where reals are", s.fake_covered, s.fake_covered_low, s.fake_covered_high, None),
        ("JS that parts out of reach imply", s.js_floor, None, None, None),
        ("density, ratio", s.density, None, None, s.null_density),
        ("coverage, ratio", s.coverage, None, None, s.null_coverage),
        ("dimension of reals", *_interval(d.real, d.real_se), None),
        ("dimension of fakes", *_interval(d.fake, d.fake_se), None),
        ("dimension of reals, MLE", *_interval(d.real_mle, d.real_mle_se), None),
        ("dimension of fakes, MLE", *_interval(d.fake_mle, d.fake_mle_se), None),
        ("size of the latent", d.latent, None, None, None),
        ("near copies of reals", *near),
        ("supports differ", s.mismatch, None, None, None),
    )
    return Table("support", "Support", columns, tuple(row for row in every if row[1] is not None))


def _interval(value: float | None, se: float | None) -> tuple[Cell, Cell, Cell]:
    return (value, None, None) if value is None or se is None else (value, value - 1.96 * se, value + 1.96 * se)


# As many samples as a reader looks at; the record has some more.
_EXTREMES = 4


def _extremes(s: SupportRecord) -> Table:
    columns = (
        Column("row of the reals", "count"),
        Column("logit", "number"),
        Column("distance", "number"),
        Column("row of the fakes", "count"),
        Column("logit", "number"),
        Column("distance", "number"),
    )
    pairs = zip(s.missed_reals[:_EXTREMES], s.stray_fakes[:_EXTREMES], strict=False)
    rows = tuple((r.row, r.logit, r.distance, f.row, f.logit, f.distance) for r, f in pairs)
    return Table("extremes", "Where the probe is surest: reals least reached, fakes most off support", columns, rows)


def figures(m: Measurements) -> Iterator[Figure]:
    """Precision and recall, mass by cluster, and the samples themselves."""
    if (s := m.support) is None:
        return
    yield _precision_and_recall(s)
    if s.modes is not None:
        yield mass_figure(s.modes)
    first = "Held-out samples, those first of which the probe is surest: the least like what the other side has."
    if s.missed_reals:
        yield Figure("Reals that are least reached", first, _gallery("real", s.missed_reals), "extremes")
    if s.stray_fakes:
        yield Figure("Fakes that are most off support", first, _gallery("fake", s.stray_fakes), "extremes")


def _precision_and_recall(s: SupportRecord) -> Figure:
    """What the two laws share."""
    points = tuple((t.recall, t.precision) for t in s.curve)
    unit = (0.0, 1.0)
    plot = Lines(
        (Series("", points, "series-0"),),
        Axis("recall: share of the reals", *unit),
        Axis("precision: share of the fakes", *unit),
    )
    caption = (
        "What the two laws share, weighing the reals more along the curve. In the upper right corner they are one; a "
        "curve that falls short to the right lacks reals, one that falls short above invents fakes."
    )
    return Figure("Precision and recall", caption, plot)


def _gallery(name: str, extremes: tuple[Extreme, ...]) -> Gallery:
    return Gallery(name, tuple(Shown(e.row, e.logit, e.label, e.picture, e.numbers) for e in extremes))
