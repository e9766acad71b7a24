r"""Whole numbers of more digits than float32 holds, in columns of their own.

float32 tells whole numbers apart up to 2^24, seven digits. The last digit of an article's number, of a card's or an
account's checks the others, and in the last of a sum of money stands how it was priced: rounded off, all that is gone.
So a column that reaches beyond keeps its number as it is held, rounded, and beside it

    low = N mod 10^6,        middle = floor(N / 10^6) mod 10^6,

which float32 holds exactly, and from which with the rounded number N follows exactly (`joined`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ganprobe.samples.sides import CODE, Array, Floats, Indices, Pair

# ``card=last digits`` holds what float32 rounds off the whole numbers of ``card``.
LAST_DIGITS, MIDDLE_DIGITS = "last digits", "middle digits"
# What columns are called that hold no number which a reader would find in the file.
OURS = (CODE, LAST_DIGITS, MIDDLE_DIGITS)
# From here on float32 holds no longer every whole number; and up to there int64 does.
_BEYOND = 2.0**24
_EXACT = 2.0**62
_GROUP = 10.0**6
# Numbers up to here follow from the last digits alone: what float32 rounds off them is below half a group.
_ONE_GROUP = 2.0**42


def parts(numbers: Floats) -> tuple[str, ...]:
    """Which columns a column of ``numbers`` ``[n]``, as held, needs beside it: none where float32 holds them all."""
    largest = float(np.abs(numbers).max(initial=0.0))
    if not _BEYOND < largest < _EXACT or (numbers != np.rint(numbers)).any():
        return ()
    return (LAST_DIGITS,) if largest < _ONE_GROUP else (LAST_DIGITS, MIDDLE_DIGITS)


def part(numbers: Floats, which: str) -> Floats:
    """The column ``which`` of whole ``numbers`` ``[n]``."""
    return np.mod(np.floor_divide(numbers, _GROUP) if which == MIDDLE_DIGITS else numbers, _GROUP)


def joined(main: Floats, low: Floats, middle: Floats | None = None) -> Indices:
    """The whole numbers of which ``main`` is what float32 keeps."""
    group = int(_GROUP)
    if middle is None:
        return _whole(low) + group * _whole((main - low) / _GROUP)
    return _whole(low) + group * (_whole(middle) + group * _whole(((main - low) / _GROUP - middle) / _GROUP))


def _whole(numbers: Floats) -> Indices:
    return np.rint(numbers).astype(np.int64)


@dataclass(frozen=True, slots=True)
class WholeColumn:
    """The flat coordinate ``main`` of a pair holds whole numbers less ``zero``, their digits in those ``beside``."""

    main: int
    beside: tuple[int, ...]
    zero: float

    def __call__(self, x: Array) -> Indices:
        """The numbers of the file, ``[n]`` of ``[n, d]``."""
        held, *more = (x[:, j].astype(np.float64) for j in (self.main, *self.beside))
        return (joined(held, *more) if more else _whole(held)) + int(self.zero)


def whole_columns(pair: Pair, rows: Sequence[Array]) -> list[WholeColumn]:
    """The columns of a ``pair`` that are whole numbers in all ``rows``, sides ``[n, d]`` of it."""
    names = pair.columns if len(pair.columns) == pair.width else ("",) * pair.width
    place = {name: j for j, name in enumerate(names) if name}
    zero, unit = np.zeros(pair.width), np.ones(pair.width)
    if pair.gauge is not None:
        zero, unit = (np.broadcast_to(part, pair.shape).reshape(-1) for part in (pair.gauge.zero, pair.gauge.unit))
    found = []
    for j, name in enumerate(names):
        if "=" in name or unit[j] != 1 or zero[j] != np.rint(zero[j]):
            continue
        if any(float(np.abs(side[:, j]).max(initial=0)) >= _EXACT or (side[:, j] % 1 != 0).any() for side in rows):
            continue
        beside = tuple(
            place[own] for which in (LAST_DIGITS, MIDDLE_DIGITS) if (own := f"{name}={which}") in place and name
        )
        found.append(WholeColumn(j, beside, float(zero[j])))
    return found
