"""What a reader sees of a record, before any format renders it: tables of raw cells.

Formats know rows and columns, not the domain: those for people round the cells as the column says, those for programs
do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# A tuple is a curve, numbers above 0 in order, or a strip: low, value and high within [0, 1].
Cell = str | int | float | bool | tuple[float, ...] | None
Format = Literal["text", "mark", "nats", "decimal", "number", "count", "seconds", "curve", "strip"]
Layout = Literal["grid", "notes"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading and how people see its numbers; `render_cell` says what each format does."""

    name: str
    format: Format = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of raw cells. A row of a ``notes`` table is a text, and what to do about it, beside its marks."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    layout: Layout = "grid"
