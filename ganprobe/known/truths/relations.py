r"""What holds between columns, each of which has one law on both sides.

Most are of one kind (`_dependent`): the reals' last column is c = f(x) + s e of their own row, the fakes' that of
another row. So p / q = N(c; f(x), s) / g(c) with g the marginal law of c, and JS is an integral over (f, e) alone.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from scipy import special, stats

from ganprobe.known.truths.law import Map, Sampler, Truth, cells, directions, normal, through, with_noise
from ganprobe.known.truths.smooth import scale, shift, two_modes
from ganprobe.objective import LOG2, js_of_masses, shift_js
from ganprobe.samples.sides import Floats


def _dependent(name: str, d: int, draw: Sampler, f: Map, law: Any, s: float) -> Truth:
    """c = f(x) + ``s`` e of its own row, or of another; ``law``: that of f(x), which must be smoother than ``s``."""
    nodes, weights = hermegauss(30)
    weights = weights / weights.sum()

    def log_marginal(c: Floats) -> Floats:
        return np.asarray(np.log(np.maximum((law.pdf(c[..., None] - s * nodes) * weights).sum(-1), 1e-300)))

    def sampler(own: bool) -> Sampler:
        def rows(rng: np.random.Generator, n: int) -> Floats:
            x, other = draw(rng, n), draw(rng, n)
            return np.column_stack((x, f(x if own else other) + s * rng.standard_normal(n)))

        return rows

    def log_ratio(c: Floats, e: Floats) -> Floats:
        return stats.norm.logpdf(e) - math.log(s) - log_marginal(c)

    def logit(x: Floats) -> Floats:
        c, x = x[:, -1], x[:, :-1]
        return log_ratio(c, (c - f(x)) / s)

    # Where p is next to nothing q is all the rest, whose share of JS is log 2 / 2 each.
    level = law.ppf((np.arange(300) + 0.5) / 300)[:, None]
    e = cells(-7, 7, 150)
    ratio = log_ratio(level + s * e, np.broadcast_to(e, (300, 150)))
    p = np.broadcast_to(stats.norm.pdf(e) * (e[1] - e[0]) / 300, ratio.shape)
    q = p * np.exp(-ratio)
    js = js_of_masses(np.append(p, 0.0), np.append(q, max(0.0, 1 - float(q.sum()))))
    truth = Truth(name, js, sampler(True), sampler(False), logit)
    return with_noise(truth, d - draw(np.random.default_rng(0), 1).shape[1] - 1)


def total(d: int = 3, within: float = 0.05) -> Truth:
    """A column that is the sum of two others, to ``within``."""
    return _dependent("total", d, normal(2), lambda x: x.sum(1), stats.norm(0, math.sqrt(2)), within)


def average(d: int = 7, within: float = 0.1) -> Truth:
    """A column that is the mean of six others, to ``within``."""
    return _dependent("average", d, normal(6), lambda x: x.mean(1), stats.norm(0, 1 / math.sqrt(6)), within)


def product(d: int = 3, within: float = 0.05) -> Truth:
    """A column that is the product of two positive ones."""
    law = stats.lognorm(0.5 * math.sqrt(2))
    return _dependent("product", d, _positive(2), lambda x: x[:, 0] * x[:, 1], law, within)


def ratio(d: int = 3, within: float = 0.05) -> Truth:
    """A column that is one positive column over another."""
    law = stats.lognorm(0.5 * math.sqrt(2))
    return _dependent("ratio", d, _positive(2), lambda x: x[:, 0] / x[:, 1], law, within)


def length(d: int = 4, within: float = 0.05) -> Truth:
    """A column that is the length of three others."""
    return _dependent("length", d, normal(3), lambda x: np.linalg.norm(x, axis=1), stats.chi(3), within)


def largest(d: int = 4, within: float = 0.05) -> Truth:
    """A column that is the largest of three normal ones."""
    return _dependent("largest", d, normal(3), lambda x: x.max(1), _LargestOfThree(), within)


class _LargestOfThree:
    def pdf(self, x: Floats) -> Floats:
        return np.asarray(3 * stats.norm.cdf(x) ** 2 * stats.norm.pdf(x))

    def ppf(self, u: Floats) -> Floats:
        return np.asarray(stats.norm.ppf(u ** (1 / 3)))


def _positive(d: int) -> Sampler:
    return lambda rng, n: np.exp(0.5 * rng.standard_normal((n, d)))


def chosen(d: int = 7, within: float = 0.02) -> Truth:
    """A column that is the largest of the others, or that to ``within``. JS = log 2: a row can be told exactly."""

    def sampler(off: float) -> Sampler:
        def rows(rng: np.random.Generator, n: int) -> Floats:
            x = rng.standard_normal((n, d - 1)).astype(np.float32).astype(np.float64)
            return np.column_stack((x, x.max(1) + off * rng.standard_normal(n)))

        return rows

    def logit(x: Floats) -> Floats:
        return np.where(np.isclose(x[:, -1], x[:, :-1].max(1), rtol=0, atol=1e-6), np.inf, -np.inf)

    return Truth("chosen", LOG2, sampler(0.0), sampler(within), logit)


def hills(d: int = 6, within: float = 0.1, waves: int = 2) -> Truth:
    """A surface of hills over two uniform columns, ``waves`` each way. No two of the three columns show anything."""

    def heights(x: Floats) -> Floats:
        return np.asarray(np.cos(2 * math.pi * waves * x).prod(1))

    return _dependent("hills", d, lambda rng, n: rng.random((n, 2)), heights, _ProductOfCosines(), within)


class _ProductOfCosines:
    """Of two phases that are uniform: its density is an elliptic integral."""

    def pdf(self, x: Floats) -> Floats:
        inside = np.clip(1 - np.square(x), 0.0, 1 - 1e-12)
        return np.asarray(np.where(np.abs(x) < 1, 2 / math.pi**2 * special.ellipk(inside), 0.0))

    def ppf(self, u: Floats) -> Floats:
        at = cells(-1, 1)
        return np.asarray(np.interp(u, np.cumsum(self.pdf(at)) * (at[1] - at[0]), at))


def exact_total(d: int = 4, scale: float = 100.0) -> Truth:
    """Amounts and their total, exact but for float32. JS = log 2."""

    def sampler(own: bool) -> Sampler:
        def rows(rng: np.random.Generator, n: int) -> Floats:
            parts = scale * np.exp(rng.standard_normal((2, n, d - 1))).astype(np.float32).astype(np.float64)
            return np.column_stack((parts[0], parts[0 if own else 1].sum(1)))

        return rows

    def logit(x: Floats) -> Floats:
        return np.where(np.abs(x[:, :-1].sum(1) - x[:, -1]) < 1e-6 * np.abs(x).sum(1), np.inf, -np.inf)

    return Truth("exact_total", LOG2, sampler(True), sampler(False), logit)


def composition(d: int = 4, loose: float = 0.01) -> Truth:
    """Shares that sum to 1, against shares that sum to a little more: 1 + ``loose`` and up. JS = log 2."""

    def sampler(spread: float) -> Sampler:
        return lambda rng, n: rng.dirichlet([2.0] * d, n) * (1 + spread * (1 + rng.standard_exponential((n, 1))))

    def logit(x: Floats) -> Floats:
        return np.where(np.abs(x.sum(1) - 1) < 1e-6, np.inf, -np.inf)

    return Truth("composition", LOG2, sampler(0.0), sampler(loose), logit)


def _thinly(truth: Truth, name: str, d: int, thinnest: float) -> Truth:
    """A law of one column as that of the thinnest of ``d`` directions; the spreads of the others go up to 1."""
    turn = np.linalg.qr(np.random.default_rng(d).standard_normal((d, d)))[0]
    spread = np.geomspace(thinnest, 1, d)
    wide = with_noise(truth, d - 1)
    return through(wide, name, lambda x: (x * spread) @ turn, lambda y: (y @ turn.T) / spread)


def thin(d: int = 12, s: float = 1.5, thinnest: float = 0.05) -> Truth:
    """The thinnest of ``d`` directions is ``s`` times as wide: .0367 at 1.5."""
    return _thinly(scale(1, s), "thin", d, thinnest)


def thin_shift(d: int = 12, delta: float = 1.5, thinnest: float = 0.02) -> Truth:
    """A shift along the thinnest of ``d`` directions, far below the spread of any column. JS = J(delta)."""
    return _thinly(shift(1, delta), "thin_shift", d, thinnest)


def thin_modes(d: int = 6, thinnest: float = 0.02) -> Truth:
    """Along the thinnest direction two modes against one Gaussian of their mean and variance."""
    return _thinly(two_modes(1, 3.0), "thin_modes", d, thinnest)


def collinear(d: int = 2, real: float = 0.999, fake: float = 0.995) -> Truth:
    """Two columns that correlate by .999, against .995."""
    u, v = cells(-9, 9, 1_000)[:, None], cells(-12, 12, 1_500)

    def density(rho: float) -> Floats:
        across = math.sqrt((1 - rho) / (1 - real))
        mass = stats.norm.pdf(u, 0, math.sqrt((1 + rho) / (1 + real))) * stats.norm.pdf(v, 0, across)
        return np.asarray(mass * (18 / 1_000) * (24 / 1_500))

    def sampler(rho: float) -> Sampler:
        factor = np.linalg.cholesky([[1, rho], [rho, 1]])
        return lambda rng, n: rng.standard_normal((n, 2)) @ factor.T

    def log_density(x: Floats, rho: float) -> Floats:
        square = (x[:, 0] + x[:, 1]) ** 2 / (1 + rho) + (x[:, 0] - x[:, 1]) ** 2 / (1 - rho)
        return np.asarray(-square / 4 - math.log(1 - rho**2) / 2)

    def logit(x: Floats) -> Floats:
        return log_density(x, real) - log_density(x, fake)

    truth = Truth("collinear", js_of_masses(density(real), density(fake)), sampler(real), sampler(fake), logit)
    return with_noise(truth, d - 2)


def rings(d: int = 20, width: float = 0.05) -> Truth:
    """Radii 1 and 2 against 1 and 3, in ``d`` dimensions. JS = log 2 / 2."""

    def sampler(far: float) -> Sampler:
        def rows(rng: np.random.Generator, n: int) -> Floats:
            radius = rng.choice((1.0, far), (n, 1)) + width * rng.standard_normal((n, 1))
            return radius * directions(rng, n, d)

        return rows

    def logit(x: Floats) -> Floats:
        radius = np.linalg.norm(x, axis=1)
        return np.where(radius < 1.5, 0.0, np.where(radius < 2.5, np.inf, -np.inf))

    return Truth("rings", LOG2 / 2, sampler(2.0), sampler(3.0), logit)


def shells(d: int = 12, width: float = 0.02, apart: float = 2.5) -> Truth:
    """Thin shells whose radii are ``apart`` of their ``width`` s apart. JS = J(apart)."""

    def sampler(radius: float) -> Sampler:
        return lambda rng, n: directions(rng, n, d) * (radius + width * rng.standard_normal((n, 1)))

    def logit(x: Floats) -> Floats:
        z = (np.linalg.norm(x, axis=1) - 1) / width
        return np.asarray(apart**2 / 2 - apart * z)

    return Truth("shells", shift_js(apart), sampler(1.0), sampler(1 + apart * width), logit)
