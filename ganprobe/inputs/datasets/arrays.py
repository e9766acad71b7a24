"""NumPy and torch arrays: ``.npy``, ``.npz``, and tensors saved with ``torch.save``.

The first axis counts samples. In a file with several arrays the samples are the one that the setting ``name`` names, or
the one with an obvious name (``x``, ``data``, ``images``, ...), or the only one that is not labels. A ``.npy`` of any
length is read block by block, so that only the rows that are kept are ever in memory.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ganprobe.errors import InputError, UsageError
from ganprobe.family import did_you_mean
from ganprobe.inputs import files
from ganprobe.inputs.datasets import MOST_UNPACKED, DataOptions, _tars, build
from ganprobe.inputs.datasets._held import hold
from ganprobe.inputs.datasets._shapes import arranged, guess_range, kind_of, looks_like_pictures
from ganprobe.inputs.datasets._whole import Whole
from ganprobe.record.sources import Artefact
from ganprobe.samples.sides import Dataset

SAMPLE_NAMES = ("x", "data", "images", "samples", "arr_0", "x_train", "features", "values", "fake", "real", "generated")
LABEL_NAMES = ("y", "labels", "label", "targets", "target", "y_train", "arr_1")


# An archive member that grows by more than this, to more than this, is taken for an attack.
_MOST_GROWTH, _SMALL = 100, 2**28

Numbers = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Settings:
    """``name``: which array of several holds the samples; ``kind``: what they are, for which else the shape stands."""

    name: str | None = None
    kind: Literal["auto", "pictures", "numbers"] = "auto"


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """What is in a file: samples, labels where there are some, and which of several arrays these are."""

    samples: Numbers
    labels: Numbers | None = None
    notes: tuple[str, ...] = ()


def claims(path: Path, found: files.Format) -> bool:
    """By the first bytes: NumPy's, or a torch file's; or an archive of NumPy's files, one a sample."""
    if found == "tar":
        archive, members = _tars.opened(path)
        archive.close()
        return any(name.endswith(".npy") for name in members)
    return found in ("numpy", "npz", "torch", "torch-legacy")


def holds_samples(path: Path) -> bool:
    """Whether a torch file holds a tensor of samples, alone or with labels, and not a network."""
    return _from_torch(files.read_torch(path), None) is not None


def load(path: Path, options: DataOptions) -> Dataset:
    """The samples, and labels where the file has them."""
    found = _read(path, options.override("datasets.arrays", Settings()).name)
    return of(path, found.samples, found.labels, found.notes, options)


def of(path: Path, samples: Numbers, labels: Numbers | None, notes: tuple[str, ...], options: DataOptions) -> Dataset:
    """The data set of ``samples`` ``[n, ...]``, which come from ``path`` with ``labels`` ``[n]`` of their own."""
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
    rows = options.rows(path, len(samples), math.prod(samples.shape[1:]))
    said_kind = options.override("datasets.arrays", Settings()).kind
    kind = "array" if said_kind == "numbers" else kind_of(samples.shape, samples.dtype)
    values, gauge, said, lost = hold(path, samples, rows, kind, options)
    values, moved = arranged(values, kind)
    dataset = build(path, values, kind, rows, (*notes, *moved, *said))
    theirs = options.like.schema if options.like is not None else None
    if kind == "array" and (options.like is None or isinstance(theirs, Whole)):
        dataset = replace(dataset, schema=Whole.of(samples, rows, gauge, theirs))
    return replace(
        dataset,
        labels=options.labels_of(path, rows, labels),
        full_range=guess_range(dataset.values, kind, samples.dtype) if gauge is None else None,
        gauge=gauge and gauge.shaped(dataset.record.shape),
        found=(*lost, *_guessed(dataset, said_kind, options)),
    )


def coded_together(real: Dataset, fake: Dataset) -> tuple[Dataset, Dataset]:
    """Both sides with the last digits of whole numbers that float32 does not hold; others as they are."""
    if isinstance(real.schema, Whole) and isinstance(fake.schema, Whole):
        return real.schema.joined(real), fake.schema.joined(fake)
    return real, fake


def _guessed(dataset: Dataset, said: str, options: DataOptions) -> tuple[Artefact, ...]:
    """That reals were read as pictures by their shape alone, where their values do not look like it."""
    if dataset.kind != "image" or said != "auto" or options.like is not None or looks_like_pictures(dataset.values):
        return ()
    shape = "x".join(map(str, dataset.record.shape))
    summary = f"samples of {shape} were read as pictures by their shape, but do not look like it (a sequence, a matrix)"
    option = "--set datasets.arrays.kind=numbers, or =pictures"
    return (Artefact("guessed", "real", summary, {"option": option}),)


