"""Which call of a network gives samples, and what that call takes.

A generator's ``forward`` takes latents. A variational autoencoder's takes data, a flow's maps data to noise, a
denoiser's takes a step of a process: of these other calls give samples, and only their author knows which. So there are
three kinds of call: of latents (and labels), of a number of samples (``sample(n)``), and a function of the user's own,
``fn(network, n, seed)``. The last two draw their noise themselves: they are given one seed for each batch.
"""

from __future__ import annotations

import inspect
import operator
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import nn

from ganprobe.errors import UsageError
from ganprobe.family import did_you_mean
from ganprobe.inputs.usercode import function, unchanged

FORWARD = "forward"
# What calls that give samples are called, the likeliest first.
SAMPLERS = ("sample", "generate", "decode", "inverse", "reverse", "decoder")
# What labels are called among a network's inputs, in lower case.
LABELS = {"label", "labels", "y", "c", "cls", "classes", "class_labels", "class_label", "cond", "condition", "onehot"}
# What a number of samples is called; the last two are given it as a tuple.
_NUMBERS = {
    "n", "num", "n_samples", "num_samples", "nsamples", "num_sample", "n_sample", "batch_size", "batchsize", "bs",
    "number", "size", "count", "num_images", "n_images", "shape", "sample_shape",
}  # fmt: skip
_SHAPES = {"shape", "sample_shape"}
Takes = Literal["latents", "number", "number and seed"]


@dataclass(frozen=True, slots=True)
class Signature:
    """The names of a call's positional inputs, as far as they are known, and how many must and may be given."""

    names: tuple[str, ...]
    required: int
    possible: int

    @property
    def labels_first(self) -> bool:
        """By names: concatenated in the wrong order, one-hot labels and latents would pass for each other."""
        words = [name.lower() for name in self.names[:2]]
        return len(words) > 1 and words[0] in LABELS and words[1] not in LABELS


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """``name`` as ``--call`` has it, ``work`` from the network and its inputs to the output, and what it takes."""

    name: str
    takes: Takes
    signature: Signature
    work: Callable[..., Any]


def of(network: nn.Module, name: str | None) -> Call:
    """The call of ``network`` that is called ``name``, ``forward`` without one.

    Raises `UsageError` where there is none, or where it takes what nobody can give it.
    """
    if name is None or name == FORWARD:
        return Call(FORWARD, "latents", signature(network, FORWARD), lambda module, *inputs: module(*inputs))
    if ":" in name:
        own = function(name, "--call")
        return Call(name, "number and seed", Signature(("n", "seed"), 2, 2), _own(own))
    takes = signature(network, name)
    if takes.names and takes.names[0].lower() in _NUMBERS:
        _require_few(name, takes, 1)
        return Call(name, "number", takes, _numbered(name, as_shape=takes.names[0].lower() in _SHAPES))
    _require_few(name, takes, 2 if LABELS & {word.lower() for word in takes.names[:2]} else 1)
    find = operator.attrgetter(name)
    return Call(name, "latents", takes, lambda module, *inputs: find(module)(*inputs))


def _require_few(name: str, takes: Signature, most: int) -> None:
    if takes.required > most:
        word = name.rpartition(".")[2]
        raise UsageError(
            f"--call {name} takes {', '.join(takes.names[: takes.required])}; only {most} of these can be given",
            f"write def {word}(network, n, seed) that returns n samples, and give --call FILE.py:{word}",
        )


def _own(own: Callable[..., Any]) -> Callable[..., Any]:
    def work(module: nn.Module, rows: torch.Tensor) -> Any:
        return own(module, len(rows), _seeded(rows))

    return work


def _numbered(name: str, *, as_shape: bool) -> Callable[..., Any]:
    find = operator.attrgetter(name)

    def work(module: nn.Module, rows: torch.Tensor) -> Any:
        _seeded(rows)
        return find(module)((len(rows),) if as_shape else len(rows))

    return work


def _seeded(rows: torch.Tensor) -> int:
    """The seed of a batch, after the global streams have been set to it: what draws from these is a function of it."""
    seed = int(rows[0])
    torch.manual_seed(seed)
    np.random.seed(seed)
    random.seed(seed)
    return seed


def signature(network: nn.Module, name: str) -> Signature:
    """The inputs of one call, by its signature; `UsageError` where the network has no such call."""
    if name == FORWARD and isinstance(known := getattr(network, "n_inputs", None), int):  # a graph, which says so
        return Signature((), known, known)
    try:
        found = operator.attrgetter(name)(network)
    except AttributeError:
        found = None
    if not callable(found):
        kind = type(network).__name__
        raise UsageError(f"--call {name}: {kind} has no such call", did_you_mean(name, own_calls(network)))
    if isinstance(schema := getattr(getattr(found, "forward", found), "schema", None), torch.FunctionSchema):
        arguments = schema.arguments[1:]
        required = sum(not argument.has_default_value() for argument in arguments)
        return Signature(tuple(argument.name for argument in arguments), required, len(arguments))
    called = found.forward if isinstance(found, nn.Module) else found
    parameters = inspect.signature(called).parameters.values()
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    required = sum(p.default is p.empty for p in positional)
    return Signature(tuple(p.name for p in positional), required, len(positional))


def own_calls(network: nn.Module) -> list[str]:
    """Methods and parts of a network that are its class's own; ``forward`` comes first."""
    parts = [name for name, _ in network.named_children() if not name.isdecimal()]
    methods = [name for name in dir(type(network)) if not hasattr(nn.Module, name) and not name.startswith("_")]
    return [FORWARD, *(name for name in methods if callable(getattr(network, name, None))), *parts]


class Called(nn.Module):
    """A network that samples by one call: a latent comes first, one output is taken, nothing global is changed."""

    def __init__(self, network: nn.Module, call: Call, taken: Callable[[Any], Any] = lambda output: output) -> None:
        super().__init__()
        self.network = network
        self.call = call
        self.taken = taken

    def forward(self, *inputs: torch.Tensor) -> Any:
        """The samples."""
        given = inputs[::-1] if self.call.signature.labels_first else inputs
        with unchanged():
            return self.taken(self.call.work(self.network, *given))

    def named_parameters(self, *arguments: Any, **named: Any) -> Any:
        """The network's, under its own names."""
        return self.network.named_parameters(*arguments, **named)
