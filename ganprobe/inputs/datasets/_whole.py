"""Arrays with columns of whole numbers that float32 does not hold: read as tables, with the last digits beside them.

What is beside a column follows from the reals. It is put there where both sides are samples from files or memory: a
network gives the columns that it gives (`coded_together` of this package).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ganprobe.inputs.datasets import Rows
from ganprobe.samples import digits
from ganprobe.samples.gauge import Gauge
from ganprobe.samples.sides import Array, Dataset, Stored


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """``beside``: for some columns which digits they need; ``values`` ``[n, k]`` those digits, in that order."""

    beside: dict[int, tuple[str, ...]]
    values: Array

    @classmethod
    def of(cls, samples: Stored, rows: Rows, gauge: Gauge | None, like: Whole | None) -> Whole | None:
        """Of the kept ``rows`` of ``samples`` ``[n, d]`` or ``[n]``, held by ``gauge``; None where none are needed."""
        flat = samples.reshape(len(samples), -1)
        if flat.dtype.itemsize < 4 or len(samples.shape) > 2 or flat.shape[1] > _MOST_COLUMNS:
            return None
        if like is not None and max(like.beside) >= flat.shape[1]:
            return None
        columns = range(flat.shape[1]) if like is None else like.beside
        held = {j: _held(flat[rows.kept, j], j, gauge) for j in columns}
        beside = {j: digits.parts(numbers) for j, numbers in held.items()} if like is None else like.beside
        found = [digits.part(held[j], which) for j, several in beside.items() for which in several]
        return cls({j: b for j, b in beside.items() if b}, np.stack(found, 1).astype(np.float32)) if found else None

    def joined(self, data: Dataset) -> Dataset:
        """``data`` with the digits beside its columns, as a table."""
        d = data.values[0].size
        values = np.concatenate((data.values.reshape(len(data.values), d), self.values), 1)
        names = (*(f"[{j}]" for j in range(d)), *self._names())
        gauge, more = data.gauge, self.values.shape[1]
        if gauge is not None:
            zero, unit = (np.broadcast_to(part, data.record.shape).reshape(d) for part in (gauge.zero, gauge.unit))
            gauge = replace(gauge, zero=np.append(zero, np.zeros(more)), unit=np.append(unit, np.ones(more)))
        record = replace(data.record, kind="table", shape=values.shape[1:])
        return replace(data, values=values, kind="table", columns=names, gauge=gauge, record=record, full_range=None)

    def _names(self) -> Iterator[str]:
        for j, several in self.beside.items():
            yield from (f"[{j}]={which}" for which in several)


# Wider arrays are features of something, and no columns of codes.
_MOST_COLUMNS = 64


def _held(column: Stored, j: int, gauge: Gauge | None) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    numbers = column[:, None] if gauge is None else gauge.of(np.array([j])).held(column[:, None])
    return np.asarray(numbers[:, 0], np.float64)
