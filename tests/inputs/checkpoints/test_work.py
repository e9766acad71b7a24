"""Multiplications that a network takes, by its shapes."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from ganprobe.inputs.checkpoints._work import Counted


class Attention(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (x @ x.mT) @ x


@pytest.mark.parametrize(
    ("network", "shape", "multiplications"),
    [
        (nn.Linear(5, 7), (2, 3, 5), 6 * 35),
        (nn.Conv2d(3, 8, 5, stride=2, padding=2), (2, 3, 8, 8), 2 * 16 * 8 * 3 * 25),
        (nn.Conv2d(4, 8, 3, groups=4, padding=1), (2, 4, 6, 6), 2 * 36 * 8 * 9),
        (nn.ConvTranspose2d(6, 4, 4, 2, 1), (2, 6, 5, 5), 2 * 25 * 6 * 4 * 16),
        (Attention(), (2, 5, 3), 2 * (5 * 5 * 3 + 5 * 3 * 5)),
        (nn.Sequential(nn.Linear(5, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 1)), (4, 5), 4 * 30),
    ],
)
def test_what_layers_take(network: nn.Module, shape: tuple[int, ...], multiplications: int) -> None:
    with Counted() as counted, torch.no_grad():
        network(torch.zeros(shape))
    assert counted.multiplications == multiplications
