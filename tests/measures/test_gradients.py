from __future__ import annotations

import copy
import dataclasses
import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ganprobe.errors import UsageError
from ganprobe.measures import gradients
from ganprobe.nets.backward import Gradients
from ganprobe.nets.rivals import Sides
from ganprobe.plan import Plan
from ganprobe.record.gradients import GradientRecord
from ganprobe.record.sources import CheckpointRecord
from ganprobe.samples.sides import Array, Generator
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


def measure(source: Generator, real: Array, steps: int, seed: int = 0, **settings: Any) -> GradientRecord:
    return gradients.along_training(
        *both(source, real), "array", 1.0, gradients.Settings(steps, **settings), Seeds(seed), "cpu"
    )


def both(source: Generator, real: Array) -> tuple[Generator, Sides]:
    return source, gradients.sides_of(real, source.draw(4_000, 1))


@pytest.fixture(scope="module")
def apart() -> GradientRecord:
    """Parallel lines at distance 1."""
    return measure(generator(Line(1.0)), line(0.0), 600)


def test_parallel_lines_lose_the_saturating_gradient_and_keep_the_others(apart: GradientRecord) -> None:
    assert apart.steps == (0, 10, 30, 100, 300, 600)
    assert apart.retention < 5e-3
    assert apart.saturating == apart.saturating_curve[-1] < 5e-3 * max(apart.saturating_curve)
    assert apart.non_saturating >= apart.non_saturating_curve[2] > 1
    assert apart.js_curve[-1] == pytest.approx(math.log(2), abs=1e-3)
    assert apart.judged_step == 600
    assert apart.vanishing
    assert apart.wrt == "generator parameters"
    trained = apart.critic_curve
    assert max(trained) < 2 * min(trained)
    assert 0.9 < apart.critic_distance_curve[-1] <= 1.0, "a lower bound of the distance, which is 1"
    assert apart.critic == pytest.approx(1, abs=0.01)
    # At the end every latent says the same.
    assert min(snr or math.inf for snr in apart.critic_snr_curve[3:]) > 100


def test_noise_keeps_the_saturating_gradient_of_parallel_lines_alive(apart: GradientRecord) -> None:
    assert (apart.unit, [rung.sigma for rung in apart.noise]) == ("data", [0.05, 0.1, 0.2])
    assert apart.alive_sigma == 0.2
    assert [rung.vanishing for rung in apart.noise] == [True, True, False]
    alive = apart.noise[-1]
    assert min(alive.saturating_curve[1:]) > 0.1
    assert alive.js_curve[-1] == pytest.approx(0.6759, abs=0.01), "J(1 / sigma), the Gaussian shift curve"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_four_decades_in_four_thousand_steps(seed: int) -> None:
    record = measure(generator(Line(1.0)), line(0.0), 4000, seed)
    assert record.retention < 1e-4
    assert record.non_saturating_curve[-1] > 2 * record.non_saturating_curve[2]
    assert max(record.critic_curve) < 2 * min(record.critic_curve)
    assert min(record.noise[-1].saturating_curve[1:]) > 0.1


def test_equal_laws_have_no_vanishing_gradient_to_report() -> None:
    record = measure(generator(Line(0.0)), line(0.0), 100)
    assert abs(record.js_curve[-1]) < 0.01
    assert abs(record.critic_distance_curve[-1]) < 0.05
    assert not record.vanishing
    assert record.alive_sigma == 0


def test_what_a_probe_knows_by_heart_is_not_judged() -> None:
    def normal(n: int, seed: int) -> tuple[Tensor, ...]:
        return (torch.randn(n, 30, generator=torch.Generator().manual_seed(seed)),)

    real = np.random.default_rng(0).normal(size=(80, 30)).astype(np.float32)
    record = measure(generator(nn.Identity(), normal), real, 300)
    assert record.training_js_curve[-1] > 0.6
    assert record.js_curve[-1] < 0
    assert record.judged_step < 300
    assert not record.vanishing


