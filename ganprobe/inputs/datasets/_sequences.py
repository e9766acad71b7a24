"""Long tables: the rows of one key are one sample, a sequence ``[time, columns]``.

All sequences are as long as the longest of the reals. What is missing at the end of a shorter one is 0, and a last
column says where there are rows at all, so that lengths are a part of what is compared.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from ganprobe.errors import InputError, UsageError
from ganprobe.family import did_you_mean
from ganprobe.inputs.datasets import DataOptions, Rows, build, require_room
from ganprobe.record.sources import Artefact
from ganprobe.samples.gauge import Gauge
from ganprobe.samples.sides import Dataset, Floats, Indices


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


def folded(path: Path, rows: Dataset, sequence: Indices, options: DataOptions) -> Dataset:
    """The data set of the sequences in coded ``rows``, which lie one after the other."""
    lengths = np.bincount(sequence)
    longest = int(lengths.max()) if options.like is None else options.like.record.shape[0]
    kept = options.rows(path, len(lengths), longest * (rows.values.shape[1] + 1))
    require_room(path, len(kept.kept), longest, rows.values.shape[1] + 1)
    place = np.arange(len(sequence)) - (np.cumsum(lengths) - lengths)[sequence]
    chosen = np.full(len(lengths), -1)
    chosen[kept.kept] = np.arange(len(kept.kept))
    inside = (place < longest) & (chosen[sequence] >= 0)
    values = np.zeros((len(kept.kept), longest, rows.values.shape[1] + 1), np.float32)
    values[chosen[sequence[inside]], place[inside], :-1] = rows.values[inside]
    values[chosen[sequence[inside]], place[inside], -1] = 1
    cut = int((lengths > longest).sum())
    notes = (f"{len(lengths)} sequences of {int(lengths.min())} to {int(lengths.max())} rows", *rows.record.notes)
    channels = (f"channels: {', '.join((*rows.columns, 'whether there is a row'))[:200]}",)
    dataset = build(path, values, "array", Rows(len(lengths), kept.kept), (*notes, *channels))
    summary = f"{cut / len(lengths):.0%} of the sequences are longer than any real one and were cut"
    advice = "Generate sequences no longer than the data's, or cut both"
    changed = (Artefact("changed", "fake", summary, {"share": cut / len(lengths), "advice": advice}),) if cut else ()
    return replace(
        dataset, gauge=_along(rows.gauge, longest), schema=rows.schema, found=(*rows.found, *changed), rows=kept.kept
    )


def _along(gauge: Gauge | None, longest: int) -> Gauge | None:
    """The gauge of every row of a sequence, with a last column that is as it is."""
    if gauge is None:
        return None

    def repeated(part: Floats, last: float) -> Floats:
        return np.tile(np.append(part, last), (longest, 1))

    width = gauge.zero.size + 1
    dates = frozenset(t * width + j for t in range(longest) for j in gauge.dates)
    return Gauge(repeated(gauge.zero, 0.0), repeated(gauge.unit, 1.0), dates)
