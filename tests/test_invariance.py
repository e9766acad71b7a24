"""What must not change JS does not: swapped sides, invertible maps, the order of rows. What can only lower it, does."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from ganprobe import views
from ganprobe.known import truths
from ganprobe.logits import ladder
from ganprobe.objective import shift_js
from ganprobe.plan import Plan
from ganprobe.samples.draw import subsample
from ganprobe.samples.folds import row_hashes, split_sides
from ganprobe.samples.sides import Array, Pair
from ganprobe.seeds import Seeds

SEEDS = Seeds(0)
N = 1_000
TRUTH = truths.shift(4, 1.0)


def demonstrated(real: Array, fake: Array, *costly: str) -> tuple[float, float]:
    """JS of the stack of cheap probes, and of what is ``costly``, and its standard error."""
    real, fake = (side[subsample(side, None, SEEDS, "order")] for side in (real, fake))
    folds = split_sides(row_hashes(real, 1), row_hashes(fake, 1))
    few = {"probes.mlp.epochs": 3, "probes.mlp.least_steps": 100}
    plan = Plan("fake", "real", budget="fast", probes=("logistic", "boosting", *costly), settings=few)
    stacked = ladder.climb(plan, Pair(real, fake, "array"), folds, SEEDS, "cpu", lambda stage: None).rows[0]
    return stacked.js, (stacked.high - stacked.low) / 3.92


@functools.cache
def sides() -> tuple[Array, Array]:
    return TRUTH.draw(N, 0)


@functools.cache
def plain() -> tuple[float, float]:
    return demonstrated(*sides(), "mlp")


def rotated(x: Array) -> Array:
    turn, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((4, 4)))
    return (x @ turn).astype(np.float32)


def warped(x: Array) -> Array:
    return np.concatenate((np.exp(x[:, :2]), x[:, 2:] ** 3 + x[:, 2:]), 1).astype(np.float32)


def shuffled(x: Array) -> Array:
    return np.random.default_rng(1).permutation(x)


@pytest.mark.parametrize("change", [rotated, warped, shuffled])
def test_invertible_maps_and_shuffles_move_js_by_noise_only(change) -> None:  # type: ignore[no-untyped-def]
    js, se = plain()
    moved, _ = demonstrated(*(change(side) for side in sides()), "mlp")
    assert abs(moved - js) < (3 * se if change is not shuffled else 1e-12)


def test_swapped_sides_move_js_by_noise_only() -> None:
    js, se = plain()
    swapped, _ = demonstrated(*reversed(sides()), "mlp")
    assert abs(swapped - js) < 3 * se


def test_noise_never_raises_js() -> None:
    pair = Pair(*sides(), "array")
    fold = split_sides(*(row_hashes(side, 1) for side in sides())).folds[0]
    noise = views.MEMBERS["noise"]
    last, se = demonstrated(*sides())
    for sigma in (0.5, 1.0, 2.0):
        noisy = noise.apply(pair, fold, noise.Settings(sigma=sigma), SEEDS)
        js, _ = demonstrated(noisy.real, noisy.fake)
        assert js < last + 2 * se
        # A shift of 1 under noise is a smaller shift in units of the larger spread.
        assert js == pytest.approx(shift_js(1 / np.sqrt(1 + sigma**2)), abs=4 * se)
        last = js