def test_noise_is_measured_in_its_own_unit_not_in_the_generators() -> None:
    class Doubled(Line):
        def forward(self, z: Tensor) -> Tensor:
            return 2 * super().forward(z)

    settings = gradients.Settings(30, (0.2,))
    plain = gradients.along_training(*both(generator(Line(1.0)), line(0.0)), "array", 1.0, settings, Seeds(0), "cpu")
    twice = both(generator(Doubled(1.0)), 2 * line(0.0))
    doubled = gradients.along_training(*twice, "image", 0.5, settings, Seeds(0), "cpu")
    assert doubled.unit == "range"
    for name in ("critic_curve", "critic_distance_curve"):
        np.testing.assert_allclose(getattr(doubled, name), getattr(plain, name), rtol=0.05)
    noisy = gradients.along_training(*twice, "array", 0.5, settings, Seeds(0), "cpu").noise[0]
    np.testing.assert_allclose(noisy.saturating_curve, plain.noise[0].saturating_curve, rtol=1e-3)
    np.testing.assert_allclose(noisy.js_curve, plain.noise[0].js_curve, atol=1e-4)


def test_columns_of_a_table_have_noise_of_their_own_size() -> None:
    class Table(Line):
        def forward(self, z: Tensor) -> Tensor:
            return torch.cat([1000 * z, self.theta.expand(len(z), 1)], 1)

    real = np.stack([1000 * np.random.default_rng(0).random(3000), np.zeros(3000)], 1).astype(np.float32)
    settings = gradients.Settings(100, (0.5,))
    record = gradients.along_training(*both(generator(Table(0.0)), real), "table", 1.0, settings, Seeds(0), "cpu")
    assert record.unit == "sd"
    # The best of two uniform laws of standard deviation 1 / sqrt(12), in deviations, is near 0.
    assert abs(record.critic_distance_curve[-1]) < 0.1
    constant = gradients.along_training(*both(generator(Table(1.0)), real), "table", 1.0, settings, Seeds(0), "cpu")
    assert constant.noise[0].js_curve[-1] > 0.6, "a column that varies on neither side has no noise"


@pytest.mark.parametrize(
    ("extent", "sigmas"),
    [(0.41, (0.05, 0.1, 0.2)), (0.79, (0.1, 0.2, 0.5)), (1.0, (0.1, 0.2, 0.5)), (3e-4, (5e-5, 1e-4, 2e-4)), (0.0, ())],
)
def test_the_ladder_has_three_round_sigmas_below_the_spread(extent: float, sigmas: tuple[float, ...]) -> None:
    assert gradients.noise_ladder(extent) == pytest.approx(sigmas)


@pytest.mark.parametrize("sigma", [0.0, -1.0, math.inf, math.nan])
def test_a_sigma_must_be_noise(sigma: float) -> None:
    with pytest.raises(UsageError, match="--sigma"):
        Plan("g.pt", "d.npz", sigmas=(0.1, sigma))


@pytest.mark.parametrize(
    ("norms", "js", "settled"),
    [
        ((1.0, 0.2, 2e-3, 8e-4), 0.69, True),
        ((1.0, 0.2, 2e-3), 0.69, False),
        ((1.0, 2e-3, 2e-2), 0.69, False),
        ((1.0, 2e-3, 8e-4), 0.5, False),
        ((1.0,), 0.0, False),
    ],
)
def test_a_gradient_that_has_vanished_at_two_marks_is_settled(
    norms: tuple[float, ...], js: float, settled: bool
) -> None:
    by_loss = (Gradients(np.array([norm, 5.0, 1.0]), np.ones(3), {}) for norm in norms)
    readings = [gradients._Reading([js], js, found, 1.0) for found in by_loss]
    assert gradients._settled(readings) == settled


def test_a_brief_training_ends_where_it_is_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gradients, "_settled", lambda readings: len(readings) == 2)
    for brief, steps in ((True, (0, 10)), (False, (0, 10, 30))):
        record = measure(generator(Line(1.0)), line(0.0, 500), 30, sigmas=(), brief=brief)
        assert record.steps == steps
        assert record.judged_step == steps[-1]
        assert {len(curve) for curve in (record.saturating_curve, record.js_curve, record.critic_curve)} == {len(steps)}
        assert record.noise == ()


