"""Adam: torch's own numbers, without torch's compiler."""

from __future__ import annotations

import subprocess
import sys

import torch
from torch import nn

from ganprobe.nets.adam import Adam


def _descend(own: bool) -> list[torch.Tensor]:
    torch.manual_seed(0)
    weights, bias = nn.Parameter(torch.randn(2, 3, 4)), nn.Parameter(torch.randn(2, 4))
    x = torch.randn(2, 5, 3)
    if own:
        adam = Adam([weights, bias], 0.05, (0.9, 0.99), decay=0.1)
    else:
        groups = [{"params": [weights], "weight_decay": 0.1}, {"params": [bias], "weight_decay": 0.0}]
        theirs = torch.optim.AdamW(groups, lr=0.05, betas=(0.9, 0.99), fused=True)
    for _ in range(20):
        loss = (torch.baddbmm(bias[:, None], x, weights) - 1).square().sum()
        if own:
            adam.step(loss)
        else:
            theirs.zero_grad()
            loss.backward()
            theirs.step()
    return [weights.detach(), bias.detach()]


def test_the_numbers_are_those_of_torchs_own_optimiser() -> None:
    for ours, theirs in zip(_descend(True), _descend(False), strict=True):
        assert torch.equal(ours, theirs)


def test_a_parameter_without_a_gradient_stays() -> None:
    idle, used = nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(3))
    Adam([idle, used], 0.1).step(used.square().sum())
    assert torch.equal(idle, torch.ones(3))
    assert (used < 1).all()


def test_the_compiler_is_not_imported() -> None:
    code = (
        "import sys, torch; from ganprobe.nets.adam import Adam; p = torch.nn.Parameter(torch.ones(2)); "
        "Adam([p], .1).step(p.sum()); sys.exit('torch._dynamo' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
