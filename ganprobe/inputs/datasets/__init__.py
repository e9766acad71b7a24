"""Data formats: a path to a `Dataset`, in the file's own units.

A format is recognised by content first and name second, read without executing anything in it, and ends as rows of
float32, or of bytes where the file holds bytes: pictures ``[n, channels, height, width]`` in 0..255, arrays
``[n, ...]``, tables ``[n, encoded columns]``. What had to be decided on the way (a resize, an axis moved, a text column
read as dates) is said in ``record.notes``.

Fakes that were generated beforehand go through `load_like`, with what was decided for the reals: the same picture size,
the same encoding of a table. Two files read by two rules would differ by the rules.
"""

from __future__ import annotations

import contextlib
import hashlib
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt

from ganprobe.errors import GanprobeError, InputError, ResourceError, UsageError
from ganprobe.family import Family
from ganprobe.inputs import files, strangers
from ganprobe.inputs.datasets import _alike, _finite, _groups
from ganprobe.record.sources import DataRecord
from ganprobe.samples.folds import row_hashes
from ganprobe.samples.sides import Dataset, Indices, Kind, Stored
from ganprobe.seeds import Seeds

# Numbers that may be held of one data set, and those that are held of it unless more rows are asked for: 0.2 GB, of
# which an audit makes several copies.
MOST_VALUES = 2**30
_HELD_VALUES = 5 * 10**7
# Bytes that a compressed file may unpack to.
MOST_UNPACKED = 4 * 2**30
# A data set of very large samples is still read to this many rows.
_LEAST_ROWS = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Which rows of a file are read: those numbered ``kept``, in order, out of ``n``."""

    n: int
    kept: Indices

    @property
    def notes(self) -> tuple[str, ...]:
        """That rows were left out, if any were."""
        return () if len(self.kept) == self.n else (f"{len(self.kept)} of {self.n} rows read, chosen at random",)


@dataclass(frozen=True, slots=True, eq=False)
class DataOptions:
    """How to read.

    ``picture_shape``: (channels, height, width) that a folder of pictures is brought to, None to keep its own.
    ``limit``: at most so many rows, chosen by ``seed``; None for as many as 5e7 numbers make. ``like``: the reals, as
    which this file is read. ``override``: the settings of a member with what was said about it (`Plan.override`).
    ``labels``: the label of each row of the file, in place of its own. ``groups``: equal numbers for rows of the file
    that depend on each other; or ``group_column``, the column of a table that says so and is no part of the samples.
    ``ignore``: columns left out. ``sequence_key``: the column whose equal values are one sample, and after a comma the
    one that orders its rows. ``child``: a second table, and the key by which its rows are of those of the first.
    """

    picture_shape: tuple[int, int, int] | None = None
    seed: int = 0
    limit: int | None = None
    like: Dataset | None = None
    override: Callable[[str, Any], Any] = lambda member, settings: settings
    labels: Indices | None = None
    groups: Indices | None = None
    group_column: str | None = None
    ignore: tuple[str, ...] = ()
    sequence_key: str | None = None
    child: str | None = None

    def rows(self, path: Path, n: int, width: int) -> Rows:
        """The rows to read of ``n`` samples of ``width`` numbers: all, or one at random of each equal stretch.

        Stretches, so that a file in order of class or time is read evenly. Raises `ResourceError` where they are too
        much to hold.
        """
        limit = self.limit or max(_LEAST_ROWS, _HELD_VALUES // max(1, width))
        if limit >= n:
            require_room(path, n, width)
            return Rows(n, np.arange(n, dtype=np.int64))
        require_room(path, limit, width)
        edges = np.arange(limit + 1, dtype=np.int64) * n // limit
        return Rows(n, Seeds(self.seed).numpy("rows").integers(edges[:-1], edges[1:], dtype=np.int64))

    def labels_of(self, path: Path, rows: Rows, own: npt.NDArray[Any] | None) -> Indices | None:
        """The label of each row that is read: those asked for, else the file's ``own`` ``[n]``, else None.

        Raises `InputError` where the labels asked for are not as many as the file's rows.
        """
        labels = own if self.labels is None else self.labels
        if labels is None:
            return None
        if len(labels) != rows.n:
            raise InputError(
                f"{path}: {rows.n} samples, but {len(labels)} labels", "give one label for each sample, in its order"
            )
        return labels[rows.kept].astype(np.int64)


class DataFormat(Protocol):
    """A member: whether it reads this path, and the data set that is in it."""

    def claims(self, path: Path, found: files.Format) -> bool:
        """Whether the path, by its bytes (``found``) and name, is in this format; not whether it is intact."""
        ...

    def load(self, path: Path, options: DataOptions) -> Dataset:
        """The data set in the file; whatever is wrong with it is raised, and becomes an `InputError`."""
        ...


# What gives a table away: the way Arrow's columns are passed on, and pandas' and polars' single columns.
_TABLES = ("__arrow_c_stream__", "iloc", "to_frame", "collect")
# Stands in records for the path of what was given in memory.
IN_MEMORY = Path("(in memory)")

MEMBERS = Family("ganprobe.inputs.datasets", "data format", ("images", "sounds", "arrays", "idx", "tables"))


def of_memory(samples: Any, options: DataOptions) -> Dataset:
    """Samples in memory, read as those of a file would be: an array ``[n, ...]``, or a table of pandas, polars, Arrow.

    Raises `InputError` for bad ones, `UsageError` where an option does not suit them.
    """
    if isinstance(samples, Mapping) or any(hasattr(samples, mark) for mark in _TABLES):
        return cast(Dataset, MEMBERS["tables"].in_memory(samples, options))
    _require_columns(IN_MEMORY, options)
    return cast(Dataset, MEMBERS["arrays"].of(IN_MEMORY, np.asarray(samples), None, (), options))


def load(path: Path, options: DataOptions) -> Dataset:
    """Read ``path`` in the format that claims it.

    Raises `UsageError` where nothing is there, `InputError` for what cannot be read as rows of finite numbers,
    `ResourceError` where it holds more than fits.
    """
    files.require(path)
    member = _member(path)
    if member is not MEMBERS["tables"]:
        _require_columns(path, options)
    try:
        dataset = member.load(path, options)
    except (GanprobeError, MemoryError):
        raise
    except Exception as error:
        hint = "the file is damaged, or not what its name says"
        raise InputError(f"{path}: cannot be read ({files.first_line(error)})", hint) from error
    return _groups.completed(path, dataset, options)


def grouped_by(named: str | None, options: DataOptions) -> DataOptions:
    """``options`` with the groups that ``named`` says: a file with one whole number a row, or a column."""
    if named is not None and Path(named).exists():
        return replace(options, groups=read_labels(Path(named)))
    return replace(options, group_column=named)


def load_like(path: Path, real: Dataset, options: DataOptions, samples: Any = None) -> Dataset:
    """Read ``path``, or ``samples`` in memory, as ``real`` was read: same size, columns by name, encoding, shape.

    Raises `InputError` where the two do not fit; otherwise as `load`.
    """
    picture_shape = tuple(real.record.shape) if real.kind == "image" else None
    options = replace(options, picture_shape=picture_shape, like=real, groups=None)  # type: ignore[arg-type]
    return _alike.fitted(path, load(path, options) if samples is None else of_memory(samples, options), real)


def _require_columns(path: Path, options: DataOptions) -> None:
    asked = {"--sequence-key": options.sequence_key, "--ignore": options.ignore, "--child": options.child}
    for option, value in asked.items():
        if value:
            raise UsageError(f"{option}: {path} is no table and has no columns", "leave it out")
    if options.group_column is not None:
        hint = "give a file with one whole number for each sample"
        raise UsageError(f"--group {options.group_column}: no such file, and {path} has no columns", hint)


def coded_together(real: Dataset, fake: Dataset) -> tuple[Dataset, Dataset]:
    """Both sides in the numbers that suit them together: of tables, whose levels are counted on both.

    Arrays with whole numbers that float32 does not hold get their last digits; others are as they were.
    """
    of_tables = None not in (MEMBERS["tables"].schema_of(real), MEMBERS["tables"].schema_of(fake))
    sides: tuple[Dataset, Dataset] = MEMBERS["tables" if of_tables else "arrays"].coded_together(real, fake)
    return sides


def read_labels(path: Path) -> Indices:
    """The integers in ``path``, one a row, in any data format.

    Raises `UsageError` where nothing is there, `InputError` where it holds anything else.
    """
    data = load(path, DataOptions())
    values = data.values if data.gauge is None else data.gauge.filed(data.values)
    if values[0].size != 1 or (values != np.round(values)).any() or (np.abs(values) > 2**53).any():
        raise InputError(f"{path}: not one integer a row", "labels are integers, one for each sample")
    return values.reshape(-1).astype(np.int64)


def holds_samples(path: Path) -> bool:
    """Whether ``path`` holds samples rather than a network; only a torch file has to be looked into."""
    files.require(path)
    found = files.identify(path)
    if found in ("torch", "torch-legacy"):
        try:
            return bool(MEMBERS["arrays"].holds_samples(path))
        except InputError:
            return False
    return any(MEMBERS[name].claims(path, found) for name in MEMBERS)


def build(
    path: Path,
    values: npt.NDArray[Any],
    kind: Kind,
    rows: Rows,
    notes: tuple[str, ...] = (),
    columns: tuple[str, ...] = (),
) -> Dataset:
    """A `Dataset` from the ``rows`` of a file, with its record; for members.

    Raises `InputError` where a value is NaN, infinite or beyond float32, naming the first one.
    """
    with np.errstate(over="ignore"):
        dtype = np.uint8 if values.dtype == np.uint8 else np.float32
        samples: Stored = np.require(values, dtype, ["C", "W", "O", "E"])
    if not len(samples) or not samples.size:
        raise InputError(f"{path}: holds no samples", "check the file")
    _finite.require(path, samples, rows.kept, columns)
    shape = tuple(int(size) for size in samples.shape[1:])
    digest = hashlib.sha256(repr(shape).encode() + np.sort(row_hashes(samples, 0)).tobytes())
    record = DataRecord(str(path), kind, len(samples), shape, digest.hexdigest(), (*rows.notes, *notes))
    return Dataset(samples, kind, record, columns=columns, rows=rows.kept)


def require_room(path: Path, *sizes: int) -> None:
    """That an array of these sizes is within what is read at once, before any of it is."""
    n = int(np.prod([float(size) for size in sizes]))
    if n > MOST_VALUES:
        raise ResourceError(
            f"{path}: {n:.2g} numbers are more than are read at once ({MOST_VALUES:.1g})",
            "use fewer rows, or smaller pictures",
        )


def _member(path: Path) -> DataFormat:
    found = files.identify_content(path)
    if (member := _claimed(path, found)) is not None:
        return member
    if found == "folder":
        single = _largest_data_file(path)
        raise InputError(
            f"{path}: no pictures (PNG, JPEG, WEBP, BMP) and no .wav in this folder",
            "give the folder that holds them" if single is None else f"name the file: {single}",
        )
    if found == "tar":
        raise InputError(
            f"{path}: no pictures (PNG, JPEG, WEBP, BMP), no .wav and no .npy in this archive",
            "pack the files themselves: links are not followed",
        )
    if found in ("unknown", "zip") and (told := strangers.told(path)) is not None:
        raise InputError(f"{path}: {told[0]}", told[1])
    what = {
        "gzip": "a gzip archive that is not in idx format",
        "torchscript": "a TorchScript program, not data",
        "safetensors": "weights, not data",
        "pickle": "a pickle; refused because loading it can run code",
    }.get(found, "not in a format that is read here")
    raise InputError(
        f"{path}: {what}",
        "unpack it; data is a folder, .zip or .tar of pictures or .wav, .npy, .npz, .pt, .csv, .parquet or idx(.gz)",
    )


def _claimed(path: Path, found: files.Format) -> DataFormat | None:
    return next((MEMBERS[name] for name in MEMBERS if MEMBERS[name].claims(path, found)), None)


def _largest_data_file(folder: Path) -> Path | None:
    """What was probably meant, of the files that would be read by themselves: labels are smaller than samples."""
    claimed = []
    for file in folder.iterdir():
        with contextlib.suppress(GanprobeError, OSError, zipfile.BadZipFile):
            if file.is_file() and _claimed(file, files.identify_content(file)) is not None:
                claimed.append((file.stat().st_size, file))
    return max(claimed)[1] if claimed else None
