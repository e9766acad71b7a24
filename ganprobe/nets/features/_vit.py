"""A vision transformer (Dosovitskiy et al. 2021), its sizes read from the weights.

DINOv2 and CLIP differ in names, in the activation, in a scale of each branch, and in where the first norm stands.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import conv2d, interpolate, layer_norm, linear, scaled_dot_product_attention

Weights = Mapping[str, Tensor]


@dataclass(frozen=True, slots=True)
class Names:
    """What the weights of a block are called, and what stands between its layers; ``heads`` are 64 wide."""

    block: str
    norms: tuple[str, str]
    qkv: tuple[str, str]
    out: str
    hidden: str
    back: str
    activation: Callable[[Tensor], Tensor]
    scales: tuple[str, str] | None = None
    epsilon: float = 1e-6


def tokens(pictures: Tensor, kernel: Tensor, bias: Tensor | None, first: Tensor, places: Tensor) -> Tensor:
    """``[n, 1 + p, width]``: a ``first`` token and one for each patch, with their ``places`` ``[1 + p, width]``."""
    patches = conv2d(pictures, kernel, bias, stride=kernel.shape[-1])
    rows, columns = patches.shape[2:]
    x = torch.cat((first.reshape(1, 1, -1).expand(len(pictures), -1, -1), patches.flatten(2).mT), 1)
    return x + _resized(places, rows, columns)


def _resized(places: Tensor, rows: int, columns: int) -> Tensor:
    """Places of a square of patches as those of ``rows`` by ``columns``."""
    side = math.isqrt(len(places) - 1)
    if (rows, columns) == (side, side):
        return places
    grid = places[1:].reshape(1, side, side, -1).permute(0, 3, 1, 2)
    grid = interpolate(grid, (rows, columns), mode="bicubic", antialias=True, align_corners=False)
    return torch.cat((places[:1], grid.flatten(2).mT[0]), 0)


def blocks(x: Tensor, weights: Weights, names: Names) -> Tensor:
    """``x`` ``[n, tokens, width]`` through all blocks that ``weights`` hold."""
    k = 0
    while f"{names.block.format(k)}{names.out}.weight" in weights:
        x = _block(x, weights, names.block.format(k), names)
        k += 1
    if not k:
        raise KeyError(f"{names.block.format(0)}{names.out}.weight")
    return x


def norm(x: Tensor, weights: Weights, name: str, epsilon: float) -> Tensor:
    """Layer normalisation by the weights called ``name``."""
    return layer_norm(x, x.shape[-1:], weights[f"{name}.weight"], weights[f"{name}.bias"], epsilon)


def _block(x: Tensor, weights: Weights, own: str, names: Names) -> Tensor:
    def by(name: str, values: Tensor) -> Tensor:
        return linear(values, weights[f"{own}{name}.weight"], weights[f"{own}{name}.bias"])

    def scaled(branch: int, values: Tensor) -> Tensor:
        return values if names.scales is None else values * weights[f"{own}{names.scales[branch]}"]

    seen = norm(x, weights, f"{own}{names.norms[0]}", names.epsilon)
    qkv = linear(seen, weights[f"{own}{names.qkv[0]}"], weights[f"{own}{names.qkv[1]}"])
    heads = max(1, x.shape[-1] // 64)
    q, k, v = (part.reshape(*part.shape[:2], heads, -1).transpose(1, 2) for part in qkv.chunk(3, -1))
    x = x + scaled(0, by(names.out, scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)))
    seen = norm(x, weights, f"{own}{names.norms[1]}", names.epsilon)
    return x + scaled(1, by(names.back, names.activation(by(names.hidden, seen))))
