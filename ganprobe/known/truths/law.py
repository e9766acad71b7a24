"""What a truth is: a pair of laws with known JS; and what leaves JS as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ganprobe.objective import js, js_of_masses
from ganprobe.samples.sides import Array, Floats, Kind

Sampler = Callable[[np.random.Generator, int], Floats]
Map = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """A pair with known JS, in nats.

    ``real`` and ``fake`` draw ``[n, *shape]``. ``logit`` is log p - log q of such rows, ``[n]``, infinite where only
    one side can be. ``hard`` says why the probes known to us fall short of ``js``, None where they do not.
    """

    name: str
    js: float
    real: Sampler
    fake: Sampler
    logit: Map
    kind: Kind = "array"
    hard: str | None = None

    def draw(self, n: int, seed: int, n_fake: int | None = None) -> tuple[Array, Array]:
        """``n`` reals and ``n_fake`` (default ``n``) fakes, float32."""
        streams = np.random.default_rng(seed).spawn(2)
        fake = self.fake(streams[1], n if n_fake is None else n_fake)
        return self.real(streams[0], n).astype(np.float32), fake.astype(np.float32)

    def oracle(self, real: Array, fake: Array) -> float:
        """What the optimal discriminator reads on these samples: no probe can be expected to err less."""
        return js(self.logit(real.astype(np.float64)), self.logit(fake.astype(np.float64)))


def cells(low: float, high: float, n: int = 20_000) -> Floats:
    """Middles of ``n`` equal cells: sums over them are integrals, to ten digits for laws that are smooth and end."""
    return np.asarray(low + (np.arange(n) + 0.5) * ((high - low) / n), np.float64)


def with_noise(truth: Truth, extra: int) -> Truth:
    """``extra`` standard normal coordinates appended to both sides; none or fewer leave it as it is."""
    if extra <= 0:
        return truth

    def padded(sampler: Sampler) -> Sampler:
        return lambda rng, n: np.concatenate((sampler(rng, n), rng.standard_normal((n, extra))), 1)

    return replace(truth, real=padded(truth.real), fake=padded(truth.fake), logit=lambda x: truth.logit(x[:, :-extra]))


def through(truth: Truth, name: str, forward: Map, inverse: Map) -> Truth:
    """Both sides seen through an injective map; ``inverse`` undoes it on its image."""

    def seen(sampler: Sampler) -> Sampler:
        return lambda rng, n: forward(sampler(rng, n))

    return replace(
        truth, name=name, real=seen(truth.real), fake=seen(truth.fake), logit=lambda x: truth.logit(inverse(x))
    )


def planar(name: str, d: int, log_p: Map, log_q: Map, real: Sampler, fake: Sampler, reach: float) -> Truth:
    """Two densities in a plane, JS by summing over ``[-reach, reach]^2``; the other coordinates are noise."""
    side = cells(-reach, reach, 600)
    grid = np.stack(np.meshgrid(side, side, indexing="ij"), -1).reshape(-1, 2)
    p, q = (np.exp(log(grid)) * (side[1] - side[0]) ** 2 for log in (log_p, log_q))
    return with_noise(Truth(name, js_of_masses(p, q), real, fake, lambda x: log_p(x) - log_q(x)), d - 2)


def normal(d: int) -> Sampler:
    """Standard normal columns."""
    return lambda rng, n: rng.standard_normal((n, d))


def directions(rng: np.random.Generator, n: int, d: int) -> Floats:
    """Points on the unit sphere, uniform."""
    x = rng.standard_normal((n, d))
    return np.asarray(x / np.linalg.norm(x, axis=1, keepdims=True))


def of_masses(
    name: str,
    real: Sampler,
    fake: Sampler,
    masses: tuple[npt.ArrayLike, npt.ArrayLike],
    cell: Callable[[Floats], npt.ArrayLike],
    kind: Kind = "array",
) -> Truth:
    """Laws that differ only by how often each cell occurs: ``cell`` says in which each row lies, ``[n]`` whole numbers.

    ``masses`` are those of the cells on either side, up to a factor.
    """
    p, q = (np.asarray(mass, np.float64) / np.sum(np.asarray(mass, np.float64)) for mass in masses)
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = np.where(p + q > 0, np.log(p) - np.log(q), 0.0)
    return Truth(name, js_of_masses(p, q), real, fake, lambda x: odds[np.asarray(cell(x), np.int64)], kind)


def of_densities(
    name: str, real: Sampler, fake: Sampler, log_p: Map, log_q: Map, grid: Floats, kind: Kind = "array"
) -> Truth:
    """Laws of one column with known densities; ``grid`` ``[m]``: points whose midpoints bound the cells of the sum."""
    edges = (grid[1:] + grid[:-1]) / 2
    inner, size = grid[1:-1], np.diff(edges)
    p, q = (np.exp(log(inner)) * size for log in (log_p, log_q))
    return Truth(name, js_of_masses(p, q), real, fake, lambda x: log_p(x[:, 0]) - log_q(x[:, 0]), kind)
