"""From a network to a `Generator`: which latent it takes, from which law, with which labels.

A file of weights does not say what the network wants. Each layer in turn suggests a latent (a linear layer its inputs,
a convolution its channels by one by one), and the first that two samples pass through is taken, and said. Drawing is a
pure function of ``(n, seed)``: latents and labels come from their own stream, and a network with noise inside finds the
global one seeded from the same number.
"""

from __future__ import annotations

import contextlib
import inspect
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from ganprobe.errors import InputError, ResourceError, UsageError
from ganprobe.inputs.checkpoints import CheckpointOptions
from ganprobe.inputs.usercode import UserCodeError, contained
from ganprobe.plan import Law
from ganprobe.record.all import CheckpointRecord
from ganprobe.samples.sides import Array, Floats, Generator
from ganprobe.seeds import Seeds

LATENT_NAMES = ("z_dim", "latent_dim", "nz", "latent_size", "dim_z", "noise_dim", "latent_channels")
CLASS_NAMES = ("num_classes", "n_classes", "n_class", "c_dim")
# What labels are called among a network's inputs, in lower case.
_LABELS = {"label", "labels", "y", "c", "cls", "classes", "class_labels", "class_label", "cond", "condition", "onehot"}
_MOST_BATCH = 512
_MOST_BATCH_VALUES = 2**24
_MODE_SAMPLES = 256


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """The law of the labels: ``weights[c]`` for class c, passed as integers or one-hot."""

    weights: Floats
    one_hot: bool

    def draw(self, n: int, seed: int) -> torch.Tensor:
        """``[n]`` int64, or ``[n, classes]`` float32."""
        drawn = Seeds(seed).numpy("labels").choice(len(self.weights), n, p=self.weights)
        labels = torch.from_numpy(drawn.astype(np.int64))
        return nn.functional.one_hot(labels, len(self.weights)).float() if self.one_hot else labels


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """What the network is called with: latents of shape ``[n, *latent]``, then labels where it takes them."""

    latent: tuple[int, ...]
    law: Law
    labels: Labels | None
    device: torch.device

    def __call__(self, n: int, seed: int) -> tuple[torch.Tensor, ...]:
        """The same tensors for the same ``n`` and ``seed``, on the network's device."""
        stream = torch.Generator().manual_seed(Seeds(seed).integer("latents"))
        z = self._latents(n, stream).to(self.device)
        return (z,) if self.labels is None else (z, self.labels.draw(n, seed).to(self.device))

    def _latents(self, n: int, stream: torch.Generator) -> torch.Tensor:
        if self.law in ("uniform", "uniform01"):
            z = torch.rand((n, *self.latent), generator=stream, dtype=torch.float32)
            return z if self.law == "uniform01" else 2 * z - 1
        z = torch.randn((n, *self.latent), generator=stream, dtype=torch.float32)
        if self.law == "normal":
            return z
        flat = z.flatten(1)
        radius = flat.shape[1] ** 0.5
        norms = torch.linalg.vector_norm(flat, dim=1, keepdim=True)
        sphere: torch.Tensor = radius * flat / norms
        return sphere.reshape(z.shape)


