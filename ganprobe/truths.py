r"""Pairs of distributions whose Jensen-Shannon divergence is known exactly, for judging every estimator here.

Each case draws any number of reals and fakes and knows its JS and, through ``logit``, its optimal discriminator. The
Gaussian shift by delta standard deviations has, in any dimension,

    J(delta) = log 2 - E softplus(-(delta^2 / 2 + delta T)),   T ~ N(0, 1),

and JS is unchanged by invertible maps applied to both sides, by appended coordinates that are independent with the
same law on both sides, and by injective embeddings. Uniform cubes that overlap in a share ``o`` of their volume have
(1 - o) log 2; laws with disjoint supports have log 2. Where only the log-densities are simple, JS is an expectation
over one or two dimensions, done by quadrature.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import integrate, special, stats

from ganprobe.objective import LOG2, softplus
from ganprobe.samples import Array, Floats

Sampler = Callable[[np.random.Generator, int], Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """A pair with known JS. ``real`` and ``fake`` draw ``[n, d]``; ``logit`` is log p - log q, None if infinite."""

    name: str
    js: float
    real: Sampler
    fake: Sampler
    logit: Callable[[Floats], Floats] | None = None

    def draw(self, n: int, seed: int, n_fake: int | None = None) -> tuple[Array, Array]:
        """``n`` reals and ``n_fake`` (default ``n``) fakes, float32."""
        streams = np.random.default_rng(seed).spawn(2)
        fake = self.fake(streams[1], n if n_fake is None else n_fake)
        return self.real(streams[0], n).astype(np.float32), fake.astype(np.float32)


def shift_js(delta: float) -> float:
    """J(delta): JS of two Gaussians with one covariance, ``delta`` pooled standard deviations apart."""
    return LOG2 - _normal_mean(lambda t: softplus(-(delta**2 / 2 + delta * t)))


def _normal_mean(f: Callable[[Floats], Floats]) -> float:
    nodes = np.linspace(-12, 12, 20_001)
    return float(integrate.simpson(f(nodes) * stats.norm.pdf(nodes), x=nodes))


def same(d: int = 4) -> Truth:
    """P = Q: two samples of one standard normal."""
    return Truth("same", 0.0, _normal(d), _normal(d), lambda x: np.zeros(len(x)))


def shift(d: int = 10, delta: float = 1.0) -> Truth:
    """Gaussians ``delta`` apart along the diagonal."""
    mean = np.full(d, delta / math.sqrt(d))

    def fake(rng: np.random.Generator, n: int) -> Floats:
        return np.asarray(_normal(d)(rng, n) + mean)

    return Truth("shift", shift_js(delta), _normal(d), fake, lambda x: np.asarray(delta**2 / 2 - x @ mean))


def scale(d: int = 8, s: float = 1.5) -> Truth:
    """N(0, I) against N(0, s^2 I): a radial change that no linear probe sees."""

    def of_square(r2: Floats) -> Floats:
        return d * math.log(s) - r2 / 2 * (1 - 1 / s**2)

    def half(spread: float, sign: float) -> float:
        law = stats.chi(d)
        nodes = np.linspace(0, law.isf(1e-14), 40_001)
        return float(integrate.simpson(softplus(sign * of_square((spread * nodes) ** 2)) * law.pdf(nodes), x=nodes))

    js = LOG2 - (half(1.0, -1) + half(s, 1)) / 2
    return Truth("scale", js, _normal(d), lambda rng, n: s * _normal(d)(rng, n), lambda x: of_square((x**2).sum(1)))


def correlated(rho: float = 0.9) -> Truth:
    """N(0, I_2) against a Gaussian with the same marginals and correlation ``rho``."""
    factor = np.linalg.cholesky(np.array([[1, rho], [rho, 1]]))

    def logit(x: Floats) -> Floats:
        a, b = x[:, 0], x[:, 1]
        inverse = (a**2 - 2 * rho * a * b + b**2) / (1 - rho**2)
        return 0.5 * math.log(1 - rho**2) + 0.5 * (inverse - a**2 - b**2)

    side = np.linspace(-9, 9, 1_601)
    grid = np.stack(np.meshgrid(side, side, indexing="ij"), -1).reshape(-1, 2)
    p = np.exp(-0.5 * (grid**2).sum(1)) / (2 * math.pi) * (side[1] - side[0]) ** 2
    f = logit(grid)
    js = LOG2 - float((p * softplus(-f)).sum() + (p * np.exp(-f) * softplus(f)).sum()) / 2
    return Truth("correlated", js, _normal(2), lambda rng, n: _normal(2)(rng, n) @ factor.T, logit)


def cubes(d: int = 2, overlap: float = 0.5) -> Truth:
    """Unit cubes, one moved along the first axis so that they share the volume ``overlap``."""
    offset = np.eye(1, d)[0] * (1 - overlap)

    def uniform(rng: np.random.Generator, n: int) -> Floats:
        return rng.random((n, d))

    return Truth("cubes", (1 - overlap) * LOG2, uniform, lambda rng, n: uniform(rng, n) + offset)


def ring(kept: int = 5, modes: int = 8) -> Truth:
    """A ring of ``modes`` narrow Gaussians of which the fakes keep the first ``kept``."""

    def sampler(used: int) -> Sampler:
        def draw(rng: np.random.Generator, n: int) -> Floats:
            angle = rng.integers(0, used, n) * (2 * math.pi / modes)
            return np.stack((np.cos(angle), np.sin(angle)), 1) * 4 + 0.2 * rng.standard_normal((n, 2))

        return draw

    return Truth("ring", _dropped_modes(kept / modes), sampler(modes), sampler(kept))


def _dropped_modes(share: float) -> float:
    """Q is P restricted to a part of mass ``share``: p/(p+q) is share/(1+share) there and 1 elsewhere."""
    inside = share / (1 + share)
    return LOG2 + 0.5 * (share * math.log(inside) + math.log1p(-inside))


def lines(distance: float = 1.0, d: int = 2) -> Truth:
    """Parallel lines: disjoint supports at any distance, so JS is log 2."""

    def at(position: float) -> Sampler:
        def draw(rng: np.random.Generator, n: int) -> Floats:
            x = np.zeros((n, d))
            x[:, 0], x[:, 1] = position, rng.random(n)
            return x

        return draw

    return Truth("lines", LOG2, at(0.0), at(distance))


def warp(d: int = 4, delta: float = 1.0) -> Truth:
    """The Gaussian shift seen through an invertible, strongly skewed map: same JS."""
    base = shift(d, delta)

    def through(sampler: Sampler) -> Sampler:
        return lambda rng, n: _bend(sampler(rng, n))

    return Truth("warp", base.js, through(base.real), through(base.fake))


def _bend(x: Floats) -> Floats:
    """Exponential in the first coordinate, cubic in the second, and a shear by the first: invertible."""
    y = x.copy()
    y[:, 0] = np.exp(x[:, 0])
    y[:, 1:] = x[:, 1:] + 0.5 * np.sin(2 * x[:, :1])
    y[:, -1] = y[:, -1] ** 3 + y[:, -1]
    return y


def heavy(delta: float = 1.0, df: float = 2.0) -> Truth:
    """Two Student-t laws with ``df`` degrees of freedom, ``delta`` apart."""
    law = stats.t(df)

    def logit(x: Floats) -> Floats:
        out: Floats = law.logpdf(x[:, 0]) - law.logpdf(x[:, 0] - delta)
        return out

    # Substitute the quantile: the tails are then finite.
    t = np.asarray(special.stdtrit(df, (np.arange(400_000) + 0.5) / 400_000), np.float64)[:, None]
    js = LOG2 - float(softplus(-logit(t)).mean() + softplus(logit(t + delta)).mean()) / 2

    def draw(rng: np.random.Generator, n: int) -> Floats:
        return rng.standard_t(df, (n, 1))

    return Truth("heavy", js, draw, lambda rng, n: draw(rng, n) + delta, logit)


def mixture() -> Truth:
    """.7/.3 at +-1 against .5/.5 at 0 and -1, all with s = .5 in two dimensions: JS = .29258."""
    means = np.array([[1.0, 1.0], [-1.0, -1.0], [0.0, 0.0]])

    def density(x: Floats, weights: tuple[float, float, float]) -> Floats:
        total = np.zeros(len(x))
        for weight, mean in zip(weights, means, strict=True):
            total += weight * np.exp(-((x - mean) ** 2).sum(1) / 0.5)
        return total / (0.5 * math.pi)

    real, fake = (0.7, 0.3, 0.0), (0.0, 0.5, 0.5)

    def logit(x: Floats) -> Floats:
        out: Floats = np.log(density(x, real)) - np.log(density(x, fake))
        return out

    side = np.linspace(-4.5, 4.5, 1_201)
    grid = np.stack(np.meshgrid(side, side, indexing="ij"), -1).reshape(-1, 2)
    p, q = (density(grid, w) * (side[1] - side[0]) ** 2 for w in (real, fake))
    js = LOG2 - float((p * np.log1p(q / p)).sum() + (q * np.log1p(p / q)).sum()) / 2

    def sampler(weights: tuple[float, float, float]) -> Sampler:
        return lambda rng, n: means[rng.choice(3, n, p=weights)] + 0.5 * rng.standard_normal((n, 2))

    return Truth("mixture", js, sampler(real), sampler(fake), logit)


def _normal(d: int) -> Sampler:
    return lambda rng, n: rng.standard_normal((n, d))
