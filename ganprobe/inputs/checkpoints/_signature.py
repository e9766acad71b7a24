"""How many inputs a network takes, and in which order, read off its signature."""

from __future__ import annotations

import inspect
from dataclasses import dataclass

import torch
from torch import nn

# What labels are called among a network's inputs, in lower case.
_LABELS = {"label", "labels", "y", "c", "cls", "classes", "class_labels", "class_label", "cond", "condition", "onehot"}


@dataclass(frozen=True, slots=True)
class Arity:
    required: int
    possible: int
    labels_first: bool = False


def n_inputs(module: nn.Module) -> Arity:
    """How many positional inputs ``forward`` must and may be given."""
    if isinstance(module, torch.jit.ScriptModule):
        arguments = module.forward.schema.arguments[1:]  # type: ignore[attr-defined]
        named = [a.name for a in arguments]
        return Arity(sum(not a.has_default_value() for a in arguments), len(arguments), _labels_first(named))
    if isinstance(known := getattr(module, "n_inputs", None), int):  # a graph, which says so
        return Arity(known, known)
    parameters = list(inspect.signature(module.forward).parameters.values())
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    named = [p.name for p in positional]
    return Arity(sum(p.default is p.empty for p in positional), len(positional), _labels_first(named))


def _labels_first(names: list[str]) -> bool:
    """By the names of the inputs: concatenated in the wrong order, one-hot labels and latents would pass for others."""
    return len(names) > 1 and names[0].lower() in _LABELS and names[1].lower() not in _LABELS
