"""Long tables: the rows of one key are one sample, a sequence ``[time, columns]``.

All sequences are as long as the longest of the reals. What is missing at the end of a shorter one is 0, and a last
column says where there are rows at all, so that lengths are a part of what is compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ganprobe.errors import InputError, UsageError
from ganprobe.family import did_you_mean
from ganprobe.inputs.datasets import DataOptions, Rows
from ganprobe.inputs.datasets._schema import CodedColumn
from ganprobe.record.sources import Artefact
from ganprobe.samples.sides import Array, Floats, Indices

_PRESENT = CodedColumn("whether there is a row", None, "number")


@dataclass(frozen=True, slots=True, eq=False)
class Keyed:
    """A table without its keys, its rows in order within each, and the number of each row's sequence."""

    table: pd.DataFrame
    sequence: Indices


def keyed(path: Path, table: pd.DataFrame, named: str) -> Keyed:
    """The rows of ``table`` by the key and in the order that ``named`` (``COLUMN[,ORDER]``) says."""
    columns = [name.strip() for name in named.split(",")]
    for name in columns:
        if name not in table:
            raise UsageError(
                f"--sequence-key {named}: no column {name!r} in {path}", did_you_mean(name, map(str, table))
            )
    key, order = columns[0], columns[1:]
    if table[key].isna().any():
        raise InputError(f"{path}: rows without a {key}", "give each row the key of its sequence")
    ordered = table.sort_values([key, *order], kind="stable") if order else table.sort_values(key, kind="stable")
    return Keyed(ordered.drop(columns=columns), pd.factorize(ordered[key])[0].astype(np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Sequences:
    """Each row at its ``place`` of the sample ``sample``; -1 for those that are left out."""

    sample: Indices
    place: Indices
    n: int
    longest: int

    def columns(self, coded: tuple[CodedColumn, ...]) -> tuple[CodedColumn, ...]:
        """Those of the rows, and whether there is one."""
        return (*coded, _PRESENT)

    def values(self, rows: Floats, coded: tuple[CodedColumn, ...]) -> Array:
        """``[n, longest, columns]``."""
        values = np.zeros((self.n, self.longest, rows.shape[1] + 1), np.float32)
        inside = self.sample >= 0
        sample, place = self.sample[inside], self.place[inside]
        values[sample, place, :-1] = rows[inside]
        values[sample, place, -1] = 1
        return values


def of(path: Path, sequence: Indices, width: int, options: DataOptions) -> tuple[Sequences, Rows, int]:
    """How rows of ``width`` numbers, which lie one after the other, become samples; which; how many were cut."""
    lengths = np.bincount(sequence)
    longest = int(lengths.max()) if options.like is None else options.like.record.shape[0]
    kept = options.rows(path, len(lengths), longest * (width + 1))
    place = np.arange(len(sequence)) - (np.cumsum(lengths) - lengths)[sequence]
    chosen = np.full(len(lengths), -1)
    chosen[kept.kept] = np.arange(len(kept.kept))
    sample = np.where(place < longest, chosen[sequence], -1)
    return Sequences(sample, place, len(kept.kept), longest), kept, int((lengths > longest).sum())


def said(sequence: Indices) -> str:
    """How many there are, and how long."""
    lengths = np.bincount(sequence)
    return f"{len(lengths)} sequences of {int(lengths.min())} to {int(lengths.max())} rows"


def channels(names: tuple[str, ...]) -> str:
    """What stands in the last axis."""
    return f"channels: {', '.join(names)[:200]}"


def cut(n_cut: int, n: int) -> tuple[Artefact, ...]:
    """That ``n_cut`` of ``n`` sequences of the fakes were cut."""
    if not n_cut:
        return ()
    summary = f"{n_cut / n:.0%} of the sequences are longer than any real one and were cut"
    advice = "Generate sequences no longer than the data's, or cut both"
    return (Artefact("changed", "fake", summary, {"share": n_cut / n, "advice": advice}),)
