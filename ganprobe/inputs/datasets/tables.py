"""Tables of mixed types: ``.csv``, ``.tsv``, ``.parquet``.

How each column is read is decided on the reals and applied to both sides by name: as numbers, as dates (days since
1970) or as levels (`_columns`). Nothing is dropped on the way: what is missing or cannot be read is a level beside the
numbers, rare levels keep a code of their own, and numbers are held by the gauge of their column, so that seconds since
1970 and ids above 2^53 keep their digits. What becomes of a level is decided on both sides together (`_coding`).
Columns that only count or name the rows are left out on both sides, and said to be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ganprobe.errors import InputError, UsageError
from ganprobe.family import did_you_mean
from ganprobe.inputs import files
from ganprobe.inputs.datasets import DataOptions, _groups, _sequences, build, require_room
from ganprobe.inputs.datasets._coding import RARE_BELOW, Coding, together
from ganprobe.inputs.datasets._columns import Cells, Reader, is_text
from ganprobe.inputs.datasets._frames import Frame, Settings, read_parquet, read_text
from ganprobe.inputs.datasets._held import losses
from ganprobe.record.sources import Artefact
from ganprobe.samples.gauge import Gauge
from ganprobe.samples.sides import Dataset, Indices

__all__ = ["Settings", "TableSchema", "claims", "coded_together", "load"]


def claims(path: Path, found: files.Format) -> bool:
    """By name for text, by the first bytes for Parquet."""
    return found == "parquet" or (found != "folder" and path.suffix.lower() in (".csv", ".tsv"))


def load(path: Path, options: DataOptions) -> Dataset:
    """The coded rows, read as `DataOptions.like` was; without it the way to read them is decided here."""
    # Of a sequence every row is needed: the choice is among sequences then.
    reading = options if options.sequence_key is None else replace(options, limit=None)
    like = _schema(options)
    text = frozenset(name for name, reader in like.readers.items() if reader.kind != "number") if like else frozenset()
    try:
        if files.identify(path) == "parquet":
            frame = read_parquet(path, reading)
        else:
            frame = read_text(path, reading, options.override("datasets.tables", Settings()), text)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not text in UTF-8 ({files.first_line(error)})", "save it as UTF-8") from error
    return of(path, frame, options) if options.sequence_key is None else _in_sequences(path, frame, options)


def _in_sequences(path: Path, frame: Frame, options: DataOptions) -> Dataset:
    if len(frame.rows.kept) < frame.rows.n:
        raise InputError(f"{path}: {frame.rows.n} rows are more than are read as sequences", "give fewer sequences")
    keyed = _sequences.keyed(path, frame.table, str(options.sequence_key))
    coded = of(path, replace(frame, table=keyed.table), replace(options, labels=None))
    return _sequences.folded(path, coded, keyed.sequence, options)


def of(path: Path, frame: Frame, options: DataOptions) -> Dataset:
    """The data set in the rows of a ``frame``."""
    table, groups = _groups.apart(path, frame.table, options)
    table = _without(path, table, options)
    frame, like = replace(frame, table=table), _schema(options)
    readers, ignored, notes = (
        _decided(path, table, frame.rows.kept)
        if like is None
        else (like.readers, like.ignored, _compared(path, table, like))
    )
    cells = _cells(path, table, readers)
    coding = together(cells, None) if like is None else like.coding
    schema = TableSchema(readers, ignored, cells, coding)
    lost = _lost(table, readers, "real" if like is None else "fake")
    told = tuple(f"{name}: {note}" for name, column in cells.items() for note in column.notes)
    dataset = _coded(path, schema, frame, (*frame.notes, *notes, *_words(cells), *told))
    return replace(
        dataset, labels=options.labels_of(path, frame.rows, None), found=(*frame.found, *lost), groups=groups
    )


@dataclass(frozen=True, slots=True, eq=False)
class TableSchema:
    """What it takes to read a table like the reals, and what was read.

    ``readers``: by source column. ``ignored``: source columns that only count or name the rows. ``cells``: what this
    table holds. ``coding``: how these become numbers.
    """

    readers: Mapping[str, Reader]
    ignored: tuple[str, ...]
    cells: Mapping[str, Cells]
    coding: Mapping[str, Coding]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of what comes out."""
        return tuple(column for name, coding in self.coding.items() for column in coding.columns(name))

    @property
    def gauge(self) -> Gauge | None:
        """How the columns that come out are held; None where they all are as in the file."""
        zero, unit, dates = np.zeros(len(self.columns)), np.ones(len(self.columns)), set()
        for place, name in enumerate(self.columns):
            reader = self.readers.get(name)
            if reader is None or self.coding[name].fill is None:
                continue
            if reader.gauge is not None:
                zero[place], unit[place] = reader.gauge.zero[0], reader.gauge.unit[0]
            if reader.kind == "date":
                dates.add(place)
        return Gauge(zero, unit, frozenset(dates)) if dates or zero.any() or (unit != 1).any() else None


def coded_together(real: Dataset, fake: Dataset) -> tuple[Dataset, Dataset]:
    """Both tables with their words coded by what both hold; ``fake`` was read like ``real``."""
    coding = together(real.schema.cells, fake.schema.cells)
    if coding == real.schema.coding:
        return real, fake
    sides = []
    for side in (real, fake):
        schema = replace(side.schema, coding=coding)
        values = _values(schema)
        require_room(Path(side.record.path), *values.shape)
        sides.append(replace(side, values=values, columns=schema.columns, gauge=schema.gauge, schema=schema))
    return sides[0], sides[1]


