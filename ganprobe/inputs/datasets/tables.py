"""Tables of mixed types: ``.csv``, ``.tsv``, ``.parquet``.

The encoding is fitted on the reals and applied to both sides by column name. Numbers stay as they are. Text that is
nearly all numbers or nearly all dates becomes numbers (dates: days since 1970); other text becomes one column per
common level, ``job=clerk``, with rare levels pooled in ``job=other``, since a level that occurs once says which row it
is and not what the table is like. A missing number becomes the median and a mark in ``age=missing``. Where the reals
lack none, a fake that does is put far below all reals, where every probe sees it. Columns that only count or name the
rows are left out on both sides.

Text is parsed whole, so its size is bounded; Parquet is read batch by batch, and only the rows that are kept stay.
"""

from __future__ import annotations

import csv
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.tseries.api import guess_datetime_format
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder

from ganprobe.errors import InputError, ResourceError, UsageError
from ganprobe.inputs import files
from ganprobe.inputs.datasets import MOST_UNPACKED, DataOptions, Rows, _groups, build, require_room
from ganprobe.samples.sides import Dataset, Floats, Indices

MOST_COLUMNS = 4096
# A level seen in fewer rows than this is pooled, and so are all beyond the most common ones.
RARE_BELOW = 10
MOST_LEVELS = 32
# Text is read as numbers or dates when at least this share of it is.
NEARLY_ALL = 0.95
# Cells of text that are parsed at once, and characters in its first line.
_MOST_CELLS = 10**8
_MOST_HEADER = 2**20
_BATCH = 2**14
_EPOCH = pd.Timestamp("1970-01-01", tz="UTC")
_DAY = pd.Timedelta(days=1)


def claims(path: Path, found: files.Format) -> bool:
    """By name for text, by the first bytes for Parquet."""
    return found == "parquet" or (found != "folder" and path.suffix.lower() in (".csv", ".tsv"))


def load(path: Path, options: DataOptions) -> Dataset:
    """The encoded rows; the encoding is ``options.schema``, or is fitted here."""
    try:
        frame, rows, notes = (_read_parquet if files.identify(path) == "parquet" else _read_text)(path, options)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not text in UTF-8 ({files.first_line(error)})", "save it as UTF-8") from error
    frame, groups = _groups.apart(path, frame, options)
    schema = options.schema or TableSchema.fit(path, frame, rows.kept)
    missing = [name for name in schema.readers if name not in frame]
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise InputError(
            f"{path}: no column {', '.join(map(repr, missing[:3]))}{more}", "the data has it; name the columns alike"
        )
    extra = [str(name) for name in frame if name not in schema.readers and name not in schema.ignored]
    if extra:
        notes += (f"columns that the data lacks were ignored: {_listed(extra)}",)
    if options.schema is None:
        notes += schema.notes
    elif [name for name in frame if name in schema.readers] != [*schema.readers]:
        notes += ("columns put in the data's order, by name",)
    require_room(path, len(frame), len(schema.columns))
    dataset = build(path, schema.encode(path, frame), "table", rows, notes, schema.columns)
    return replace(dataset, schema=schema, labels=options.labels_of(path, rows, None), groups=groups)


@dataclass(frozen=True, slots=True)
class Reader:
    """What a source column holds, decided on the reals; ``format`` is that of dates in text."""

    kind: Literal["number", "date", "level"]
    format: str = "ISO8601"

    @classmethod
    def of(cls, column: pd.Series[Any]) -> Reader:
        """The reader that suits a column of the reals."""
        if pd.api.types.is_datetime64_any_dtype(column.dtype):
            return cls("date")
        if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_timedelta64_dtype(column.dtype):
            return cls("number")
        text = column.dropna().astype(str)
        if not len(text) or _share(_numbers(text)) >= NEARLY_ALL:
            return cls("number")
        formats = ["ISO8601", *_date_formats(text)]
        shares = {format_: _share(_dates(text, format_)) for format_ in formats}
        best = max(formats, key=lambda format_: shares[format_])
        return cls("date", best) if shares[best] >= NEARLY_ALL else cls("level")

    def read(self, column: pd.Series[Any]) -> npt.NDArray[Any]:
        """``[n]`` float64 with NaN for missing, or text with "missing" for missing."""
        if self.kind == "level":
            return np.where(column.isna(), "missing", column.astype(str)).astype(object)
        return _dates(column, self.format) if self.kind == "date" else _numbers(column)


