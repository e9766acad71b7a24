"""Counts, tables, pairs of categories, lattices."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from scipy import stats

from ganprobe.known.truths.law import Sampler, Truth, normal, with_noise
from ganprobe.objective import LOG2, js_of_masses
from ganprobe.samples.sides import Floats


def counts(d: int = 4, real_rate: float = 3.0, fake_rate: float = 4.0) -> Truth:
    """Poisson counts of two rates in every coordinate. JS is that of their sums."""
    most = int(stats.poisson.isf(1e-15, d * max(real_rate, fake_rate))) + 1
    masses = (stats.poisson.pmf(np.arange(most + 1), d * rate) for rate in (real_rate, fake_rate))

    def sampler(rate: float) -> Sampler:
        return lambda rng, n: rng.poisson(rate, (n, d)).astype(np.float64)

    def logit(x: Floats) -> Floats:
        return np.asarray(x.sum(1) * math.log(real_rate / fake_rate) + d * (fake_rate - real_rate))

    return Truth("counts", js_of_masses(*masses), sampler(real_rate), sampler(fake_rate), logit)


def table(d: int = 4) -> Truth:
    """Rows of a table: a category, a count whose rate depends on it, an amount that is mostly 0, then noise.

    Category and count have other laws on the fakes' side; JS is the sum over both.
    """
    shares = np.array([[0.4, 0.3, 0.2, 0.1], [0.3, 0.3, 0.25, 0.15]])
    rates = np.array([[2.0, 5.0, 9.0, 30.0], [2.0, 6.0, 8.0, 24.0]])
    masses = shares[:, :, None] * stats.poisson.pmf(np.arange(101), rates[:, :, None])

    def sampler(side: int) -> Sampler:
        def draw(rng: np.random.Generator, n: int) -> Floats:
            category = rng.choice(4, n, p=shares[side])
            amount = np.where(rng.random(n) < 0.6, 0, np.round(rng.lognormal(5, 1, n), 2))
            return np.column_stack((category, rng.poisson(rates[side, category]), amount))

        return draw

    def logit(x: Floats) -> Floats:
        category, count = x[:, 0].astype(np.int64), x[:, 1].astype(np.int64)
        p, q = (np.log(shares[i, category]) + stats.poisson.logpmf(count, rates[i, category]) for i in (0, 1))
        return np.asarray(p - q)

    return replace(
        with_noise(Truth("table", js_of_masses(*masses), sampler(0), sampler(1), logit), d - 3), kind="table"
    )


def pairs(d: int = 4, levels: int = 4, share: float = 0.5) -> Truth:
    """Categories of equal frequency, of which the reals' first two agree in an extra ``share`` of the rows.

    Every column alone has one law on both sides. JS is that of whether the two agree.
    """
    agree = share + (1 - share) / levels
    odds = np.log([(1 - agree) / (1 - 1 / levels), agree * levels])

    def fake(rng: np.random.Generator, n: int) -> Floats:
        return rng.integers(0, levels, (n, d)).astype(np.float64)

    def real(rng: np.random.Generator, n: int) -> Floats:
        x = fake(rng, n)
        x[:, 1] = np.where(rng.random(n) < share, x[:, 0], x[:, 1])
        return x

    return Truth(
        "pairs",
        js_of_masses(np.array([agree, 1 - agree]), np.array([1 / levels, 1 - 1 / levels])),
        real,
        fake,
        lambda x: odds[(x[:, 0] == x[:, 1]).astype(np.int64)],
        kind="table",
    )


def rounded(d: int = 4, step: float = 1 / 16) -> Truth:
    """Gaussians rounded to a lattice against the same unrounded. JS = log 2."""

    def logit(x: Floats) -> Floats:
        return np.where((x % step == 0).all(1), np.inf, -np.inf)

    return Truth(
        "rounded",
        LOG2,
        lambda rng, n: np.round(normal(d)(rng, n) / step) * step,
        normal(d),
        logit,
        hard="a lattice is invisible to smooth nets and coarse splits; `js` looks for it before it trains",
    )
