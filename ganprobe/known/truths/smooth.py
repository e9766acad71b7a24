"""Smooth laws: Gaussians, their mixtures, and what maps make of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import special, stats

from ganprobe.known.truths.law import Map, Sampler, Truth, cells, directions, normal, planar, through, with_noise
from ganprobe.objective import LOG2, js_of_masses, shift_js
from ganprobe.samples.sides import Floats


def same(d: int = 4) -> Truth:
    """P = Q: two samples of one standard normal. JS = 0."""
    return Truth("same", 0.0, normal(d), normal(d), lambda x: np.zeros(len(x)))


def shift(d: int = 10, delta: float = 1.0) -> Truth:
    """Gaussians ``delta`` apart along the diagonal. JS = J(delta)."""
    mean = np.full(d, delta / math.sqrt(d))
    return Truth(
        "shift",
        shift_js(delta),
        normal(d),
        lambda rng, n: normal(d)(rng, n) + mean,
        lambda x: np.asarray(delta**2 / 2 - x @ mean),
    )


def hidden(d: int = 1_001, delta: float = 6.0) -> Truth:
    """One coordinate that tells the sides apart among ``d`` - 1 that do not. JS = J(delta) (Raisa et al. 2025)."""
    return replace(with_noise(shift(1, delta), d - 1), name="hidden")


def scale(d: int = 8, s: float = 1.5) -> Truth:
    """N(0, I) against N(0, s^2 I): a radial change that no linear probe sees. JS is that of the radii."""
    r = cells(0, 1.2 * max(s, 1) * float(stats.chi(d).isf(1e-14)), 200_000)
    masses = (stats.chi(d, scale=spread).pdf(r) * (r[1] - r[0]) for spread in (1, s))
    return Truth(
        "scale",
        js_of_masses(*masses),
        normal(d),
        lambda rng, n: s * normal(d)(rng, n),
        lambda x: d * math.log(s) - (x**2).sum(1) / 2 * (1 - 1 / s**2),
    )


def correlated(d: int = 2, rho: float = 0.9) -> Truth:
    """N(0, I) against equal correlations ``rho``: marginals agree. JS is that of (mean, distance from the diagonal).

    The covariance has the variance 1 + (d - 1) rho along the diagonal and 1 - rho across it.
    """
    along, across = 1 + (d - 1) * rho, 1 - rho
    reach = 9 * max(1.0, math.sqrt(along))
    u, r = cells(-reach, reach, 2_000), cells(0, float(stats.chi(d - 1).isf(1e-14)) * max(1, across), 2_000)
    cell = (u[1] - u[0]) * (r[1] - r[0])
    masses = (
        np.outer(stats.norm.pdf(u, 0, math.sqrt(a)), stats.chi(d - 1, scale=math.sqrt(b)).pdf(r)) * cell
        for a, b in ((1, 1), (along, across))
    )
    factor = np.linalg.cholesky(np.full((d, d), rho) + np.eye(d) * across)

    def logit(x: Floats) -> Floats:
        u2 = x.sum(1) ** 2 / d
        r2 = (x**2).sum(1) - u2
        determinant = math.log(along) + (d - 1) * math.log(across)
        return np.asarray(determinant + u2 * (1 / along - 1) + r2 * (1 / across - 1)) / 2

    return Truth("correlated", js_of_masses(*masses), normal(d), lambda rng, n: normal(d)(rng, n) @ factor.T, logit)


def anisotropic(d: int = 2, gap: float = 0.7) -> Truth:
    """Gaussians of unequal mean and covariance in a plane (arXiv 2606.16411, use case 13): .13108 at ``gap`` .7."""
    real = stats.multivariate_normal((0, 0), ((1, 0.25), (0.25, 1)))
    fake = stats.multivariate_normal((gap, -gap), ((1.6, -0.35), (-0.35, 0.9)))

    def sampler(law: Any) -> Sampler:
        return lambda rng, n: np.asarray(law.rvs(n, rng))

    return planar("anisotropic", d, real.logpdf, fake.logpdf, sampler(real), sampler(fake), 10)


def mixture(d: int = 2) -> Truth:
    """.7/.3 at +-1 against .5/.5 at 0 and -1, spread .5, in a plane (the same, use case 2): .29258."""
    means = np.array([[1.0, 1.0], [-1.0, -1.0], [0.0, 0.0]])

    def log_density(weights: tuple[float, float, float]) -> Map:
        def of(x: Floats) -> Floats:
            square = ((x[:, None] - means) ** 2).sum(2)
            return np.asarray(special.logsumexp(-2 * square, axis=1, b=np.array(weights)) - math.log(math.pi / 2))

        return of

    def sampler(weights: tuple[float, float, float]) -> Sampler:
        return lambda rng, n: means[rng.choice(3, n, p=weights)] + 0.5 * rng.standard_normal((n, 2))

    real, fake = (0.7, 0.3, 0.0), (0.0, 0.5, 0.5)
    return planar("mixture", d, log_density(real), log_density(fake), sampler(real), sampler(fake), 5)


def two_modes(d: int = 1, mu: float = 3.0) -> Truth:
    """Two modes at +-``mu`` against one broad Gaussian with the same mean and variance."""
    broad = stats.norm(0, math.sqrt(1 + mu**2))

    def log_p(x: Floats) -> Floats:
        return np.logaddexp(stats.norm.logpdf(x, mu), stats.norm.logpdf(x, -mu)) - LOG2

    x = cells(-12 * (1 + mu), 12 * (1 + mu))
    truth = Truth(
        "two_modes",
        js_of_masses(np.exp(log_p(x)) * (x[1] - x[0]), broad.pdf(x) * (x[1] - x[0])),
        lambda rng, n: rng.standard_normal((n, 1)) + mu * rng.choice((-1, 1), (n, 1)),
        lambda rng, n: rng.standard_normal((n, 1)) * math.sqrt(1 + mu**2),
        lambda x: log_p(x[:, 0]) - np.asarray(broad.logpdf(x[:, 0])),
    )
    return with_noise(truth, d - 1)


# -- maps of Gaussians ---------------------------------------------------------


def warp(d: int = 4, delta: float = 1.0, layers: int = 3) -> Truth:
    """A Gaussian shift through ``layers`` of rotation and affine coupling, as in a normalising flow. JS = J(delta)."""
    couplings = [_Coupling.drawn(d, layer) for layer in range(layers)]

    def forward(x: Floats) -> Floats:
        for coupling in couplings:
            x = coupling.forward(x)
        return x

    def inverse(y: Floats) -> Floats:
        for coupling in reversed(couplings):
            y = coupling.inverse(y)
        return y

    hard = "the logit undoes every layer: ten thousand samples show five sixths of JS from d = 8 on" if d >= 8 else None
    return replace(through(shift(d, delta), "warp", forward, inverse), hard=hard)


@dataclass(frozen=True, slots=True, eq=False)
class _Coupling:
    """Rotate, then move and stretch the second half of the coordinates by functions of the first half."""

    rotation: Floats
    weights: Floats
    stretch: Floats
    move: Floats

    @classmethod
    def drawn(cls, d: int, seed: int, units: int = 16) -> _Coupling:
        rng = np.random.default_rng([seed, d])
        half, rest = d // 2, d - d // 2
        return cls(
            np.linalg.qr(rng.standard_normal((d, d)))[0],
            rng.standard_normal((half, units)) / math.sqrt(max(half, 1)),
            rng.standard_normal((units, rest)) * (0.7 / math.sqrt(units)),
            rng.standard_normal((units, rest)) / math.sqrt(units),
        )

    def forward(self, x: Floats) -> Floats:
        x = x @ self.rotation
        kept, moved, features = self._divide(x)
        return np.concatenate((kept, moved * np.exp(features @ self.stretch) + features @ self.move), 1)

    def inverse(self, y: Floats) -> Floats:
        kept, moved, features = self._divide(y)
        back = (moved - features @ self.move) * np.exp(-features @ self.stretch)
        return np.asarray(np.concatenate((kept, back), 1) @ self.rotation.T)

    def _divide(self, x: Floats) -> tuple[Floats, Floats, Floats]:
        half = len(self.weights)
        return x[:, :half], x[:, half:], np.tanh(x[:, :half] @ self.weights)


def embedded(d: int = 784, delta: float = 1.0) -> Truth:
    """A shift in a plane, seen as a curved sheet in ``d`` >= 2 dimensions: tanh of a linear map. JS = J(delta)."""
    d = max(d, 2)
    axes = np.linalg.qr(np.random.default_rng(d).standard_normal((d, 2)))[0].T * (math.sqrt(d) / 2)
    back = np.linalg.pinv(axes)
    return through(
        shift(2, delta),
        "embedded",
        lambda z: np.tanh(z @ axes),
        lambda x: np.asarray(np.arctanh(np.clip(x, -1 + 1e-7, 1 - 1e-7)) @ back),
    )


def pareto(d: int = 4, delta: float = 1.0, index: float = 1.5) -> Truth:
    """A shift with Pareto marginals of tail ``index`` in units from .001 to 1000 (Raisa et al. 2025). JS = J(delta)."""
    units = 10.0 ** (np.arange(d) % 7 - 3)
    return through(
        shift(d, delta),
        "pareto",
        lambda x: np.expm1(-special.log_ndtr(-x) / index) * units,
        lambda y: -special.ndtri_exp(-index * np.log1p(y / units)),
    )


def radial(d: int = 8, delta: float = 1.0) -> Truth:
    """Log-normal radii in every direction, ``delta`` apart in the logarithm. JS = J(delta)."""
    spread = 0.2

    def at(centre: float) -> Sampler:
        def draw(rng: np.random.Generator, n: int) -> Floats:
            return directions(rng, n, d) * np.exp(spread * (centre + rng.standard_normal((n, 1))))

        return draw

    return Truth(
        "radial",
        shift_js(delta),
        at(0.0),
        at(delta),
        lambda x: delta**2 / 2 - delta / spread * np.log(np.linalg.norm(x, axis=1)),
    )


def pictures(side: int = 16, delta: float = 1.0) -> Truth:
    """A bright spot whose height, width and brightness are squashed Gaussians, shifted. JS = J(delta).

    All three can be read back from the logarithms around the brightest pixel, so the map is injective.
    """
    at, size = np.arange(side), side / 8
    centre, reach = (side - 1) / 2, 0.3 * side

    def forward(z: Floats) -> Floats:
        place = centre + reach * np.tanh(z[:, :2] / 2)
        across = np.exp(-((at - place[:, :, None]) ** 2) / (2 * size**2))
        spots = across[:, :1, :, None] * across[:, 1:, None]
        return np.asarray(spots * (0.6 + 0.4 * special.ndtr(z[:, 2]))[:, None, None, None])

    def inverse(images: Floats) -> Floats:
        logs, rows = np.log(images[:, 0]), np.arange(len(images))
        y, x = (1 + i for i in np.divmod(logs[:, 1:-1, 1:-1].reshape(len(logs), -1).argmax(1), side - 2))
        slopes = logs[rows, y + 1, x] - logs[rows, y - 1, x], logs[rows, y, x + 1] - logs[rows, y, x - 1]
        off = np.stack(slopes, 1) * (size**2 / 2)
        brightness = np.exp(logs[rows, y, x] + (off**2).sum(1) / (2 * size**2))
        place = np.stack((y, x), 1) + off
        level = special.ndtri(np.clip((brightness - 0.6) / 0.4, 1e-7, 1 - 1e-7))
        return np.column_stack((2 * np.arctanh((place - centre) / reach), level))

    return replace(through(shift(3, delta), "pictures", forward, inverse), kind="image")
