"""A stride-2 convolutional net for pictures: the probe that sees local texture wherever it is.

Of pictures larger than 64 x 64 it sees the whole as block means and beside it, as channels of their own, a window of
64 x 64 pixels as they are: anywhere while it is trained, and averaged over a fixed set of places where it scores.

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
from ganprobe.samples import scaling, sketch
from ganprobe.samples.folds import CROSS_FIT_FOLDS, SINGLE_SPLIT_FROM, Folds
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
# Multiplications of a training, in all: at 2e10 a second on a core, a quarter of a minute, two minutes, ten.
_WORK = {"fast": 2.5e11, "standard": 2.5e12, "thorough": 1.2e13}
# Backward costs two forwards.
_PASSES = 3
# Units of the last layer but one.
_HIDDEN = 128


COSTLY = True


def applies(pair: Pair) -> str | None:
    """Pictures of at least 8 x 8."""
    if not sketch.is_pictures(pair):
        return "samples are not pictures"
    shape = pair.shape if pair.sketch is None else pair.sketch.shape
    return None if min(shape[1:]) >= _SMALLEST_SIDE else "pictures are smaller than 8 x 8"


def settings(budget: Budget, pair: Pair) -> Settings:
    """Epochs by budget, fewer for pictures larger than 32 x 32; for sketched ones steps that come to a known work."""
    width = 24 if budget == "thorough" else 16
    if pair.sketch is not None:
        shape = _seen(pair)
        folds = 1 if min(len(pair.real), len(pair.fake)) >= SINGLE_SPLIT_FROM else CROSS_FIT_FOLDS
        batch = 16 if budget == "fast" else 32
        steps = int(_WORK[budget] / (_PASSES * 2 * batch * folds * _multiplications(shape, width)))
        return Settings(width, epochs=1, least_epochs=1, patience=1, least_steps=steps, batch=batch)
    epochs = {"fast": 3, "standard": 10, "thorough": 40}[budget]
    if math.prod(pair.shape[1:]) > 32 * 32:
        epochs = max(2, epochs // 2)
    return Settings(
        width=width,
        epochs=epochs,
        least_epochs=max(2, epochs * 5 // 8),
        cycles=6 if budget == "thorough" else 1,
        least_steps={"fast": 200, "standard": 900, "thorough": 3_000}[budget],
    )


def stronger(settings: Settings) -> Settings:
    """Half as much width again, which is twice the weights and twice the work of a step, in half of the cycles."""
    return replace(settings, width=settings.width * 3 // 2, cycles=max(1, settings.cycles // 2))


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """All folds' nets at once."""
    eye = _Eye(pair, folds, seeds, device)
    net = Conv(len(folds), eye.shape, settings.width, seeds).to(device)
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
    trained = training.train(net, folds, eye.gather, schedule, seeds, val_rows=2_000)
    nets = [training.slice_of(trained.net, k) for k in range(len(folds))]

    def logit(k: int, values: Array) -> Floats:
        def look(place: Place | None) -> Floats:
            return training.score(nets[k], lambda i, j: eye(k, values[i:j], place)[None], len(values))

        return np.asarray(np.mean([look(place) for place in eye.places], 0))

    return Probe(logit, settings, trained.steps, trained.why_stopped)


def _seen(pair: Pair) -> tuple[int, int, int]:
    """What the net sees of a sample: a large picture made smaller, and a window of that size as more channels."""
    if pair.sketch is None:
        channels, height, width = pair.shape
        return channels, height, width
    channels, height, width = pair.sketch.small
    return channels if pair.sketch.small_block == 1 else 2 * channels, height, width


def _multiplications(shape: tuple[int, int, int], width: int) -> int:
    """Of one forward pass of one sample."""
    channels, sides = _channels(shape, width)
    total = channels[-1] * math.prod(sides) * _HIDDEN
    height, across = shape[1:]
    for fan_in, fan_out in itertools.pairwise(channels):
        height, across = (height + 1) // 2, (across + 1) // 2
        total += 9 * fan_in * fan_out * height * across
    return total


