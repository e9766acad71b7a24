"""The ladder of probes: what each demonstrates, how it was trained, and why it stopped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ganprobe.record.bound import Bound, Bounded
from ganprobe.record.cells import Column, Table
from ganprobe.record.plots import NATS, Axis, Figure, Span, Spans, ceiling

if TYPE_CHECKING:
    from ganprobe.record.audit import Measurements


@dataclass(frozen=True, slots=True)
class ProbeRecord(Bounded):
    """One row of the ladder of probes: what it demonstrates, how it was trained and why it stopped."""

    name: str
    bound: Bound
    seconds: float
    settings: dict[str, Any] = field(default_factory=dict)
    steps: int | None = None
    why_stopped: str | None = None
    weight: float | None = None


def tables(m: Measurements) -> tuple[Table, ...]:
    """A row for each probe."""
    columns = (
        Column("probe"),
        Column("JS", "nats"),
        Column("low", "nats"),
        Column("high", "nats"),
        Column("floor", "nats"),
        Column("weight", "number"),
        Column("seconds", "seconds"),
        Column("stopped"),
    )
    rows = tuple((p.name, p.js, p.low, p.high, p.floor, p.weight, p.seconds, p.why_stopped) for p in m.probes)
    return (Table("probes", "Probes: what each demonstrates, nats", columns, rows),)


def figures(m: Measurements) -> Iterator[Figure]:
    """The same numbers drawn."""
    rows = tuple(Span(p.name, p.js, p.low, p.high, p.floor) for p in m.probes)
    if rows:
        caption = (
            "What each family demonstrates on samples it never saw: estimate with its interval; the bracket is the "
        )
        caption += "certified floor. Every row is a lower bound of JS, so the longest is the best."
        yield Figure("The ladder of probes", caption, Spans(rows, Axis(NATS, low=0.0), ceiling(rows)))
