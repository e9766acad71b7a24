"""Two tables that belong together: the rows of one, the children, name by a key the row of the other that they are of.

A sample is a row of the parent table and, of its children, how many there are, of each of their numbers the mean, the
standard deviation, the least and the greatest, and of each of their words the share. Of words too rare for that one of
the words itself: the greatest of their codes, which does not depend on the order of the rows. A parent without children
has the median of all in place of numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ganprobe.errors import InputError, UsageError
from ganprobe.family import did_you_mean
from ganprobe.inputs.datasets._columns import plain_text
from ganprobe.inputs.datasets._schema import CodedColumn
from ganprobe.record.sources import Artefact
from ganprobe.samples.sides import Array, Floats, Indices

# Fewer children without a parent than this share leave no trace to speak of.
_FEW = 0.01


@dataclass(frozen=True, slots=True)
class Relation:
    """``table``, whose column ``child_key`` names a row by the column ``key`` of the parent table."""

    table: str
    key: str
    child_key: str

    @classmethod
    def of(cls, named: str) -> Relation:
        """From ``TABLE:KEY`` or ``TABLE:KEY=CHILD_KEY``; raises `UsageError`."""
        table, _, keys = named.rpartition(":")
        key, _, child_key = keys.partition("=")
        if not table or not key.strip():
            raise UsageError(f"--child {named}: not of the form TABLE:KEY", "for example --child sessions.csv:user_id")
        return cls(table, key.strip(), child_key.strip() or key.strip())

    @property
    def name(self) -> str:
        """What the children's columns begin with."""
        return PurePath(self.table).stem


@dataclass(frozen=True, slots=True, eq=False)
class Children:
    """What there is of each of ``n`` parents, from the rows of ``name``, whose parents are those at ``parent``."""

    name: str
    parent: Indices
    n: int

    def columns(self, coded: tuple[CodedColumn, ...]) -> tuple[CodedColumn, ...]:
        """Their number first, then what is said of each column."""
        return (CodedColumn(f"{self.name} rows", None, "number"), *(c for one in coded for c in self._of(one)))

    def _of(self, column: CodedColumn) -> Iterator[CodedColumn]:
        source = f"{self.name}.{column.source}"
        if column.kind == "code":
            yield replace(column, source=source)
        elif column.kind == "indicator":
            yield CodedColumn(f"share of {source} {column.word}", None, "number")
        else:
            yield from (replace(column, source=f"{what} {source}") for what in ("mean", "least", "greatest"))
            yield CodedColumn(f"sd {source}", None, "number", unit=column.unit)

    def values(self, rows: Floats, coded: tuple[CodedColumn, ...]) -> Array:
        """``[n, columns]``."""
        n_rows = np.bincount(self.parent, minlength=self.n)
        there = n_rows > 0
        order = np.argsort(self.parent, kind="stable")
        starts = (np.cumsum(n_rows) - n_rows)[there]
        found = [n_rows.astype(np.float64)]
        for x, column in zip(rows[order].T, coded, strict=True):
            for value in _said_of(x, column, starts, n_rows[there]):
                every = np.full(self.n, column.fill if column.kind == "number" else 0.0)
                every[there] = value
                found.append(every)
            if column.kind == "number":  # where nobody is, nothing spreads
                found[-1][~there] = 0.0
        return np.stack(found, 1).astype(np.float32)


def _said_of(x: Floats, column: CodedColumn, starts: Indices, n: Indices) -> Iterator[Floats]:
    """Of ``x``, the children one after the other: what `Children.columns` lists, one number a parent that has some."""
    if column.kind == "code":
        yield np.maximum.reduceat(x, starts)
        return
    mean = np.add.reduceat(x, starts) / n
    yield mean
    if column.kind == "number":
        yield np.minimum.reduceat(x, starts)
        yield np.maximum.reduceat(x, starts)
        yield np.sqrt(np.add.reduceat((x - np.repeat(mean, n)) ** 2, starts) / n)


def placed(
    where: str, relation: Relation, parents: pd.DataFrame, children: pd.DataFrame
) -> tuple[npt.NDArray[np.int64], tuple[Artefact, ...], str]:
    """The place of each child's parent, -1 for none; and what to say of those. ``where`` is the side in words."""
    for table, key, of in ((parents, relation.key, "the data"), (children, relation.child_key, relation.table)):
        if key not in table:
            hint = did_you_mean(key, map(str, table))
            raise UsageError(f"--child {relation.table}:{relation.key}: no column {key!r} in {of} ({where} side)", hint)
    own, theirs = _alike(parents[relation.key], children[relation.child_key])
    if own.isna().any() or own.has_duplicates:
        what = "is missing" if own.isna().any() else "stands twice"
        raise InputError(f"a {relation.key} of the {where} side {what}", "give each parent row a key of its own")
    places = np.asarray(own.get_indexer(theirs), np.int64)
    lost = float((places < 0).mean()) if len(places) else 0.0
    if len(places) and lost == 1:
        raise InputError(
            f"no row of {relation.table} ({where} side) names a {relation.key} that is there",
            f"name the two columns where they differ: --child {relation.table}:KEY=CHILD_KEY",
        )
    said = f"{len(places)} rows of {relation.table} by {relation.key}: of each row their number, means, spreads, shares"
    summary = f"{lost:.0%} of the rows of {relation.table} name no {relation.key} that is there and were left out"
    evidence = {"share": lost, "advice": f"Write only rows whose {relation.key} is in the parent table"}
    return places, (Artefact("changed", where, summary, evidence),) if lost >= _FEW else (), said


def _alike(own: pd.Series[Any], theirs: pd.Series[Any]) -> tuple[pd.Index[Any], pd.Index[Any]]:
    """Both keys as numbers, or as text."""
    if all(pd.api.types.is_numeric_dtype(key.dtype) for key in (own, theirs)):
        return pd.Index(own), pd.Index(theirs)
    return pd.Index(plain_text(own)), pd.Index(plain_text(theirs))
