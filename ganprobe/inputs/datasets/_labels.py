"""The classes of pictures: of StyleGAN's ``dataset.json``, of webdataset's ``.cls``, or of their folders."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO

import numpy as np

from ganprobe.errors import InputError
from ganprobe.inputs import files
from ganprobe.inputs.datasets import _tars
from ganprobe.samples.sides import Indices

FILE = "dataset.json"
_MOST_LABEL_BYTES = 2**27


def of(
    names: Sequence[str], packed: Sequence[str], opened: Callable[[str], BinaryIO], named: bool
) -> tuple[Indices | None, tuple[str, ...]]:
    """The class of each picture in ``names``, or None; and in words where it was read.

    ``packed``: every file of an archive with labels beside the samples. ``named``: whether there is a `FILE`.
    """
    if packed and not named:
        labels, said = _tars.labels(names, packed, opened)
        return (labels, said) if labels is not None else _labels_of_folders(names)
    if not named:
        return _labels_of_folders(names)
    with opened(FILE) as file:
        content = file.read(_MOST_LABEL_BYTES + 1)
    if len(content) > _MOST_LABEL_BYTES:
        raise InputError(f"{FILE}: more than 128 MiB of labels; refused", "remove it, or give --labels FILE")
    try:
        pairs = json.loads(content)["labels"]
        classes = None if pairs is None else {str(name): _class(label) for name, label in pairs}
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise InputError(
            f"{FILE}: not a list of file names and classes ({files.first_line(error)})",
            "remove it, or give --labels FILE",
        ) from error
    if classes is None:
        return None, ()
    found = [classes.get(name) for name in names]
    known = [label for label in found if label is not None]
    if len(known) < len(found):
        return None, (f"labels in {FILE} ignored: {len(found) - len(known)} pictures have no class there",)
    return np.array(known, np.int64), (f"labels from {FILE}",)


def _class(label: Any) -> int | None:
    """A class as its number, or as the place of the one 1 in a vector; other vectors are conditions, not classes."""
    if isinstance(label, list):
        return label.index(1) if sorted(label) == [0] * (len(label) - 1) + [1] else None
    return label if isinstance(label, int) and 0 <= label < 2**31 else None


def _labels_of_folders(names: Sequence[str]) -> tuple[Indices | None, tuple[str, ...]]:
    """The place of each picture's folder among all, where the pictures are in several folders side by side."""
    folders = [name.rpartition("/")[0] for name in names]
    place = {folder: i for i, folder in enumerate(sorted(set(folders)))}
    if len(place) < 2 or len({folder.rpartition("/")[0] for folder in place}) > 1 or "" in place:
        return None, ()
    shown = [folder.rpartition("/")[2] for folder in place]
    more = f" and {len(shown) - 5} more" if len(shown) > 5 else ""
    return np.array([place[f] for f in folders], np.int64), (f"labels are the folders {', '.join(shown[:5])}{more}",)