@dataclass(frozen=True, slots=True, eq=False)
class Draw:
    """Samples from a network in the mode that it is in: no gradients, in batches, back on the CPU."""

    module: nn.Module
    inputs: Inputs
    shape: tuple[int, ...]
    path: str

    def __call__(self, n: int, seed: int) -> Array:
        """``[n, *shape]``, a pure function of its arguments; global random streams are left as they were.

        Raises `InputError` where the network fails or gives NaN, `ResourceError` where memory runs out.
        """
        samples = np.empty((n, *self.shape), np.float32)
        width = int(np.prod(self.shape, dtype=np.int64))
        batch = max(1, min(_MOST_BATCH, _MOST_BATCH_VALUES // max(1, width)))
        if self.module.training:  # BatchNorm looks at the batch: no small rest
            batch = math.ceil(n / math.ceil(n / batch))
        inputs = self.inputs(n, seed)
        try:
            with (
                contained(Seeds(seed).integer("network"), self.inputs.device),
                torch.no_grad(),
                _unchanged(self.module),
            ):
                for start in range(0, n, batch):
                    output = self.module(*(tensor[start : start + batch] for tensor in inputs))
                    samples[start : start + batch] = output.float().cpu().numpy()
        except UserCodeError as error:
            if "allocate memory" in str(error):
                raise ResourceError(
                    f"{self.path}: out of memory while sampling", "give --num-fake a smaller number"
                ) from error
            raise InputError(
                f"{self.path}: the generator failed while sampling ({error})", "check the model and its latent"
            ) from error
        except (MemoryError, torch.OutOfMemoryError) as error:
            raise ResourceError(
                f"{self.path}: out of memory while sampling", "give --num-fake a smaller number, or --device cpu"
            ) from error
        finite = np.isfinite(samples.reshape(n, width)).all(axis=1)
        if not finite.all():
            raise InputError(
                f"{self.path}: {int((~finite).sum())} of {n} generated samples hold NaN or infinite values",
                "the weights or the latent law are wrong: use another checkpoint, or --z-dist",
            )
        return samples


@contextlib.contextmanager
def _unchanged(module: nn.Module) -> Iterator[None]:
    """Put back what drawing in training mode leaves behind: running statistics."""
    before = [buffer.clone() for buffer in module.buffers()] if module.training else []
    try:
        yield
    finally:
        for buffer, value in zip(module.buffers(), before, strict=False):
            buffer.copy_(value)


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
    if _n_inputs(module).labels_first:
        network = LabelsFirst(module)
        record = replace(record, notes=(*record.notes, "labels are the generator's first input, latents its second"))
    for latent, source, labels in _attempts(module, options):
        inputs = Inputs(latent, options.z_dist, labels, device)
        try:
            output = _trial(network, inputs)
        except UserCodeError as error:
            failure = failure or f"does not run on a latent of shape {_times(latent)} ({error})"
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
        notes.append(f"latent {_times(inputs.latent)} inferred from {source}")
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
    n_inputs = _n_inputs(module)
    embeddings = [m for m in module.modules() if isinstance(m, nn.Embedding)]
    conditional = n_inputs.required >= 2 or (bool(embeddings) and n_inputs.possible >= 2)
    if n_inputs.required > 2:
        raise UsageError(
            f"the generator takes {n_inputs.required} inputs; only a latent and labels are given",
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
    for latent, source in _latents(module, options.z_dim, sorted(label_widths)):
        for law in laws:
            yield latent, source, law


@dataclass(frozen=True, slots=True)
class _Arity:
    required: int
    possible: int
    labels_first: bool = False


def _n_inputs(module: nn.Module) -> _Arity:
    """How many positional inputs ``forward`` must and may be given."""
    if isinstance(module, torch.jit.ScriptModule):
        arguments = module.forward.schema.arguments[1:]  # type: ignore[attr-defined]
        named = [a.name for a in arguments]
        return _Arity(sum(not a.has_default_value() for a in arguments), len(arguments), _labels_first(named))
    if isinstance(known := getattr(module, "n_inputs", None), int):  # a graph, which says so
        return _Arity(known, known)
    parameters = list(inspect.signature(module.forward).parameters.values())
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    named = [p.name for p in positional]
    return _Arity(sum(p.default is p.empty for p in positional), len(positional), _labels_first(named))


def _labels_first(names: list[str]) -> bool:
    """By the names of the inputs: concatenated in the wrong order, one-hot labels and latents would pass for others."""
    return len(names) > 1 and names[0].lower() in _LABELS and names[1].lower() not in _LABELS


def _n_classes(module: nn.Module, embeddings: list[nn.Embedding], asked: int | None) -> int:
    known = [asked, *(e.num_embeddings for e in embeddings), *(getattr(module, name, None) for name in CLASS_NAMES)]
    for n in known:
        if isinstance(n, int) and n >= 1:
            return n
    raise UsageError("the generator takes labels, and does not say how many classes there are", "give --num-classes N")


def _latents(module: nn.Module, asked: str | None, label_widths: list[int]) -> Iterator[tuple[tuple[int, ...], str]]:
    """Shapes to try: the asked one; else what attributes and layers suggest, with and without room for labels."""
    if asked is not None:
        latent = parse_latent(asked)
        yield latent, ""
        if len(latent) == 1:
            yield (*latent, 1, 1), f"--z-dim {asked}, which the network takes as channels"
        return
    seen = set()
    for latent, source in _suggested(module, label_widths):
        if latent not in seen and latent[0] >= 1:
            seen.add(latent)
            yield latent, source


def _suggested(module: nn.Module, label_widths: list[int]) -> Iterator[tuple[tuple[int, ...], str]]:
    if isinstance(shape := getattr(module, "latent_shape", None), tuple):
        yield shape, "what it was exported for"
    for name in LATENT_NAMES:
        width = getattr(module, name, None)
        if isinstance(width, int) and not isinstance(width, bool):
            yield (width,), f"its attribute {name}"
            yield (width, 1, 1), f"its attribute {name}"
    for name, layer in module.named_modules():
        weight = getattr(layer, "weight", None)
        kind = str(getattr(layer, "original_name", type(layer).__name__))
        if not isinstance(weight, torch.Tensor) or weight.ndim < 2 or "Embedding" in kind:
            continue
        width = weight.shape[0 if "Transpose" in kind else 1]
        ones = (1,) * (weight.ndim - 2)
        for taken in (0, *label_widths):
            yield (width - taken, *ones), f"layer {name or 'itself'} ({kind})"


def parse_latent(text: str) -> tuple[int, ...]:
    """``64`` or ``64x1x1`` as a shape; anything else is a `UsageError`."""
    parts = text.lower().split("x")
    if not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise UsageError(f"--z-dim {text!r} is not a latent's shape", "for example --z-dim 64 or --z-dim 64x1x1")
    return tuple(map(int, parts))


def _times(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))
