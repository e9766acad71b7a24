from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np
import pytest

from ganprobe.judge.checks import MEMBERS
from ganprobe.known import truths
from ganprobe.measures import dimensions
from ganprobe.record.support import Dimension
from ganprobe.samples.folds import row_hashes, split_sides
from ganprobe.samples.sides import Array, Floats, Pair
from ganprobe.seeds import Seeds

LIFTS: dict[str, Callable[[Floats, np.random.Generator], Floats]] = {
    "linear": lambda z, rng: z @ rng.normal(size=(z.shape[1], 64)),
    "squashed": lambda z, rng: np.tanh(z @ rng.normal(size=(z.shape[1], 64)) / math.sqrt(z.shape[1])),
    "bent": lambda z, rng: np.concatenate((z, np.sin(2 * z), np.tile(z**3 / 5, (1, 64 // z.shape[1] - 2))), 1),
}


def measured(real: Floats, fake: Floats, seed: int = 0, latent: int | None = 7) -> Dimension:
    pair = Pair(real.astype(np.float32), fake.astype(np.float32), "array")
    fold = split_sides(row_hashes(pair.real, 0), row_hashes(pair.fake, 0)).folds[0]
    return dimensions.measure(pair, fold, latent, 4_000, Seeds(seed))


def lifted(name: str, d: int, n: int, seed: int) -> Floats:
    """``n`` points of a ``d``-dimensional surface in 64 dimensions: the surface is the same for every seed."""
    return LIFTS[name](np.random.default_rng(seed).normal(size=(n, d)), np.random.default_rng(5))


def thinner(found: Dimension) -> bool:
    from audits import measurements

    return MEMBERS["lower_dimension"].check(measurements(support__dimension=found)) is not None


@pytest.mark.parametrize("name", LIFTS)
@pytest.mark.parametrize("d", [2, 8])
def test_dimension_is_that_of_the_latent_not_of_the_space(name: str, d: int) -> None:
    found = measured(lifted(name, d, 2_000, 1), np.random.default_rng(2).normal(size=(2_000, 64)))
    assert found.real is not None
    assert found.fake is not None
    assert found.real == pytest.approx(d, rel=0.15)
    assert found.real_mle == pytest.approx(d, rel=0.15)
    assert found.fake > 15
    assert found.latent == 7


@pytest.mark.parametrize("d", [2, 20])
def test_standard_errors_are_those_of_repetition(d: int) -> None:
    runs = [measured(*(truths.same(d).draw(500, seed))) for seed in range(40)]
    for value, se in (("real", "real_se"), ("real_mle", "real_mle_se")):
        spread = np.std([getattr(run, value) for run in runs], ddof=1)
        assert 0.7 * spread < np.mean([getattr(run, se) for run in runs]) < 1.6 * spread


def test_a_thinner_surface_is_found_and_an_equal_one_is_not() -> None:
    assert thinner(measured(lifted("squashed", 8, 1_000, 0), lifted("squashed", 4, 1_000, 1)))
    assert not thinner(measured(lifted("squashed", 8, 1_000, 0), lifted("squashed", 8, 1_000, 1), latent=8))


@pytest.mark.parametrize("n", [200, 1_000])
def test_equal_laws_in_784_dimensions_do_not_differ(n: int) -> None:
    assert not any(thinner(measured(*truths.same(784).draw(n, seed), seed=seed, latent=784)) for seed in range(10))


def test_repeated_points_have_no_say() -> None:
    points = truths.same(2).draw(1_500, 0)[0].astype(float)
    assert measured(np.repeat(points, 3, axis=0), points).real == pytest.approx(2, abs=0.25)


def test_points_that_distances_do_not_tell_apart_have_no_say() -> None:
    """Amounts over twelve powers of ten: about their mean the small ones are one in float32."""
    rng = np.random.default_rng(0)
    real, fake = (np.array([[float(f"{x:.{digits}g}")] for x in 10 ** rng.uniform(-6, 6, 2_000)]) for digits in (3, 4))
    found = measured(real, fake)
    assert all(value is None or math.isfinite(value) for value in dataclasses.astuple(found))


@pytest.mark.parametrize("levels", [2, 3])
def test_points_on_a_grid_have_no_dimension(levels: int) -> None:
    """Every row of ten flags, or nearly: the two nearest of each differ from it in one."""
    rng = np.random.default_rng(0)
    assert measured(*rng.integers(0, levels, (2, 30_000, 10 if levels == 2 else 6)).astype(float)).real is None


def test_too_few_points_have_no_dimension() -> None:
    few: tuple[Array, Array] = truths.same(2).draw(60, 0)
    assert measured(*(side.astype(float) for side in few)) == Dimension(None, None, 7)
