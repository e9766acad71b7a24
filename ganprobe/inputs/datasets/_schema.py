"""What it takes to read a table like another one, and what was read.

A schema has the table's own part and, where rows of another table belong to each of its rows, a part for these. A part
knows how its source columns are read, what they hold and how that becomes numbers; its `Fold` makes samples of its rows
where one row is not one sample.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from ganprobe.inputs.datasets._coding import CodedAs, Coding, together
from ganprobe.inputs.datasets._columns import Cells, Reader
from ganprobe.samples.gauge import Gauge
from ganprobe.samples.sides import Array, Floats


@dataclass(frozen=True, slots=True)
class CodedColumn:
    """One column of coded rows: of a source column, for a ``word`` of it or None for its number.

    ``fill`` stands where there is no number; ``zero`` and ``unit`` hold it, and ``date`` says that it counts days.
    """

    source: str
    word: str | None
    kind: CodedAs
    fill: float = 0.0
    zero: float = 0.0
    unit: float = 1.0
    date: bool = False

    @property
    def name(self) -> str:
        """``job=clerk``."""
        return self.source if self.word is None else f"{self.source}={self.word}"


class Fold(Protocol):
    """From coded rows to samples."""

    def columns(self, coded: tuple[CodedColumn, ...]) -> tuple[CodedColumn, ...]:
        """What stands in the last axis of a sample."""
        ...

    def values(self, rows: Floats, coded: tuple[CodedColumn, ...]) -> Array:
        """The samples ``[n, ..., columns]`` of coded ``rows`` ``[rows, coded]``."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """``n`` rows of one table: ``readers`` by source column, ``cells`` what they hold, ``coding`` how it is coded.

    ``ignored``: source columns that only count or name the rows. Without a ``fold`` each row is a sample.
    """

    n: int
    readers: Mapping[str, Reader]
    ignored: tuple[str, ...]
    cells: Mapping[str, Cells]
    coding: Mapping[str, Coding]
    fold: Fold | None = None

    @property
    def coded(self) -> tuple[CodedColumn, ...]:
        """The columns of the coded rows."""
        return tuple(self._coded())

    def _coded(self) -> Iterator[CodedColumn]:
        for name, coding in self.coding.items():
            reader = self.readers[name]
            gauge = reader.gauge
            for word, kind in coding.parts:
                if kind != "number":
                    yield CodedColumn(name, word, kind)
                    continue
                zero, unit = (0.0, 1.0) if gauge is None else (float(gauge.zero[0]), float(gauge.unit[0]))
                yield CodedColumn(name, word, kind, coding.fill or 0.0, zero, unit, reader.kind == "date")

    @property
    def columns(self) -> tuple[CodedColumn, ...]:
        """The columns of a sample."""
        return self.coded if self.fold is None else self.fold.columns(self.coded)

    @property
    def values(self) -> Array:
        """The samples."""
        coded = [self.coding[name](cells) for name, cells in self.cells.items()]
        rows = np.concatenate(coded, 1) if coded else np.zeros((self.n, 0))
        return rows.astype(np.float32) if self.fold is None else self.fold.values(rows, self.coded)


@dataclass(frozen=True, slots=True, eq=False)
class TableSchema:
    """The ``own`` rows of a table, and those of another one that belong to each of them."""

    own: Part
    child: Part | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        """Both, or the one."""
        return (self.own,) if self.child is None else (self.own, self.child)

    @property
    def columns(self) -> tuple[CodedColumn, ...]:
        """What stands in the last axis of a sample."""
        return tuple(column for part in self.parts for column in part.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of what comes out."""
        return tuple(column.name for column in self.columns)

    @property
    def values(self) -> Array:
        """The samples."""
        return np.concatenate([part.values for part in self.parts], 1) if self.child else self.own.values

    def gauge(self, shape: tuple[int, ...]) -> Gauge | None:
        """How samples of ``shape`` are held; None where they all are as in the file."""
        columns = self.columns
        zero, unit = np.array([column.zero for column in columns]), np.array([column.unit for column in columns])
        repeats = int(np.prod(shape[:-1], dtype=np.int64))
        dates = frozenset(t * len(columns) + j for t in range(repeats) for j, c in enumerate(columns) if c.date)
        if not dates and not zero.any() and (unit == 1).all():
            return None
        return Gauge(np.broadcast_to(zero, shape).copy(), np.broadcast_to(unit, shape).copy(), dates)


def recoded(real: TableSchema, fake: TableSchema) -> tuple[TableSchema, TableSchema] | None:
    """Both with their words coded by what both hold; None where that changes nothing."""
    both = zip(real.parts, fake.parts, strict=True)
    codings = [together(one.cells, other.cells, tables=one.fold is None) for one, other in both]
    if codings == [part.coding for part in real.parts]:
        return None
    sides = []
    for side in (real, fake):
        parts = [replace(part, coding=coding) for part, coding in zip(side.parts, codings, strict=True)]
        sides.append(TableSchema(*parts))
    return sides[0], sides[1]
