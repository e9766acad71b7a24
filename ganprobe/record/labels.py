"""JS label by label."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ganprobe.record.cells import Column, Table
from ganprobe.record.plots import MOST_ROWS, NATS, Axis, Bars, Figure, Span, Spans, ceiling

if TYPE_CHECKING:
    from ganprobe.record.audit import Measurements


@dataclass(frozen=True, slots=True)
class LabelRecord:
    """One label: how often it is on either side, and JS of the samples that have it, a lower bound like any other.

    ``low`` and ``high`` hold for all labels at once. JS is null where there were too few samples.
    """

    label: int
    real_share: float
    fake_share: float
    n_real: int
    n_fake: int
    js: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class LabelsRecord:
    """JS label by label. ``mix_p_value``: of the two mixes of labels, were they one; ``level``: of the whole band."""

    level: float
    mix_p_value: float
    labels: tuple[LabelRecord, ...]


def tables(m: Measurements) -> tuple[Table, ...]:
    """A row for each label."""
    columns = (
        Column("label", "count"),
        Column("of reals", "number"),
        Column("of fakes", "number"),
        Column("JS", "nats"),
        Column("low", "nats"),
        Column("high", "nats"),
    )
    if (c := m.labels) is None:
        return ()
    rows = tuple((r.label, r.real_share, r.fake_share, r.js, r.low, r.high) for r in c.labels)
    title = f"Label by label, nats, limits for all at once ({c.level:.0%}; one mix of labels: p = {c.mix_p_value:.2g})"
    return (Table("labels", title, columns, rows),)


_LEAST_LABELS = 2


def figures(m: Measurements) -> Iterator[Figure]:
    """The same numbers drawn."""
    if (c := m.labels) is None or len(c.labels) < _LEAST_LABELS:
        return
    labels = c.labels[:MOST_ROWS]
    shares = tuple((f"label {r.label}", r.real_share, r.fake_share) for r in labels)
    mix = Bars(shares, Axis("share of samples", low=0.0))
    yield Figure("The mix of labels", "The share of either side that has each label.", mix)
    rows = tuple(
        Span(f"label {r.label}", r.js, r.low, r.high)
        for r in labels
        if r.js is not None and r.low is not None and r.high is not None
    )
    if rows:
        plot = Spans(rows, Axis(NATS, low=0.0), ceiling(rows))
        yield Figure("JS label by label", "Of the samples that have the label; the limits hold for all at once.", plot)
