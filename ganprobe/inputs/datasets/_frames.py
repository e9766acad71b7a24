"""Tables as they stand in a file, read into pandas: text with its separator and its header, Parquet in part.

Text is parsed whole, so its size is bounded; of Parquet only the rows that are kept stay, and what its footer promises
is held against its size before anything is decoded.
"""

from __future__ import annotations

import csv
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from ganprobe.errors import InputError, ResourceError, UsageError
from ganprobe.inputs.datasets import MOST_UNPACKED, DataOptions, Rows
from ganprobe.record.sources import Artefact
from ganprobe.samples.sides import Indices

MOST_COLUMNS = 4096
# Cells of text that are parsed at once, and characters in its first line.
_MOST_CELLS = 10**8
_MOST_HEADER = 2**20
# Cells of Parquet that are decoded at once; of what grows more than a hundredfold no more than 0.25 GB.
_BATCH = 2**22
_MOST_GROWTH, _SMALL = 100, 2**28
_SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
_SPACES = r"\s+"
# Lines that must agree for spaces to stand between fields.
_LINES = 20


@dataclass(frozen=True, slots=True)
class Settings:
    """``header``: whether the first line names the columns; ``separator``: what stands between fields of text."""

    header: Literal["auto", "yes", "no"] = "auto"
    separator: Literal["auto", "comma", "semicolon", "tab", "bar", "space"] = "auto"


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """The rows that were read, with numbers of their file; what is to be said of it, and what was guessed."""

    table: pd.DataFrame
    rows: Rows
    notes: tuple[str, ...] = ()
    found: tuple[Artefact, ...] = ()


def read_text(path: Path, options: DataOptions, settings: Settings, text: frozenset[str]) -> Frame:
    """The cells of a text file; the columns called as in ``text`` stay text, so that ``007`` is not read as seven."""
    separator, notes = _separator(path, settings)
    header = [name.strip() for name in _first_line(path, separator)]
    _require_width(path, len(header))
    _require_few_cells(path, len(header))
    headless = settings.header == "no" or (settings.header == "auto" and _is_row(header))
    names = [str(i) for i in range(len(header))] if headless else None
    with warnings.catch_warnings():
        # A row with more fields than the header would lose them with no more than this warning.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        table = pd.read_csv(
            path,
            sep=separator,
            names=names,
            index_col=False,
            dtype={name: str for name in names or header if name in text},
            low_memory=False,
            compression=None,
            skipinitialspace=True,
            encoding="utf-8-sig",
        ).rename(columns=str.strip)
    _require_names(path, table)
    if settings.header == "auto" and not headless and not _counts(header) and _repeats(header, table):
        frame = read_text(path, options, Settings("no", settings.separator), text)
        return Frame(frame.table, frame.rows, frame.notes, (_guessed(options, header, named=False),))
    if table.shape[1] > 1 and table.columns[0] == "Unnamed: 0":
        table = table.drop(columns="Unnamed: 0")
        notes += ("the first column has no name: taken for row numbers, and dropped",)
    if headless:
        notes += ("the columns have no names, and are counted from 0",)
    _require_rows(path, len(table))
    rows = options.rows(path, len(table), table.shape[1])
    guessed = settings.header == "auto" and (headless or any(map(_is_number, header)))
    found = (_guessed(options, header, named=not headless),) if guessed and not _counts(header) else ()
    return Frame(table.iloc[rows.kept], rows, notes, found)


def _guessed(options: DataOptions, header: list[str], named: bool) -> Artefact:
    side = "real" if options.like is None else "fake"
    line = ",".join(header[:4]) + (",..." if len(header) > 4 else "")
    taken = "the names of the columns" if named else "a row, and the columns as without names"
    summary = f"the first line ({line[:60]}) was taken for {taken}"
    hint = "--set datasets.tables.header=yes, or =no"
    return Artefact("guessed", side, summary, {"option": hint})


