"""The idx format of MNIST and its relatives, plain or gzipped: a type, the sizes, then big-endian numbers.

Labels in a file beside the pictures, named as MNIST names them, are read too.
"""

from __future__ import annotations

import gzip
import re
import struct
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ganprobe import files
from ganprobe.datasets import DataOptions, build, require_room
from ganprobe.datasets._shapes import as_samples, guess_range
from ganprobe.errors import InputError
from ganprobe.samples import Dataset, Indices

_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def claims(path: Path) -> bool:
    """By the first four bytes, inside gzip where there is one."""
    if not path.is_file():
        return False
    found = files.identify(path)
    if found != "gzip":
        return found == "idx"
    try:
        with gzip.open(path) as file:
            return files.is_idx(file.read(4))
    except (OSError, EOFError, zlib.error):
        return False


def load(path: Path, options: DataOptions) -> Dataset:
    """The samples, with the labels of a ``*labels-idx1*`` file beside ``*images-idx3*``."""
    samples = _read(path)
    kept = options.kept(len(samples))
    values, kind, notes = as_samples(samples[kept])
    labels, source = _labels_beside(path, len(samples))
    if source is not None:
        notes = (*notes, f"labels from {source.name}")
    dataset = build(path, values, kind, notes)
    full_range = guess_range(dataset.values, kind, samples.dtype)
    return replace(dataset, labels=None if labels is None else labels[kept], full_range=full_range)


def _read(path: Path) -> npt.NDArray[Any]:
    with gzip.open(path) if files.identify(path) == "gzip" else path.open("rb") as file:
        head = file.read(4)
        sizes = struct.unpack(f">{head[3]}I", file.read(4 * head[3]))
        require_room(path, *sizes)
        dtype = np.dtype(_TYPES[head[2]])
        wanted = int(np.prod(sizes)) * dtype.itemsize
        content = file.read(wanted + 1)
    if len(content) != wanted:
        more = "more" if len(content) > wanted else "fewer"
        raise InputError(f"{path}: {more} bytes than its header promises", "the file is damaged: download it again")
    return np.frombuffer(content, dtype).reshape(sizes)


def _labels_beside(path: Path, n: int) -> tuple[Indices | None, Path | None]:
    name = re.sub(r"images([-.])idx3", r"labels\1idx1", path.name.removesuffix(".gz"))
    for beside in (path.with_name(name), path.with_name(f"{name}.gz")):
        if beside.name.removesuffix(".gz") != path.name.removesuffix(".gz") and claims(beside):
            labels = _read(beside)
            if labels.shape == (n,):
                return labels.astype(np.int64), beside
    return None, None
