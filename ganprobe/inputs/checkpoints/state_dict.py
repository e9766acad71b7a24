"""What ``torch.save`` writes: a state dict, bare or among other things, as a zip archive or as before torch 1.6."""

from __future__ import annotations

from pathlib import Path

from ganprobe.inputs import files
from ganprobe.inputs.checkpoints import Content, _pickled
from ganprobe.plan import Loading
from ganprobe.samples.sides import Generator


def claims(path: Path) -> bool:
    """By the first bytes and, in a zip archive, the names inside."""
    return files.identify(path) in ("torch", "torch-legacy")


def describe(path: Path) -> Content:
    """What its pickle would build."""
    return _pickled.content(path)


def load(path: Path, options: Loading) -> Generator:
    """The weights in the user's class; nothing in the file is executed."""
    from ganprobe.inputs.checkpoints._assembly import assemble

    return assemble(path, "state_dict", files.read_torch(path), options)
