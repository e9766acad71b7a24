"""Whether the probe is near-optimal: the evidence, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ganprobe.record.cells import Column, Table
from ganprobe.record.plots import NATS, Axis, Figure, Lines, Series

if TYPE_CHECKING:
    from ganprobe.record.audit import Measurements


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """JS with a share of the fit reals, on the folds that the learning curve is measured on."""

    share: float
    n: int
    js: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """One row of the case for or against near-optimality: ``value`` is judged against ``limit``."""

    name: str
    value: float
    limit: float
    passed: bool
    note: str


@dataclass(frozen=True, slots=True)
class OptimalityRecord:
    """Whether the probe is near-optimal, how much JS was seen to be missing, the rows that say so, and how it ended.

    ``signs``: what ``gap`` was predicted from. ``null``: JS of reals against reals, with its standard error and the
    least JS that it would have noticed.
    """

    near_optimal: bool
    gap: float
    extrapolated: float
    curve: tuple[CurvePoint, ...]
    evidence: tuple[Evidence, ...]
    why_stopped: str = "nothing is left to look for"
    null: float | None = None
    null_se: float | None = None
    null_sees: float | None = None
    signs: dict[str, float] = field(default_factory=dict)


def tables(m: Measurements) -> tuple[Table, ...]:
    """A row for each piece of evidence."""
    columns = (
        Column("evidence"),
        Column("passed", "mark"),
        Column("value", "decimal"),
        Column("limit", "decimal"),
        Column("what it is"),
    )
    o = m.optimality
    if o is None:
        return ()
    rows = tuple((e.name, e.passed, e.value, e.limit, e.note) for e in o.evidence)
    curve = ", ".join(f"{point.js:.4f} from {point.n}" for point in o.curve)
    title = f"Is the probe near-optimal? {'yes' if o.near_optimal else 'not shown'}: every row must pass"
    return (Table("optimality", title + (f" (curve: {curve} reals)" if curve else ""), columns, rows),)


def figures(m: Measurements) -> Iterator[Figure]:
    """The same numbers drawn."""
    if m.optimality is None or len(m.optimality.curve) < 2:
        return
    curve = Series("demonstrated", tuple((float(point.n), point.js) for point in m.optimality.curve), "series-0")
    levels = (("extrapolated to unlimited data", m.optimality.extrapolated),)
    caption = (
        "The stack trained on fewer reals. Flat at its right end: more data would not help. Still rising: the probe "
    )
    caption += "is limited by the data, and JS is larger than what it shows."
    x, y = Axis("reals to train on", log=True), Axis(NATS, low=0.0)
    yield Figure("Learning curve", caption, Lines((curve,), x, y, levels))
