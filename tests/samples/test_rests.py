"""Rests are found where they go with a level, and not where each does something alone."""

from __future__ import annotations

import numpy as np
import pytest

from ganprobe.samples.cells import Column
from ganprobe.samples.digits import whole_columns
from ganprobe.samples.rests import Rest, rests
from ganprobe.samples.sides import Array, Pair

N = 900


def found(real: Array, fake: Array) -> tuple[Rest, ...]:
    pair = Pair(real, fake, "table")
    other = Column.of(np.concatenate((real, fake)), np.array([1]), 2, 40)
    return rests(whole_columns(pair, (real, fake)), [other], real, fake)


def rows(seed: int, divisor: int | None, levels: int) -> Array:
    rng = np.random.default_rng(seed)
    number = rng.integers(10_000, 99_999, N)
    level = rng.integers(0, levels, N) if divisor is None else number % divisor % levels
    return np.stack((number, level), 1).astype(np.float32)


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize(("divisor", "levels"), [(2, 2), (7, 7), (9, 9), (12, 3)])
def test_the_divisor_is_found(divisor: int, levels: int, side: int) -> None:
    sides = [rows(1, divisor, levels), rows(2, None, levels)]
    (best, *_) = found(*(sides if side == 0 else sides[::-1]))
    assert best.divisor == levels
    assert len(np.unique(best(sides[0]))) == levels < len(np.unique(best(sides[1])))


def test_one_law_and_what_one_column_does_alone_show_nothing() -> None:
    for seed in range(4):
        real, fake = rows(seed, 7, 7), rows(seed + 9, 7, 7)
        assert found(real, fake) == ()
        free, skewed = rows(seed, None, 5), rows(seed + 9, None, 5)
        skewed[:, 1] //= 2
        skewed[:, 0] -= skewed[:, 0] % 2
        assert found(free, skewed) == ()
