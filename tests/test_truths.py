from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import integrate, stats

from ganprobe import truths
from ganprobe.objective import js, js_se

LOG2 = math.log(2)

ALL = {
    "same": truths.same(),
    "shift": truths.shift(),
    "scale": truths.scale(),
    "correlated": truths.correlated(),
    "cubes": truths.cubes(),
    "ring": truths.ring(),
    "lines": truths.lines(),
    "warp": truths.warp(),
    "embedded": truths.embedded(),
    "rounded": truths.rounded(),
    "heavy": truths.heavy(),
    "mixture": truths.mixture(),
}


@pytest.mark.parametrize(
    ("delta", "published"),
    [
        (0.1, 0.0012478),
        (0.25, 0.007752),
        (0.5, 0.030311),
        (0.75, 0.065768),
        (1, 0.111421),
        (1.5, 0.221171),
        (2, 0.336831),
        (2.5, 0.441694),
        (3, 0.526777),
        (4, 0.632720),
        (5, 0.675943),
        (6, 0.689298),
        (8, 0.693054),
    ],
)
def test_gaussian_shift(delta: float, published: float) -> None:
    assert truths.shift_js(delta) == pytest.approx(published, abs=1e-6)


def test_the_dimension_of_a_shift_does_not_matter() -> None:
    assert truths.shift(1, 1.5).js == truths.shift(784, 1.5).js == truths.warp(5, 1.5).js
    assert truths.shift(2, 1.5).js == truths.embedded(784, 1.5).js


@pytest.mark.parametrize(
    ("d", "s", "published"),
    [
        (1, 1.1, 0.00225),
        (1, 1.5, 0.03668),
        (1, 2, 0.09273),
        (8, 1.1, 0.01775),
        (8, 1.5, 0.24042),
        (8, 2, 0.47033),
        (64, 1.1, 0.12691),
        (64, 1.5, 0.66167),
        (64, 2, 0.69297),
        (784, 1.05, 0.3213),
        (784, 1.1, 0.6153),
    ],
)
def test_gaussian_scale(d: int, s: float, published: float) -> None:
    digits = 5e-5 if d == 784 else 6e-6
    assert truths.scale(d, s).js == pytest.approx(published, abs=digits)


@pytest.mark.parametrize(
    ("rho", "published"),
    [
        (0.1, 0.00126),
        (0.2, 0.00513),
        (0.3, 0.01191),
        (0.4, 0.02219),
        (0.5, 0.03692),
        (0.6, 0.05777),
        (0.7, 0.08782),
        (0.8, 0.13364),
        (0.9, 0.21455),
    ],
)
def test_gaussian_correlation(rho: float, published: float) -> None:
    assert truths.correlated(rho).js == pytest.approx(published, abs=5.1e-6)


@pytest.mark.parametrize(
    ("kept", "modes", "published"),
    [
        (9, 10, 0.03597),
        (8, 10, 0.07488),
        (5, 10, 0.21576),
        (2, 10, 0.42281),
        (1, 10, 0.52560),
        (7, 8, 0.04541),
        (5, 8, 0.15180),
        (2, 8, 0.38040),
        (8, 8, 0.0),
    ],
)
def test_dropped_modes(kept: int, modes: int, published: float) -> None:
    assert truths.ring(kept, modes).js == pytest.approx(published, abs=5.1e-6)


def test_the_mixture() -> None:
    assert truths.mixture().js == pytest.approx(0.29258, abs=2e-4)


def test_exact_values() -> None:
    assert truths.same(3).js == 0
    assert truths.rounded().js == pytest.approx(LOG2, abs=1e-15)
    assert truths.lines(1e-3).js == pytest.approx(LOG2, abs=1e-15)
    assert truths.cubes(7, 0.2).js == pytest.approx(0.55452, abs=1e-5)
    assert truths.cubes(2, 0).js == pytest.approx(LOG2, abs=1e-15)
    assert truths.cubes(2, 1).js == 0


def test_student_t_agrees_with_quadrature() -> None:
    law = stats.t(2)

    def integrand(x: float) -> float:
        p, q = law.pdf(x), law.pdf(x - 1)
        return (p * math.log(2 * p / (p + q)) + q * math.log(2 * q / (p + q))) / 2

    pieces = (-np.inf, -10, 0, 1, 11, np.inf)
    exact = sum(integrate.quad(integrand, a, b)[0] for a, b in itertools.pairwise(pieces))
    assert truths.heavy(1.0, 2.0).js == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize("name", [name for name, truth in ALL.items() if truth.logit])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_optimal_discriminator_demonstrates_js(name: str, seed: int) -> None:
    truth = ALL[name]
    assert truth.logit is not None
    real, fake = truth.draw(20_000, seed)
    logits = truth.logit(real.astype(float)), truth.logit(fake.astype(float))
    assert js(*logits) == pytest.approx(truth.js, abs=4 * js_se(*logits) + 1e-12)


@pytest.mark.parametrize("factor", [0.7, 1.5])
@pytest.mark.parametrize("name", [name for name, truth in ALL.items() if truth.logit and truth.js])
def test_no_other_discriminator_demonstrates_more(name: str, factor: float) -> None:
    truth = ALL[name]
    assert truth.logit is not None
    real, fake = (truth.logit(side.astype(float)) for side in truth.draw(50_000, 3))
    assert js(factor * real, factor * fake) < js(real, fake)
    assert js(real + 0.5, fake + 0.5) < js(real, fake)


@pytest.mark.parametrize("name", ALL)
def test_draws(name: str) -> None:
    truth = ALL[name]
    real, fake = truth.draw(7, 5, 11)
    again = truth.draw(7, 5, 11)
    other = truth.draw(7, 6, 11)
    assert real.dtype == fake.dtype == np.float32
    assert (len(real), len(fake), real.shape[1]) == (7, 11, fake.shape[1])
    np.testing.assert_array_equal(real, again[0])
    np.testing.assert_array_equal(fake, again[1])
    assert not np.array_equal(real, other[0])
    assert not np.array_equal(real, fake[:7])


def test_the_number_of_fakes_leaves_the_reals_alone() -> None:
    truth = truths.shift(3)
    np.testing.assert_array_equal(truth.draw(10, 0, 10)[0], truth.draw(10, 0, 1000)[0])


def test_the_warp_can_be_undone() -> None:
    plain, bent = truths.shift(3, 1.0).draw(500, 0), truths.warp(3, 1.0).draw(500, 0)
    for before, after in zip(plain, bent, strict=True):
        np.testing.assert_allclose(np.log(after[:, 0]), before[:, 0], atol=1e-5)
        shear = 0.5 * np.sin(2 * before[:, 0])
        np.testing.assert_allclose(after[:, 1] - shear, before[:, 1], atol=1e-5)
        cubic = before[:, 2] + shear
        np.testing.assert_allclose(after[:, 2], cubic**3 + cubic, rtol=1e-4, atol=1e-4)


def test_an_embedding_fills_no_more_dimensions_than_there_are() -> None:
    for side in truths.embedded(20).draw(200, 0):
        assert np.linalg.matrix_rank(side, tol=1e-3) == 2
        assert (side.std(0) > 0.01).all()


def test_only_one_side_is_rounded() -> None:
    real, fake = (side.astype(float) * 255 for side in truths.rounded().draw(1000, 0))
    assert np.abs(real - np.rint(real)).max() < 1e-4
    assert np.abs(fake - np.rint(fake)).max() > 0.1
