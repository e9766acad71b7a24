"""Bytes that are written in base 16, in columns of their own: ``colour[byte 1]`` of ``#a0b1c2``, the six of a MAC.

Text is read so where nearly all of it, its marks and a ``0x`` apart, is hexadecimal digits, as many in each, and both
figures and letters are among them. Two digits are a byte; of an odd number of digits each is a nibble. A byte is a
number beside others, as a red is beside a blue: that a colour's blue is 255 less its red no level would say. Hashes and
UUIDs are longer, and their bytes say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pandas as pd

from ganprobe.inputs.datasets._columns import NEARLY_ALL, Reader

# Digits of what is read so, and the share of them that are letters: three eighths where all sixteen come alike.
_LEAST, _MOST = 3, 16
_FEWEST_LETTERS, _MOST_LETTERS = 0.1, 0.9
_MARKS = re.compile(r"^0x|[\W_]")
_WIDTHS = {"byte": 2, "nibble": 1}


def readers(text: pd.Series[Any]) -> Iterator[tuple[str, Reader]]:
    """What each byte of a ``text`` of the reals is called, and how it is read; nothing of other text."""
    there = _digits(text.dropna())
    usual = int(there.str.len().median()) if len(there) else 0
    if not _LEAST <= usual <= _MOST or there.str.fullmatch(f"[0-9a-f]{{{usual}}}").mean() < NEARLY_ALL:
        return
    if _FEWEST_LETTERS < there.str.count("[a-f]").mean() / usual < _MOST_LETTERS:
        kind = "nibble" if usual % 2 else "byte"
        for place in range(usual // _WIDTHS[kind]):
            what = f"{kind} {place + 1}"
            yield what, Reader("number", beside=True).gauged(taken(text, what))


def is_read(what: str) -> bool:
    """Whether ``what`` is one of these columns."""
    return what.partition(" ")[0] in _WIDTHS


def taken(text: pd.Series[Any], what: str) -> pd.Series[Any]:
    """The byte or the nibble of each text at a place, counted from 1; missing where it has none."""
    kind, _, place = what.partition(" ")
    end = _WIDTHS[kind] * int(place)
    digits = _digits(text).str[end - _WIDTHS[kind] : end]
    numbers: pd.Series[Any] = digits.map(_number, na_action="ignore").astype("float64")
    return numbers


def _digits(text: pd.Series[Any]) -> pd.Series[Any]:
    return text.str.lower().str.replace(_MARKS, "", regex=True)


def _number(digits: str) -> float | None:
    try:
        return float(int(digits, 16))
    except ValueError:
        return None
