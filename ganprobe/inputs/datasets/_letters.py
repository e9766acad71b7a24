"""The first and the last letter of text that seldom repeats, as columns of their own: ``name[0]`` and ``name[-1]``.

A word that comes once says nothing to a count of words, and yet a column of initials belongs to one of names, and the
first letter of a code says what it is of.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ganprobe.inputs.datasets._columns import Reader, plain_text

# So many words are not counted in pairs with those of another column.
_MANY_WORDS = 256
_PLACES = {"[0]": slice(0, 1), "[-1]": slice(-1, None)}


def readers(table: pd.DataFrame, known: Mapping[str, Reader]) -> dict[str, Reader]:
    """How the letters are read, of the columns of the reals in ``table`` that ``known`` readers take as text."""
    many = [
        name
        for name, reader in known.items()
        if reader.kind == "form" or (reader.kind == "level" and table[name].nunique() > _MANY_WORDS)
    ]
    names = (f"{name}{place}" for name in many for place in _PLACES)
    return {name: Reader("letter") for name in names if name not in table}


def beside(table: pd.DataFrame, known: Mapping[str, Reader]) -> pd.DataFrame:
    """The ``table`` with a column of letters for each of ``known`` that reads one."""
    found = {}
    for name in (name for name, reader in known.items() if reader.kind == "letter"):
        source = name[: name.rindex("[")]
        found[name] = plain_text(table[source]).str[_PLACES[name.removeprefix(source)]]
    return table.assign(**found) if found else table