def _separator(path: Path, settings: Settings) -> tuple[str, tuple[str, ...]]:
    """What stands between fields: as said, as the name implies, or what else divides the first line into most."""
    if settings.separator != "auto":
        return _SEPARATORS.get(settings.separator, _SPACES), ()
    implied = "\t" if path.suffix.lower() == ".tsv" else ","
    if len(_first_line(path, implied)) > 1:
        return implied, ()
    name = max(_SEPARATORS, key=lambda name: len(_first_line(path, _SEPARATORS[name])))
    if len(_first_line(path, _SEPARATORS[name])) < 2:
        return (_SPACES, ("fields separated by spaces",)) if _is_spaced(path) else (implied, ())
    return _SEPARATORS[name], (f"fields separated by {_SEPARATORS[name]!r}",)


def _is_spaced(path: Path) -> bool:
    """Whether as many words stand in each of the first lines, two at least, and some of them are numbers."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = [file.readline(_MOST_HEADER).split() for _ in range(_LINES)]
    words = [line for line in lines if line]
    sizes = {len(line) for line in words}
    return len(words) > 2 and len(sizes) == 1 and min(sizes) > 1 and any(map(_is_number, words[-1]))


def _first_line(path: Path, separator: str) -> list[str]:
    """The fields of the first record; of a line without end no more than `_MOST_HEADER` characters are looked at."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = iter(lambda: file.readline(_MOST_HEADER), "")
        if separator == _SPACES:
            return next(lines, "").split()
        return next(csv.reader(lines, delimiter=separator, skipinitialspace=True), [])


def _require_few_cells(path: Path, n_columns: int) -> None:
    """Counted before parsing, from the line ends: a cell of two bytes becomes a number of eight."""
    ends = {b"\n": 0, b"\r": 0}
    with path.open("rb") as file:
        while block := file.read(2**24):
            for end in ends:
                ends[end] += block.count(end)
    if max(ends.values()) * n_columns > _MOST_CELLS or path.stat().st_size > MOST_UNPACKED:
        raise ResourceError(
            f"{path}: more text than is parsed at once ({_MOST_CELLS:.0e} cells, 4 GiB)",
            "save it as .parquet or .npy, which are read in part",
        )


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _counts(header: list[str]) -> bool:
    """Whether the fields only count the columns, as names that pandas gives."""
    return header in ([str(i) for i in range(len(header))], [str(i + 1) for i in range(len(header))])


def _is_row(header: list[str]) -> bool:
    """Whether the first line is already data: all numbers, and not the numbers that count columns."""
    return bool(header) and all(map(_is_number, header)) and not _counts(header)


def _repeats(header: list[str], table: pd.DataFrame) -> bool:
    """Whether the first line looks like the rows below it: numbers over numbers, words that occur again below.

    A word over words that hardly ever come again says neither.
    """
    below = [table.iloc[:, j] for j in range(min(len(header), table.shape[1]))]
    if len(table) < 2 or len(below) != len(header):
        return False
    alike = [_is_alike(field, column) for field, column in zip(header, below, strict=True)]
    return True in alike and False not in alike


def _is_alike(field: str, column: pd.Series[Any]) -> bool | None:
    if pd.api.types.is_numeric_dtype(column.dtype):
        return _is_number(field)
    if (column.astype(str).str.strip() == field).any():
        return True
    return None if column.nunique() > len(column) / 2 else False


def _require_names(path: Path, table: pd.DataFrame) -> None:
    names = table.columns
    if names.has_duplicates:
        twice = names[names.duplicated()][0]
        raise InputError(f"{path}: two columns are called {str(twice)[:60]!r}", "give each a name of its own")


