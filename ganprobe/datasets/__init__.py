"""Data formats: a path to a `Dataset`, in the file's own units.

A format is recognised by content first and name second, read without executing anything in it, and ends as rows of
float32: pictures ``[n, channels, height, width]`` in 0..255, arrays ``[n, ...]``, tables ``[n, encoded columns]``. What
had to be decided on the way (a resize, an axis moved, a text column read as dates) is said in ``record.notes``.

Fakes that were generated beforehand go through `load_like`, with what was decided for the reals: the same picture size,
the same encoding of a table. Two files read by two rules would differ by the rules.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from ganprobe import files
from ganprobe.errors import GanprobeError, InputError, ResourceError
from ganprobe.family import Family
from ganprobe.records import DataRecord
from ganprobe.samples import Array, Dataset, Indices, Kind, row_hashes

if TYPE_CHECKING:
    from ganprobe.datasets.tables import TableSchema

MOST_VALUES = 2**30


@dataclass(frozen=True, slots=True)
class DataOptions:
    """How to read.

    ``picture_shape``: (channels, height, width) that a folder of pictures is brought to, None to keep its own.
    ``limit``: at most so many rows, chosen by ``seed``. ``schema``: the encoding of the table that this one is read
    like.
    """

    picture_shape: tuple[int, int, int] | None = None
    seed: int = 0
    limit: int | None = None
    schema: TableSchema | None = None

    def kept(self, n: int) -> Indices:
        """Which of ``n`` rows to read, in the file's order."""
        if self.limit is None or self.limit >= n:
            return np.arange(n, dtype=np.int64)
        return np.sort(np.random.default_rng(self.seed).choice(n, self.limit, replace=False)).astype(np.int64)


class DataFormat(Protocol):
    """A member: whether it reads this path, and the data set that is in it."""

    def claims(self, path: Path) -> bool:
        """Whether the path, by its bytes and name, is in this format; says nothing about whether it is intact."""
        ...

    def load(self, path: Path, options: DataOptions) -> Dataset:
        """The data set in the file; whatever is wrong with it is raised, and becomes an `InputError`."""
        ...


MEMBERS = Family("ganprobe.datasets", "data format", ("images", "arrays", "idx", "tables"))


def load(path: Path, options: DataOptions) -> Dataset:
    """Read ``path`` in the format that claims it.

    Raises `UsageError` where nothing is there, `InputError` for what cannot be read as rows of finite numbers,
    `ResourceError` where it holds more than fits.
    """
    files.require(path)
    member = _member(path)
    try:
        return member.load(path, options)
    except (GanprobeError, MemoryError):
        raise
    except Exception as error:
        raise InputError(
            f"{path}: cannot be read ({files.first_line(error)})", "the file is damaged, or not what its name says"
        ) from error


def load_like(path: Path, real: Dataset, options: DataOptions) -> Dataset:
    """Read ``path`` as ``real`` was read: same picture size, same columns by name, same encoding, same shape.

    Raises `InputError` where the two do not fit; otherwise as `load`.
    """
    picture_shape = tuple(real.record.shape) if real.kind == "image" else None
    fake = load(path, replace(options, picture_shape=picture_shape, schema=real.schema))  # type: ignore[arg-type]
    if (fake.kind == "table") != (real.kind == "table"):
        raise InputError(f"{path} is {_a(fake.kind)}, the data is {_a(real.kind)}", "give both in the same form")
    if fake.record.shape == real.record.shape:
        return replace(fake, kind=real.kind)
    if _core(fake.record.shape) != _core(real.record.shape) and fake.record.shape != (math.prod(real.record.shape),):
        raise InputError(
            f"{path}: a sample has shape {_times(fake.record.shape)}, in the data {_times(real.record.shape)}",
            "both sides must hold the same kind of sample",
        )
    values = fake.values.reshape(-1, *real.record.shape)
    note = f"reshaped from {_times(fake.record.shape)} to {_times(real.record.shape)}"
    return replace(
        build(path, values, real.kind, (*fake.record.notes, note)), labels=fake.labels, full_range=fake.full_range
    )


def holds_samples(path: Path) -> bool:
    """Whether ``path`` holds samples rather than a network; only a torch file has to be looked into."""
    files.require(path)
    if path.is_file() and files.identify(path) in ("torch", "torch-legacy"):
        try:
            return bool(MEMBERS["arrays"].holds_samples(path))
        except InputError:
            return False
    return any(MEMBERS[name].claims(path) for name in MEMBERS)


def build(
    path: Path, values: npt.NDArray[Any], kind: Kind, notes: tuple[str, ...] = (), columns: tuple[str, ...] = ()
) -> Dataset:
    """A `Dataset` from rows of numbers, with its record; for members.

    Raises `InputError` where a value is NaN, infinite or beyond float32, naming the first one.
    """
    with np.errstate(over="ignore"):
        rows: Array = np.require(values, np.float32, ["C", "W", "O", "E"])
    if not len(rows) or not rows.size:
        raise InputError(f"{path}: holds no samples", "check the file")
    _require_finite(path, rows, columns)
    shape = tuple(int(size) for size in rows.shape[1:])
    digest = hashlib.sha256(repr(shape).encode() + np.sort(row_hashes(rows, 0)).tobytes())
    record = DataRecord(str(path), kind, len(rows), shape, digest.hexdigest(), notes)
    return Dataset(rows, kind, record, columns=columns)


def require_room(path: Path, *sizes: int) -> None:
    """That an array of these sizes is within what is read at once, before any of it is."""
    n = int(np.prod([float(size) for size in sizes]))
    if n > MOST_VALUES:
        raise ResourceError(
            f"{path}: {n:.2g} numbers are more than are read at once ({MOST_VALUES:.1g})",
            "use fewer rows, or smaller pictures",
        )


def _require_finite(path: Path, rows: Array, columns: tuple[str, ...]) -> None:
    flat = rows.reshape(len(rows), -1)
    step = max(1, 2**24 // flat.shape[1])
    count, first = 0, None
    for start in range(0, len(flat), step):
        odd = ~np.isfinite(flat[start : start + step])
        if odd.any():
            count += int(odd.sum())
            if first is None:
                row, column = np.argwhere(odd)[0]
                first = f"row {start + row}, column {columns[column] if columns else column}"
    if first is not None:
        values = "1 value is" if count == 1 else f"{count} values are"
        raise InputError(
            f"{path}: {values} NaN, infinite or beyond float32; the first is {first} (counted from 0)",
            "remove or repair those rows",
        )


def _member(path: Path) -> DataFormat:
    if path.is_file():
        files.identify_content(path)
    for name in MEMBERS:
        if MEMBERS[name].claims(path):
            return MEMBERS[name]
    if path.is_dir():
        raise InputError(
            f"{path}: no pictures in this folder (PNG, JPEG, WEBP, BMP)", "give the folder that holds them"
        )
    what = {
        "gzip": "a gzip archive that is not in idx format",
        "torchscript": "a TorchScript program, not data",
        "safetensors": "weights, not data",
        "pickle": "a pickle; refused because loading it can run code",
    }.get(files.identify(path), "not in a format that is read here")
    raise InputError(
        f"{path}: {what}",
        "unpack it; data is a folder or .zip of pictures, .npy, .npz, .pt, .csv, .tsv, .parquet or idx(.gz)",
    )


def _core(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(size for size in shape if size != 1)


def _times(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "1"


def _a(kind: Kind) -> str:
    return {"image": "pictures", "array": "an array", "table": "a table"}[kind]
