"""Columns with one law on both sides that depend on each other in another way.

Signs, checkerboards, copulas, spheres, spreads and probabilities that depend on another column.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from ganprobe.known.truths.law import Sampler, Truth, cells, normal, of_masses, with_noise
from ganprobe.objective import LOG2, js_of_masses, sigmoid
from ganprobe.samples.sides import Floats

_HALF = ((1.0, 0.0), (0.5, 0.5))


def signs(d: int = 4, tied: int = 2) -> Truth:
    """Normal columns of which the reals' first ``tied`` have a positive product, and fewer show nothing. JS = .2158."""

    def real(rng: np.random.Generator, n: int) -> Floats:
        x = rng.standard_normal((n, d))
        x[:, 0] *= np.sign(x[:, :tied].prod(1))
        return x

    return of_masses("signs", real, normal(d), _HALF, lambda x: x[:, :tied].prod(1) < 0)


def checkerboard(d: int = 2, side: int = 6) -> Truth:
    """Uniform on the black fields of a board in the first two columns, against the whole board. JS = .2158."""

    def whole(rng: np.random.Generator, n: int) -> Floats:
        return rng.random((n, d))

    def real(rng: np.random.Generator, n: int) -> Floats:
        x = whole(rng, n)
        field = np.floor(x[:, :2] * side).astype(np.int64)
        white = field.sum(1) % 2 == 1
        x[white, 0] += np.where(field[white, 0] % 2 == 0, 1, -1) / side
        return x

    return of_masses("checkerboard", real, whole, _HALF, lambda x: np.floor(x[:, :2] * side).sum(1) % 2)


def spiral(d: int = 2, turns: float = 1.5) -> Truth:
    """Two arms of one spiral against the gaps between them: the angle's law turns with the radius."""

    def sampler(sign: int) -> Sampler:
        def rows(rng: np.random.Generator, n: int) -> Floats:
            radius = 0.3 + rng.random(n)
            # The density 1 + sign cos: a uniform angle, moved by half a turn where it is refused.
            angle = rng.uniform(0, 2 * math.pi, n)
            angle = np.where(rng.random(n) < (1 + sign * np.cos(angle)) / 2, angle, angle + math.pi)
            angle = angle / 2 + rng.integers(0, 2, n) * math.pi + 2 * math.pi * turns * radius
            return np.column_stack((radius * np.cos(angle), radius * np.sin(angle)))

        return rows

    def logit(x: Floats) -> Floats:
        angle = np.arctan2(x[:, 1], x[:, 0]) - 2 * math.pi * turns * np.linalg.norm(x[:, :2], axis=1)
        up = np.cos(2 * angle)
        return np.asarray(np.log1p(up) - np.log1p(-up))

    angle = cells(0, 2 * math.pi)
    masses = ((1 + sign * np.cos(angle)) / len(angle) for sign in (1, -1))
    return with_noise(Truth("spiral", js_of_masses(*masses), sampler(1), sampler(-1), logit), d - 2)


def _copulas(name: str, d: int, log_p: Any, log_q: Any, real: Sampler, fake: Sampler) -> Truth:
    """Laws of two columns with standard normal marginals; the logarithms are densities over that of independence."""
    z = cells(-6, 6, 700)
    a, b = (side.ravel() for side in np.meshgrid(z, z, indexing="ij"))
    base = stats.norm.pdf(a) * stats.norm.pdf(b) * (z[1] - z[0]) ** 2
    js = js_of_masses(base * np.exp(log_p(a, b)), base * np.exp(log_q(a, b)))
    logit = _of_two(lambda a, b: log_p(a, b) - log_q(a, b))
    return with_noise(Truth(name, js, real, fake, logit), d - 2)


def _of_two(f: Callable[[Floats, Floats], Floats]) -> Callable[[Floats], Floats]:
    return lambda x: f(x[:, 0], x[:, 1])


def _gaussian(rho: float) -> tuple[Any, Sampler]:
    def log_density(a: Floats, b: Floats) -> Floats:
        square = (rho**2 * (a**2 + b**2) - 2 * rho * a * b) / (2 * (1 - rho**2))
        return np.asarray(-square - math.log(1 - rho**2) / 2)

    factor = np.linalg.cholesky([[1, rho], [rho, 1]])
    return log_density, lambda rng, n: rng.standard_normal((n, 2)) @ factor.T


def tails(d: int = 2, df: int = 2, rho: float = 0.5) -> Truth:
    """Normal columns joined by a t copula, extreme together, against the Gaussian copula of one correlation."""
    joint, alone = stats.multivariate_t([0, 0], [[1, rho], [rho, 1]], df), stats.t(df)

    def log_t(a: Floats, b: Floats) -> Floats:
        x, y = (alone.ppf(stats.norm.cdf(z)) for z in (a, b))
        return np.asarray(joint.logpdf(np.stack((x, y), -1)) - alone.logpdf(x) - alone.logpdf(y))

    def real(rng: np.random.Generator, n: int) -> Floats:
        x = (rng.standard_normal((n, 2)) @ np.linalg.cholesky([[1, rho], [rho, 1]]).T) / np.sqrt(
            rng.chisquare(df, (n, 1)) / df
        )
        return np.asarray(stats.norm.ppf(alone.cdf(x)))

    log_g, fake = _gaussian(rho)
    return _copulas("tails", d, log_t, log_g, real, fake)


