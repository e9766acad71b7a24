"""Letters that stand side by side in text that seldom repeats: ``read[pair cg]``, ``name[kinds vc]``, ``code[same 2]``.

Letters that are put in another order leave a text its length, its form and how often each of them comes; reads of DNA
without CG, names that can be said and codes that never double a digit are told by their neighbours alone. Of few
letters each pair is counted; of more the pairs of vowels (v), consonants (c) and what is neither (-), and of short text
the two letters at each of the first places are a level, ``name[at 3]``. Counts are of a whole text, so that a logistic
regression on them is a Markov chain's log odds. How often a letter comes again one, two and three places on is counted
of any text.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ganprobe.inputs.datasets._columns import NEARLY_ALL, Reader
from ganprobe.samples.sides import Indices

# Of so many letters each pair is counted; shorter texts say it by their form and by what they begin and end with.
_FEW_LETTERS, _LEAST = 4, 6
# Of text with fewer vowels and consonants than this share the kinds say what its form says.
_LETTERS = 0.3
_LAGS = (1, 2, 3)
_LOOKED_AT = 2_000
_END = "\n"
_KINDS = ((r"[aeiouy]", "\v"), (r"[^\W\d_]", "c"), (r"[^c\v\n]", "-"), ("\v", "v"))
# Letters that a column's name cannot have where it names a pair.
_NOT_NAMED = "[ ]"
_COUNTED = ("pair", "kinds", "same")
# Of text of many letters, and no more than this, the two at each of the first places are a level.
_AT, _PLACES, _MOST = "at", 6, 16


def readers(text: pd.Series[Any]) -> Iterator[tuple[str, Reader]]:
    """What is counted of each ``text`` of the reals, and how it is read; nothing of short ones."""
    there = text.dropna().iloc[:_LOOKED_AT]
    if not len(there) or there.str.len().median() < _LEAST:
        return
    counted = (*_pairs(there), *(f"same {lag}" for lag in _LAGS))
    for what in counted:
        yield what, Reader("number", beside=True).gauged(taken(text, what))
    if counted[0].startswith("kinds") and there.str.len().median() <= _MOST:
        yield from ((f"{_AT} {place}", Reader("level", beside=True)) for place in range(_PLACES))


def is_read(what: str) -> bool:
    """Whether ``what`` is one of these columns."""
    return what.partition(" ")[0] in (*_COUNTED, _AT)


def taken(text: pd.Series[Any], what: str) -> pd.Series[Any]:
    """How often each text has the pair that ``what`` names, in letters of either case; 0 of a missing one.

    Or the two letters at a place of it.
    """
    kind, _, pair = what.partition(" ")
    if kind == _AT:
        letters: pd.Series[Any] = text.str.lower().str[int(pair) : int(pair) + 2]
        return letters
    lines = text.fillna("").str.lower().str.replace(_END, " ", regex=False)
    line = _codes(_kinds(lines) if kind == "kinds" else lines)
    lag = int(pair) if kind == "same" else 1
    if kind == "same":
        found = (line[lag:] == line[:-lag]) & (line[lag:] != ord(_END))
    else:
        found = (line[:-1] == ord(pair[0])) & (line[1:] == ord(pair[1]))
    return pd.Series(_by_line(line, found, lag, len(text)), index=text.index)


def _pairs(text: pd.Series[Any]) -> Iterator[str]:
    """The pairs that are counted: of the letters, where these are few, or of their kinds."""
    often = pd.Series([*text.str.lower().str.cat()]).value_counts(normalize=True)
    kind, few = "pair", sorted(often.index[:_FEW_LETTERS])
    if often.iloc[:_FEW_LETTERS].sum() < NEARLY_ALL:
        kind, few = "kinds", [*"vc-"] if often[often.index.str.isalpha()].sum() >= _LETTERS else []
    if len(few) > 1 and (kind == "kinds" or not set(few) & set(_NOT_NAMED)):
        yield from (f"{kind} {one}{other}" for one, other in itertools.product(few, few) if one + other != "--")


def _kinds(text: pd.Series[Any]) -> pd.Series[Any]:
    for letters, kind in _KINDS:
        text = text.str.replace(letters, kind, regex=True)
    return text


def _codes(text: pd.Series[Any]) -> npt.NDArray[np.uint32]:
    """The letters of all texts, an end behind each."""
    return np.frombuffer("".join(f"{each}{_END}" for each in text).encode("utf-32-le", "surrogatepass"), np.uint32)


def _by_line(letters: npt.NDArray[np.uint32], found: npt.NDArray[np.bool_], lag: int, n: int) -> Indices:
    """How many of the pairs ``found`` begin and end in the same of ``n`` texts."""
    line = np.cumsum(letters == ord(_END))
    inside = found & (line[lag:] == line[:-lag])
    return np.bincount(line[:-lag][inside], minlength=n).astype(np.int64)
