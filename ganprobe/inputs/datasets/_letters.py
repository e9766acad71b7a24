"""What text that seldom repeats is made of, in columns of its own: ``id[0]``, ``id[-1]``, ``id[14]``, ``id[digits]``.

A word that comes once says nothing to a count of words, and yet a column of initials belongs to one of names, and the
first letter of a code says what it is of: its first and its last letter are levels. Of codes of one length so are the
few places that vary least (the version of a UUID, a letter amid digits). Where references have as many digits each,
``978-3-16-148410-0``, these are a whole number like others, the last of which may check the rest. Where some end in a
letter, ``0-8044-2957-X``, the number is ``id[code]``: the last place takes two digits, and A is 10. Of more than 18
digits, as an account has in Europe, two numbers are made, ``id[first digits]`` and ``id[last digits]``. Words and
numbers inside a text are in `_text_words`, bytes in base 16 in `_text_hex`, and which letters stand side by side in
`_text_pairs`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from ganprobe.inputs.datasets import _text_hex, _text_pairs, _text_words
from ganprobe.inputs.datasets._columns import Reader, plain_text

# So many words are not counted in pairs with those of another column.
_MANY_WORDS = 256
# Fewer digits say little, and more are no number of 64 bits, but two that are exact whatever their centre.
_LEAST_DIGITS, _MOST_DIGITS, _OF_TWO = 4, 18, 15
# Places at most of such texts, and of those that are kept; the share of its usual letter that a place must have.
_MOST_PLACES, _MOST_SETTLED, _USUAL = 64, 4, 0.2
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
    text = plain_text(column)
    for place in (0, -1, *_settled(text.dropna())):
        yield f"{source}[{place}]", Reader("level", beside=True)
    what, places = ("code", 2) if text.str[-1:].str.isalpha().nunique() > 1 else ("digits", 0)
    digits = (text.str[:-1] if places else text).dropna().str.count("[0-9]")
    usual = int(digits.median())
    if (digits == usual).mean() >= _AS_MANY and _LEAST_DIGITS <= usual + places <= 2 * _OF_TWO:
        for own in (what,) if usual + places <= _MOST_DIGITS else _TWO:
            yield f"{source}[{own}]", Reader("number", beside=True).gauged(_WHOLE[own](text))
    for what, reader in (*_text_hex.readers(text), *_text_words.readers(text), *_text_pairs.readers(text)):
        yield f"{source}[{what}]", reader


def _settled(text: pd.Series[Any]) -> list[int]:
    """Places of texts of one length where a letter or digit is the usual one, those first where it is most."""
    lengths = text.str.len()
    alike = text[lengths == lengths.median()]
    if len(alike) < _AS_MANY * len(text) or not _LEAST_DIGITS < lengths.median() <= _MOST_PLACES:
        return []
    usual = {}
    for place in range(1, int(lengths.median()) - 1):
        letters = alike.str[place].value_counts(normalize=True)
        if str(letters.index[0]).isalnum() and letters.iloc[0] >= _USUAL:
            usual[place] = float(letters.iloc[0])
    return sorted(sorted(usual, key=lambda place: -usual[place])[:_MOST_SETTLED])


def beside(table: pd.DataFrame, known: Mapping[str, Reader]) -> pd.DataFrame:
    """The ``table`` with a column for each of ``known`` that reads what is taken from a text."""
    found = {}
    for name in (name for name, reader in known.items() if reader.beside):
        source, _, what = name.rpartition("[")
        text = plain_text(table[source])
        found[name] = _taken(text, what.removesuffix("]"))
    return table.assign(**found) if found else table


def _digits(text: pd.Series[Any], places: slice = slice(-_MOST_DIGITS, None)) -> pd.Series[Any]:
    """The digits of each text as one whole number, the last ones of too many; 0 where there are none."""
    return text.fillna("").str.replace("[^0-9]", "", regex=True).str[places].replace("", "0").astype("int64")


def _first(text: pd.Series[Any]) -> pd.Series[Any]:
    """The digits before the last ones."""
    return _digits(text, slice(-2 * _OF_TWO, -_OF_TWO))


def _last(text: pd.Series[Any]) -> pd.Series[Any]:
    """The last digits."""
    return _digits(text, slice(-_OF_TWO, None))


def _code(text: pd.Series[Any]) -> pd.Series[Any]:
    """The digits before the last place, and two for that: 00 to 09 of a digit, 10 to 35 of a letter."""
    last = text.fillna("").str[-1:].map(lambda letter: int(letter, 36) if letter.isascii() and letter.isalnum() else 0)
    code: pd.Series[Any] = _digits(text.str[:-1]) % 10 ** (_MOST_DIGITS - 2) * 100 + last.astype("int64")
    return code


_TWO = ("first digits", "last digits")
_WHOLE = {"digits": _digits, "code": _code, _TWO[0]: _first, _TWO[1]: _last}


def _taken(text: pd.Series[Any], what: str) -> pd.Series[Any]:
    """A number of `_WHOLE`, a word, or the letter at a place; of empty text an empty one."""
    if what in _WHOLE:
        return _WHOLE[what](text)
    if _text_hex.is_read(what):
        return _text_hex.taken(text, what)
    if _text_pairs.is_read(what):
        return _text_pairs.taken(text, what)
    if not what.lstrip("-").isdigit():
        return _text_words.taken(text, what)
    letters: pd.Series[Any] = text.str[int(what) :] if what == "-1" else text.str[int(what) : int(what) + 1]
    return letters
