"""Shapes that a network's latent may have: the one that is asked for, else what its attributes and layers suggest."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import nn

from ganprobe.errors import UsageError

_NAMES = ("z_dim", "latent_dim", "nz", "latent_size", "dim_z", "noise_dim", "latent_channels")


def latents(module: nn.Module, asked: str | None, label_widths: list[int]) -> Iterator[tuple[tuple[int, ...], str]]:
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
    for name in _NAMES:
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


def times(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))
