"""The demo's GAN: two small perceptrons trained on digits of 8x8 pixels and four grey levels.

It has the non-saturating loss (Goodfellow et al. 2014), and the R1 penalty on the discriminator's gradient at the
reals, without which such a GAN need not converge (Mescheder, Geiger and Nowozin 2018). What is kept is the running
average of the generator's weights.

The discriminator sees pictures as they are saved: which of the four levels each pixel is rounded to. One that sees raw
output learns that the reals are rounded, and little else. Of the 17 levels such a GAN gets .45 nats away from the
digits with raw output under noise, .22 when its discriminator sees levels; of four levels it gets to .03.
"""

from __future__ import annotations

import copy
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from ganprobe import machine
from ganprobe.seeds import Seeds

Bytes = npt.NDArray[np.uint8]

# Saved after so many steps: early ones close together, for that is where most is learned.
STEPS = (100, 300, 1_000, 3_000, 10_000)

# Evenly spaced in 8 bits, black and white at the ends: 0, 85, 170, 255.
LEVELS = 4
APART = 255 // (LEVELS - 1)
_Z_DIM = 32
_WIDTH = 256
_BATCH = 128
_RATE = 5e-4
_R1 = 2.0
# The penalty is taken every so many steps, so many times as large (Karras et al. 2020).
_LAZY = 4
_AVERAGE = 0.999


class Generator(nn.Module):
    """Latents ``[n, z_dim]`` to pictures ``[n, 1, 8, 8]`` in [-1, 1]."""

    def __init__(self, z_dim: int = 32, width: int = 256) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(z_dim, width),
            nn.LeakyReLU(0.2),
            nn.Linear(width, width),
            nn.LeakyReLU(0.2),
            nn.Linear(width, 64),
        )

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """``z``: ``[n, z_dim]``."""
        pixels: torch.Tensor = self.layers(z)
        return pixels.clamp(-1, 1).reshape(-1, 1, 8, 8)


class Progress(Protocol):
    """Is told what is being done and, where that is known, which share of it is done."""

    def __call__(self, stage: str, share: float | None = None) -> None:
        """``stage`` goes on; ``share`` is within [0, 1]."""


def train(pictures: Bytes, seed: int, progress: Progress) -> dict[int, dict[str, Tensor]]:
    """Train on ``[n, 8, 8]`` uint8; the averaged weights of the generator at each of `STEPS`."""
    real = _levels(torch.from_numpy(pictures.reshape(-1, 64) / 127.5 - 1).float())
    rng = torch.Generator().manual_seed(Seeds(seed).integer("batches"))
    saved = {}
    # So small a GAN gains nothing from a second thread, and its weights must not depend on how many there are.
    with machine.limit_threads(1):
        generator, discriminator = _networks(Seeds(seed).integer("weights"))
        average = copy.deepcopy(generator).requires_grad_(False)
        generator_adam = torch.optim.Adam(generator.parameters(), _RATE, (0.5, 0.99), fused=True)
        discriminator_adam = torch.optim.Adam(discriminator.parameters(), 2 * _RATE, (0.5, 0.99), fused=True)
        for step in range(1, STEPS[-1] + 1):
            if step % 50 == 0:
                progress("train a GAN on digits", step / STEPS[-1])
            batch = real[torch.randint(len(real), (_BATCH,), generator=rng)]
            fake = _levels(generator.layers(torch.randn(_BATCH, _Z_DIM, generator=rng)))

            logit = discriminator(batch.requires_grad_(step % _LAZY == 0))
            loss = nn.functional.softplus(-logit).mean() + nn.functional.softplus(discriminator(fake.detach())).mean()
            if batch.requires_grad:
                (slope,) = torch.autograd.grad(logit.sum(), batch, create_graph=True)
                loss = loss + _LAZY * _R1 * slope.square().sum(1).mean()
            discriminator_adam.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            discriminator_adam.step()

            loss = nn.functional.softplus(-discriminator(fake)).mean()
            generator_adam.zero_grad()
            loss.backward(inputs=[*generator.parameters()])  # type: ignore[no-untyped-call]
            generator_adam.step()
            for mean, now in zip(average.parameters(), generator.parameters(), strict=True):
                # A young average forgets faster, or it would remember the first weights for hundreds of steps.
                mean.lerp_(now.detach(), 1 - min(_AVERAGE, step / (step + 10)))
            if step in STEPS:
                saved[step] = copy.deepcopy(average.state_dict())
    return saved


def _levels(pixels: Tensor) -> Tensor:
    """Which grey level each of ``[n, 64]`` pixels is rounded to: ``[n, 64 * LEVELS]``, zeros and ones.

    Rounding has no gradient. In its place stands that of a hat over each level, three levels wide ("straight through",
    Bengio, Leonard and Courville 2013); outside the range it is a tenth of that at the end, so that no pixel is stuck.
    """
    apart = 2 / (LEVELS - 1)
    within = pixels.clamp(-1, 1)
    exact = nn.functional.one_hot(((within + 1) / apart).round().long(), LEVELS)
    leaky = within + 0.1 * (pixels - pixels.detach())
    near = (1 - (leaky[..., None] - torch.linspace(-1, 1, LEVELS)).abs() / (1.5 * apart)).clamp(min=0)
    return (near + (exact - near).detach()).flatten(1)


def _networks(seed: int) -> tuple[Generator, nn.Module]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        discriminator = nn.Sequential(
            nn.Linear(64 * LEVELS, _WIDTH),
            nn.LeakyReLU(0.2),
            nn.Linear(_WIDTH, _WIDTH),
            nn.LeakyReLU(0.2),
            nn.Linear(_WIDTH, 1),
        )
        return Generator(_Z_DIM, _WIDTH), discriminator
