"""Gaussians that both sides share."""

from __future__ import annotations

import numpy as np
import pytest

from ganprobe.known import truths
from ganprobe.nets import mixtures
from ganprobe.objective import js
from ganprobe.samples.sides import Array


def missed(truth: truths.Truth, each: int, n: int = 1_500) -> float:
    """What the mixture misses of D*, on other samples than it was fitted to."""
    mixture = mixtures.fitted(*scaled(*truth.draw(n, 1)), each, 0)
    real, fake = truth.draw(4_000, 2)
    seen = scaled(real, fake)
    return truth.oracle(real, fake) - js(mixture(seen[0]), mixture(seen[1]))


def scaled(real: Array, fake: Array) -> tuple[Array, Array]:
    return real / 3, fake / 3


@pytest.mark.parametrize(("name", "each"), [("correlated", 1), ("scale", 1), ("mixture", 2), ("faded", 8)])
def test_clusters_are_told_nearly_as_by_the_optimal_discriminator(name: str, each: int) -> None:
    assert abs(missed(truths.SUITE[name](4), each)) < 0.007


def test_of_equal_laws_little_is_learnt_by_chance() -> None:
    assert 0 <= missed(truths.same(4), 3) < 0.01


def test_a_logit_is_the_ratio_of_the_densities() -> None:
    rng = np.random.default_rng(0)
    real, fake = rng.standard_normal((20_000, 2)), rng.standard_normal((20_000, 2)) + 1
    mixture = mixtures.fitted(real, fake, 1, 0)
    at = np.array([[0.5, 0.5], [0.0, 0.0], [2.0, 1.0]])
    np.testing.assert_allclose(mixture(at), [0.0, 1.0, -2.0], atol=0.1)


def test_more_rows_make_the_mixture_better() -> None:
    truth = truths.SUITE["two_modes"](4)
    few, more, tested = (scaled(*truth.draw(n, seed)) for n, seed in ((400, 1), (3_000, 2), (4_000, 3)))
    once = mixtures.fitted(*few, 2, 0)
    again = once.again(*(np.concatenate(rows) for rows in zip(few, more, strict=True)))
    assert again.each == once.each == 2
    assert js(again(tested[0]), again(tested[1])) > js(once(tested[0]), once(tested[1])) + 0.005


def test_of_equal_rows_clusters_stay_empty() -> None:
    rows = np.ones((50, 3))
    assert np.isfinite(mixtures.fitted(rows, rows, 5, 0)(rows)).all()
