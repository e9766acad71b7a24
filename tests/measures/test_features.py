from __future__ import annotations

import numpy as np
import pytest

from ganprobe.measures import features


@pytest.mark.parametrize("d", [3, 400])
def test_frechet_distance_is_that_of_the_formula(d: int) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, d)), 2 * rng.normal(size=(80, d)) + 1
    s, t = (np.cov(side.T) for side in (x, y))
    # tr (S T)^(1/2) from the eigenvalues of S T, which are real and not negative.
    root = np.sqrt(np.maximum(np.linalg.eigvals(s @ t).real, 0)).sum()
    expected = ((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(s) + np.trace(t) - 2 * root
    assert features.frechet_distance(x, y) == pytest.approx(expected, rel=1e-5)
    assert features.frechet_distance(x, x) == pytest.approx(0, abs=1e-6)


def test_kernel_distance_is_unbiased() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 1_000, 5))
    value, sd = features.kernel_distance(x, y, rng)
    assert abs(value) < 2 * sd
    apart, _ = features.kernel_distance(x, y + 1, rng)
    assert apart > 10 * sd
