"""TorchScript: network and weights as one program. Loading it can write any file, so it takes the user's trust."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

from ganprobe.errors import InputError, UsageError
from ganprobe.inputs import files
from ganprobe.inputs.checkpoints import Content, _pickled, trust_statement
from ganprobe.inputs.weights import step_of
from ganprobe.plan import Loading
from ganprobe.record.sources import CheckpointRecord
from ganprobe.samples.sides import Generator

_RUNS = "runs the program in it, which can write any file when it is loaded"


def claims(path: Path) -> bool:
    """By the names in the archive."""
    return files.identify(path) == "torchscript"


def describe(path: Path) -> Content:
    """The tensors of its pickle; the program is not read."""
    return replace(_pickled.content(path), container="a TorchScript program", calls=(), whole=True, runs_code=_RUNS)


def load(path: Path, options: Loading) -> Generator:
    """The program, where the user trusts the file; else an `InputError` that says what trust would mean."""
    if not options.trust_checkpoint:
        raise InputError(
            f"{path}: a TorchScript program, which can write files while it loads; refused",
            "save model.state_dict() instead; for a file you made yourself: --trust-checkpoint",
        )
    if options.model is not None or options.key is not None:
        raise UsageError(f"{path}: a TorchScript program brings its own network and weights", "leave out -m and --key")
    import torch

    from ganprobe.inputs.checkpoints._sampling import generator

    said, digest = f"trusted: {trust_statement(path)}", files.sha256(path)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"`torch\.jit\.load` is", category=DeprecationWarning)
        module = torch.jit.load(str(path), map_location="cpu")  # type: ignore[no-untyped-call]
    record = CheckpointRecord(str(path), digest, "torchscript", step=step_of(path, None), trusted=True, notes=(said,))
    return generator(module, record, options)
