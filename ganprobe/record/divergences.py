"""Other readings of the same held-out logits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ganprobe.record.cells import Column, Table

if TYPE_CHECKING:
    from ganprobe.record.audit import Measurements


@dataclass(frozen=True, slots=True)
class DivergenceRecord:
    """Another reading of the same held-out logits, with its interval."""

    name: str
    value: float
    low: float
    high: float


def tables(m: Measurements) -> tuple[Table, ...]:
    """A row for each divergence."""
    columns = (Column("divergence"), Column("value", "decimal"), Column("low", "decimal"), Column("high", "decimal"))
    rows = tuple((d.name, d.value, d.low, d.high) for d in m.divergences)
    return (Table("divergences", "Divergences: readings of the same held-out logits", columns, rows),)
