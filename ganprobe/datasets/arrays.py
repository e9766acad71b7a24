"""NumPy and torch arrays: ``.npy``, ``.npz``, and tensors saved with ``torch.save``.

The first axis counts samples. In a file with several arrays the samples are the one with an obvious name (``x``,
``data``, ``images``, ...), or the only one that is not labels.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ganprobe import files
from ganprobe.datasets import DataOptions, build, require_room
from ganprobe.datasets._shapes import as_samples, guess_range
from ganprobe.errors import InputError
from ganprobe.samples import Dataset

SAMPLE_NAMES = ("x", "data", "images", "samples", "arr_0", "x_train", "features", "values", "fake", "real", "generated")
LABEL_NAMES = ("y", "labels", "label", "targets", "target", "y_train", "arr_1")


def claims(path: Path) -> bool:
    """By the first bytes: NumPy's, or a torch file's."""
    return path.is_file() and files.identify(path) in ("numpy", "npz", "torch", "torch-legacy")


def holds_samples(path: Path) -> bool:
    """Whether a torch file holds a tensor of samples, alone or with labels, and not a network."""
    return _from_torch(files.read_torch(path)) is not None


def load(path: Path, options: DataOptions) -> Dataset:
    """The samples, and labels where the file has them."""
    samples, labels = _read(path)
    if samples.dtype.fields is not None:
        raise InputError(f"{path}: an array with named fields", "save it as .csv or .parquet")
    if samples.dtype.kind not in "biuf":
        raise InputError(
            f"{path}: numbers of type {samples.dtype} are not read", "save real numbers, for example float32"
        )
    if samples.ndim == 0 or not samples.size:
        raise InputError(
            f"{path}: holds no samples (its shape is {samples.shape})", "the first axis must count samples"
        )
    kept = options.kept(len(samples))
    require_room(path, len(kept), *samples.shape[1:])
    values, kind, notes = as_samples(samples[kept] if len(kept) < len(samples) else samples)
    dataset = build(path, values, kind, notes)
    return replace(
        dataset,
        labels=None if labels is None else labels[kept].astype(np.int64),
        full_range=guess_range(dataset.values, kind, samples.dtype),
    )


def _read(path: Path) -> tuple[npt.NDArray[Any], npt.NDArray[Any] | None]:
    found = files.identify(path)
    if found == "numpy":
        return np.load(path, mmap_mode="r", allow_pickle=False), None
    if found == "npz":
        return _read_npz(path)
    pair = _from_torch(files.read_torch(path))
    if pair is None:
        raise InputError(
            f"{path}: holds weights or settings, not samples", "save one tensor whose first axis counts samples"
        )
    return pair


def _read_npz(path: Path) -> tuple[npt.NDArray[Any], npt.NDArray[Any] | None]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            require_room(path, member.file_size // 8)
    with np.load(path, allow_pickle=False) as archive:
        name = _sample_name(archive.files)
        if name is None:
            raise InputError(
                f"{path}: several arrays ({', '.join(archive.files[:6])}), and none is plainly the samples",
                "name it x, or save it alone",
            )
        samples = archive[name]
        label_name = _named(archive.files, LABEL_NAMES)
        labels = None if label_name in (None, name) else archive[label_name]
    return samples, _as_labels(labels, samples)


def _from_torch(content: Any) -> tuple[npt.NDArray[Any], npt.NDArray[Any] | None] | None:
    """Samples and labels, or None where the content is something else."""
    import torch

    labels: Any = None
    if isinstance(content, (tuple, list)) and len(content) == 2:
        content, labels = content
    elif isinstance(content, Mapping):
        names = [name for name, value in content.items() if isinstance(name, str) and isinstance(value, torch.Tensor)]
        name, label_name = _named(names, SAMPLE_NAMES), _named(names, LABEL_NAMES)
        if name is None:
            return None
        content, labels = content[name], content.get(label_name)
    if (
        not isinstance(content, torch.Tensor)
        or content.layout != torch.strided
        or content.is_meta
        or content.is_complex()
    ):
        return None
    samples = _numpy(content)
    return samples, _as_labels(_numpy(labels) if isinstance(labels, torch.Tensor) else None, samples)


def _numpy(tensor: Any) -> npt.NDArray[Any]:
    import torch

    if tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
        raise InputError("a tensor claims more numbers than the file holds", "save tensor.clone()")
    tensor = tensor.detach()
    return np.asarray((tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy())


def _sample_name(names: list[str]) -> str | None:
    others = [name for name in names if name.lower() not in LABEL_NAMES]
    return others[0] if len(others) == 1 else _named(names, SAMPLE_NAMES)


def _named(names: list[str], wanted: tuple[str, ...]) -> str | None:
    """The one of ``names`` that is called as wanted; None where none or several are."""
    matches = [name for name in names if name.lower() in wanted]
    return matches[0] if len(matches) == 1 else None


def _as_labels(labels: npt.NDArray[Any] | None, samples: npt.NDArray[Any]) -> npt.NDArray[Any] | None:
    """One integer a sample, or nothing."""
    if labels is None or labels.dtype.kind not in "iub" or samples.ndim == 0 or labels.size != len(samples):
        return None
    return labels.reshape(-1)
