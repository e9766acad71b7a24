"""Rhythms are found at their period, and none where there is none."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ganprobe.samples.periods import periods
from ganprobe.samples.sides import Array

RNG = np.random.default_rng(0)


def column(values: np.ndarray) -> Array:
    return values.reshape(len(values), -1).astype(np.float32)


@pytest.mark.parametrize("side", [0, 1])
def test_the_period_of_a_rhythm(side: int) -> None:
    """A third of each of 200 days, among seconds."""
    day = 86_400.0
    open_hours = day * (RNG.integers(0, 200, 1_000) + RNG.random(1_000) / 3)
    any_time = 200 * day * RNG.random(1_000)
    sides = [column(open_hours), column(any_time)]
    found = periods(*(sides if side == 0 else sides[::-1]))
    assert found is not None
    assert np.abs(found.period / day - 1).min() < 0.01
    assert found(sides[0]).shape == (1_000, 3 * len(found.period) + 1)


def test_the_rhythm_that_another_column_follows() -> None:
    x = RNG.uniform(-1, 1, (2, 800))
    y = np.sin(40 * x)
    found = periods(np.stack((x[0], y[0]), 1).astype(np.float32), np.stack((x[1], RNG.permutation(y[1])), 1))
    assert found is not None
    assert (found.columns[0], set(found.involved)) == (0, {0, 1})
    assert found.period[0] == pytest.approx(2 * math.pi / 40, rel=0.02)


@pytest.mark.parametrize("kind", ["normal", "heavy", "counts", "levels", "constant"])
def test_equal_laws_have_no_rhythm(kind: str) -> None:
    draws = {
        "normal": lambda: RNG.normal(size=(400, 5)),
        "heavy": lambda: RNG.standard_cauchy((400, 3)),
        "counts": lambda: RNG.poisson(3, (400, 3)),
        "levels": lambda: RNG.integers(0, 2, (400, 3)),
        "constant": lambda: np.ones((400, 2)),
    }[kind]
    assert all(periods(draws().astype(np.float32), draws().astype(np.float32)) is None for _ in range(10))


def test_a_shift_is_no_rhythm() -> None:
    assert periods(column(RNG.normal(size=2_000)), column(1.5 + 2 * RNG.normal(size=2_000))) is None


def test_a_bucket_by_a_multiplicative_hash_is_a_rhythm() -> None:
    """The upper bits of u times a constant: a phase of u, 382,000 cycles in a million."""
    u = RNG.integers(0, 10**6, (2, 1_000))
    bucket = u * 2_654_435_761 % 2**32 >> 28
    sides = [
        np.stack(side, 1).astype(np.float32) for side in zip(u, (bucket[0], RNG.permutation(bucket[1])), strict=True)
    ]
    found = periods(*sides)
    assert found is not None
    assert found.period[0] == pytest.approx(2**32 / (2**32 - 2_654_435_761), rel=1e-5)
    assert periods(sides[0][:500], sides[0][500:]) is None
