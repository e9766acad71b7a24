from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import integrate, stats

from ganprobe.known import truths
from ganprobe.objective import delta_of, js, js_se, shift_js

LOG2 = math.log(2)

SUITE = {name: family(4) for name, family in truths.SUITE.items()}
MAPPED = {
    "warp": (truths.warp(5), truths.shift(5)),
    "embedded": (truths.embedded(50), truths.shift(2)),
    "pareto": (truths.pareto(9), truths.shift(9)),
    "pictures": (truths.pictures(12), truths.shift(3)),
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
    assert shift_js(delta) == pytest.approx(published, abs=1e-6)


@pytest.mark.parametrize(
    ("published", "delta"),
    [(0.01, 0.284), (0.05, 0.649), (0.1, 0.942), (0.2, 1.408), (0.3, 1.839), (0.5, 2.828), (0.65, 4.288)],
)
def test_the_shift_of_a_given_js(published: float, delta: float) -> None:
    assert delta_of(published) == pytest.approx(delta, abs=6e-4)


def test_the_dimension_of_a_shift_does_not_matter() -> None:
    assert truths.shift(1, 1.5).js == truths.shift(784, 1.5).js == truths.warp(5, 1.5).js
    assert truths.shift(2, 1.5).js == truths.embedded(784, 1.5).js
    assert truths.hidden(1001).js == pytest.approx(0.689298, abs=1e-6)


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
    assert truths.correlated(rho=rho).js == pytest.approx(published, abs=5.1e-6)


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
    assert truths.ring(2, kept, modes).js == pytest.approx(published, abs=5.1e-6)


@pytest.mark.parametrize(("loss", "published"), [(0.5, 0.0070), (0.75, 0.0345), (0.9, 0.1132), (0.95, 0.1986)])
def test_faded_modes(loss: float, published: float) -> None:
    assert truths.faded(loss=loss).js == pytest.approx(published, abs=5.1e-5)


@pytest.mark.parametrize(("modes", "published"), [(6, 0.0616), (7, 0.1110), (8, 0.1518), (9, 0.1862), (10, 0.2158)])
def test_invented_modes(modes: int, published: float) -> None:
    assert truths.invented(modes=modes).js == pytest.approx(published, abs=5.1e-5)


@pytest.mark.parametrize(("gap", "published"), [(0.3, 0.06360), (0.7, 0.13108), (1.0, 0.20631)])
def test_anisotropic_gaussians(gap: float, published: float) -> None:
    assert truths.anisotropic(gap=gap).js == pytest.approx(published, abs=1e-5)


def test_correlations_in_many_dimensions_agree_with_their_logits() -> None:
    truth = truths.correlated(20, 0.3)
    real, fake = (truth.logit(side.astype(float)) for side in truth.draw(100_000, 0))
    assert js(real, fake) == pytest.approx(truth.js, abs=3 * js_se(real, fake))
    law = stats.multivariate_normal(np.zeros(20), np.full((20, 20), 0.3) + np.eye(20) * 0.7)
    x = np.random.default_rng(0).standard_normal((5, 20))
    direct = stats.norm.logpdf(x).sum(1) - law.logpdf(x)
    np.testing.assert_allclose(truth.logit(x), direct)


def test_the_mixture() -> None:
    assert truths.mixture().js == pytest.approx(0.29258, abs=2e-4)


def test_exact_values() -> None:
    assert truths.same(3).js == 0
    assert truths.rounded().js == pytest.approx(LOG2, abs=1e-15)
    assert truths.lines(distance=1e-3).js == pytest.approx(LOG2, abs=1e-15)
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
    assert truths.heavy(1, 1.0, 2.0).js == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize("d", [1, 4, 30])
@pytest.mark.parametrize("name", SUITE)
def test_the_optimal_discriminator_demonstrates_js(name: str, d: int) -> None:
    truth = truths.SUITE[name](d)
    real, fake = truth.draw(20_000, 1)
    logits = truth.logit(real.astype(float)), truth.logit(fake.astype(float))
    assert truth.oracle(real, fake) == js(*logits) == pytest.approx(truth.js, abs=4 * js_se(*logits) + 1e-12)


@pytest.mark.parametrize("factor", [0.7, 1.5])
@pytest.mark.parametrize("name", [name for name in SUITE if name not in ("same", "lines", "spheres", "rounded")])
def test_no_other_discriminator_demonstrates_more(name: str, factor: float) -> None:
    truth = SUITE[name]
    real, fake = (truth.logit(side.astype(float)) for side in truth.draw(50_000, 3))
    if name not in ("cubes", "ring", "invented"):  # where a finite logit is always 0, or always the same
        assert js(factor * real, factor * fake) < js(real, fake)
    assert js(real + 0.5, fake + 0.5) < js(real, fake)
    assert js(real - 0.5, fake - 0.5) < js(real, fake)


@pytest.mark.parametrize("name", SUITE)
def test_draws(name: str) -> None:
    truth = SUITE[name]
    real, fake = truth.draw(7, 5, 11)
    again = truth.draw(7, 5, 11)
    other = truth.draw(7, 6, 11)
    assert real.dtype == fake.dtype == np.float32
    assert (len(real), len(fake), real.shape[1:]) == (7, 11, fake.shape[1:])
    np.testing.assert_array_equal(real, again[0])
    np.testing.assert_array_equal(fake, again[1])
    assert not np.array_equal(real, other[0])
    assert not np.array_equal(real, fake[:7])


@pytest.mark.parametrize("d", [1, 2, 24, 784])
def test_the_suite_has_every_family_at_any_dimension(d: int) -> None:
    assert len(truths.SUITE) >= 14
    for name, family in truths.SUITE.items():
        truth = family(d)
        real, fake = truth.draw(20, 0)
        assert truth.name == name
        assert 0 <= truth.js <= LOG2 + 1e-9
        assert np.isfinite(real).all()
        assert np.isfinite(fake).all()
        assert real[0].size >= d


def test_the_number_of_fakes_leaves_the_reals_alone() -> None:
    truth = truths.shift(3)
    np.testing.assert_array_equal(truth.draw(10, 0, 10)[0], truth.draw(10, 0, 1000)[0])


@pytest.mark.parametrize("name", MAPPED)
def test_injective_maps_leave_the_logit(name: str) -> None:
    seen, plain = MAPPED[name]
    for side, before in zip(seen.draw(500, 0), plain.draw(500, 0), strict=True):
        expected = plain.logit(before.astype(float))
        np.testing.assert_allclose(seen.logit(side.astype(float)), expected, atol=2e-3)


def test_a_warp_is_no_linear_map() -> None:
    plain, bent = truths.shift(6).draw(2000, 0)[0], truths.warp(6).draw(2000, 0)[0]
    _, residual, _, _ = np.linalg.lstsq(plain, bent, rcond=None)
    assert (residual / (bent**2).sum(0)).max() > 0.1


def test_noise_says_nothing() -> None:
    truth = truths.shift(2)
    noisy = truths.with_noise(truth, 3)
    real = noisy.draw(10, 0)[0].astype(float)
    np.testing.assert_array_equal(noisy.logit(real), truth.logit(real[:, :2]))
    assert truths.with_noise(truth, 0) is truth


def test_an_embedding_fills_no_more_dimensions_than_there_are() -> None:
    for side in truths.embedded(20).draw(200, 0):
        assert np.linalg.matrix_rank(np.arctanh(side), tol=1e-2) == 2
        assert (side.std(0) > 0.01).all()


def test_only_one_side_is_rounded() -> None:
    real, fake = (side.astype(float) * 16 for side in truths.rounded().draw(1000, 0))
    assert np.abs(real - np.rint(real)).max() == 0
    assert np.abs(fake - np.rint(fake)).max() > 0.1
