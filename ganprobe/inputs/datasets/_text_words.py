"""The words and numbers inside text that seldom repeats, in columns of their own: ``url[word 2]``, ``size[part 1]``.

``https://shop.example.de/p/83921`` comes once, and its host comes again: beside the column of countries it says what
goes together. So the words at the first and last places are levels where they repeat, and numbers where they are
digits: the minor of ``2.14.3``, the width of ``30 x 40 cm``. Where nearly all texts have as many runs of letters and
digits, the *parts* of ``ORD-20230415`` or ``12.5kg`` are such words too. How long a text is, is a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pandas as pd

from ganprobe.inputs.datasets._columns import NEARLY_ALL, Reader

_DECIMAL = r"(?<![.\d])\d+\.\d+(?![.\d])"
_SPLIT = {"word": re.compile(rf"{_DECIMAL}|[^\W_]+"), "part": re.compile(rf"{_DECIMAL}|\d+|[^\W\d_]+")}
# Texts of more parts, or of which fewer have the usual number of them, are told by their words; sentences, of more
# gaps, by their length alone: what stands first in them says little, and columns that say little hide what others say.
_MOST_PARTS, _AS_MANY, _MOST_GAPS = 8, 0.85, 2
# Words at this many places from either end are looked at, and so many columns are kept.
_FROM_ENDS, _MOST = 2, 4
# A word that comes less often than this is none that repeats.
_REPEATS = 2.5
# Of longer words the beginning is told: hundreds of digits are no finite number.
_LENGTHS, _LONGEST = 3, 18
LENGTH = "length"


def readers(text: pd.Series[Any]) -> Iterator[tuple[str, Reader]]:
    """What each column taken from a ``text`` of the reals is, and how it is read."""
    whole = text.dropna()
    if whole.str.len().nunique() >= _LENGTHS:
        yield LENGTH, Reader("number", beside=True).gauged(whole.str.len())
    kind, places = _places(whole)
    kept: list[pd.Series[Any]] = []
    for place in places:
        words = taken(text, f"{kind} {place}")
        reader = _reader(words)
        if reader is None or len(kept) == _MOST or any(words.equals(other) for other in kept):
            continue
        kept.append(words)
        yield f"{kind} {place}", reader


def taken(text: pd.Series[Any], what: str) -> pd.Series[Any]:
    """The length of each text, or its word or part at a place, counted from 1 or from -1; missing where it has none."""
    if what == LENGTH:
        lengths: pd.Series[Any] = text.fillna("").str.len().astype("int64")
        return lengths
    kind, _, place = what.partition(" ")
    at = int(place) - (int(place) > 0)
    split = _SPLIT[kind]

    def word(each: str) -> str | None:
        found = split.findall(each.lower())
        return found[at][:_LONGEST] if -len(found) <= at < len(found) else None

    words: pd.Series[Any] = text.map(word, na_action="ignore")
    return words


def _places(text: pd.Series[Any]) -> tuple[str, tuple[int, ...]]:
    """Whether parts or words of ``text`` are told, and at which places; at none of one word or of a sentence."""
    looked = text.iloc[:2_000]
    words, parts = (looked.map(lambda each, split=split: len(split.findall(each))) for split in _SPLIT.values())
    usual = int(parts.median()) if len(parts) else 0
    if 1 < usual <= _MOST_PARTS and (parts == usual).mean() >= _AS_MANY:
        return "part", tuple(range(1, usual + 1))
    if not len(words) or words.median() < 2 or looked.str.count(r"\s+").median() > _MOST_GAPS:
        return "word", ()
    return "word", (*range(1, _FROM_ENDS + 1), *range(-1, -_FROM_ENDS - 1, -1))


def _reader(words: pd.Series[Any]) -> Reader | None:
    """Numbers where nearly all are digits, levels where words repeat; None where there is nothing to compare."""
    there = words.dropna()
    distinct = there.nunique()
    if len(there) < _AS_MANY * len(words) or distinct < 2:
        return None
    if there.str.fullmatch(r"\d+(?:\.\d+)?").mean() >= NEARLY_ALL:
        return Reader("number", beside=True).gauged(words)
    return Reader("level", beside=True) if distinct * _REPEATS <= len(there) else None