def clayton(d: int = 2, theta: float = 2.0) -> Truth:
    """Normal columns that are low together (a Clayton copula) against the same that are high together."""

    def log_density(a: Floats, b: Floats) -> Floats:
        u, v = stats.norm.cdf(a), stats.norm.cdf(b)
        total = np.log(np.expm1(-theta * np.log(u)) + np.exp(-theta * np.log(v)))
        return np.asarray(math.log1p(theta) - (theta + 1) * np.log(u * v) - (2 + 1 / theta) * total)

    def real(rng: np.random.Generator, n: int) -> Floats:
        u, w = rng.random((2, n))
        v = (u**-theta * (w ** (-theta / (1 + theta)) - 1) + 1) ** (-1 / theta)
        return np.asarray(stats.norm.ppf(np.column_stack((u, v))))

    def mirrored(a: Floats, b: Floats) -> Floats:
        return log_density(-a, -b)

    return _copulas("clayton", d, log_density, mirrored, real, lambda rng, n: -real(rng, n))


def spreads(d: int = 3, low: float = 0.5, high: float = 1.5) -> Truth:
    """A column's spread depends on the sign of another; the fakes' on nothing."""
    size = np.array([low, high])

    def sampler(own: bool) -> Sampler:
        def rows(rng: np.random.Generator, n: int) -> Floats:
            x = rng.standard_normal((n, d))
            by = x[:, 0] > 0 if own else rng.random(n) < 0.5
            x[:, 1] *= size[by.astype(np.int64)]
            return x

        return rows

    def log_ratio(positive: npt.NDArray[np.bool_], y: Floats) -> Floats:
        logs = stats.norm.logpdf(y, 0, low), stats.norm.logpdf(y, 0, high)
        return np.asarray(np.where(positive, logs[1], logs[0]) - np.logaddexp(*logs) + math.log(2))

    y = cells(-14, 14)
    p = np.stack([stats.norm.pdf(y, 0, s) for s in (low, high)]) * (y[1] - y[0]) / 2
    q = np.stack([p.mean(0)] * 2)
    return Truth(
        "spreads", js_of_masses(p, q), sampler(True), sampler(False), lambda x: log_ratio(x[:, 0] > 0, x[:, 1])
    )


def interaction(d: int = 4, steep: float = 3.0) -> Truth:
    """A flag whose probability depends on the product of two columns, against a coin."""

    def sampler(own: bool) -> Sampler:
        def rows(rng: np.random.Generator, n: int) -> Floats:
            x = rng.standard_normal((n, d))
            x[:, 2] = rng.random(n) < (sigmoid(steep * x[:, 0] * x[:, 1]) if own else 0.5)
            return x

        return rows

    # The product of two normal columns has the density K0(|t|) / pi.
    t = cells(-25, 25, 400_000)
    mass = special.k0(np.abs(t)) / math.pi * (t[1] - t[0])
    p = np.stack((mass * sigmoid(steep * t), mass * sigmoid(-steep * t)))

    def logit(x: Floats) -> Floats:
        side = np.where(x[:, 2] > 0.5, 1.0, -1.0)
        return np.asarray(-np.logaddexp(0, -side * steep * x[:, 0] * x[:, 1]) + math.log(2))

    return Truth(
        "interaction", js_of_masses(p, np.stack((mass, mass)) / 2), sampler(True), sampler(False), logit, "table"
    )


def modular(d: int = 3, times: int = 5, s: float = 0.08) -> Truth:
    """A column that is ``times`` another one, modulo 1 and up to ``s``, against a uniform one."""

    def sampler(own: bool) -> Sampler:
        def rows(rng: np.random.Generator, n: int) -> Floats:
            x = rng.random((n, d))
            if own:
                x[:, 1] = (times * x[:, 0] + s * rng.standard_normal(n)) % 1
            return x

        return rows

    def log_density(r: Floats) -> Floats:
        turns = np.arange(-2, 3)
        return np.asarray(special.logsumexp(stats.norm.logpdf(r[:, None] + turns, 0, s), axis=1))

    r = cells(-0.5, 0.5)
    js = js_of_masses(np.exp(log_density(r)) / len(r), np.full(len(r), 1 / len(r)))
    return Truth(
        "modular", js, sampler(True), sampler(False), lambda x: log_density((x[:, 1] - times * x[:, 0] + 0.5) % 1 - 0.5)
    )


def ordered(d: int = 5) -> Truth:
    """Rows in ascending order, against rows in any: the columns differ, and the order says more."""

    def fake(rng: np.random.Generator, n: int) -> Floats:
        return rng.random((n, d))

    share = 1 / math.factorial(d)
    return of_masses(
        "ordered",
        lambda rng, n: np.sort(fake(rng, n), 1),
        fake,
        ((0.0, 1.0), (1 - share, share)),
        lambda x: (np.diff(x, axis=1) >= 0).all(1),
    )


def sphere(d: int = 64, off: float = 0.003) -> Truth:
    """Vectors of length 1, as embeddings are, against vectors longer or shorter by ``off`` and more. JS = log 2."""

    def sampler(spread: float) -> Sampler:
        def rows(rng: np.random.Generator, n: int) -> Floats:
            x = rng.standard_normal((n, d))
            length = 1 + spread * rng.choice((-1, 1), (n, 1)) * (1 + rng.standard_exponential((n, 1)))
            return np.asarray(x * length / np.linalg.norm(x, axis=1, keepdims=True))

        return rows

    def logit(x: Floats) -> Floats:
        return np.where(np.abs(np.linalg.norm(x, axis=1) - 1) < 1e-6, np.inf, -np.inf)

    return Truth("sphere", LOG2, sampler(0.0), sampler(off), logit)