@pytest.mark.parametrize(
    ("asked", "brief"), [({"series": True}, True), ({"series": True, "sigmas": (0.2,)}, False), ({}, False)]
)
def test_of_several_checkpoints_fast_looks_at_no_noise_that_was_not_asked_for(asked: Any, brief: bool) -> None:
    plan = Plan("g.pt", "d.npz", budget="fast", **asked)
    settings = gradients._settings(plan)
    assert settings.brief == brief
    assert settings.sigmas == (() if brief else plan.sigmas or None)
    assert not gradients._settings(dataclasses.replace(plan, budget="standard")).brief


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


def test_layers_are_given_where_they_are_asked_for() -> None:
    source = labelled()
    real = np.random.default_rng(0).normal(size=(600, 3)).astype(np.float32)
    assert measure(source, real, 10).layers is None
    record = measure(source, real, 10, per_layer=True)
    assert record.layers is not None
    layers = {layer.name: layer for layer in record.layers}
    assert [*layers] == ["net", "unused", "embed"]
    assert layers["unused"].saturating_curve == (0.0, 0.0)
    for name in ("saturating_curve", "non_saturating_curve", "critic_curve"):
        whole = np.linalg.norm([getattr(layer, name) for layer in layers.values()], axis=0)
        np.testing.assert_allclose(whole, getattr(record, name), rtol=1e-6)


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
    record = measure(generator(lambda z: torch.cat([z * 0 + 1, z], 1)), line(0.0), 100)
    assert record.wrt == "outputs"
    assert set(record.saturating_snr_curve) == {None}
    assert record.saturating_curve[-1] < 0.1 * max(record.saturating_curve)
    assert record.non_saturating_curve[-1] > record.saturating_curve[-1]


def test_a_detached_output_is_measured_at_the_output() -> None:
    class Detached(Line):
        def forward(self, z: Tensor) -> Tensor:
            return super().forward(z).detach()

    assert measure(generator(Detached(1.0)), line(0.0), 10).wrt == "outputs"


def test_code_that_writes_over_what_a_gradient_needs_is_measured_at_the_output() -> None:
    class Overwritten(Line):
        def forward(self, z: Tensor) -> Tensor:
            return super().forward(z).exp().mul_(2)

    class Clamped(Line):
        def forward(self, z: Tensor) -> Tensor:
            self.theta.clamp_(0, 1)
            return super().forward(z)

    for module in (Overwritten(1.0), Clamped(1.0)):
        record = measure(generator(module), line(0.0), 10)
        assert record.wrt == "outputs"
        assert record.saturating_curve[-1] > 0
        assert module.theta.requires_grad


def test_steps_are_log_spaced_and_end_where_asked() -> None:
    assert gradients._milestones(10) == (0, 10)
    assert gradients._milestones(250) == (0, 10, 30, 100, 250)
    marks = gradients._milestones(4000)
    assert marks[-1] == 4000
    assert all(before < after for before, after in itertools.pairwise(marks))


@pytest.mark.parametrize(
    ("last", "vanishing"),
    [
        ((1e-3, 1e-4, 1e-5), True),
        ((4.5e-5, 3.9e-5, 1.8e-5), True),
        ((2e-5, 1e-3, 5e-3), False),
        ((0.5, 0.4, 0.3), False),
    ],
)
def test_a_gradient_vanishes_however_early_and_not_where_it_recovers(last: tuple[float, ...], vanishing: bool) -> None:
    norms = np.array([[1.0, *last], [1.0, 2.0, 3.0, 4.0]]).T
    rung = gradients._rung(0.0, (0, 100, 300, 1000), norms, np.ones((4, 2)), [0.0, 0.69, 0.69, 0.69])
    assert rung.vanishing == vanishing
