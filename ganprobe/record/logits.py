"""The stack's logits on test samples, and whether D means what it says."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ganprobe.record.cells import Column, Table
from ganprobe.record.plots import Axis, Figure, Histogram, Lines, Scatter, Series

if TYPE_CHECKING:
    from ganprobe.record.audit import Measurements


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Test samples of like D: its mean, and the share of reals among them, both sides weighing one half.

    ``low`` and ``high`` are the share's interval at 95 %.
    """

    predicted: float
    observed: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class LogitRecord:
    """The stack's logits on test samples: their histogram on either side, and whether D says what it means.

    ``edges`` are those of the histogram's bins, evenly spaced around 0; ``real`` and ``fake`` count samples.
    ``real_plane`` and ``fake_plane``: where samples have two coordinates, a few of each side as (first, second, logit).
    """

    edges: tuple[float, ...]
    real: tuple[int, ...]
    fake: tuple[int, ...]
    calibration: tuple[CalibrationBin, ...]
    real_plane: tuple[tuple[float, ...], ...] = ()
    fake_plane: tuple[tuple[float, ...], ...] = ()


def tables(m: Measurements) -> tuple[Table, ...]:
    """A row for each bin of the calibration."""
    columns = (
        Column("D says real", "decimal"),
        Column("are real", "decimal"),
        Column("low", "decimal"),
        Column("high", "decimal"),
        Column("samples", "count"),
    )
    bins = () if m.logits is None else m.logits.calibration
    rows = tuple((b.predicted, b.observed, b.low, b.high, b.n) for b in bins)
    return (Table("logits", "Calibration: does the stacked D mean what it says on test samples?", columns, rows),)


def figures(m: Measurements) -> Iterator[Figure]:
    """The same numbers drawn."""
    if (record := m.logits) is None:
        return
    sides = []
    for name, style, counts in (("reals", "real", record.real), ("fakes", "fake", record.fake)):
        total = max(sum(counts), 1)
        sides.append((name, style, tuple(count / total for count in counts)))
    x = Axis("logit log D/(1-D); 0 is D = 1/2, 2.2 is D = 0.9", record.edges[0], record.edges[-1])
    caption = "Test samples by what the stacked probe says of them; of an optimal one, the logit is log p_real/p_fake. "
    caption += (
        "Where the outlines overlap, nobody could tell the sides apart; reals far right are out of the generator's "
    )
    caption += "reach, fakes far left are where no reals are."
    yield Figure("Logits of reals and fakes", caption, Histogram(record.edges, tuple(sides), x, "share of samples"))
    said = tuple((b.predicted, b.observed) for b in record.calibration)
    bins = Series("test samples", said, "series-0", band=tuple((b.low, b.high) for b in record.calibration))
    ideal = Series("D means what it says", ((0.0, 0.0), (1.0, 1.0)), "ideal", marked=False)
    caption = (
        "On the diagonal, of the samples that D calls real with probability 0.8 four in five are. A curve that is "
    )
    caption += "flatter boasts, a steeper one is too modest; either way JS is underestimated."
    unit = (0.0, 1.0)
    plot = Lines((ideal, bins), Axis("D, the probability of real", *unit), Axis("share of reals", *unit))
    yield Figure("Reliability", caption, plot)
    if record.real_plane and record.fake_plane:
        groups = (
            ("reals", "real", tuple((a, b, _sigmoid(f)) for a, b, f in record.real_plane)),
            ("fakes", "fake", tuple((a, b, _sigmoid(-f)) for a, b, f in record.fake_plane)),
        )
        caption = "Some test samples; the more solid a point, the surer the probe is of its side."
        plane = Scatter(groups, Axis("first coordinate"), Axis("second coordinate"))
        yield Figure("The plane as the probe sees it", caption, plane)


def _sigmoid(logit: float) -> float:
    return (1 + math.tanh(logit / 2)) / 2
