"""Weights from a file, put into the network that the user names."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ganprobe.errors import InputError, UsageError
from ganprobe.inputs import files, folders
from ganprobe.inputs.checkpoints._fit import choose, describe
from ganprobe.inputs.checkpoints._sampling import generator
from ganprobe.inputs.described import cut
from ganprobe.inputs.usercode import construct
from ganprobe.inputs.weights import Weights, find, step_of
from ganprobe.plan import Loading
from ganprobe.record.sources import CheckpointRecord
from ganprobe.samples.sides import Generator


def assemble(
    path: Path,
    format_: str,
    content: Any,
    options: Loading,
    trusted: str | None = None,
    digest: str | None = None,
) -> Generator:
    """The generator whose weights are in ``content``, in the class that ``options.model`` names.

    ``trusted`` says what was executed to get at ``content``, ``digest`` is its hash where it is not the file's.
    """
    found = find(path, content, torch.Tensor)
    if options.model is None:
        raise UsageError(f"{path}: holds weights, not the network ({describe(found)})", _which_class(path))
    module, remarks = construct(options.model, options.model_args, _configured(path))
    fit = choose(path, found, module, options.key, options.ema)
    chosen = fit.weights
    try:
        module.load_state_dict(dict(chosen.tensors), strict=True)
    except RuntimeError as error:
        lines = str(error).splitlines()
        raise InputError(
            f"{path}: the weights do not fit the model ({lines[-1].strip()})", "another class or other --model-args"
        ) from error
    notes = [*filter(None, [trusted]), *remarks, *fit.say, *_notes(chosen, found), *_assumed(module)]
    record = CheckpointRecord(
        str(path),
        digest or files.sha256(path),
        format_,
        key=chosen.key or None,
        step=step_of(path, content),
        trusted=trusted is not None,
        notes=tuple(notes),
        doubts=fit.doubtful,
        instead=replace(options, ema="off").words() if fit.doubtful else (),
    )
    return generator(module, record, options)


def _configured(path: Path) -> dict[str, Any]:
    """Arguments of the network's class that ``config.json`` has, for weights under a name that such folders use."""
    return folders.config(path) if path.name in folders.WEIGHTS else {}


def _which_class(path: Path) -> str:
    name = _configured(path).get("_class_name")
    if isinstance(name, str) and name.isidentifier():
        return f"config.json names {name}: -m diffusers:{name}, and --call FILE.py:sample if it is a step of a sampler"
    return "say which class they belong to: -m file.py:Class"


# What changes a network's output and is not among its tensors, by the attribute's name.
_NOT_IN_FILES = ("eps", "negative_slope", "alpha")


def _assumed(module: nn.Module) -> list[str]:
    """Numbers that no state dict holds, so that the class must have them right: eps 1e-05 of 3 BatchNorm2d."""
    counts = Counter(
        (name, value, type(layer).__name__)
        for layer in module.modules()
        for name in _NOT_IN_FILES
        if isinstance(value := getattr(layer, name, None), float)
    )
    said = [f"{name} {value:g} of {n} {kind}" for (name, value, kind), n in counts.items()]
    return [f"not in the file, as the class has it: {', '.join(said[:4])}{', ...' * (len(said) > 4)}"] if said else []


def _notes(chosen: Weights, found: list[Weights]) -> list[str]:
    notes = []
    others = [cut(weights.key) for weights in found if weights.key and weights.key != chosen.key]
    if chosen.key and others:
        notes.append(f"{cut(chosen.key)} chosen; the file also holds {', '.join(others[:5])}")
    if chosen.prefix:
        notes.append(f"names without their prefix {cut(chosen.prefix)!r}")
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
