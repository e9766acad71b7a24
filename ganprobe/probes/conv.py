"""A stride-2 convolutional net for pictures: the probe that sees local texture wherever it is.

No BatchNorm: batches are of one side or the other, and their statistics would leak the label.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from ganprobe.nets import training
from ganprobe.plan import Budget
from ganprobe.probes import Probe
from ganprobe.samples import scaling
from ganprobe.samples.folds import Folds
from ganprobe.samples.sides import Array, Floats, Indices, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``width`` channels in the first layer, doubled at each halving of the picture; the rest is the schedule."""

    width: int = 16
    epochs: int = 10
    least_epochs: int = 6
    patience: int = 4
    least_steps: int = 600
    batch: int = 64
    rate: float = 3e-3
    decay: float = 1e-2
    cycles: int = 1
    precision: Literal["float32", "bf16"] = "float32"


# Halving a side smaller than this leaves nothing to convolve.
_SMALLEST_SIDE = 8


COSTLY = True


def applies(pair: Pair) -> str | None:
    """Pictures of at least 8 x 8."""
    if pair.kind != "image":
        return "samples are not pictures"
    return None if min(pair.shape[1:]) >= _SMALLEST_SIDE else "pictures are smaller than 8 x 8"


def settings(budget: Budget, pair: Pair) -> Settings:
    """Epochs by budget, fewer for pictures larger than 32 x 32, whose epochs cost more."""
    epochs = {"fast": 3, "standard": 10, "thorough": 40}[budget]
    if math.prod(pair.shape[1:]) > 32 * 32:
        epochs = max(2, epochs // 2)
    return Settings(
        width=24 if budget == "thorough" else 16,
        epochs=epochs,
        least_epochs=max(2, epochs * 5 // 8),
        cycles={"fast": 1, "standard": 2, "thorough": 6}[budget],
        least_steps={"fast": 200, "standard": 600, "thorough": 3_000}[budget],
    )


def stronger(settings: Settings) -> Settings:
    """Twice the width; it is trained on for as long as it gains in any case."""
    return replace(settings, width=2 * settings.width)


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """All folds' nets at once."""
    scalers = [scaling.scaler(pair, fold, seeds) for fold in folds]
    sides = {"real": pair.real, "fake": pair.fake}

    def of_fold(k: int, values: Array) -> Array:
        return scalers[k](values).reshape(values.shape)

    def gather(side: training.Side, rows: Indices) -> Tensor:
        parts = [of_fold(k, sides[side][r]) for k, r in enumerate(rows)]
        return torch.from_numpy(np.stack(parts)).to(device)

    net = Conv(len(folds), pair.shape, settings.width, seeds).to(device)
    schedule = training.Schedule(
        settings.epochs,
        settings.least_epochs,
        settings.patience,
        settings.batch,
        settings.rate,
        settings.decay,
        settings.least_steps,
        settings.cycles,
        settings.precision,
    )
    trained = training.train(net, folds, gather, schedule, seeds, val_rows=2_000)
    nets = [training.slice_of(trained.net, k) for k in range(len(folds))]

    def logit(k: int, values: Array) -> Floats:
        def inputs(start: int, stop: int) -> Tensor:
            return torch.from_numpy(of_fold(k, values[start:stop]))[None].to(device)

        return training.score(nets[k], inputs, len(values))

    return Probe(logit, settings, trained.steps, trained.why_stopped)


class Conv(nn.Module):
    """K convolutional nets side by side: ``[K, b, channels, height, width]`` to ``[K, b]``."""

    def __init__(self, nets: int, shape: tuple[int, ...], width: int, seeds: Seeds) -> None:
        super().__init__()
        draw = torch.Generator().manual_seed(seeds.integer("weights"))
        channels, sides = [shape[0]], (shape[1], shape[2])
        while min(sides) >= _SMALLEST_SIDE or len(channels) < 3:
            channels.append(width * 2 ** (len(channels) - 1))
            sides = ((sides[0] + 1) // 2, (sides[1] + 1) // 2)

        def weight(*size: int) -> nn.Parameter:
            spread = math.sqrt(2 / math.prod(size[1:]))
            return nn.Parameter((torch.randn(*size, generator=draw) * spread).repeat(nets, *[1] * len(size)))

        steps = list(itertools.pairwise(channels))
        self.kernels = nn.ParameterList([weight(b, a, 3, 3) for a, b in steps])
        self.biases = nn.ParameterList([nn.Parameter(torch.zeros(nets, b)) for _, b in steps])
        features = channels[-1] * sides[0] * sides[1]
        self.hidden = weight(128, features)
        self.hidden_bias = nn.Parameter(torch.zeros(nets, 128))
        self.out = nn.Parameter(torch.zeros(nets, 1, 128))
        self.offset = nn.Parameter(torch.zeros(nets, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        # Net by net: as the groups of one convolution they take twice as long on a CPU.
        x = torch.stack([self._features(k, one) for k, one in enumerate(x)])
        x = nn.functional.leaky_relu(torch.baddbmm(self.hidden_bias[:, None], x, self.hidden.mT), 0.2)
        return torch.bmm(x, self.out.mT)[..., 0] + self.offset

    def _features(self, k: int, x: Tensor) -> Tensor:
        """``[b, channels, height, width]`` to ``[b, features]`` by the ``k``-th net."""
        for kernel, bias in zip(self.kernels, self.biases, strict=True):
            x = nn.functional.leaky_relu(nn.functional.conv2d(x, kernel[k], bias[k], stride=2, padding=1), 0.2)
        return x.flatten(1)