Place = tuple[float, float]


class _Eye:
    """Samples as the net of each fold sees them; ``shape`` is that of one, ``places`` are where its windows lie.

    A place is a share of the way from the first possible window to the last, down and across; there are none where a
    sample is seen whole.
    """

    def __init__(self, pair: Pair, folds: Folds, seeds: Seeds, device: str) -> None:
        self._device, self._sides = device, {"real": pair.real, "fake": pair.fake}
        self._random = seeds.numpy("windows")
        # Coarse pictures have the level of whole ones, and nearly their contrast.
        coarse = sketch.coarse(pair)
        self._scales = [scaling.scaler(coarse, fold, seeds) for fold in folds]
        self.shape = _seen(pair)
        self.places: tuple[Place | None, ...] = (None,)
        if pair.sketch is not None and pair.sketch.small_block > 1:
            self.places = tuple(itertools.product((0.0, 1.0), (0.0, 1.0)))

    def gather(self, side: training.Side, rows: Indices) -> Tensor:
        """``[K, b]`` row numbers to ``[K, b, *shape]``, with a window anywhere."""
        place: Place | None = None
        if self.places[0] is not None:
            down, across = self._random.random(2)
            place = float(down), float(across)
        return torch.stack([self(k, self._sides[side][r], place) for k, r in enumerate(rows)])

    def __call__(self, k: int, samples: Array, place: Place | None) -> Tensor:
        """``[b, *shape]`` of ``samples`` as fold ``k`` scales them."""
        scale = self._scales[k]
        if not isinstance(samples, sketch.Sketches):
            return torch.from_numpy(scale(samples).reshape(samples.shape)).to(self._device)
        pictures = sketch.pictures_of(samples)
        seen = pictures.smaller()
        if place is not None:
            seen = np.concatenate((seen, pictures.windows(place, self.shape[1:])), 1)
        # From bytes at the last moment, in one pass.
        level, contrast = 255 * float(scale.centre[0]), 255 * float(scale.spread[0])
        return torch.from_numpy(seen).to(self._device).float().sub_(level).div_(contrast)


def _channels(shape: tuple[int, int, int], width: int) -> tuple[list[int], tuple[int, int]]:
    """Channels of each layer, from those of the picture on, and the sides of what the last one gives."""
    channels, sides = [shape[0]], shape[1:]
    while min(sides) >= _SMALLEST_SIDE or len(channels) < 3:
        channels.append(width * 2 ** (len(channels) - 1))
        sides = ((sides[0] + 1) // 2, (sides[1] + 1) // 2)
    return channels, sides


class Conv(nn.Module):
    """K convolutional nets side by side: ``[K, b, channels, height, width]`` to ``[K, b]``."""

    def __init__(self, nets: int, shape: tuple[int, int, int], width: int, seeds: Seeds) -> None:
        super().__init__()
        draw = torch.Generator().manual_seed(seeds.integer("weights"))
        channels, sides = _channels(shape, width)

        def weight(*size: int) -> nn.Parameter:
            spread = math.sqrt(2 / math.prod(size[1:]))
            return nn.Parameter((torch.randn(*size, generator=draw) * spread).repeat(nets, *[1] * len(size)))

        steps = list(itertools.pairwise(channels))
        self.kernels = nn.ParameterList([weight(b, a, 3, 3) for a, b in steps])
        self.biases = nn.ParameterList([nn.Parameter(torch.zeros(nets, b)) for _, b in steps])
        features = channels[-1] * sides[0] * sides[1]
        self.hidden = weight(_HIDDEN, features)
        self.hidden_bias = nn.Parameter(torch.zeros(nets, _HIDDEN))
        self.out = nn.Parameter(torch.zeros(nets, 1, _HIDDEN))
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
            x = x.contiguous(memory_format=torch.channels_last)
            x = nn.functional.leaky_relu(nn.functional.conv2d(x, kernel[k], bias[k], stride=2, padding=1), 0.2)
        return x.flatten(1)