def _schema(options: DataOptions) -> TableSchema | None:
    schema = None if options.like is None else options.like.schema
    return schema if isinstance(schema, TableSchema) else None


def _without(path: Path, table: pd.DataFrame, options: DataOptions) -> pd.DataFrame:
    """The columns that are not to be ignored; of the reals each of those must be there."""
    for name in options.ignore if options.like is None else ():
        if name not in table:
            raise UsageError(f"--ignore {name}: no such column in {path}", did_you_mean(name, map(str, table)))
    return table.drop(columns=list(options.ignore), errors="ignore")


def _coded(path: Path, schema: TableSchema, frame: Frame, notes: tuple[str, ...]) -> Dataset:
    require_room(path, len(frame.table), len(schema.columns))
    dataset = build(path, _values(schema), "table", frame.rows, notes, schema.columns)
    return replace(dataset, schema=schema, gauge=schema.gauge)


def _values(schema: TableSchema) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.concatenate([schema.coding[name](cells) for name, cells in schema.cells.items()], 1).astype(np.float32)


def _decided(
    path: Path, table: pd.DataFrame, numbers_of_rows: Indices
) -> tuple[dict[str, Reader], tuple[str, ...], tuple[str, ...]]:
    """How to read each column of the reals, those left out, and what to say of both."""
    ignored = tuple(str(name) for name in table if _names_rows(str(name), table[name], numbers_of_rows))
    readers = {str(name): Reader.of(table[name]) for name in table if name not in ignored}
    if not readers:
        raise InputError(f"{path}: every column only counts or names the rows", "give the columns that were measured")
    said = {
        "columns that only count or name the rows left out": list(ignored),
        "read as dates": [name for name, reader in readers.items() if reader.kind == "date"],
        "text read as numbers": [
            name for name, reader in readers.items() if reader.kind == "number" and is_text(table[name])
        ],
        "columns without a value": [name for name in readers if table[name].isna().all()],
    }
    return readers, ignored, tuple(f"{what}: {_listed(names)}" for what, names in said.items() if names)


def _compared(path: Path, table: pd.DataFrame, like: TableSchema) -> tuple[str, ...]:
    """What is to be said of the columns beside those of the reals, all of which must be there."""
    missing = [name for name in like.readers if name not in table]
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        shown = ", ".join(repr(name[:60]) for name in missing[:3])
        raise InputError(
            f"{path}: no column {shown}{more}",
            "the data has it; name the columns alike, in the first line of both files",
        )
    notes: list[str] = []
    extra = [str(name) for name in table if name not in like.readers and name not in like.ignored]
    if extra:
        notes.append(f"columns that the data lacks were ignored: {_listed(extra)}")
    if [name for name in table if name in like.readers] != [*like.readers]:
        notes.append("columns put in the data's order, by name")
    return tuple(notes)


def _cells(path: Path, table: pd.DataFrame, readers: Mapping[str, Reader]) -> dict[str, Cells]:
    cells = {name: reader.read(table[name]) for name, reader in readers.items()}
    for name, column in cells.items():
        if column.numbers is not None and np.isinf(column.numbers).any():
            row = table.index[np.isinf(column.numbers)][0]
            raise InputError(
                f"{path}: infinite value in row {row}, column {name[:60]} (counted from 0)", "remove or repair the row"
            )
    return cells


def _words(cells: Mapping[str, Cells]) -> tuple[str, ...]:
    """The columns of numbers with text in them."""
    odd = {
        name: [word for word in column.names if word != "missing"]
        for name, column in cells.items()
        if column.numbers is not None
    }
    told = [f"{name} ({', '.join(words[:2])})" for name, words in odd.items() if words]
    return (f"text that is no number or date is a level of its own: {_listed(told)}",) if told else ()


def _lost(table: pd.DataFrame, readers: Mapping[str, Reader], side: str) -> tuple[Artefact, ...]:
    """Which columns hold distinct values that are equal as they are held."""
    found: list[Artefact] = []
    for name, reader in readers.items():
        if reader.kind != "level" and not is_text(table[name]):
            raw = reader.raw(table[name])
            if len(raw):
                found += losses(raw[:: max(1, len(raw) // 5_000), None], reader.gauge, side, (name,))
    if not found:
        return ()
    worst = max(found, key=lambda artefact: float(artefact.evidence["share"]))
    columns = [name for artefact in found for name in artefact.evidence["columns"]]
    return (replace(worst, evidence={**worst.evidence, "columns": columns}),)


def _names_rows(name: str, column: pd.Series[Any], numbers_of_rows: Indices) -> bool:
    """Whether a column counts the rows from any start, is an id of every row, or is text different in every row."""
    if len(column) <= RARE_BELOW or column.isna().any():
        return False
    if pd.api.types.is_integer_dtype(column.dtype):
        if column.nunique() < len(column):
            return False
        counts = len(np.unique(column.to_numpy().astype(np.float64) - numbers_of_rows)) == 1
        return counts or name.lower().replace("-", "_").split("_")[-1] in ("id", "uuid", "guid", "key")
    return bool(is_text(column) and column.nunique() == len(column) and Reader.of(column).kind == "level")


def _listed(names: list[str]) -> str:
    shown = ", ".join(name[:40] for name in names[:5])
    return shown + (f" and {len(names) - 5} more" if len(names) > 5 else "")
