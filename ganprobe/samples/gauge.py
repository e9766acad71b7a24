"""The gauge of a data set: the zero and the unit in which its numbers are held as float32.

float32 keeps 24 bits of a number. Of unix seconds, of ids above 2^53, of a law N(0, 1) moved to 1e8, they are spent on
what all values have in common, and the difference between the sides is rounded away before a probe sees it. So what a
column has in common, a middle value of the reals, is subtracted first: in float64, and from whole numbers as whole
numbers, exactly. The zero is round, a multiple of a power of ten no larger than the column's spread, so that round
numbers stay round and a lattice stays where it was. Numbers whose squares float32 does not hold are divided by a power
of ten as well.

Both sides are held by the gauge of the reals. Whatever a reader is shown goes back through `filed`.
"""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass, replace

import numpy as np

from ganprobe.samples.sides import Floats, Indices, Stored

# A column keeps its own zero while its middle is no farther from it than this many spreads: 18 bits are left.
_FAR = 64
# Whole numbers up to here are float32 exactly.
_WHOLE = 2**24
# Sizes whose squares, and sums of many of them, float32 holds.
_LARGEST, _SMALLEST = 1e15, 1e-15
# Rows, and numbers, that a gauge is read from.
_ROWS, _NUMBERS = 20_000, 2**22
_EPOCH = datetime.date(1970, 1, 1)


@dataclass(frozen=True, slots=True, eq=False)
class Gauge:
    """``zero`` and ``unit`` float64, ``[*shape]`` of a sample or one for all of it: held = (filed - zero) / unit.

    ``dates``: the coordinates that count days since 1970 began, which a reader knows as dates.
    """

    zero: Floats
    unit: Floats
    dates: frozenset[int] = frozenset()

    def held(self, values: Stored) -> Floats:
        """``values`` ``[n, *shape]`` of a file, as they are held, float64."""
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(_less(values, self.zero) / self.unit, np.float64)

    def filed(self, held: Stored) -> Floats:
        """What stands in the file for ``held`` values ``[n, *shape]``."""
        return np.asarray(held, np.float64) * self.unit + self.zero

    def value(self, coordinate: int, held: float) -> float:
        """`filed` of one number of the flat ``coordinate``."""
        zero, unit = (np.broadcast_to(part, part.shape or (1,)).reshape(-1) for part in (self.zero, self.unit))
        place = coordinate if zero.size > 1 else 0
        return float(held) * float(unit[place]) + float(zero[place])

    def text(self, coordinate: int, held: float, digits: int) -> str:
        """The number as a reader knows it: a date, or ``digits`` significant ones beyond what all values share."""
        value = self.value(coordinate, held)
        if coordinate in self.dates:
            return _date(value)
        own, shared = abs(value - self.value(coordinate, 0.0)), abs(self.value(coordinate, 0.0))
        more = math.ceil(math.log10(shared / own)) if 0 < own < shared else 8 if shared else 0
        return f"{value:.{min(digits + more, 15)}g}"

    def of(self, coordinates: Indices) -> Gauge:
        """The gauge of some flat ``coordinates`` alone."""
        if not self.zero.ndim:
            return self
        dates = frozenset(i for i, j in enumerate(coordinates.tolist()) if j in self.dates)
        return Gauge(self.zero.reshape(-1)[coordinates], self.unit.reshape(-1)[coordinates], dates)

    def shaped(self, shape: tuple[int, ...]) -> Gauge:
        """The same gauge for samples arranged as ``shape``, where they are as many numbers."""
        if self.zero.ndim == 0 or self.zero.size != math.prod(shape):
            return self
        return replace(self, zero=self.zero.reshape(shape), unit=self.unit.reshape(shape))


