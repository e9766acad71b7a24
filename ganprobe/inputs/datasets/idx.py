"""The idx format of MNIST and its relatives, plain or gzipped: a type, the sizes, then big-endian numbers.

Labels in a file beside the pictures, named as MNIST names them, are read too.
"""

from __future__ import annotations

import gzip
import math
import re
import struct
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import numpy.typing as npt

from ganprobe.errors import InputError
from ganprobe.inputs import files
from ganprobe.inputs.datasets import MOST_UNPACKED, DataOptions, Rows, build
from ganprobe.inputs.datasets._held import hold
from ganprobe.inputs.datasets._shapes import arranged, guess_range, kind_of
from ganprobe.samples.sides import Dataset, Indices

_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_DAMAGED = "the file is damaged: download it again"


_BLOCK = 2**24


def claims(path: Path, found: files.Format) -> bool:
    """By the first four bytes, inside gzip where there is one."""
    return found == "idx" or (found == "gzip" and _is_packed(path))


def _is_packed(path: Path) -> bool:
    try:
        with gzip.open(path) as file:
            return files.is_idx(file.read(4))
    except (OSError, EOFError, zlib.error):
        return False


def load(path: Path, options: DataOptions) -> Dataset:
    """The samples, with the labels of a ``*labels-idx1*`` file beside ``*images-idx3*``."""
    with _opened(path) as file:
        dtype, sizes = _header(path, file)
        rows = options.rows(path, sizes[0], math.prod(sizes[1:]))
        samples = _content(path, file, dtype, sizes, rows)
    kind = kind_of(samples.shape, samples.dtype)
    every = Rows(len(samples), np.arange(len(samples), dtype=np.int64))
    values, gauge, notes, lost = hold(path, samples, every, kind, options)
    values, moved = arranged(values, kind)
    labels, said = (None, ()) if options.labels is not None else _labels_beside(path, rows.n)
    dataset = build(path, values, kind, rows, (*moved, *notes, *said))
    return replace(
        dataset,
        labels=options.labels_of(path, rows, labels),
        full_range=guess_range(dataset.values, kind, samples.dtype) if gauge is None else None,
        gauge=gauge and gauge.shaped(dataset.record.shape),
        found=lost,
    )


def _opened(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path)) if files.identify(path) == "gzip" else path.open("rb")


def _header(path: Path, file: BinaryIO) -> tuple[np.dtype[Any], tuple[int, ...]]:
    head = file.read(4)
    dtype = np.dtype(_TYPES[head[2]])
    sizes = struct.unpack(f">{head[3]}I", file.read(4 * head[3]))
    if not all(sizes):
        raise InputError(f"{path}: holds no samples (its shape is {sizes})", "check the file")
    if math.prod(sizes) * dtype.itemsize > MOST_UNPACKED:
        raise InputError(
            f"{path}: its header promises {math.prod(sizes):.2g} numbers; refused", "check the file, or split it"
        )
    return dtype, sizes


def _content(path: Path, file: BinaryIO, dtype: np.dtype[Any], sizes: tuple[int, ...], rows: Rows) -> npt.NDArray[Any]:
    """The kept rows; the file is read to its end, block by block, and must end where its header says."""
    taken = np.empty((len(rows.kept), *sizes[1:]), dtype)
    bytes_of_row = math.prod(sizes[1:]) * dtype.itemsize
    step = max(1, _BLOCK // bytes_of_row)
    for start in range(0, rows.n, step):
        n = min(step, rows.n - start)
        block = file.read(n * bytes_of_row)
        if len(block) != n * bytes_of_row:
            raise InputError(f"{path}: fewer bytes than its header promises", _DAMAGED)
        first, last = np.searchsorted(rows.kept, (start, start + n))
        taken[first:last] = np.frombuffer(block, dtype).reshape(n, *sizes[1:])[rows.kept[first:last] - start]
    if file.read(1):
        raise InputError(f"{path}: more bytes than its header promises", _DAMAGED)
    return taken


def _labels_beside(path: Path, n: int) -> tuple[Indices | None, tuple[str, ...]]:
    """The labels of the ``n`` samples where a file of them lies beside; and in words what became of it."""
    name = re.sub(r"images([-.])idx3", r"labels\1idx1", path.name.removesuffix(".gz"))
    for beside in (path.with_name(name), path.with_name(f"{name}.gz")):
        if name == path.name.removesuffix(".gz") or not beside.is_file() or not claims(beside, files.identify(beside)):
            continue
        with _opened(beside) as file:
            dtype, sizes = _header(beside, file)
            if sizes != (n,):
                return None, (f"{beside.name} ignored: {sizes[0]} labels for {n} samples",)
            every = Rows(n, np.arange(n, dtype=np.int64))
            return _content(beside, file, dtype, sizes, every).astype(np.int64), (f"labels from {beside.name}",)
    return None, ()
