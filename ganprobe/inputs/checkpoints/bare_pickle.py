"""A pickle that torch.save did not write, which can run code while loading: looked into, never loaded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ganprobe.errors import InputError
from ganprobe.inputs import files
from ganprobe.inputs.checkpoints import Content, _pickled
from ganprobe.plan import Loading
from ganprobe.samples.sides import Generator


def claims(path: Path) -> bool:
    """By the first bytes."""
    return files.identify(path) == "pickle"


def describe(path: Path) -> Content:
    """What it would build and call."""
    return replace(_pickled.content(path), container="a bare pickle", loadable=False)


def load(path: Path, options: Loading) -> Generator:
    """Never: an `InputError`, with ``options`` that trust the file too."""
    raise InputError(
        f"{path}: a bare pickle, not written by torch.save, which can run code while loading; refused",
        "where it was made: torch.save(model.state_dict(), ...), or safetensors",
    )