def gauge_of(values: Stored, one_for_all: bool = False) -> Gauge | None:
    """The gauge that ``values`` ``[n, *shape]`` need, numbers of any type; None where float32 holds them as they are.

    ``one_for_all``: coordinates that share a scale, as pixels do, are held by one zero. The unit is one for all
    coordinates where their sizes allow it, so that distances between samples mean what they did.
    """
    rows = _some(values)
    if rows.dtype.itemsize < 4 or not np.isfinite(rows).all():
        return None
    flat = rows.reshape(-1, 1) if one_for_all else rows.reshape(len(rows), -1)
    middle = np.partition(flat, len(flat) // 2, axis=0)[len(flat) // 2].astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        spread = _spread(flat, middle)
        zero = np.where(_needs_zero(flat, middle, spread), _round(middle, spread), 0.0)
        largest = np.abs(_less(flat, zero)).max(0)
    unit = _unit(largest)
    if not zero.any() and (unit == 1).all():
        return None
    shape = () if one_for_all else values.shape[1:]
    return Gauge(zero.reshape(shape), unit.reshape(shape))


def merged(values: Stored, held: Stored) -> Floats:
    """The share of the distinct ``values`` of each column that are equal as ``held``: both ``[n, *shape]``, ``[d]``."""
    rows, kept = _some(values), _some(held)
    before, after = (_distinct(side.reshape(len(side), -1)) for side in (rows, kept))
    return np.asarray(1 - after / before, np.float64)


def _unit(largest: Floats) -> Floats:
    """Powers of ten for columns of these sizes: 1 unless float32 does not hold their squares."""
    sizes = np.where((largest > 0) & np.isfinite(largest), largest, 1.0)
    own = _power_below(sizes)
    common = own.max()
    if _SMALLEST <= common <= _LARGEST:
        common = 1.0
    return np.where(sizes < _SMALLEST * common, own, common)


def _power_below(sizes: Floats) -> Floats:
    """The power of ten next below each size, of those that float64 holds with all their digits."""
    return np.asarray(np.maximum(10.0 ** np.floor(np.log10(sizes)), np.finfo(np.float64).tiny), np.float64)


def _some(values: Stored) -> Stored:
    """Rows evenly spaced, enough to read a gauge from."""
    n = max(200, min(_ROWS, _NUMBERS // max(1, math.prod(values.shape[1:]))))
    return values[:: max(1, len(values) // n)]


def _distinct(rows: Stored) -> Indices:
    ascending = np.sort(rows, axis=0)
    return np.asarray(1 + (ascending[1:] != ascending[:-1]).sum(0), np.int64)


def _spread(flat: Stored, middle: Floats) -> Floats:
    """Of each column ``[n, d]`` around its ``middle``."""
    away = _less(flat, middle)
    low, high = np.quantile(away, (0.16, 0.84), axis=0)
    largest = np.where(np.abs(away).max(0) > 0, np.abs(away).max(0), 1.0)
    return np.asarray(np.where(high > low, high / 2 - low / 2, (away / largest).std(0) * largest), np.float64)


def _round(middle: Floats, spread: Floats) -> Floats:
    """The multiple of a power of ten no larger than the ``spread`` next to ``middle``; of a constant column, itself."""
    step = _power_below(np.where(spread > 0, spread, 1.0))
    with np.errstate(over="ignore", invalid="ignore"):
        near = np.round(middle / step) * step
    return np.asarray(np.where((spread > 0) & np.isfinite(near), near, middle), np.float64)


def _needs_zero(flat: Stored, middle: Floats, spread: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Which columns ``[n, d]`` float32 would rob of digits that tell their values apart."""
    if flat.dtype.kind in "iu":
        return np.asarray(np.abs(flat.astype(np.float64)).max(0) >= _WHOLE, np.bool_)
    constant = spread == 0
    return np.asarray(np.where(constant, middle.astype(np.float32) != middle, np.abs(middle) > _FAR * spread), np.bool_)


def _less(values: Stored, zero: Floats) -> Floats:
    """``values - zero`` in float64; of whole numbers the difference is whole, and exact while it is below 2^62."""
    wide = np.asarray(values, np.float64) - zero
    if values.dtype.kind not in "iu" or values.dtype.itemsize < 8:
        return wide
    # Modulo 2^64, in which int64, uint64 and their differences are the same numbers.
    negative = zero < 0
    size = np.minimum(np.abs(zero), 2.0**64 - 2048).astype(np.uint64)
    modular = np.where(negative, (~size) + np.uint64(1), size)
    exact = (values.astype(np.uint64) - modular).view(np.int64).astype(np.float64)
    return np.where(np.abs(wide) < 2.0**62, exact, wide)


def _date(days: float) -> str:
    try:
        return str(_EPOCH + datetime.timedelta(math.floor(days)))
    except OverflowError:
        return f"day {days:.6g}"
