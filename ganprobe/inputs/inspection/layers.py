"""Layers read off the names and shapes of weights, and what they suggest of the latent and the output.

A weight of two axes is a linear layer ``[out, in]`` or, by its name, an embedding. One of three to five is a
convolution: plain ``[out, in, ...]`` or transposed ``[in, out, ...]``, told apart by the length of the bias or the norm
that follows, else by which of the two continues the layer before.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ganprobe.inputs.described import TensorInfo

_WEIGHTS = (
    "weight",
    "weight_orig",
    "weight_v",
    "parametrizations.weight.original1",
    "parametrizations.weight.original",
)
_NORM = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
Kind = Literal["linear", "conv", "transposed", "embedding", "norm"]


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: the name of its module, what it takes and gives, its kernel where it is a convolution, its tensors."""

    name: str
    kind: Kind
    inputs: int
    outputs: int
    kernel: tuple[int, ...] = ()
    bias: bool = False
    tensors: int = 1


@dataclass(frozen=True, slots=True)
class Guess:
    """What the layers suggest, in words; None where they suggest nothing."""

    latent: str | None = None
    output: str | None = None
    labels: str | None = None


def layers_of(tensors: Mapping[str, TensorInfo]) -> list[Layer]:
    """The layers in the order of their weights."""
    found: list[Layer] = []
    names = list(tensors)
    for at, name in enumerate(names):
        suffix = next((s for s in _WEIGHTS if name == s or name.endswith(f".{s}")), None)
        shape = tensors[name].shape
        if suffix is None or not 1 <= len(shape) <= 5 or 0 in shape:
            continue
        module = name.removesuffix(suffix).rstrip(".")
        inside = f"{module}." if module else ""
        bias = tensors.get(f"{inside}bias")
        held = (bias is not None, 1 + (bias is not None))
        if len(shape) == 1:
            whole = sum(f"{inside}{part}" in tensors for part in _NORM)
            found.append(Layer(module, "norm", shape[0], shape[0], bias=bias is not None, tensors=whole))
        elif len(shape) == 2:
            kind: Kind = "embedding" if "emb" in module.lower() and bias is None else "linear"
            found.append(Layer(module, kind, shape[1], shape[0], (), *held))
        else:
            following = (tensors[n].shape for n in itertools.islice(names, at + 1, at + 3))
            width = bias.shape if bias is not None else next((s for s in following if len(s) == 1), ())
            before = next((layer.outputs for layer in reversed(found) if layer.kind != "embedding"), None)
            if _is_transposed(shape, width, before):
                found.append(Layer(module, "transposed", shape[0], shape[1], shape[2:], *held))
            else:
                found.append(Layer(module, "conv", shape[1], shape[0], shape[2:], *held))
    return found


def _is_transposed(shape: tuple[int, ...], width: tuple[int, ...], before: int | None) -> bool:
    if shape[0] != shape[1] and width in ((shape[0],), (shape[1],)):
        return width == (shape[1],)
    return before is None or before == shape[0] or before % shape[0] == 0  # a generator starts from its latent


def guess(layers: list[Layer]) -> Guess:
    """The latent that the first layer takes, the output that the last one gives, and the classes of an embedding."""
    tables = [layer for layer in layers if layer.kind == "embedding"]
    chain = [layer for layer in layers if layer.kind not in ("embedding", "norm")]
    if not chain:
        return Guess()
    start, last = _start(chain), chain[-1]
    ones = "x1" * len(chain[start].kernel)
    latent = f"{chain[start].inputs}{ones}, what layer {chain[start].name or 'itself'} takes"
    if start:
        latent += f" (before it lies what looks like an encoder of {chain[0].inputs})"
    if tables:
        latent += f"; with labels embedded in {tables[0].inputs} in it, or beside it"
    output = f"{last.outputs} channels" if last.kernel else f"{last.outputs} numbers{_picture(last.outputs)}"
    labels = f"{tables[0].outputs} classes, embedded by {tables[0].name}" if tables else None
    return Guess(latent, output, labels)


def _start(chain: list[Layer]) -> int:
    """Where a decoder starts: at the narrowest input, if the whole goes back to the width that it began with."""
    narrowest = min(range(len(chain)), key=lambda i: chain[i].inputs)
    returns = chain[0].inputs == chain[-1].outputs and chain[narrowest].inputs < chain[0].inputs
    return narrowest if returns else 0


def critic(layers: list[Layer]) -> str | None:
    """What speaks for a network that scores samples: it narrows to one number; None where nothing does."""
    chain = [layer for layer in layers if layer.kind not in ("embedding", "norm")]
    if len(chain) < 2 or chain[-1].outputs != 1 or any(layer.kind == "transposed" for layer in chain):
        return None
    first, last = chain[0], chain[-1]
    if not first.kernel:
        return None if last.kernel else f"it gives one number for {first.inputs}, as only a generator of numbers would"
    # A denoiser comes back to its first width, a critic's last layer takes the widest.
    if last.kernel and last.inputs < max(layer.outputs for layer in chain):
        return None
    return f"it takes pictures of {first.inputs} channels and gives one number"


def looks_like_pictures(last: Layer) -> bool:
    """Whether the last layer gives one or three channels, or the numbers of a square picture."""
    return last.outputs in (1, 3) if last.kernel else bool(_picture(last.outputs))


def _picture(width: int) -> str:
    for channels in (1, 3):
        side = math.isqrt(width // channels)
        if channels * side * side == width and side >= 8:
            return f", perhaps {channels}x{side}x{side}"
    return ""
