"""Tables of mixed types: ``.csv``, ``.tsv``, ``.parquet``, and those that are in memory.

How each column is read is decided on the reals and applied to both sides by name: as numbers, as dates (days since
1970), as levels, or text of too many words by its form (`_columns`). Nothing is dropped on the way: what is missing or
cannot be read is a level beside the numbers, rare levels keep a code of their own, and numbers are held by the gauge of
their column, so that seconds since 1970 and ids above 2^53 keep their digits. What becomes of a level is decided on
both sides together (`_coding`). Columns that only count or name the rows are left out on both sides, and said to be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ganprobe.errors import InputError, UsageError
from ganprobe.family import did_you_mean
from ganprobe.inputs import files, strangers
from ganprobe.inputs.datasets import (
    IN_MEMORY,
    DataOptions,
    Rows,
    _alike,
    _groups,
    _letters,
    _memory,
    _sequences,
    build,
    require_room,
)
from ganprobe.inputs.datasets._coding import RARE_BELOW, together
from ganprobe.inputs.datasets._columns import Cells, Reader, formed, is_text
from ganprobe.inputs.datasets._frames import Frame, Settings, read_parquet, read_text
from ganprobe.inputs.datasets._held import losses
from ganprobe.inputs.datasets._related import Children, Relation, placed
from ganprobe.inputs.datasets._schema import Part, TableSchema, recoded
from ganprobe.record.sources import Artefact
from ganprobe.samples.sides import Dataset, Indices

__all__ = ["Settings", "claims", "coded_together", "in_memory", "load"]


def claims(path: Path, found: files.Format) -> bool:
    """By name for text, by the first bytes for Parquet; a name that says little is believed of what begins as text."""
    suffix = path.suffix.lower()
    loose = found == "unknown" and suffix in (".txt", ".dat", ".data") and strangers.is_text(path)
    return found == "parquet" or (found != "folder" and suffix in (".csv", ".tsv")) or loose


def load(path: Path, options: DataOptions) -> Dataset:
    """The coded rows, read as `DataOptions.like` was; without it the way to read them is decided here."""
    relation = _relation(options)
    frame = _read(path, options, () if relation is None else (relation.key,), "own")
    if relation is None:
        return of(path, frame, options)
    beside = path.with_name(relation.table)
    if not beside.is_file():
        hint = "the rows of each side's second table lie beside its first, under one name"
        raise UsageError(f"--child {options.child}: no file {beside}", hint)
    return of(path, frame, options, _read(beside, options, (relation.child_key,), "child"))


def in_memory(samples: Any, options: DataOptions) -> Dataset:
    """As `load`, of a table that is in memory, or of two in a mapping from their names."""
    relation = _relation(options)
    if relation is None:
        return of(IN_MEMORY, _memory.frame(samples, options), options)
    own, child = _memory.both(samples, relation.table)
    whole = replace(options, limit=None)
    return of(IN_MEMORY, _memory.frame(own, whole), options, _memory.frame(child, whole))


def _relation(options: DataOptions) -> Relation | None:
    if options.child and options.sequence_key:
        raise UsageError("--child and --sequence-key at once", "leave one of them out")
    return None if options.child is None else Relation.of(options.child)


def _read(path: Path, options: DataOptions, keys: tuple[str, ...], part: str) -> Frame:
    """What is in a file. ``keys`` stay text, and so do columns that are text in that ``part`` of the data."""
    schema = schema_of(options.like)
    like: Part | None = None if schema is None else getattr(schema, part)
    words = [name for name, reader in like.readers.items() if reader.kind != "number"] if like else []
    # Where rows belong together all are needed: the choice is among samples then.
    reading = replace(options, limit=None) if options.child or options.sequence_key else options
    try:
        if files.identify(path) == "parquet":
            return read_parquet(path, reading)
        return read_text(path, reading, options.override("datasets.tables", Settings()), frozenset((*words, *keys)))
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not text in UTF-8 ({files.first_line(error)})", "save it as UTF-8") from error


def of(path: Path, frame: Frame, options: DataOptions, child: Frame | None = None) -> Dataset:
    """The data set in the rows of a ``frame``, to each of which rows of ``child`` belong where there is one."""
    for whole in (frame, child) if options.child or options.sequence_key else ():
        if whole is not None and len(whole.rows.kept) < whole.rows.n:
            raise InputError(f"{path}: {whole.rows.n} rows are more than are read together", "give fewer")
    if options.sequence_key is not None:
        return _in_sequences(path, frame, options)
    if child is not None:
        return _with_children(path, frame, child, options)
    table, groups = _groups.apart(path, frame.table, options)
    frame = replace(frame, table=_without(path, table, options))
    own, notes, lost = _part(path, frame, options, "own")
    dataset = _built(path, TableSchema(own), frame.rows, (*frame.notes, *notes))
    return replace(
        dataset, labels=options.labels_of(path, frame.rows, None), found=(*frame.found, *lost), groups=groups
    )


def _in_sequences(path: Path, frame: Frame, options: DataOptions) -> Dataset:
    keyed = _sequences.keyed(path, frame.table, str(options.sequence_key))
    table, groups = _groups.apart(path, keyed.table, options)
    frame = replace(frame, table=_without(path, table, options))
    rows, notes, lost = _part(path, frame, options, "own")
    fold, kept, n_cut = _sequences.of(path, keyed.sequence, len(rows.coded), options)
    schema = TableSchema(replace(rows, fold=fold))
    said = (_sequences.said(keyed.sequence), *frame.notes, *notes, _sequences.channels(schema.names))
    dataset = _built(path, schema, kept, said)
    if groups is not None:  # a sequence is of the group of its first row
        groups = groups[np.unique(keyed.sequence, return_index=True)[1]][kept.kept]
    return replace(dataset, found=(*frame.found, *lost, *_sequences.cut(n_cut, kept.n)), groups=groups)


def _with_children(path: Path, frame: Frame, child: Frame, options: DataOptions) -> Dataset:
    relation, side = Relation.of(str(options.child)), "real" if options.like is None else "fake"
    rows = options.rows(path, len(frame.table), frame.table.shape[1])
    places, found, said = placed(side, relation, frame.table, child.table)
    kept = np.full(len(frame.table) + 1, -1, np.int64)
    kept[rows.kept] = np.arange(len(rows.kept))
    parent = kept[places]  # the last place, of those without one, is -1 too
    table, groups = _groups.apart(path, frame.table.iloc[rows.kept].drop(columns=relation.key), options)
    theirs = child.table[parent >= 0].drop(columns=relation.child_key)
    if options.like is None:
        _require_columns(path, options, (*map(str, table), *map(str, theirs)))
    table, theirs = (each.drop(columns=list(options.ignore), errors="ignore") for each in (table, theirs))
    own, notes, lost = _part(path, replace(frame, table=table, rows=rows), options, "own")
    of_children = replace(child, table=theirs, rows=Rows(len(child.table), np.flatnonzero(parent >= 0)))
    part, their_notes, their_lost = _part(path, of_children, options, "child")
    part = replace(part, fold=Children(relation.name, parent[parent >= 0], len(table)))
    dataset = _built(path, TableSchema(own, part), rows, (said, *frame.notes, *notes, *child.notes, *their_notes))
    found = (*frame.found, *lost, *child.found, *their_lost, *found)
    return replace(dataset, labels=options.labels_of(path, rows, None), found=found, groups=groups)


def _part(
    path: Path, frame: Frame, options: DataOptions, which: str
) -> tuple[Part, tuple[str, ...], tuple[Artefact, ...]]:
    """The rows of a ``frame`` as that part of the data says, or as it is decided here; what to say; what is lost."""
    schema, table = schema_of(options.like), frame.table
    like: Part | None = None if schema is None else getattr(schema, which)
    readers, ignored, notes = (
        _decided(path, table, frame.rows.kept, alone=options.child is None)
        if like is None
        else (like.readers, like.ignored, _alike.columns(path, table, like))
    )
    table = _letters.beside(table, readers)
    cells = _cells(path, table, readers)
    coding = together(cells, None) if like is None else like.coding
    lost = (*_lost(table, readers, "real" if like is None else "fake"), *(formed(readers) if like is None else ()))
    told = tuple(f"{name}: {note}" for name, column in cells.items() for note in column.notes)
    return Part(len(table), readers, ignored, cells, coding), (*notes, *_words(cells), *told), lost


def _built(path: Path, schema: TableSchema, rows: Rows, notes: tuple[str, ...]) -> Dataset:
    fold = schema.own.fold
    longest = fold.longest if isinstance(fold, _sequences.Sequences) else None
    require_room(path, len(rows.kept), longest or 1, len(schema.columns))
    values = schema.values
    if longest is None:
        dataset = build(path, values, "table", rows, notes, schema.names)
    else:
        dataset = build(path, values, "array", rows, notes)
    axis = None if longest is None else 0
    return replace(dataset, schema=schema, gauge=schema.gauge(values.shape[1:]), axis=axis)


def coded_together(real: Dataset, fake: Dataset) -> tuple[Dataset, Dataset]:
    """Both sides with their words coded by what both hold; ``fake`` was read like ``real``."""
    schemas = recoded(real.schema, fake.schema)
    if schemas is None:
        return real, fake
    before, after = (_sequences.channels(schema.names) for schema in (real.schema, schemas[0]))
    sides = []
    for side, schema in zip((real, fake), schemas, strict=True):
        shape = (*side.values.shape[:-1], len(schema.columns))
        require_room(Path(side.record.path), *shape)
        notes = tuple(after if note == before else note for note in side.record.notes)
        record = replace(side.record, shape=shape[1:], notes=notes)
        columns = schema.names if side.columns else ()
        gauge = schema.gauge(shape[1:])
        sides.append(replace(side, values=schema.values, columns=columns, gauge=gauge, schema=schema, record=record))
    return sides[0], sides[1]


def schema_of(data: Dataset | None) -> TableSchema | None:
    """What it takes to read a table like ``data``; None where that is none."""
    schema = None if data is None else data.schema
    return schema if isinstance(schema, TableSchema) else None


def _without(path: Path, table: pd.DataFrame, options: DataOptions) -> pd.DataFrame:
    """The columns that are not to be ignored; of the reals each of those must be there."""
    if options.like is None:
        _require_columns(path, options, tuple(map(str, table)))
    return table.drop(columns=list(options.ignore), errors="ignore")


def _require_columns(path: Path, options: DataOptions, names: tuple[str, ...]) -> None:
    for name in options.ignore:
        if name not in names:
            raise UsageError(f"--ignore {name}: no such column in {path}", did_you_mean(name, map(str, names)))


def _decided(
    path: Path, table: pd.DataFrame, numbers_of_rows: Indices, alone: bool
) -> tuple[dict[str, Reader], tuple[str, ...], tuple[str, ...]]:
    """How to read each column of the reals, those left out, and what to say of both.

    Where the table is not ``alone`` it may have no column to read: how many rows there are says something.
    """
    ignored = tuple(str(name) for name in table if _names_rows(str(name), table[name], numbers_of_rows))
    readers = {str(name): Reader.of(table[name]) for name in table if name not in ignored}
    if not readers and alone:
        raise InputError(f"{path}: every column only counts or names the rows", "give the columns that were measured")
    said = {
        "columns that only count or name the rows left out": list(ignored),
        "text compared by its form alone": [name for name, reader in readers.items() if reader.kind == "form"],
        "read as dates": [name for name, reader in readers.items() if reader.kind == "date"],
        "times of day read as seconds": [name for name, reader in readers.items() if reader.kind == "clock"],
        "text read as numbers": [
            name for name, reader in readers.items() if reader.kind == "number" and is_text(table[name])
        ],
        "columns without a value": [name for name in readers if table[name].isna().all()],
    }
    return (
        readers | _letters.readers(table, readers),
        ignored,
        tuple(f"{what}: {_alike.listed(names)}" for what, names in said.items() if names),
    )


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
    return (f"text that is no number or date is a level of its own: {_alike.listed(told)}",) if told else ()


def _lost(table: pd.DataFrame, readers: Mapping[str, Reader], side: str) -> tuple[Artefact, ...]:
    """Which columns hold distinct values that are equal as they are held."""
    found: list[Artefact] = []
    for name, reader in readers.items():
        if reader.kind in ("number", "date") and not is_text(table[name]):
            raw = reader.raw(table[name])
            if len(raw):
                found += losses(raw[:: max(1, len(raw) // 5_000), None], reader.gauge, side, (name,))
    if not found:
        return ()
    worst = max(found, key=lambda artefact: float(artefact.evidence["share"]))
    columns = [name for artefact in found for name in artefact.evidence["columns"]]
    return (replace(worst, evidence={**worst.evidence, "columns": columns}),)


def _names_rows(name: str, column: pd.Series[Any], numbers_of_rows: Indices) -> bool:
    """Whether a column counts the rows from any start, or is an id of every row: a number, or a text without a date."""
    if len(column) <= RARE_BELOW or column.isna().any() or column.nunique() < len(column):
        return False
    named = name.lower().replace("-", "_").split("_")[-1] in ("id", "uuid", "guid", "key")
    if pd.api.types.is_integer_dtype(column.dtype):
        return named or len(np.unique(column.to_numpy().astype(np.float64) - numbers_of_rows)) == 1
    return named and is_text(column) and Reader.of(column).kind in ("level", "form")
