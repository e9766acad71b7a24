"""safetensors: named tensors and nothing else, so there is nothing in it to execute."""

from __future__ import annotations

from pathlib import Path

from ganprobe.inputs import files, folders
from ganprobe.inputs.checkpoints import Content, _tensors
from ganprobe.plan import Loading
from ganprobe.samples.sides import Generator


def claims(path: Path) -> bool:
    """By the first bytes: a length and an opening brace."""
    return files.identify(path) == "safetensors"


def describe(path: Path) -> Content:
    """What its header lists; and ``config.json``, where one lies beside it."""
    structure = _tensors.listed(path)
    if config := folders.config(path):
        structure["config"] = config
    return Content("safetensors", structure, notes=("config.json beside it",) if config else ())


def load(path: Path, options: Loading) -> Generator:
    """The weights in the user's class."""
    from ganprobe.inputs.checkpoints._assembly import assemble

    return assemble(path, "safetensors", _tensors.read(path), options)