@dataclass(frozen=True, slots=True, eq=False)
class TableSchema:
    """What it takes to encode a table like the reals.

    ``readers``: by source column. ``ignored``: source columns that only count or name the rows. ``outside``: where a
    number that the reals never lack is put when it is missing. ``encoder``: the fitted scikit-learn transformer.
    ``columns``: the names of what comes out.
    """

    readers: dict[str, Reader]
    ignored: tuple[str, ...]
    outside: dict[str, float]
    encoder: ColumnTransformer
    columns: tuple[str, ...]
    notes: tuple[str, ...]

    @classmethod
    def fit(cls, path: Path, frame: pd.DataFrame, numbers_of_rows: Indices) -> TableSchema:
        """Learn the encoding from the reals, which are the rows so numbered of their file."""
        ignored = tuple(str(name) for name in frame if _names_rows(frame[name], numbers_of_rows))
        readers = {str(name): Reader.of(frame[name]) for name in frame if name not in ignored}
        if not readers:
            raise InputError(
                f"{path}: every column only counts or names the rows", "give the columns that were measured"
            )
        read = _read(path, frame, readers)
        numbers = [name for name, reader in readers.items() if reader.kind != "level"]
        levels = [name for name, reader in readers.items() if reader.kind == "level"]
        encoder = ColumnTransformer(
            [
                ("numbers", SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True), numbers),
                ("levels", _level_encoder(), levels),
            ],
            sparse_threshold=0,
            verbose_feature_names_out=False,
        )
        encoder.fit(pd.DataFrame(read))
        lacking = [name for name in numbers if np.isnan(read[name]).any()]
        named = [*numbers, *(f"{name}=missing" for name in lacking)]
        columns = (*named, *map(str, encoder.get_feature_names_out()[len(named) :]))
        outside = {name: _below_all(read[name]) for name in numbers if name not in lacking}
        return cls(readers, ignored, outside, encoder, columns, tuple(_notes(readers, ignored, frame)))

    def encode(self, path: Path, frame: pd.DataFrame) -> Floats:
        """``[n, len(columns)]``, free of NaN."""
        read = _read(path, frame, self.readers)
        for name, outside in self.outside.items():
            read[name] = np.where(np.isnan(read[name]), outside, read[name])
        return np.asarray(self.encoder.transform(pd.DataFrame(read)), dtype=np.float64)


def _read(path: Path, frame: pd.DataFrame, readers: dict[str, Reader]) -> dict[str, npt.NDArray[Any]]:
    read = {name: reader.read(frame[name]) for name, reader in readers.items()}
    for name, column in read.items():
        if column.dtype.kind == "f" and np.isinf(column).any():
            row = frame.index[np.isinf(column)][0]
            raise InputError(
                f"{path}: infinite value in row {row}, column {name} (counted from 0)", "remove or repair the row"
            )
    return read


def _level_encoder() -> OneHotEncoder:
    return OneHotEncoder(
        handle_unknown="infrequent_if_exist",
        min_frequency=RARE_BELOW,
        max_categories=MOST_LEVELS,
        sparse_output=False,
        feature_name_combiner=lambda column, level: f"{column}={'other' if level == 'infrequent_sklearn' else level}",
    )


def _numbers(column: pd.Series[Any]) -> Floats:
    if pd.api.types.is_timedelta64_dtype(column.dtype):
        return np.asarray(column.dt.total_seconds() / 86_400, np.float64)
    if not pd.api.types.is_numeric_dtype(column.dtype):
        truth = column.astype(str).str.lower().map({"true": 1.0, "false": 0.0})
        column = pd.to_numeric(column, errors="coerce").fillna(truth)
    return np.asarray(column.to_numpy(np.float64, na_value=np.nan), np.float64)


def _dates(column: pd.Series[Any], format_: str) -> Floats:
    """Days since 1970 began, in UTC."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        dates = pd.to_datetime(column, utc=True)
    else:
        dates = pd.to_datetime(column.astype(str).where(column.notna()), errors="coerce", utc=True, format=format_)
    return np.asarray((dates - _EPOCH) / _DAY, np.float64)


def _date_formats(text: pd.Series[Any]) -> list[str]:
    """Formats that a few values suggest, day first and month first; those that name no year are not dates."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        guesses = [guess_datetime_format(value, dayfirst=day) for value in text.unique()[:20] for day in (False, True)]
    return sorted({guess for guess in guesses if guess is not None and "%y" in guess.lower()})


def _share(values: Floats) -> float:
    return float(np.mean(~np.isnan(values)))


def _below_all(column: Floats) -> float:
    low, high = float(column.min()), float(column.max())
    return low - (high - low) - 1


def _names_rows(column: pd.Series[Any], numbers_of_rows: Indices) -> bool:
    """Whether a column counts the rows from any start, or is text, neither number nor date, different in every row."""
    if len(column) <= RARE_BELOW or column.isna().any():
        return False
    if pd.api.types.is_integer_dtype(column.dtype):
        return len(np.unique(column.to_numpy().astype(np.float64) - numbers_of_rows)) == 1
    return bool(_is_text(column) and column.nunique() == len(column) and Reader.of(column).kind == "level")