def read_parquet(path: Path, options: DataOptions) -> Frame:
    """The rows that are kept, batch by batch."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise UsageError(f"{path}: reading Parquet needs pyarrow", "pip install 'ganprobe[parquet]'") from None
    with parquet.ParquetFile(path) as file:
        fields = list(file.schema_arrow)
        require_single(path, [field.name for field in fields if is_spread(field.type)])
        _require_width(path, len(fields))
        _require_rows(path, file.metadata.num_rows)
        _require_honest(path, file.metadata.num_rows * len(fields) * 8)
        rows = options.rows(path, file.metadata.num_rows, len(fields))
        text = [field.name for field in fields if _is_text_type(field.type)]
    # Text as a dictionary: one long word in a million rows is held once.
    with parquet.ParquetFile(path, read_dictionary=text) as file:
        batches = file.iter_batches(max(1, _BATCH // len(fields)))
        table = pa.Table.from_batches(_kept_batches(batches, rows.kept)).unify_dictionaries()
    if len(table) != len(rows.kept):
        raise InputError(f"{path}: fewer rows than its footer promises", "the file is damaged")
    _require_short_text(path, table)
    return Frame(_named(path, table.to_pandas().set_axis(rows.kept)), rows)


def kept_of(path: Path, table: pd.DataFrame, options: DataOptions) -> Frame:
    """The rows of a ``table`` in memory, held to what is asked of one in a file."""
    _require_width(path, table.shape[1])
    _require_rows(path, len(table))
    rows = options.rows(path, len(table), table.shape[1])
    return Frame(_named(path, table.iloc[rows.kept].set_axis(rows.kept)), rows)


def _named(path: Path, table: pd.DataFrame) -> pd.DataFrame:
    table = table.rename(columns=lambda name: str(name).strip())
    _require_names(path, table)
    return table


def require_single(path: Path, odd: list[str]) -> None:
    """That no column holds more than one value a row: none is in ``odd``."""
    if odd:
        raise InputError(
            f"{path}: column {odd[0][:60]!r} holds lists or bytes, not single values",
            "spread it over several columns",
        )


def is_spread(type_: Any) -> bool:
    """Whether an Arrow type is none of single values."""
    from pyarrow import types

    bytes_ = types.is_binary(type_) or types.is_large_binary(type_) or types.is_fixed_size_binary(type_)
    return bool(types.is_nested(type_) or bytes_)


def _require_honest(path: Path, decoded: int) -> None:
    """That a file does not decode to hundreds of times its size: a run of one value takes no room in it."""
    if decoded > _SMALL and decoded > _MOST_GROWTH * path.stat().st_size:
        times = decoded / path.stat().st_size
        raise ResourceError(
            f"{path}: decodes to {decoded / 2**20:.0f} MiB, {times:.0f} times its size; refused",
            "save fewer rows of it, or leave out the columns that hold one value",
        )


def _is_text_type(type_: Any) -> bool:
    from pyarrow import types

    return bool(types.is_string(type_) or types.is_large_string(type_))


def _require_short_text(path: Path, table: Any) -> None:
    """Written out row by row, the text must still be of a size to hold."""
    from pyarrow import compute, types

    for column in table.columns:
        if types.is_dictionary(column.type) and _is_text_type(column.type.value_type):
            longest = compute.max(compute.binary_length(column.chunk(0).dictionary)).as_py() or 0
            if longest * len(column) > MOST_UNPACKED:
                raise ResourceError(
                    f"{path}: texts of up to {longest} characters in {len(column)} rows are more than are read at once",
                    "leave the column out, or use fewer rows: --num-real",
                )


def _kept_batches(batches: Iterable[Any], kept: Indices) -> Iterator[Any]:
    start = 0
    for batch in batches:
        first, last = np.searchsorted(kept, (start, start + len(batch)))
        yield batch.take(kept[first:last] - start)
        start += len(batch)


def _require_rows(path: Path, n: int) -> None:
    if n == 0:
        raise InputError(f"{path}: holds no rows", "check the file")


def _require_width(path: Path, n_columns: int) -> None:
    if n_columns > MOST_COLUMNS:
        raise InputError(
            f"{path}: {n_columns} columns; at most {MOST_COLUMNS} are read", "save it as .npy, or drop columns"
        )
