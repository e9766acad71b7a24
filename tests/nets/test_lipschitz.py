"""The critic never stretches a difference, whatever its training did to it, and it can reach slope 1."""

from __future__ import annotations

import pytest
import torch

from ganprobe.nets.lipschitz import Critic, certify
from ganprobe.seeds import Seeds


def trained(inputs: int, width: int, layers: int, steps: int = 60) -> Critic:
    """A critic after wild training: a large rate, towards a function much steeper than it may be."""
    critic = Critic(inputs, width, layers, Seeds(1))
    optimiser = torch.optim.Adam(critic.parameters(), lr=0.05)
    stream = torch.Generator().manual_seed(0)
    for _ in range(steps):
        x = torch.randn(64, inputs, generator=stream)
        loss = (critic(x) - 10 * x.abs().sum(1)).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return critic


@pytest.mark.parametrize(("inputs", "width", "layers"), [(1, 8, 1), (2, 16, 3), (50, 16, 2), (16, 16, 2)])
def test_no_pair_of_points_is_further_apart_in_value_than_in_space(inputs: int, width: int, layers: int) -> None:
    critic = certify(trained(inputs, width, layers))
    stream = torch.Generator().manual_seed(2)
    x = torch.randn(2_000, inputs, generator=stream, dtype=torch.float64)
    for step in (1e-3, 1.0, 10.0):
        y = x + step * torch.randn(x.shape, generator=stream, dtype=torch.float64)
        stretch = (critic(x) - critic(y)).abs() / (x - y).norm(dim=1)
        assert float(stretch.max()) <= 1.0


def test_certifying_changes_nothing_but_the_last_digits() -> None:
    critic = trained(5, 16, 2)
    x = torch.randn(100, 5, generator=torch.Generator().manual_seed(3))
    torch.testing.assert_close(certify(critic)(x).float(), critic(x).detach(), rtol=1e-5, atol=1e-5)


def test_a_critic_learns_the_slope_one_and_no_more() -> None:
    critic = Critic(3, 16, 2, Seeds(0))
    optimiser = torch.optim.Adam(critic.parameters(), lr=0.01)
    stream = torch.Generator().manual_seed(0)
    for _ in range(150):
        x = torch.randn(64, 3, generator=stream)
        loss = critic(x).mean() - critic(x + torch.tensor([2.0, 0.0, 0.0])).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert 1.95 < -loss.item() <= 2.0 + 1e-5


def test_weights_come_from_the_seed_and_leave_the_shared_stream_alone() -> None:
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    weights = [Critic(4, 8, 2, Seeds(s)).weights[0] for s in (0, 0, 1)]
    assert torch.equal(torch.rand(1), expected)
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