def _is_text(column: pd.Series[Any]) -> bool:
    dtype = column.dtype
    return not (pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_datetime64_any_dtype(dtype))


def _notes(readers: dict[str, Reader], ignored: tuple[str, ...], frame: pd.DataFrame) -> list[str]:
    dates = [name for name, reader in readers.items() if reader.kind == "date"]
    lossy = [name for name, reader in readers.items() if _loses_text(reader, frame[name])]
    said = {
        "columns that only count or name the rows left out": list(ignored),
        "read as dates, in days since 1970": dates,
        "text that is no number or date counted as missing": lossy,
    }
    return [f"{what}: {_listed(names)}" for what, names in said.items() if names]


def _listed(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _loses_text(reader: Reader, column: pd.Series[Any]) -> bool:
    if reader.kind == "level" or pd.api.types.is_numeric_dtype(column.dtype):
        return False
    return bool((np.isnan(reader.read(column)) & column.notna()).any())


def _read_text(path: Path, options: DataOptions) -> tuple[pd.DataFrame, Rows, tuple[str, ...]]:
    """The cells; what is text in the reals stays text here, so that a fake column of ``007`` is not read as sevens."""
    separator = "\t" if path.suffix.lower() == ".tsv" else ","
    header = _first_line(path, separator)
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        raise InputError(
            f"{path}: its columns are not separated by {separator!r}", "save it with commas, or tabs and the name .tsv"
        )
    _require_width(path, len(header))
    _require_few_cells(path, len(header))
    notes: tuple[str, ...] = ()
    names: list[str] | None = None
    if _is_row(header):
        names = [str(i) for i in range(len(header))]
        notes = ("the first line holds numbers: the columns have no names, and are counted from 0",)
    kinds = {} if options.schema is None else {name: reader.kind for name, reader in options.schema.readers.items()}
    text = {name: str for name in names or header if kinds.get(name, "number") != "number"}
    with warnings.catch_warnings():
        # A row with more fields than the header would lose them with no more than this warning.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        frame = pd.read_csv(
            path,
            sep=separator,
            names=names,
            index_col=False,
            dtype=text,
            low_memory=False,
            compression=None,
            encoding="utf-8-sig",
        )
    if frame.shape[1] > 1 and frame.columns[0] == "Unnamed: 0":
        frame = frame.drop(columns="Unnamed: 0")
        notes += ("the first column has no name: taken for row numbers, and dropped",)
    _require_rows(path, len(frame))
    rows = options.rows(path, len(frame), frame.shape[1])
    return frame.iloc[rows.kept], rows, notes


def _first_line(path: Path, separator: str) -> list[str]:
    """The fields of the first record; of a line without end no more than `_MOST_HEADER` characters are looked at."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return next(csv.reader(iter(lambda: file.readline(_MOST_HEADER), ""), delimiter=separator), [])


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


def _is_row(header: list[str]) -> bool:
    """Whether the first line is already data: all numbers, and not the numbers that count columns."""
    try:
        numbers = [float(name) for name in header]
    except ValueError:
        return False
    return bool(numbers) and numbers != list(range(len(numbers)))


def _read_parquet(path: Path, options: DataOptions) -> tuple[pd.DataFrame, Rows, tuple[str, ...]]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise UsageError(f"{path}: reading Parquet needs pyarrow", "pip install 'ganprobe[parquet]'") from None
    with parquet.ParquetFile(path) as file:
        fields = list(file.schema_arrow)
        odd = [field.name for field in fields if pa.types.is_nested(field.type) or _is_bytes(field.type)]
        if odd:
            raise InputError(
                f"{path}: column {odd[0]!r} holds lists or bytes, not single values", "spread it over several columns"
            )
        _require_width(path, len(fields))
        _require_rows(path, file.metadata.num_rows)
        rows = options.rows(path, file.metadata.num_rows, len(fields))
        text = [field.name for field in fields if _is_text_type(field.type)]
    # Text as a dictionary: one long word in a million rows is held once.
    with parquet.ParquetFile(path, read_dictionary=text) as file:
        table = pa.Table.from_batches(_kept_batches(file.iter_batches(_BATCH), rows.kept)).unify_dictionaries()
    if len(table) != len(rows.kept):
        raise InputError(f"{path}: fewer rows than its footer promises", "the file is damaged")
    _require_short_text(path, table)
    return table.to_pandas().set_axis(rows.kept).rename(columns=str), rows, ()


def _is_bytes(type_: Any) -> bool:
    from pyarrow import types

    return bool(types.is_binary(type_) or types.is_large_binary(type_) or types.is_fixed_size_binary(type_))


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
