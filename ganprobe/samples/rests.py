"""Rests of whole numbers that go with another column: the shard of an account, the weekday of a day, odd house numbers.

What a divisor m leaves of a number is in no histogram of it and on no threshold, and alone it is even on both sides.
Held beside the levels of another column it has cells: where these are filled otherwise by one side than by the other,
beyond what either of the two does alone, rest and level belong together there. Where the cells are more than the rows
can fill (a check letter of 23), what the other rows of the same rest say is the test, as of any key
(`ganprobe.samples.lookups`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ganprobe.samples.cells import Column
from ganprobe.samples.digits import WholeColumn
from ganprobe.samples.divisors import apart, coprime
from ganprobe.samples.lookups import told
from ganprobe.samples.sides import Array, Floats, Indices

_DIVISORS = range(2, 65)
# Rests of a number that spans fewer multiples follow from its size.
_LEAST_SPAN = 20
MOST_LEVELS = 40
# Rows of both sides for each cell, at least.
_PER_CELL = 5
# The chance of what is kept where both sides have one law: so many divisors and columns find nothing in 1,000 audits.
_CHANCE = 1e-8
_MOST = 6
# How much more often rows must meet to be looked at.
_MORE = 1.5


@dataclass(frozen=True, slots=True, eq=False)
class Rest:
    """What ``divisor`` leaves of a ``column`` of numbers, with the level of an ``other`` one; how ``sure`` it is."""

    column: WholeColumn
    divisor: int
    other: Column
    sure: float

    def __call__(self, x: Array) -> Indices:
        """``[n, d]`` to cells ``[n]``."""
        return self.column(x) % self.divisor * self.other.size + self.other(x)


def rests(columns: Sequence[WholeColumn], others: Sequence[Column], real: Array, fake: Array) -> tuple[Rest, ...]:
    """The rests that go with a level otherwise among ``real`` than among ``fake`` ``[n, d]``, the surest first.

    Of those of one column and one other with a common divisor the surest alone.
    """
    levels = [(other(real), other(fake)) for other in others]
    found: list[Rest] = []
    for column in columns:
        numbers = column(real), column(fake)
        mine = {column.main, *column.beside}
        for other, codes in zip(others, levels, strict=True):
            if not mine & set(other.places.tolist()):
                found += coprime(_of_pair(column, other, numbers, codes))
    return tuple(sorted(found, key=lambda rest: -rest.sure)[:_MOST])


def _of_pair(
    column: WholeColumn, other: Column, numbers: tuple[Indices, Indices], codes: tuple[Indices, Indices]
) -> Iterator[Rest]:
    span, n = min(int(np.ptp(side)) for side in numbers), sum(map(len, numbers))
    found = False
    for m in _DIVISORS:
        sparse = n < _PER_CELL * m * other.size
        if span < _LEAST_SPAN * m or (sparse and found):
            break
        both = zip(numbers, codes, strict=True)
        counts = [np.bincount(side % m * other.size + code, minlength=m * other.size) for side, code in both]
        cells = np.reshape(counts, (2, m, other.size)).astype(np.float64)
        if sparse:
            if _gathered(cells) and (sure := told([side % m for side in numbers], codes)) > stats.norm.isf(_CHANCE):
                yield Rest(column, m, other, sure**2)
            continue
        statistic = apart(cells.reshape(2, -1)) - apart(cells.sum(1)) - apart(cells.sum(2))
        free = (m - 1) * (max(2, int((cells.sum((0, 1)) > 0).sum())) - 1)
        # By Schwarz's criterion, or a divisor of the right one, with fewer cells, would be surer.
        sure = statistic - free * math.log(n)
        if sure > 0 and stats.chi2.sf(statistic, free) < _CHANCE:
            found = True
            yield Rest(column, m, other, sure)


def _gathered(cells: Floats) -> bool:
    """Whether one side's rows meet in ``cells`` ``[2, m, levels]`` more than by what rests and levels do alone."""
    n = cells.sum((1, 2))
    alone = (cells.sum(2) ** 2).sum(1) * (cells.sum(1) ** 2).sum(1) / n**2
    real, fake = ((cells**2).sum((1, 2)) - n) / np.maximum(1, alone - n)
    return bool(max(real, fake) > _MORE * min(real, fake))
