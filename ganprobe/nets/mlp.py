"""K multilayer perceptrons with a linear skip from the input, as slices of the same tensors.

The skip gives the linear part of the logit at once, so that the layers need only learn what is left. No BatchNorm: its
batch statistics would tell real from fake by the company a sample keeps.
"""

from __future__ import annotations

import itertools
import math

import torch
from torch import Tensor, nn

from ganprobe.seeds import Seeds


class Mlp(nn.Module):
    """K perceptrons side by side: ``[K, b, width]`` to ``[K, b]``."""

    def __init__(self, nets: int, inputs: int, width: int, layers: int, seeds: Seeds) -> None:
        super().__init__()
        draw = torch.Generator().manual_seed(seeds.integer("weights"))
        sizes = [inputs] + [width] * layers

        def layer(fan_in: int, fan_out: int, gain: float) -> nn.Parameter:
            # One draw for all folds: they differ by their data alone.
            weight = torch.randn(fan_in, fan_out, generator=draw) * (gain / math.sqrt(fan_in))
            return nn.Parameter(weight.repeat(nets, 1, 1))

        self.weights = nn.ParameterList([layer(a, b, math.sqrt(2)) for a, b in itertools.pairwise(sizes)])
        self.biases = nn.ParameterList([nn.Parameter(torch.zeros(nets, b)) for b in sizes[1:]])
        self.out = layer(width, 1, 0.1)
        self.skip = layer(inputs, 1, 0.01)
        self.offset = nn.Parameter(torch.zeros(nets, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        hidden = x
        for weight, bias in zip(self.weights, self.biases, strict=True):
            hidden = nn.functional.silu(torch.baddbmm(bias[:, None], hidden, weight))
        return (torch.bmm(hidden, self.out) + torch.bmm(x, self.skip))[..., 0] + self.offset
