"""Weights from a file, put into the network that the user names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from ganprobe import files
from ganprobe.checkpoints import CheckpointOptions
from ganprobe.checkpoints._sampling import generator
from ganprobe.checkpoints._usercode import construct
from ganprobe.checkpoints._weights import Weights, choose, describe, find, step_of
from ganprobe.errors import InputError, UsageError
from ganprobe.records import CheckpointRecord
from ganprobe.samples import Generator


def assemble(
    path: Path, format_: str, content: Any, options: CheckpointOptions, trusted: str | None = None
) -> Generator:
    """The generator whose weights are in ``content``, in the class that ``options.model`` names.

    ``trusted`` says what was executed to get at ``content``.
    """
    found = find(path, content, torch.Tensor)
    if options.model is None:
        raise UsageError(
            f"{path}: holds weights, not the network ({describe(found)})",
            "say which class they belong to: -m file.py:Class",
        )
    module, remarks = construct(options.model, options.model_args)
    chosen, passed_over = choose(path, found, module, options.key, options.ema)
    try:
        module.load_state_dict(dict(chosen.tensors), strict=True)
    except RuntimeError as error:
        lines = str(error).splitlines()
        raise InputError(
            f"{path}: the weights do not fit the model ({lines[-1].strip()})", "another class or other --model-args"
        ) from error
    notes = [*filter(None, [trusted]), *remarks, *_notes(chosen, passed_over, found)]
    record = CheckpointRecord(
        str(path),
        files.sha256(path),
        format_,
        key=chosen.key or None,
        step=step_of(path, content),
        trusted=trusted is not None,
        notes=tuple(notes),
    )
    return generator(module, record, options)


def _notes(chosen: Weights, passed_over: str | None, found: list[Weights]) -> list[str]:
    notes = [passed_over] if passed_over else []
    others = [weights.key for weights in found if weights.key and weights.key != chosen.key]
    if chosen.key and others:
        notes.append(f"{chosen.key} chosen; the file also holds {', '.join(others[:5])}")
    if chosen.prefix:
        notes.append(f"names without their prefix {chosen.prefix!r}")
    if chosen.averaged:
        notes.append("averaged (EMA) weights")
    dtypes = {
        str(t.dtype).removeprefix("torch.")
        for t in chosen.tensors.values()
        if t.is_floating_point() and t.dtype != torch.float32
    }
    if dtypes:
        notes.append(f"{', '.join(sorted(dtypes))} weights cast to float32")
    return notes
