r"""Numbers of more digits than float32 holds, in columns of their own.

float32 tells whole numbers apart up to 2^24, seven digits, and the cents of sums up to 167,772. The last digit of an
article's number, of a card's or an account's checks the others; in the last of a price stands how it was made, in the
seconds of a time who wrote it: rounded off, all that is gone. So a column of whole numbers of some unit u that reaches
beyond keeps its number as it is held, rounded, and beside it, with N = x / u and a group g (10^6; of seconds a day),

    last = N mod g,        middle = floor(N / g) mod g,

which float32 holds exactly, and from which with the rounded number N follows exactly (`joined`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ganprobe.samples.sides import CODE, Array, Floats, Indices, Pair

# Units in one, and numbers of these in a group, by the name of the column: ``card=last digits`` beside ``card``.
_UNITS = {
    "last digits": (1.0, 10.0**6),
    "last digits, in 0.1": (10.0, 10.0**6),
    "last digits, in 0.01": (100.0, 10.0**6),
    "last digits, in 0.001": (1_000.0, 10.0**6),
    "time of day": (86_400.0, 86_400.0),
}
MIDDLE_DIGITS = "middle digits"
# What columns are called that hold no number which a reader would find in the file.
OURS = (CODE, MIDDLE_DIGITS, *_UNITS)
# From here on float32 holds no longer every whole number; and up to there int64 does.
_BEYOND = 2.0**24
_EXACT = 2.0**62
# Numbers of units that follow from the last digits alone: what float32 rounds off them is far below half a group.
_ONE_GROUP = 2.0**38
# Nearer to a whole number of units than this is the rounding of float64.
_WHOLE = 1e-4


def parts(numbers: Floats) -> tuple[str, ...]:
    """Which columns a column of ``numbers`` ``[n]``, as held, needs beside it: none where float32 holds them all."""
    largest = float(np.abs(numbers).max(initial=0.0))
    for name, (units, _) in _UNITS.items():
        if units * largest >= (_EXACT if units == 1 else _ONE_GROUP):
            return ()
        scaled = units * numbers
        if (np.abs(scaled - np.rint(scaled)) <= _WHOLE).all():
            many = units * largest >= _ONE_GROUP
            return () if units * largest <= _BEYOND else (name, MIDDLE_DIGITS) if many else (name,)
    return ()


def part(numbers: Floats, which: str) -> Floats:
    """The column ``which`` of ``numbers`` ``[n]``."""
    units, group = _UNITS.get(which, _UNITS["last digits"])
    scaled = np.rint(units * numbers)
    return np.mod(np.floor_divide(scaled, group) if which == MIDDLE_DIGITS else scaled, group)


def joined(rounded: Floats, group: float, last: Floats, middle: Floats | None = None) -> Indices:
    """The whole numbers of which ``rounded`` is what float32 keeps."""
    if middle is None:
        return _whole(last) + int(group) * _whole((rounded - last) / group)
    return _whole(last) + int(group) * joined((rounded - last) / group, group, middle)


def _whole(numbers: Floats) -> Indices:
    with np.errstate(invalid="ignore"):  # what is beyond int64 is no number of such a column, and no matter which
        return np.rint(numbers).astype(np.int64)


@dataclass(frozen=True, slots=True)
class WholeColumn:
    """The flat coordinate ``main`` of a pair holds whole numbers less ``zero``, their digits in those ``beside``.

    They are whole in units of which ``units`` make one, and their digits are of groups of ``group``.
    """

    main: int
    beside: tuple[int, ...]
    zero: float
    units: float = 1.0
    group: float = 10.0**6

    def __call__(self, x: Array) -> Indices:
        """The numbers of the file in their unit, ``[n]`` of ``[n, d]``."""
        held, *more = (x[:, j].astype(np.float64) for j in (self.main, *self.beside))
        held = self.units * held
        return (joined(held, self.group, *more) if more else _whole(held)) + int(np.rint(self.units * self.zero))


def whole_columns(pair: Pair, rows: Sequence[Array]) -> list[WholeColumn]:
    """The columns of a ``pair`` with digits beside them, and those whole in all ``rows``, sides ``[n, d]`` of it."""
    names = pair.names
    place = {name: j for j, name in enumerate(names) if name}
    zero, unit = pair.scales
    found = []
    for j, name in enumerate(names):
        if "=" in name or unit[j] != 1:
            continue
        last = next((which for which in _UNITS if name and f"{name}={which}" in place), None)
        if last is not None and _UNITS[last][0] * abs(zero[j]) < _EXACT:
            beside = tuple(place[own] for which in (last, MIDDLE_DIGITS) if (own := f"{name}={which}") in place)
            found.append(WholeColumn(j, beside, float(zero[j]), *_UNITS[last]))
        elif (
            units := next((u for u in _DECIMALS if _whole_in(u, zero[j], [s[:, j] for s in rows])), None)
        ) is not None:
            found.append(WholeColumn(j, (), float(zero[j]), units))
    return found


_DECIMALS = (1.0, 10.0, 100.0, 1_000.0)
# What float32 rounds off a number of units that it still tells from the next.
_RESOLVED = 0.45


def _whole_in(units: float, zero: float, columns: Sequence[Array]) -> bool:
    """Whether all numbers of ``columns`` and their ``zero`` are whole in units of which ``units`` make one."""
    if units * abs(zero) >= _EXACT or abs(units * zero - np.rint(units * zero)) > _WHOLE:
        return False
    for column in columns:
        scaled = units * column.astype(np.float64)
        blurred = np.maximum(_WHOLE, units * np.spacing(np.abs(column)).astype(np.float64) / 2) if units > 1 else 0.0
        if np.abs(scaled).max(initial=0) >= _EXACT or (np.abs(scaled - np.rint(scaled)) > blurred).any():
            return False
        if units > 1 and np.max(blurred, initial=0) > _RESOLVED:
            return False
    return True


def figures(numbers: Indices, largest: Sequence[int], which: tuple[int, ...], base: int) -> Indices:
    """The digits of the columns ``which`` of ``numbers`` ``[n, columns]``, as many as the ``largest`` have."""
    return np.concatenate([_digits(numbers[:, j], length(largest[j], base), base) for j in which], 1)


def length(number: int, base: int) -> int:
    """How many digits a number has."""
    return len(str(number)) if base == 10 else max(1, number.bit_length())


def _digits(numbers: Indices, places: int, base: int) -> Indices:
    """The digits of ``numbers`` ``[n]``, ``[n, places]``, the last one first."""
    left, found = np.abs(numbers), []
    for _ in range(places):
        left, digit = np.divmod(left, base)
        found.append(digit)
    return np.stack(found, 1)
