"""From a network to a `Generator`: which latent it takes, from which law, with which labels.

A file of weights does not say what the network wants. Each layer in turn suggests a latent (a linear layer its inputs,
a convolution its channels by one by one), and the first that two samples pass through is taken, and said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import nn

from ganprobe.errors import InputError, UsageError
from ganprobe.inputs.checkpoints import CheckpointOptions
from ganprobe.inputs.checkpoints._draw import Draw
from ganprobe.inputs.checkpoints._inputs import Inputs, Labels
from ganprobe.inputs.checkpoints._latents import latents, times
from ganprobe.inputs.checkpoints._signature import n_inputs
from ganprobe.inputs.usercode import UserCodeError, contained
from ganprobe.record.sources import CheckpointRecord
from ganprobe.samples.sides import Generator

_CLASS_NAMES = ("num_classes", "n_classes", "n_class", "c_dim")
_MODE_SAMPLES = 256


class FirstOutput(nn.Module):
    """A network that returns several things, reduced to the first."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        """The first of the network's outputs."""
        first: torch.Tensor = self.network(*inputs)[0]
        return first


class LabelsFirst(nn.Module):
    """A network that takes labels and then the latent, called the other way round."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, latent: torch.Tensor, labels: torch.Tensor) -> Any:
        """What the network returns."""
        return self.network(labels, latent)


def generator(module: nn.Module, record: CheckpointRecord, options: CheckpointOptions) -> Generator:
    """Find out what ``module`` takes, by options and by trial, and make it drawable.

    Raises `UsageError` where an option is missing or unusable, `InputError` where the network does not run.
    """
    try:
        device = torch.device(options.device)
        module = module.to(device).float().eval()
    except (RuntimeError, AssertionError) as error:
        raise UsageError(
            f"device {options.device!r} cannot be used ({str(error).splitlines()[0]})", "use --device cpu"
        ) from error
    failure: str | None = None
    network = module
    if n_inputs(module).labels_first:
        network = LabelsFirst(module)
        record = replace(record, notes=(*record.notes, "labels are the generator's first input, latents its second"))
    for latent, source, labels in _attempts(module, options):
        inputs = Inputs(latent, options.z_dist, labels, device)
        try:
            output = _trial(network, inputs)
        except UserCodeError as error:
            failure = failure or f"does not run on a latent of shape {times(latent)} ({error})"
            continue
        return _made(network, inputs, output, source, replace(record, mode=options.mode))
    if failure is None:
        raise UsageError(
            f"{record.path}: cannot tell which latent the generator takes", "give it with --z-dim N or --z-dim CxHxW"
        )
    raise InputError(f"{record.path}: the generator {failure}", "give its own with --z-dim N or --z-dim CxHxW")


def _made(module: nn.Module, inputs: Inputs, output: Any, source: str, record: CheckpointRecord) -> Generator:
    notes = list(record.notes)
    if isinstance(output, (tuple, list)):
        module, output = FirstOutput(module), output[0]
        notes.append("the generator returns several things; the first is taken")
    if source:
        notes.append(f"latent {times(inputs.latent)} inferred from {source}")
    if inputs.law == "sphere":
        notes.append("latents on the sphere of radius sqrt(z_dim)")
    labels = inputs.labels
    record = replace(
        record,
        latent=inputs.latent,
        latent_law=inputs.law,
        labels=None if labels is None else f"uniform over {len(labels.weights)} classes{', one-hot' * labels.one_hot}",
        parameters=sum(parameter.numel() for parameter in module.parameters()),
        notes=tuple(notes),
    )
    shape = tuple(int(size) for size in output.shape[1:])
    draw = Draw(module, inputs, shape, record.path)
    record = replace(record, mode_gap=_mode_gap(draw))
    module.train(record.mode == "train")
    return Generator(module, draw, inputs, shape, record)


def _mode_gap(draw: Draw) -> float | None:
    """How far training mode takes the samples of evaluation mode, in standard deviations; None where it cannot."""
    names = (str(getattr(layer, "original_name", type(layer).__name__)) for layer in draw.module.modules())
    if not any("Dropout" in name or "BatchNorm" in name or "InstanceNorm" in name for name in names):
        return None
    fixed = draw(_MODE_SAMPLES, 0)
    draw.module.train()
    try:
        moving = draw(_MODE_SAMPLES, 0)
    except InputError:  # some networks cannot be sampled while they train
        return None
    finally:
        draw.module.eval()
    spread = float(np.sqrt(fixed.var(axis=0, dtype=np.float64).mean()))
    apart = float(np.sqrt(np.mean((moving - fixed) ** 2, dtype=np.float64)))
    return apart / spread if spread > 0 else None


def _trial(module: nn.Module, inputs: Inputs) -> Any:
    """The output for two samples; `UserCodeError` where it is not two samples."""
    with contained(0, inputs.device), torch.no_grad():
        output = module(*inputs(2, 0))
        first = output[0] if isinstance(output, (tuple, list)) else output
        if not isinstance(first, torch.Tensor):
            raise TypeError(f"it returns {type(first).__name__}, not a tensor")
        if first.ndim < 2 or len(first) != 2 or first.is_complex():
            raise ValueError(f"for 2 latents it returns a tensor of shape {list(first.shape)}")
    return output


def _attempts(module: nn.Module, options: CheckpointOptions) -> Iterator[tuple[tuple[int, ...], str, Labels | None]]:
    """Latents to try, each with where it was read, and each way of passing labels."""
    arity = n_inputs(module)
    embeddings = [m for m in module.modules() if isinstance(m, nn.Embedding)]
    conditional = arity.required >= 2 or (bool(embeddings) and arity.possible >= 2)
    if arity.required > 2:
        raise UsageError(
            f"the generator takes {arity.required} inputs; only a latent and labels are given",
            "give -m a subclass whose forward(self, z, labels) calls super().forward(...) with the rest filled in",
        )
    laws: list[Labels | None] = [None]
    n_classes = 0
    if conditional:
        n_classes = _n_classes(module, embeddings, options.num_classes)
        uniform = np.full(n_classes, 1 / n_classes)
        laws = [Labels(uniform, one_hot=False), Labels(uniform, one_hot=True)]
    elif options.num_classes is not None:
        raise UsageError("--num-classes is given, but the generator takes no labels", "leave it out")
    label_widths = {n_classes, *(e.embedding_dim for e in embeddings)} - {0} if conditional else set()
    for latent, source in latents(module, options.z_dim, sorted(label_widths)):
        for law in laws:
            yield latent, source, law


def _n_classes(module: nn.Module, embeddings: list[nn.Embedding], asked: int | None) -> int:
    known = [asked, *(e.num_embeddings for e in embeddings), *(getattr(module, name, None) for name in _CLASS_NAMES)]
    for n in known:
        if isinstance(n, int) and n >= 1:
            return n
    raise UsageError("the generator takes labels, and does not say how many classes there are", "give --num-classes N")
