"""What text that seldom repeats is made of, in columns of its own: ``name[0]``, ``name[-1]``, and ``name[digits]``.

A word that comes once says nothing to a count of words, and yet a column of initials belongs to one of names, and the
first letter of a code says what it is of: its first and its last letter are levels. Where references have as many
digits each, ``978-3-16-148410-0``, these are a whole number like others, the last of which may check the rest. Where
some end in a letter, ``0-8044-2957-X``, the number is ``name[code]``: the last place takes two digits, and A is 10.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd

from ganprobe.inputs.datasets._columns import Reader, plain_text

# So many words are not counted in pairs with those of another column.
_MANY_WORDS = 256
# Fewer digits say little, and more are no number of 64 bits.
_LEAST_DIGITS, _MOST_DIGITS = 4, 18
# The share of texts with the usual number, their last place apart.
_AS_MANY = 0.85


def readers(table: pd.DataFrame, known: Mapping[str, Reader]) -> dict[str, Reader]:
    """How it is read, of the columns of the reals in ``table`` that ``known`` readers take as text."""
    many = [
        name
        for name, reader in known.items()
        if reader.kind == "form" or (reader.kind == "level" and table[name].nunique() > _MANY_WORDS)
    ]
    return {name: reader for source in many for name, reader in _of(source, table[source]) if name not in table}


def _of(source: str, column: pd.Series[Any]) -> Iterator[tuple[str, Reader]]:
    for place in ("[0]", "[-1]"):
        yield f"{source}{place}", Reader("level", beside=True)
    text = plain_text(column)
    what, places = ("code", 2) if text.str[-1:].str.isalpha().nunique() > 1 else ("digits", 0)
    digits = (text.str[:-1] if places else text).dropna().str.count("[0-9]")
    usual = int(digits.median())
    if (digits == usual).mean() >= _AS_MANY and _LEAST_DIGITS <= usual + places <= _MOST_DIGITS:
        yield f"{source}[{what}]", Reader("number", beside=True).gauged(_WHAT[what](text))


def beside(table: pd.DataFrame, known: Mapping[str, Reader]) -> pd.DataFrame:
    """The ``table`` with a column for each of ``known`` that reads what is taken from a text."""
    found = {}
    for name in (name for name, reader in known.items() if reader.beside):
        source, _, what = name.rpartition("[")
        text = plain_text(table[source])
        found[name] = _WHAT[what.removesuffix("]")](text)
    return table.assign(**found) if found else table


def _digits(text: pd.Series[Any]) -> pd.Series[Any]:
    """The digits of each text as one whole number, the last ones of too many; 0 where there are none."""
    return text.fillna("").str.replace("[^0-9]", "", regex=True).str[-_MOST_DIGITS:].replace("", "0").astype("int64")


def _code(text: pd.Series[Any]) -> pd.Series[Any]:
    """The digits before the last place, and two for that: 00 to 09 of a digit, 10 to 35 of a letter."""
    last = text.fillna("").str[-1:].map(lambda letter: int(letter, 36) if letter.isascii() and letter.isalnum() else 0)
    code: pd.Series[Any] = _digits(text.str[:-1]) % 10 ** (_MOST_DIGITS - 2) * 100 + last.astype("int64")
    return code


# How each column is made of the text.
_WHAT: dict[str, Callable[[pd.Series[Any]], pd.Series[Any]]] = {
    "0": lambda text: text.str[:1],
    "-1": lambda text: text.str[-1:],
    "digits": _digits,
    "code": _code,
}
