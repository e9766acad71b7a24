"""What ``torch.save`` makes of a whole network: a pickle that imports and calls. It takes the user's trust."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ganprobe.errors import InputError
from ganprobe.inputs import files
from ganprobe.inputs.checkpoints import Content, _pickled, trust_statement
from ganprobe.inputs.weights import step_of
from ganprobe.plan import Loading
from ganprobe.record.sources import CheckpointRecord
from ganprobe.samples.sides import Generator


def claims(path: Path) -> bool:
    """By the names in the pickle of a torch file: one of them is more than plain data."""
    if files.identify(path) not in ("torch", "torch-legacy"):
        return False
    try:
        return bool(files.foreign(files.pickled(path)))
    except ValueError:  # damaged: `state_dict` says how
        return False


def describe(path: Path) -> Content:
    """The tensors in its objects, and what it would call."""
    return _pickled.content(path)


def load(path: Path, options: Loading) -> Generator:
    """The network that is in it, or its weights in the user's class, where the user trusts the file."""
    if not options.trust_checkpoint:
        names = files.named(files.foreign(files.pickled(path)))
        raise InputError(
            f"{path}: holds Python objects, not only tensors ({names}); refused because loading them can run code",
            "save model.state_dict() with torch.save, or safetensors; for a file you made yourself: --trust-checkpoint",
        )
    from torch import nn

    from ganprobe.inputs.checkpoints._assembly import assemble
    from ganprobe.inputs.checkpoints._sampling import generator

    said = f"trusted: {trust_statement(path)}"
    content = _executed(path, options.model)
    if isinstance(content, nn.Module):
        if options.model is None:
            record = CheckpointRecord(
                str(path), files.sha256(path), "whole_pickle", step=step_of(path, None), trusted=True, notes=(said,)
            )
            return generator(content, record, options)
        content = content.state_dict()
    if isinstance(content, Mapping):
        content = {name: v.state_dict() if isinstance(v, nn.Module) else v for name, v in content.items()}
    return assemble(path, "whole_pickle", content, options, trusted=said)


def _executed(path: Path, model: str | None) -> Any:
    import torch

    from ganprobe.inputs.usercode import UserCodeError, as_main, contained

    try:
        with contained(), as_main(model):
            return torch.load(path, map_location="cpu", weights_only=False)
    except UserCodeError as error:
        lacking = isinstance(error.__cause__, ImportError | AttributeError)
        hint = (
            "name where the class is with -m file.py:Class, or put its folder in PYTHONPATH"
            if lacking
            else "save model.state_dict() where it was made"
        )
        raise InputError(f"{path}: loading what is pickled in it failed ({error})", hint) from error
