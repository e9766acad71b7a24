"""safetensors: named tensors and nothing else, so there is nothing in it to execute."""

from __future__ import annotations

from pathlib import Path

from ganprobe.errors import UsageError
from ganprobe.inputs import files
from ganprobe.inputs.checkpoints import CheckpointOptions
from ganprobe.inputs.checkpoints._assembly import assemble
from ganprobe.samples.sides import Generator


def claims(path: Path) -> bool:
    """By the first bytes: a length and an opening brace."""
    return files.identify(path) == "safetensors"


def load(path: Path, options: CheckpointOptions) -> Generator:
    """The weights in the user's class."""
    try:
        from safetensors import safe_open
    except ImportError:
        raise UsageError(f"{path}: reading it needs safetensors", "pip install 'ganprobe[safetensors]'") from None
    with safe_open(path, framework="pt", device="cpu") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
        metadata = file.metadata() or {}
    return assemble(
        path, "safetensors", tensors | {name: text for name, text in metadata.items() if name not in tensors}, options
    )
