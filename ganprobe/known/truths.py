r"""Pairs of distributions whose Jensen-Shannon divergence is known exactly, for judging every estimator here.

Each family is a function of the dimension that gives a `Truth`: it draws any number of reals and fakes, and knows its
JS and its optimal discriminator. Three facts make a few one-dimensional laws into hard cases in any dimension:

- Gaussians with one covariance, ``delta`` standard deviations apart, have J(delta) = JS(N(0, 1), N(delta, 1)).
- JS is unchanged by injective maps applied to both sides (`through`), so warps, embeddings and changes of units keep
  it, and by independent coordinates with one law on both sides (`with_noise`).
- JS is that of a sufficient statistic: the radius, the mode, the sum. There it is an integral over one or two
  dimensions, or a sum, and `js_of_masses` computes both.

Values published or derived by others are in the tests.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import special, stats

from ganprobe.objective import LOG2, js, js_of_masses, shift_js
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


def _cells(low: float, high: float, n: int = 20_000) -> Floats:
    """Middles of ``n`` equal cells: sums over them are integrals, to ten digits for laws that are smooth and end."""
    return np.asarray(low + (np.arange(n) + 0.5) * ((high - low) / n), np.float64)


# -- what leaves JS unchanged --------------------------------------------------


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


# -- Gaussians -----------------------------------------------------------------


def same(d: int = 4) -> Truth:
    """P = Q: two samples of one standard normal. JS = 0."""
    return Truth("same", 0.0, _normal(d), _normal(d), lambda x: np.zeros(len(x)))


def shift(d: int = 10, delta: float = 1.0) -> Truth:
    """Gaussians ``delta`` apart along the diagonal. JS = J(delta)."""
    mean = np.full(d, delta / math.sqrt(d))
    return Truth(
        "shift",
        shift_js(delta),
        _normal(d),
        lambda rng, n: _normal(d)(rng, n) + mean,
        lambda x: np.asarray(delta**2 / 2 - x @ mean),
    )


def hidden(d: int = 1_001, delta: float = 6.0) -> Truth:
    """One coordinate that tells the sides apart among ``d`` - 1 that do not. JS = J(delta) (Raisa et al. 2025)."""
    return replace(with_noise(shift(1, delta), d - 1), name="hidden")


def scale(d: int = 8, s: float = 1.5) -> Truth:
    """N(0, I) against N(0, s^2 I): a radial change that no linear probe sees. JS is that of the radii."""
    r = _cells(0, 1.2 * max(s, 1) * float(stats.chi(d).isf(1e-14)), 200_000)
    masses = (stats.chi(d, scale=spread).pdf(r) * (r[1] - r[0]) for spread in (1, s))
    return Truth(
        "scale",
        js_of_masses(*masses),
        _normal(d),
        lambda rng, n: s * _normal(d)(rng, n),
        lambda x: d * math.log(s) - (x**2).sum(1) / 2 * (1 - 1 / s**2),
    )


def correlated(d: int = 2, rho: float = 0.9) -> Truth:
    """N(0, I) against equal correlations ``rho``: marginals agree. JS is that of (mean, distance from the diagonal).

    The covariance has the variance 1 + (d - 1) rho along the diagonal and 1 - rho across it.
    """
    along, across = 1 + (d - 1) * rho, 1 - rho
    reach = 9 * max(1.0, math.sqrt(along))
    u, r = _cells(-reach, reach, 2_000), _cells(0, float(stats.chi(d - 1).isf(1e-14)) * max(1, across), 2_000)
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

    return Truth("correlated", js_of_masses(*masses), _normal(d), lambda rng, n: _normal(d)(rng, n) @ factor.T, logit)


def anisotropic(d: int = 2, gap: float = 0.7) -> Truth:
    """Gaussians of unequal mean and covariance in a plane (arXiv 2606.16411, use case 13): .13108 at ``gap`` .7."""
    real = stats.multivariate_normal((0, 0), ((1, 0.25), (0.25, 1)))
    fake = stats.multivariate_normal((gap, -gap), ((1.6, -0.35), (-0.35, 0.9)))

    def sampler(law: Any) -> Sampler:
        return lambda rng, n: np.asarray(law.rvs(n, rng))

    return _planar("anisotropic", d, real.logpdf, fake.logpdf, sampler(real), sampler(fake), 10)


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
    return _planar("mixture", d, log_density(real), log_density(fake), sampler(real), sampler(fake), 5)


def _planar(name: str, d: int, log_p: Map, log_q: Map, real: Sampler, fake: Sampler, reach: float) -> Truth:
    """Two densities in a plane, JS by summing over ``[-reach, reach]^2``; the other coordinates are noise."""
    side = _cells(-reach, reach, 600)
    grid = np.stack(np.meshgrid(side, side, indexing="ij"), -1).reshape(-1, 2)
    p, q = (np.exp(log(grid)) * (side[1] - side[0]) ** 2 for log in (log_p, log_q))
    return with_noise(Truth(name, js_of_masses(p, q), real, fake, lambda x: log_p(x) - log_q(x)), d - 2)


def two_modes(d: int = 1, mu: float = 3.0) -> Truth:
    """Two modes at +-``mu`` against one broad Gaussian with the same mean and variance."""
    broad = stats.norm(0, math.sqrt(1 + mu**2))

    def log_p(x: Floats) -> Floats:
        return np.logaddexp(stats.norm.logpdf(x, mu), stats.norm.logpdf(x, -mu)) - LOG2

    x = _cells(-12 * (1 + mu), 12 * (1 + mu))
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
            return _directions(rng, n, d) * np.exp(spread * (centre + rng.standard_normal((n, 1))))

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


# -- modes, edges, disjoint supports -------------------------------------------


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
        lambda rng, n: _directions(rng, n, d),
        lambda rng, n: ratio * _directions(rng, n, d),
        lambda x: np.where(np.linalg.norm(x, axis=1) < (1 + ratio) / 2, np.inf, -np.inf),
    )


# -- heavy tails, counts, tables -----------------------------------------------


def heavy(d: int = 1, delta: float = 1.0, df: float = 2.0) -> Truth:
    """Student-t coordinates with ``df`` degrees of freedom, the first one moved by ``delta``."""
    law = stats.t(df)
    # Equal steps of asinh(t) reach far into the tails.
    arc = _cells(-25, 25)
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
        lambda rng, n: np.round(_normal(d)(rng, n) / step) * step,
        _normal(d),
        logit,
        hard="a lattice is invisible to smooth nets and coarse splits; `js` looks for it before it trains",
    )


# -- the suite -----------------------------------------------------------------

# Each family at dimension d, with parameters that keep its JS between .05 and .6 at every d, or by nature at an end.
SUITE: dict[str, Callable[[int], Truth]] = {
    "same": same,
    "shift": shift,
    "hidden": lambda d: hidden(d, 2.0),
    "scale": lambda d: scale(d, 1 + 1.4 / math.sqrt(d)),
    "correlated": lambda d: correlated(max(d, 2), min(0.9, 1.8 / max(d, 2))),
    "anisotropic": anisotropic,
    "mixture": mixture,
    "two_modes": two_modes,
    "warp": warp,
    "embedded": embedded,
    "pareto": pareto,
    "radial": radial,
    "pictures": lambda d: pictures(max(8, math.isqrt(d))),
    "ring": ring,
    "faded": faded,
    "invented": invented,
    "cubes": lambda d: cubes(d, 0.4),
    "lines": lambda d: lines(max(d, 2)),
    "spheres": spheres,
    "heavy": heavy,
    "counts": lambda d: counts(d, 3.0, 3.0 + 2 / math.sqrt(d)),
    "table": table,
    "pairs": lambda d: pairs(max(d, 2)),
    "rounded": rounded,
}


def _normal(d: int) -> Sampler:
    return lambda rng, n: rng.standard_normal((n, d))


def _directions(rng: np.random.Generator, n: int, d: int) -> Floats:
    x = rng.standard_normal((n, d))
    return np.asarray(x / np.linalg.norm(x, axis=1, keepdims=True))
