r"""Nets for samples under Gaussian noise of every size: one a fold, which sees the size of the noise too.

Each sample of a batch has noise of a size drawn log-uniformly. The layers are scaled and shifted by bumps of log sigma,
so that neighbouring sizes share what they learn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from ganprobe.nets import training
from ganprobe.objective import LOG2
from ganprobe.samples import scaling
from ganprobe.samples.folds import Folds
from ganprobe.samples.sides import Array, Floats, Indices, Pair
from ganprobe.seeds import Seeds

# The two sides as flat samples, ``[n, d]``.
Sides = dict[training.Side, Array]
# A probe's logits at each of some sigmas, ``[len(sigmas), n]``: from a fold, samples and noise ``[n, d]``, and these.
Judge = Callable[[int, Array, Tensor, Sequence[float]], Floats]


@dataclass(frozen=True, slots=True)
class Work:
    """Two layers of ``width`` units, ``steps`` steps of ``batch`` samples a side at ``rate``."""

    width: int
    steps: int
    batch: int
    rate: float


class Noisy:
    """Samples with noise as the net of each fold sees them; ``unit`` is that of the noise, ``[d]``.

    A coordinate enters centred, divided by the root of the sum of its own variance and that of the noise, squashed
    beyond three deviations as for other probes; then come the sums of the coordinates and of their squares, and last
    log sigma.
    """

    def __init__(self, pair: Pair, folds: Folds, unit: Array, seeds: Seeds, device: str) -> None:
        self._unit = torch.from_numpy(unit)
        scalers = [scaling.scaler(pair, fold, seeds) for fold in folds]
        self._centre = torch.from_numpy(np.stack([s.centre for s in scalers]))[:, None].to(device)
        self._variance = torch.from_numpy(np.stack([s.spread**2 for s in scalers]))[:, None].to(device)
        self.device = device
        self.inputs = len(unit) + 2

    def __call__(self, folds: slice, samples: Array, log_sigma: Tensor, noise: Tensor) -> Tensor:
        """``[K, b, inputs + 1]`` from ``samples`` and ``noise`` ``[K, b, d]`` and ``log_sigma`` ``[K, b]``."""
        sigma = log_sigma.exp()[..., None] * self._unit
        x = torch.addcmul(torch.from_numpy(samples), sigma, noise).to(self.device)
        sigma, log_sigma = sigma.to(self.device), log_sigma.to(self.device)
        z = (x - self._centre[folds]) * torch.rsqrt(self._variance[folds] + sigma**2)
        near = z.clamp(-3, 3)
        beyond = z.sub_(near)
        z = near.addcmul_(beyond.sign(), beyond.abs_().log1p_())
        root = math.sqrt(z.shape[-1])
        totals = torch.stack((z.mean(-1), z.square().mean(-1) - 1), -1) * root
        return torch.cat((z, totals.asinh(), log_sigma[..., None]), -1)


class NoiseConditioned(nn.Module):
    """K perceptrons side by side, conditioned on log sigma: ``[K, b, inputs + 1]`` to ``[K, b]``.

    Bumps of log sigma, which sum to 1, weigh gains and offsets of each layer, and the rows of the last one; with its
    linear skip the net holds the exact logit of shifted Gaussians at every sigma.
    """

    def __init__(self, nets: int, inputs: int, width: int, sigmas: tuple[float, ...], seeds: Seeds) -> None:
        super().__init__()
        draw = torch.Generator().manual_seed(seeds.integer("smoothing", "weights"))
        # A bump an octave: JS moves by a fifth of log 2 in one at most.
        low, high = math.log(sigmas[0]), math.log(sigmas[-1])
        bumps = 1 + math.ceil((high - low) / LOG2)
        self.centres: Tensor
        self.register_buffer("centres", torch.linspace(low, high, bumps), persistent=False)
        self.distance = (high - low) / (bumps - 1) if bumps > 1 else 1.0

        def layer(fan_in: int, fan_out: int, gain: float) -> nn.Parameter:
            weight = torch.randn(fan_in, fan_out, generator=draw) * (gain / math.sqrt(fan_in))
            return nn.Parameter(weight.repeat(nets, 1, 1))

        def by_sigma(units: int) -> nn.Parameter:
            return nn.Parameter(torch.zeros(nets, bumps, units))

        self.weights = nn.ParameterList([layer(inputs, width, math.sqrt(2)), layer(width, width, math.sqrt(2))])
        self.gains = nn.ParameterList([by_sigma(width), by_sigma(width)])
        self.biases = nn.ParameterList([by_sigma(width), by_sigma(width)])
        self.out, self.skip, self.offset = layer(width, bumps, 0.1), layer(inputs, bumps, 0.01), by_sigma(1)

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        x, log_sigma = x[..., :-1], x[..., -1:]
        bumps = torch.softmax(-0.5 * ((log_sigma - self.centres) / self.distance) ** 2, -1)
        hidden = x
        for weight, gain, bias in zip(self.weights, self.gains, self.biases, strict=True):
            hidden = torch.bmm(hidden, weight) * (1 + torch.bmm(bumps, gain)) + torch.bmm(bumps, bias)
            hidden = nn.functional.silu(hidden)
        rows = torch.bmm(hidden, self.out) + torch.bmm(x, self.skip)
        return (rows * bumps).sum(-1) + torch.bmm(bumps, self.offset)[..., 0]


def judge_of(noisy: Noisy, sides: Sides, folds: Folds, sigmas: tuple[float, ...], work: Work, seeds: Seeds) -> Judge:
    """One net a fold, trained on noise of all sizes between the first and the last of ``sigmas``."""
    net = NoiseConditioned(len(folds), noisy.inputs, work.width, sigmas, seeds).to(noisy.device)
    schedule = training.Schedule(1, 1, 1, work.batch, work.rate, decay=1e-2, least_steps=work.steps)
    gather = _gather(noisy, sides, sigmas, seeds)
    trained = training.train(net, folds, gather, schedule, seeds, val_rows=1_000).net
    nets = [training.slice_of(trained, k) for k in range(len(folds))]

    def judge(k: int, samples: Array, noise: Tensor, sigmas: Sequence[float]) -> Floats:
        def inputs(sigma: float) -> Callable[[int, int], Tensor]:
            log_sigma = torch.full((1, len(samples)), math.log(sigma))
            seen = noisy(slice(k, k + 1), samples[None], log_sigma, noise[None])
            return lambda start, stop: seen[:, start:stop]

        return np.stack([training.score(nets[k], inputs(sigma), len(samples)) for sigma in sigmas])

    return judge


def _gather(noisy: Noisy, sides: Sides, sigmas: tuple[float, ...], seeds: Seeds) -> training.Gather:
    """Rows of a side with noise of sizes between the first and the last of ``sigmas``."""
    noise = torch.Generator().manual_seed(seeds.integer("smoothing", "training noise"))
    low, high = math.log(sigmas[0]), math.log(sigmas[-1])

    def gather(side: training.Side, rows: Indices) -> Tensor:
        # One sigma from each of equal parts of the range, so that no batch leaves one out.
        place = (torch.arange(rows.shape[1]) + torch.rand(rows.shape, generator=noise)) / rows.shape[1]
        samples = sides[side][rows]
        return noisy(slice(None), samples, low + (high - low) * place, torch.randn(samples.shape, generator=noise))

    return gather
