"""Distances that do not saturate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ganprobe.record.cells import Column, Table
from ganprobe.record.units import UNITS, Unit

if TYPE_CHECKING:
    from ganprobe.record.audit import Measurements


@dataclass(frozen=True, slots=True)
class DistanceRecord:
    """A distance that does not saturate, in ``unit`` (as for `SmoothingRecord`), with its interval.

    ``null`` is what the same estimator reads between two halves of the reals; ``p_value`` is of P = Q, where the
    distance has a test.
    """

    name: str
    value: float
    low: float
    high: float
    null: float
    p_value: float | None
    unit: Unit
    seconds: float = 0.0


def tables(m: Measurements) -> tuple[Table, ...]:
    """A row for each distance."""
    columns = (
        Column("distance"),
        Column("value", "number"),
        Column("low", "number"),
        Column("high", "number"),
        Column("real against real", "number"),
        Column("p-value of P = Q", "number"),
    )
    rows = tuple((d.name, d.value, d.low, d.high, d.null, d.p_value) for d in m.distances)
    unit = f", in {UNITS[m.distances[0].unit]}" if m.distances else ""
    return (Table("distances", f"Distances that do not saturate{unit}", columns, rows),)