def _read(path: Path, name: str | None) -> _Found:
    found = files.identify(path)
    if found == "numpy":
        return _Found(np.load(path, mmap_mode="r", allow_pickle=False))
    if found == "npz":
        return _read_npz(path, name)
    if found == "tar":
        return _read_tar(path)
    content = _from_torch(files.read_torch(path), name)
    if content is None:
        raise InputError(
            f"{path}: holds weights or settings, not samples", "save one tensor whose first axis counts samples"
        )
    return content


def _read_npz(path: Path, name: str | None) -> _Found:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            _require_sane(path, member)
    with np.load(path, allow_pickle=False) as archive:
        chosen = _sample_name(archive.files, name)
        if chosen is None:
            several = "several arrays" if len(archive.files) > 1 else "nothing but labels, by its name"
            raise InputError(
                f"{path}: {several} ({', '.join(archive.files[:6])}), and none is plainly the samples",
                f"name one: --set datasets.arrays.name={archive.files[0]}",
            )
        label_name = _named(archive.files, LABEL_NAMES)
        samples = archive[chosen]
        labels = None if label_name in (None, chosen) else _as_labels(archive[label_name], samples)
        return _Found(samples, labels, _choice(archive.files, chosen, None if labels is None else label_name))


def _read_tar(path: Path) -> _Found:
    """One array a sample, in the order of their names, with the classes beside them."""
    archive, members = _tars.opened(path)
    with archive:
        read = _tars.reader(archive, members)
        names = sorted(name for name in members if name.endswith(".npy"))
        samples = [np.load(read(name), allow_pickle=False) for name in names]
        odd = next((n for n, x in zip(names, samples, strict=True) if x.shape != samples[0].shape), None)
        if odd is not None:
            raise InputError(f"{path}: {odd[:60]} has another shape than {names[0][:60]}", "cut all to one shape")
        labels, said = _tars.labels(names, list(members), read)
    return _Found(np.stack(samples), labels, said)


def _require_sane(path: Path, member: zipfile.ZipInfo) -> None:
    grown = member.file_size > _MOST_GROWTH * max(1, member.compress_size)
    if member.file_size > MOST_UNPACKED or (grown and member.file_size > _SMALL):
        raise InputError(
            f"{path}: {member.filename} unpacks to {member.file_size / 2**20:.0f} MiB; refused",
            "save the array alone as .npy, which is read in part",
        )


def _from_torch(content: Any, asked: str | None) -> _Found | None:
    """Samples and labels, or None where the content is something else."""
    import torch

    labels: Any = None
    notes: tuple[str, ...] = ()
    if isinstance(content, (tuple, list)) and len(content) == 2:
        content, labels = content
    elif isinstance(content, Mapping):
        names = [name for name, value in content.items() if isinstance(name, str) and isinstance(value, torch.Tensor)]
        name = _asked(names, asked) or _named(names, SAMPLE_NAMES)
        if name is None:
            return None
        label_name = _named(names, LABEL_NAMES)
        notes = _choice(names, name, label_name)
        content, labels = content[name], content.get(label_name)
    if not _is_plain(content):
        return None
    samples = _numpy(content)
    return _Found(samples, _as_labels(_numpy(labels), samples) if _is_plain(labels) else None, notes)


def _is_plain(content: Any) -> bool:
    import torch

    return (
        isinstance(content, torch.Tensor)
        and content.layout == torch.strided
        and not content.is_meta
        and not content.is_complex()
    )


def _numpy(tensor: Any) -> Numbers:
    import torch

    if tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
        raise InputError("a tensor claims more numbers than the file holds", "save tensor.clone()")
    tensor = tensor.detach()
    return np.asarray((tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy())


def _sample_name(names: list[str], asked: str | None) -> str | None:
    others = [name for name in names if name.lower() not in LABEL_NAMES]
    return _asked(names, asked) or (others[0] if len(others) == 1 else _named(names, SAMPLE_NAMES))


def _asked(names: list[str], asked: str | None) -> str | None:
    """The name asked for, if any; a file with one array needs none."""
    if asked is None or len(names) == 1 or asked in names:
        return asked if asked in names else None
    raise UsageError(f"datasets.arrays.name: no array is called {asked!r}", did_you_mean(asked, names))


def _choice(names: list[str], chosen: str, label_name: str | None) -> tuple[str, ...]:
    """Which array was taken for what, where there were several."""
    if len(names) == 1:
        return ()
    labels = "" if label_name is None else f", labels from {label_name}"
    return (f"samples from {chosen} (of {', '.join(names[:6])}){labels}",)


def _named(names: list[str], wanted: tuple[str, ...]) -> str | None:
    """The one of ``names`` that is called as wanted; None where none or several are."""
    matches = [name for name in names if name.lower() in wanted]
    return matches[0] if len(matches) == 1 else None


def _as_labels(labels: Numbers | None, samples: Numbers) -> Numbers | None:
    """One integer a sample, or nothing."""
    if labels is None or labels.dtype.kind not in "iub" or samples.ndim == 0 or labels.size != len(samples):
        return None
    return labels.reshape(-1)
