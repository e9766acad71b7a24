"""Modes, edges, disjoint supports and heavy tails."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import stats

from ganprobe.known.truths.law import Sampler, Truth, cells, directions, with_noise
from ganprobe.objective import LOG2, js_of_masses
from ganprobe.samples.sides import Floats


def ring(d: int = 2, kept: int = 5, modes: int = 8) -> Truth:
    """A ring of ``modes`` narrow Gaussians of which the fakes keep the first ``kept``: 5 of 8 .15180."""
    return _modes("ring", d, [1.0] * modes, [1.0] * kept + [0.0] * (modes - kept))


def faded(d: int = 2, loss: float = 0.9, modes: int = 10) -> Truth:
    """A ring on which all modes but one have lost the share ``loss`` of their weight: .1132 at .9."""
    return _modes("faded", d, [1.0] * modes, [1.0] + [1 - loss] * (modes - 1))


def invented(d: int = 2, known: int = 5, modes: int = 8) -> Truth:
    """A ring of ``known`` modes to which the fakes add others: .1518 at 5 of 8."""
    return _modes("invented", d, [1.0] * known + [0.0] * (modes - known), [1.0] * modes)


def _modes(name: str, d: int, real_weights: Sequence[float], fake_weights: Sequence[float]) -> Truth:
    """Modes more than ten spreads apart on a circle: JS is that of their weights."""
    p, q = (np.array(w) / sum(w) for w in (real_weights, fake_weights))
    angles = np.arange(len(p)) * (2 * math.pi / len(p))
    centres = 4 * np.stack((np.cos(angles), np.sin(angles)), 1)

    def sampler(weights: Floats) -> Sampler:
        return lambda rng, n: centres[rng.choice(len(weights), n, p=weights)] + 0.2 * rng.standard_normal((n, 2))

    with np.errstate(divide="ignore"):
        odds = np.log(p) - np.log(q)
    return with_noise(
        Truth(name, js_of_masses(p, q), sampler(p), sampler(q), lambda x: odds[(x @ centres.T).argmax(1)]), d - 2
    )


def cubes(d: int = 2, overlap: float = 0.5) -> Truth:
    """Unit cubes moved along their diagonal until they share the volume ``overlap``. JS = (1 - overlap) log 2."""
    offset = np.float32(1 - overlap ** (1 / d))

    def uniform(rng: np.random.Generator, n: int) -> Floats:
        return rng.random((n, d))

    def logit(x: Floats) -> Floats:
        return np.where((x < offset).any(1), np.inf, np.where((x > 1).any(1), -np.inf, 0.0))

    return Truth("cubes", (1 - overlap) * LOG2, uniform, lambda rng, n: uniform(rng, n) + float(offset), logit)


def lines(d: int = 2, distance: float = 1.0) -> Truth:
    """Parallel segments in ``d`` >= 2 dimensions: disjoint at any distance. JS = log 2 (Arjovsky et al. 2017)."""

    def at(position: float) -> Sampler:
        return lambda rng, n: np.column_stack((np.full(n, position), rng.random(n), np.zeros((n, d - 2))))

    return Truth("lines", LOG2, at(0.0), at(distance), lambda x: np.where(x[:, 0] == 0, np.inf, -np.inf))


def spheres(d: int = 8, ratio: float = 1.1) -> Truth:
    """The surfaces of two concentric spheres. JS = log 2."""
    return Truth(
        "spheres",
        LOG2,
        lambda rng, n: directions(rng, n, d),
        lambda rng, n: ratio * directions(rng, n, d),
        lambda x: np.where(np.linalg.norm(x, axis=1) < (1 + ratio) / 2, np.inf, -np.inf),
    )


def heavy(d: int = 1, delta: float = 1.0, df: float = 2.0) -> Truth:
    """Student-t coordinates with ``df`` degrees of freedom, the first one moved by ``delta``."""
    law = stats.t(df)
    # Equal steps of asinh(t) reach far into the tails.
    arc = cells(-25, 25)
    t, cell = np.sinh(arc) + delta / 2, np.cosh(arc) * (arc[1] - arc[0])

    def draw(rng: np.random.Generator, n: int) -> Floats:
        return rng.standard_t(df, (n, d))

    return Truth(
        "heavy",
        js_of_masses(law.pdf(t) * cell, law.pdf(t - delta) * cell),
        draw,
        lambda rng, n: draw(rng, n) + delta * np.eye(1, d),
        lambda x: np.asarray(law.logpdf(x[:, 0]) - law.logpdf(x[:, 0] - delta)),
    )
