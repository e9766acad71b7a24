"""What a network is called with: latents from their law, labels from theirs; the same for the same number and seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from ganprobe.plan import Law
from ganprobe.samples.sides import Floats
from ganprobe.seeds import Seeds


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

    @property
    def described(self) -> tuple[object, ...]:
        """All that decides what `__call__` gives, in text and numbers."""
        labels = None if self.labels is None else (self.labels.weights.tolist(), self.labels.one_hot)
        return self.latent, self.law, labels, self.device.type

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
class Rows:
    """What a call is given that draws its own noise: a number for each sample, the first of a batch being its seed."""

    device: torch.device

    def __call__(self, n: int, seed: int) -> tuple[torch.Tensor, ...]:
        """``[n]`` int64, the same for the same ``n`` and ``seed``."""
        return (torch.from_numpy(Seeds(seed).numpy("calls").integers(2**31, size=n)).to(self.device),)

    @property
    def described(self) -> tuple[object, ...]:
        """All that decides what `__call__` gives, in text and numbers."""
        return ("rows", self.device.type)
