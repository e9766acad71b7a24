"""Single columns whose mean and spread agree and whose shape does not, beside columns that say nothing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import stats

from ganprobe.known.truths.law import Sampler, Truth, cells, of_densities, of_masses, with_noise
from ganprobe.samples.sides import Floats


def _two(name: str, d: int, real: Any, fake: Any, grid: Floats) -> Truth:
    """Two laws of one column, as scipy has them."""

    def sampler(law: Any) -> Sampler:
        return lambda rng, n: np.asarray(law.rvs((n, 1), rng))

    return with_noise(of_densities(name, sampler(real), sampler(fake), real.logpdf, fake.logpdf, grid), d - 1)


def _arc(reach: float = 30) -> Floats:
    """Points that reach far into any tail."""
    return np.sinh(cells(-reach, reach, 60_000))


def peaked(d: int = 3) -> Truth:
    """Laplace against normal."""
    return _two("peaked", d, stats.laplace(0, math.sqrt(0.5)), stats.norm(), cells(-25, 25))


def skewed(d: int = 3, shape: float = 3.0) -> Truth:
    """A gamma law, centred, against its mirror image."""
    law = stats.gamma(shape, -shape)
    mirrored = _Mirrored(law)
    return _two("skewed", d, law, mirrored, cells(-60, 60, 120_000))


class _Mirrored:
    def __init__(self, law: Any) -> None:
        self._law = law

    def rvs(self, size: tuple[int, ...], rng: np.random.Generator) -> Floats:
        return np.asarray(-self._law.rvs(size, rng))

    def logpdf(self, x: Floats) -> Floats:
        return np.asarray(self._law.logpdf(-x))


def fat(d: int = 3, df: float = 3.0) -> Truth:
    """Student-t of variance 1 against normal: the same middle, other tails."""
    return _two("fat", d, stats.t(df, 0, math.sqrt((df - 2) / df)), stats.norm(), _arc(12))


def cauchy(d: int = 3, s: float = 1.8) -> Truth:
    """Cauchy of two scales: no mean, no variance."""
    return _two("cauchy", d, stats.cauchy(), stats.cauchy(0, s), _arc())


def amounts(d: int = 3, s: float = 1.3) -> Truth:
    """Lognormal amounts over twelve orders of magnitude, the fakes' spread ``s`` times as far in the logarithm."""
    real, fake = stats.lognorm(3.0), stats.lognorm(3.0 * s)
    return _two("amounts", d, real, fake, np.exp(cells(-45, 45, 60_000)))


def edges(d: int = 3, a: float = 0.5) -> Truth:
    """A beta law that piles up at both ends, against a flat one."""
    return _two("edges", d, stats.beta(a, a), stats.uniform(), _unit())


def _unit() -> Floats:
    return np.asarray(1 / (1 + np.exp(-cells(-30, 30, 60_000))))


def ripple(d: int = 1, waves: int = 25, depth: float = 0.9) -> Truth:
    """A uniform column whose density has ``waves`` waves."""

    def real(rng: np.random.Generator, n: int) -> Floats:
        x = rng.random((n, 1))
        refused = rng.random((n, 1)) > (1 + depth * np.sin(2 * math.pi * waves * x)) / 2
        return np.where(refused, (x + 0.5 / waves) % 1, x)

    truth = of_densities(
        "ripple",
        real,
        lambda rng, n: rng.random((n, 1)),
        lambda x: np.log1p(depth * np.sin(2 * math.pi * waves * x)),
        lambda x: np.zeros(len(x)),
        cells(0, 1, 40_000),
    )
    return with_noise(truth, d - 1)


def hours(days: int = 200, open_for: float = 1 / 3) -> Truth:
    """Times in days: the fakes' at any time, the reals' in the first part of each day. .3183 for a third of the day."""

    def sampler(share: float) -> Sampler:
        return lambda rng, n: (rng.integers(0, days, n) + share * rng.random(n))[:, None]

    masses = ((1.0, 0.0), (open_for, 1 - open_for))
    return of_masses("hours", sampler(open_for), sampler(1.0), masses, lambda x: x[:, 0] % 1 >= open_for)
