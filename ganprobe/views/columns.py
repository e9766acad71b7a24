"""Some columns of a table, or some coordinates of an array, and nothing of the others.

A column that came as a category or with missing values is several coordinates by now (``colour=red``, ``age=missing``):
it is kept or dropped as a whole, under the name that it has in the file.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganprobe.errors import UsageError
from ganprobe.family import did_you_mean
from ganprobe.samples import sketch
from ganprobe.samples.cells import groups
from ganprobe.samples.folds import Fold
from ganprobe.samples.sides import Array, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``keep``: names with commas between them, all columns where there are none; ``drop``: names among those kept.

    A name that holds a comma stands in double quotes, as in a CSV file.
    """

    keep: str = ""
    drop: str = ""


def listed(names: Iterable[str]) -> str:
    """Names as ``keep`` and ``drop`` take them."""
    return ",".join(f'"{name.replace(chr(34), chr(34) * 2)}"' if set(name) & set(',"\n') else name for name in names)


def names_in(text: str) -> tuple[str, ...]:
    """The names that ``keep`` or ``drop`` lists."""
    return tuple(next(csv.reader([text]), ()))


def applies(pair: Pair) -> str | None:
    """Tables and arrays of more than one column."""
    if sketch.is_pictures(pair):
        return "pictures have no columns"
    return None if len(groups(pair)) > 1 else "there is a single column"


def apply(pair: Pair, fit: Fold, settings: Settings, seeds: Seeds) -> Pair:
    """A table ``[n, k]`` of the chosen columns, in the order of the file."""
    places = groups(pair)
    keep, drop = names_in(settings.keep), names_in(settings.drop)
    for name in (*keep, *drop):
        if name not in places:
            raise UsageError(f"views.columns: there is no column {name!r}", did_you_mean(name, places))
    chosen = [name for name in places if (not keep or name in keep) and name not in drop]
    if not chosen:
        raise UsageError("views.columns: no column is left", "drop fewer")
    columns = np.sort(np.concatenate([places[name] for name in chosen]))
    named = pair.columns or tuple(places)

    def side(values: Array) -> Array:
        return np.ascontiguousarray(values.reshape(len(values), -1)[:, columns])

    gauge = pair.gauge and pair.gauge.of(columns)
    return Pair(side(pair.real), side(pair.fake), "table", tuple(named[i] for i in columns), gauge)


def covers(settings: Settings, name: str, other: Any) -> bool:
    """Fewer columns are a function of more."""
    if name != "columns":
        return False
    keep, fewer = set(names_in(settings.keep)), set(names_in(other.keep))
    drop, more = set(names_in(settings.drop)), set(names_in(other.drop))
    if fewer:
        return (not keep or fewer - more <= keep) and not (fewer - more) & drop
    return not keep and drop <= more


def words(settings: Settings) -> str:
    """A noun phrase."""
    keep, drop = names_in(settings.keep), names_in(settings.drop)
    kept = f"column{'s' if len(keep) > 1 else ''} {_and(keep)}" if keep else "the columns"
    return f"{kept} without {_and(drop)}" if drop else kept


def _and(names: tuple[str, ...]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
