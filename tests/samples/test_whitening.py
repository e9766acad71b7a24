from __future__ import annotations

import numpy as np
import pytest

from ganprobe.samples.whitening import squashed, whiteners

RNG = np.random.default_rng(0)


def test_what_is_whitened_has_no_correlations_left() -> None:
    x = RNG.standard_normal((2_000, 5)) @ RNG.standard_normal((5, 5))
    own, _ = whiteners(x, RNG.standard_normal((2_000, 5)))
    z = (x - own.centre) @ own.axes
    np.testing.assert_allclose(np.cov(z.T), np.eye(5), atol=2e-3)
    np.testing.assert_allclose(z.mean(0), 0, atol=1e-9)


def test_an_exact_relation_shows_where_it_is_broken() -> None:
    a, b = RNG.standard_normal((2, 1_000)).astype(np.float32)
    holds, broken = (np.stack((a, b, np.float32(1e3) * (a + c)), 1).astype(np.float64) for c in (b, -b))
    by_holding, _ = whiteners(holds, broken)
    assert np.abs(by_holding(holds)[:, 0]).max() < 3
    assert np.median(np.abs(by_holding(broken)[:, 0])) > 10


@pytest.mark.parametrize("scale", [1e-20, 1.0, 1e20])
def test_units_change_nothing(scale: float) -> None:
    real, fake = RNG.standard_normal((2, 500, 3))
    one, other = whiteners(real, fake)[0], whiteners(scale * real, scale * fake)[0]
    np.testing.assert_allclose(np.abs(one(fake)), np.abs(other(scale * fake)), rtol=1e-4, atol=1e-5)


def test_constant_columns_and_indicators_that_sum_to_one_add_nothing() -> None:
    level = np.eye(3)[RNG.integers(0, 3, 900)]
    both = [np.column_stack((side, np.full(900, 7.0))) for side in (level, RNG.permutation(level))]
    assert [by.width for by in whiteners(*both)] == [2, 2]
    assert whiteners(np.ones((9, 2)), np.ones((9, 2)))[0].width == 0


def test_squashing_keeps_the_middle_and_the_order() -> None:
    z = np.linspace(-1e6, 1e6, 1_001)
    assert (np.diff(squashed(z)) > 0).all()
    np.testing.assert_allclose(squashed(np.array([-2.0, 0.5, 3.0])), [-2.0, 0.5, 3.0])
