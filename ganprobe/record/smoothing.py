"""JS under noise, rung by rung."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ganprobe.record import area
from ganprobe.record.cells import Cell, Column, Table
from ganprobe.record.headline import BatchRecord
from ganprobe.record.plots import NATS, Axis, Figure, Lines, Series
from ganprobe.record.units import UNITS, Unit

if TYPE_CHECKING:
    from ganprobe.record.audit import Measurements


@dataclass(frozen=True, slots=True)
class SmoothingRecord:
    """JS with Gaussian noise of each ``sigma`` on both sides: lower bounds that never rise with sigma.

    ``unit`` of sigma: "data" units, "range" for fractions of the full range of a picture, "sd" for pooled standard
    deviations of each column. ``low`` and ``high`` are intervals of each rung; all the floors hold together.
    ``gap`` is each rung as the distance of two points, None where JS is at either end. ``half_scale`` is the sigma at
    which log 2 / 2 is left, None where the curve does not pass it, and ``effective_gap`` the gap there. ``batches`` are
    those of the `area`, for paired comparisons.
    """

    sigma: tuple[float, ...]
    unit: Unit
    js: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    floor: tuple[float, ...]
    gap: tuple[float | None, ...]
    half_scale: float | None
    effective_gap: float | None
    batches: BatchRecord | None = None

    @property
    def area(self) -> float:
        """Under ``js``: see `ganprobe.record.area`."""
        return area.area(self.sigma, self.js)


def summary(m: Measurements) -> list[tuple[Cell, ...]]:
    """Its row on the first screen."""
    if (c := m.smoothing) is None or c.half_scale is None:
        return []
    return [("half-scale", c.half_scale, None, None, "noise that leaves half of log 2")]


# As many rungs as a reader takes in; the record has them all.
_RUNGS = 12
_BAR = 20


def tables(m: Measurements) -> tuple[Table, ...]:
    """A row for each of a dozen rungs."""
    columns = (
        Column("noise", "number"),
        Column("JS", "nats"),
        Column("low", "nats"),
        Column("high", "nats"),
        Column("floor", "nats"),
        Column("gap", "number"),
        Column("share of log 2"),
    )
    c = m.smoothing
    if c is None:
        return ()
    bars = tuple("#" * round(_BAR * js / math.log(2)) for js in c.js)
    rungs = tuple(zip(c.sigma, c.js, c.low, c.high, c.floor, c.gap, bars, strict=True))
    last = len(rungs) - 1
    shown = sorted({round(i * last / (_RUNGS - 1)) for i in range(_RUNGS)})
    half = "not passed" if c.half_scale is None else f"at {c.half_scale:.3g}, as for points {c.effective_gap:.3g} apart"
    title = f"What noise leaves, at least, nats; noise in {UNITS[c.unit]}; half of log 2: {half}"
    return (Table("smoothing", title, columns, tuple(rungs[i] for i in shown)),)


def figures(m: Measurements) -> Iterator[Figure]:
    """The same numbers drawn."""
    if (c := m.smoothing) is None or len(c.sigma) < 2:
        return
    kept = [i for i, sigma in enumerate(c.sigma) if sigma > 0]
    points = tuple((c.sigma[i], c.js[i]) for i in kept)
    curve = Series("estimate", points, "series-0", band=tuple((c.low[i], c.high[i]) for i in kept))
    floor = Series("certified", tuple((c.sigma[i], c.floor[i]) for i in kept), "series-1", marked=False)
    x = Axis(f"noise on both sides, sigma, in {UNITS[c.unit]}", log=True)
    caption = (
        "How much noise it takes to hide the difference. A curve that falls early differs in fine detail only; one "
        "that stays up differs in what noise cannot hide."
    )
    half = (("half of log 2", math.log(2) / 2),)
    yield Figure("JS under noise", caption, Lines((curve, floor), x, Axis(NATS, low=0.0), half))
