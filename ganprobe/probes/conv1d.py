"""A convolutional net along an ordered axis: the probe that sees a pattern whenever it comes.

Patterns of a few steps, wherever they are, and then their mean over time: what follows one law at every place is learnt
from all places at once, and lag products (`ganprobe.probes.sequence`) need not be enough to say it. No BatchNorm.
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
from ganprobe.samples.folds import Folds
from ganprobe.samples.sequences import Series, axis_of, whether_ordered
from ganprobe.samples.sides import Array, Floats, Indices, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``axis``: the ordered one of a sample, from 0; ``width`` channels, doubled twice; the rest is the schedule."""

    axis: int = 0
    width: int = 12
    epochs: int = 12
    least_epochs: int = 8
    patience: int = 4
    least_steps: int = 300
    batch: int = 64
    rate: float = 3e-3
    decay: float = 1e-2
    cycles: int = 2
    precision: Literal["float32", "bf16"] = "float32"


COSTLY = True


def applies(pair: Pair) -> str | None:
    """Arrays one of whose axes is ordered."""
    return whether_ordered(pair)


def settings(budget: Budget, pair: Pair) -> Settings:
    """Epochs by budget."""
    axis = axis_of(pair) or 0
    if budget == "fast":
        return Settings(axis, epochs=5, least_epochs=4, least_steps=150, cycles=1)
    return Settings(axis) if budget == "standard" else Settings(axis, 32, 40, 20, 8, 2_000, cycles=4)


def stronger(settings: Settings) -> Settings:
    """Twice the width; it is trained on for as long as it gains in any case."""
    return replace(settings, width=2 * settings.width)


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """All folds' nets at once."""
    scales = []
    for fold in folds:
        rows = pair.real[fold.real.fit[:_SCALED]], pair.fake[fold.fake.fit[:_SCALED]]
        scales.append(Series.of(np.concatenate(rows), settings.axis))
    gather = _gathering(pair, scales, device)
    length = pair.shape[settings.axis]
    net = Conv1d(len(folds), pair.width // length, length, settings.width, seeds).to(device)
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
            return torch.from_numpy(scales[k](values[start:stop]))[None].to(device)

        return training.score(nets[k], inputs, len(values))

    return Probe(logit, settings, trained.steps, trained.why_stopped)


def _gathering(pair: Pair, scales: list[Series], device: str) -> training.Gather:
    """Short sequences are scaled once and kept, K times over; long ones batch by batch."""
    sides = {"real": pair.real, "fake": pair.fake}
    kept = {}
    if sum(side.size for side in sides.values()) * len(scales) <= _KEPT:
        kept = {name: [scale(side) for scale in scales] for name, side in sides.items()}

    def gather(side: training.Side, rows: Indices) -> Tensor:
        if kept:
            parts = [scaled[r] for scaled, r in zip(kept[side], rows, strict=True)]
        else:
            parts = [scale(sides[side][r]) for scale, r in zip(scales, rows, strict=True)]
        return torch.from_numpy(np.stack(parts)).to(device)

    return gather


_KEPT = 2**27
# Rows of each side that scales are measured on.
_SCALED = 2_000
_KERNEL = 5
# Steps that are left after the first convolution: longer sequences take longer strides.
_STEPS = 16


class Conv1d(nn.Module):
    """K nets side by side: ``[K, b, channels, time]`` to ``[K, b]``."""

    def __init__(self, nets: int, channels: int, length: int, width: int, seeds: Seeds) -> None:
        super().__init__()
        draw = torch.Generator().manual_seed(seeds.integer("weights"))
        self.strides = (max(1, length // _STEPS), 2, 1)
        sizes = (channels, width, 2 * width, 4 * width)

        def weight(*size: int) -> nn.Parameter:
            spread = math.sqrt(2 / math.prod(size[1:]))
            return nn.Parameter((torch.randn(*size, generator=draw) * spread).repeat(nets, *[1] * len(size)))

        steps = list(itertools.pairwise(sizes))
        self.kernels = nn.ParameterList(
            [weight(b, a, _KERNEL + stride - 1) for (a, b), stride in zip(steps, self.strides, strict=True)]
        )
        self.biases = nn.ParameterList([nn.Parameter(torch.zeros(nets, b)) for _, b in steps])
        self.hidden = weight(64, 2 * sizes[-1])
        self.hidden_bias = nn.Parameter(torch.zeros(nets, 64))
        self.out = nn.Parameter(torch.zeros(nets, 1, 64))
        self.offset = nn.Parameter(torch.zeros(nets, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        nets, rows, _, length = x.shape
        # All nets as the groups of one convolution: such short ones cost what their number does.
        x = x.transpose(0, 1).reshape(rows, -1, length)
        for kernel, bias, stride in zip(self.kernels, self.biases, self.strides, strict=True):
            padding = kernel.shape[-1] // 2
            x = nn.functional.conv1d(x, kernel.flatten(0, 1), bias.flatten(), stride, padding, groups=nets)
            x = nn.functional.silu(x)
        x = torch.cat([seen.reshape(rows, nets, -1) for seen in (x.mean(2), x.amax(2))], 2).transpose(0, 1)
        x = nn.functional.silu(torch.baddbmm(self.hidden_bias[:, None], x, self.hidden.mT))
        return torch.bmm(x, self.out.mT)[..., 0] + self.offset
