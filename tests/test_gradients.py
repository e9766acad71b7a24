from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ganprobe import gradients
from ganprobe.records import CheckpointRecord, GradientRecord
from ganprobe.samples import Array, Generator
from ganprobe.seeds import Seeds


class Line(nn.Module):
    """z in [0, 1] to (theta, z)."""

    def __init__(self, theta: float) -> None:
        super().__init__()
        self.theta = nn.Parameter(torch.tensor(theta))

    def forward(self, z: Tensor) -> Tensor:
        return torch.cat([self.theta.expand(len(z), 1), z], 1)


class Labelled(nn.Module):
    """Its own noise, a label, a layer that drawing does not use, one frozen."""

    def __init__(self) -> None:
        super().__init__()
        self.net, self.unused, self.embed = nn.Linear(2, 3), nn.Linear(2, 2), nn.Embedding(4, 3)
        self.embed.weight.requires_grad_(False)

    def forward(self, z: Tensor, labels: Tensor) -> Tensor:
        return self.net(z) + self.embed(labels) + 0.1 * torch.randn(len(z), 3)


def uniform(n: int, seed: int) -> tuple[Tensor, ...]:
    return (torch.rand(n, 1, generator=torch.Generator().manual_seed(seed)),)


def generator(module: Any, inputs: Callable[[int, int], tuple[Tensor, ...]] = uniform) -> Generator:
    def draw(n: int, seed: int) -> Array:
        with torch.no_grad(), torch.random.fork_rng([]):
            torch.manual_seed(seed)
            samples: Array = module(*inputs(n, seed)).numpy()
        return samples

    return Generator(module, draw, inputs, draw(2, 0).shape[1:], CheckpointRecord("g", "", "state_dict"))


def labelled() -> Generator:
    def inputs(n: int, seed: int) -> tuple[Tensor, ...]:
        stream = torch.Generator().manual_seed(seed)
        return torch.randn(n, 2, generator=stream), torch.randint(4, (n,), generator=stream)

    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        return generator(Labelled(), inputs)


def line(x: float, n: int = 4000) -> Array:
    rng = np.random.default_rng(0)
    return np.stack([np.full(n, x), rng.random(n)], 1).astype(np.float32)


def measure(source: Generator, real: Array, steps: int, seed: int = 0) -> GradientRecord:
    return gradients.measure(source, real, "array", Seeds(seed), steps, 128, "cpu")


def test_parallel_lines_lose_the_saturating_gradient_and_keep_the_other() -> None:
    record = measure(generator(Line(1.0)), line(0.0), 2000)
    assert record.steps == (0, 10, 30, 100, 300, 1000, 2000)
    assert record.retention < 1e-3
    assert record.saturating == record.saturating_curve[-1] < 1e-3 * max(record.saturating_curve)
    assert record.non_saturating >= record.non_saturating_curve[2] > 1
    assert record.js_curve[-1] == pytest.approx(math.log(2), abs=1e-3)
    assert record.vanishing
    assert record.wrt == "generator parameters"


def test_equal_laws_have_no_vanishing_gradient_to_report() -> None:
    record = measure(generator(Line(0.0)), line(0.0), 1000)
    assert abs(record.js_curve[-1]) < 0.01
    assert not record.vanishing


def test_overlapping_laws_keep_their_gradient() -> None:
    rng = np.random.default_rng(0)

    class Shift(Line):
        def forward(self, z: Tensor) -> Tensor:
            return self.theta + z

    def normal(n: int, seed: int) -> tuple[Tensor, ...]:
        return (torch.randn(n, 1, generator=torch.Generator().manual_seed(seed)),)

    record = measure(generator(Shift(1.0), normal), rng.normal(size=(4000, 1)).astype(np.float32), 300)
    # At D*, d/dtheta E log(1 - D*(z + theta)) = E[D*(x)] under Q for unit Gaussians one apart.
    x = rng.normal(1, 1, 1_000_000)
    assert record.saturating == pytest.approx((1 / (1 + np.exp(x - 0.5))).mean(), rel=0.25)
    assert record.js_curve[-1] == pytest.approx(0.1114, abs=0.03)
    assert not record.vanishing


def test_norms_are_those_of_autograd_in_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    source = generator(Line(1.0))
    whole = measure(source, line(0.0), 10)
    monkeypatch.setattr(gradients, "_LATENTS_AT_ONCE", 100)
    pieces = measure(source, line(0.0), 10)
    np.testing.assert_allclose(pieces.saturating_curve, whole.saturating_curve, rtol=1e-5)
    np.testing.assert_allclose(pieces.non_saturating_curve, whole.non_saturating_curve, rtol=1e-5)


def test_the_generator_is_left_as_it_was_and_so_is_the_global_stream() -> None:
    source = labelled()
    before, flags = copy.deepcopy(source.module.state_dict()), [p.requires_grad for p in source.module.parameters()]
    real = np.random.default_rng(0).normal(size=(600, 3)).astype(np.float32)
    torch.manual_seed(5)
    np.random.seed(5)
    expected = torch.rand(1), np.random.random()
    torch.manual_seed(5)
    np.random.seed(5)
    first = measure(source, real, 20)
    assert (torch.rand(1), np.random.random()) == expected
    assert all(torch.equal(before[name], value) for name, value in source.module.state_dict().items())
    assert [p.requires_grad for p in source.module.parameters()] == flags
    assert all(p.grad is None for p in source.module.parameters())
    assert measure(source, real, 20) == first
    assert measure(source, real, 20, seed=1) != first


def test_a_generator_without_parameters_is_measured_at_its_outputs() -> None:
    record = measure(generator(lambda z: torch.cat([z * 0 + 1, z], 1)), line(0.0), 300)
    assert record.wrt == "outputs"
    assert record.saturating_curve[-1] < 0.1 * max(record.saturating_curve)
    assert record.non_saturating_curve[-1] > record.saturating_curve[-1]


def test_a_detached_output_is_measured_at_the_output() -> None:
    class Detached(Line):
        def forward(self, z: Tensor) -> Tensor:
            return super().forward(z).detach()

    assert measure(generator(Detached(1.0)), line(0.0), 10).wrt == "outputs"


def test_steps_are_log_spaced_and_end_where_asked() -> None:
    assert gradients._milestones(10) == (0, 10)
    assert gradients._milestones(250) == (0, 10, 30, 100, 250)
    marks = gradients._milestones(4000)
    assert marks[-1] == 4000
    assert all(before < after for before, after in itertools.pairwise(marks))
