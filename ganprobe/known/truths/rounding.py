"""Round numbers, atoms, zeros: laws that differ on points which a histogram does not single out."""

from __future__ import annotations

import math

import numpy as np
from scipy import special, stats

from ganprobe.known.truths.law import Sampler, Truth, cells, normal, of_masses, through, with_noise
from ganprobe.objective import LOG2, js_of_masses
from ganprobe.samples.sides import Floats


def _is_multiple(x: Floats, step: float) -> Floats:
    """1 where float32 ``x`` is a multiple of ``step``, else 0."""
    return np.asarray(x.astype(np.float32) == (np.rint(x / step) * step).astype(np.float32), np.float64)


def heaped(d: int = 1, share: float = 0.4, step: float = 0.01) -> Truth:
    """A ``share`` of a column rounded, against none: .1639 at .4."""

    def real(rng: np.random.Generator, n: int) -> Floats:
        x = rng.standard_normal((n, d))
        x[:, 0] = np.where(rng.random(n) < share, np.rint(x[:, 0] / step) * step, x[:, 0])
        return x

    return of_masses("heaped", real, normal(d), ((1 - share, share), (1.0, 0.0)), lambda x: _is_multiple(x[:, 0], step))


def one_rounded(d: int = 5, step: float = 0.01) -> Truth:
    """One of several columns is rounded. JS = log 2."""

    def real(rng: np.random.Generator, n: int) -> Floats:
        x = rng.standard_normal((n, d))
        x[:, 1] = np.rint(x[:, 1] / step) * step
        return x

    return of_masses("one_rounded", real, normal(d), ((0.0, 1.0), (1.0, 0.0)), lambda x: _is_multiple(x[:, 1], step))


def ages(d: int = 3, share: float = 0.4) -> Truth:
    """Whole years, of which the fakes say a ``share`` to the nearest five."""
    years = np.arange(20, 90)
    said = (5 * np.rint(years / 5)).astype(np.int64)
    p = np.bincount(years, minlength=91) / len(years)
    q = (1 - share) * p + share * np.bincount(said, minlength=91) / len(years)

    def sampler(rounded: float) -> Sampler:
        def rows(rng: np.random.Generator, n: int) -> Floats:
            exact = rng.integers(20, 90, n).astype(np.float64)
            age = np.where(rng.random(n) < rounded, 5 * np.rint(exact / 5), exact)
            return np.column_stack((age, rng.standard_normal((n, max(0, d - 1)))))

        return rows

    return of_masses("ages", sampler(0.0), sampler(share), (p, q), lambda x: x[:, 0], "table")


def prices(d: int = 2, share: float = 0.5) -> Truth:
    """Amounts in cents, a ``share`` of the reals' ending in .99."""

    def sampler(ending: float) -> Sampler:
        def rows(rng: np.random.Generator, n: int) -> Floats:
            cents = rng.integers(100, 10_000, n)
            cents = np.where(rng.random(n) < ending, cents - cents % 100 + 99, cents)
            return np.column_stack((cents / 100, rng.standard_normal((n, max(0, d - 1)))))

        return rows

    ends = 0.01 + 0.99 * share
    masses = ((1 - ends, ends), (0.99, 0.01))
    return of_masses(
        "prices", sampler(share), sampler(0.0), masses, lambda x: np.rint(100 * x[:, 0]) % 100 == 99, "table"
    )


def last_digit(d: int = 2) -> Truth:
    """Five-figure numbers, of which the fakes never end in 3 or 7."""
    allowed = np.array([0.0, 1, 2, 4, 5, 6, 8, 9])

    def sampler(digits: Floats) -> Sampler:
        def rows(rng: np.random.Generator, n: int) -> Floats:
            number = 10 * rng.integers(1_000, 10_000, n) + rng.choice(digits, n)
            return np.column_stack((number, rng.standard_normal((n, max(0, d - 1)))))

        return rows

    masses = (np.ones(10), np.isin(np.arange(10), allowed).astype(np.float64))
    return of_masses("last_digit", sampler(np.arange(10.0)), sampler(allowed), masses, lambda x: x[:, 0] % 10, "table")


def _luhn(numbers: Floats) -> Floats:
    """The digit sum of whole ``numbers``, every second digit from the last but one doubled, modulo 10."""
    total, left = np.zeros(len(numbers)), np.asarray(numbers, np.float64)
    for i in range(8):
        digit = (1 + i % 2) * (left % 10)
        total += digit - 9 * (digit > 9)
        left = left // 10
    return np.asarray(total % 10, np.float64)


def check_digit(d: int = 2, bad: float = 0.0) -> Truth:
    """Numbers of seven digits whose last one checks the others, but for a ``bad`` share, against any: .526 at 0."""

    def fake(rng: np.random.Generator, n: int) -> Floats:
        return np.column_stack((rng.integers(1_000_000, 10_000_000, n), rng.standard_normal((n, max(0, d - 1)))))

    def real(rng: np.random.Generator, n: int) -> Floats:
        x = fake(rng, n)
        checked = x[:, 0] - x[:, 0] % 10
        checked += (10 - _luhn(checked)) % 10
        x[:, 0] = np.where(rng.random(n) < bad, x[:, 0], checked)
        return x

    right = 1 - bad + bad / 10
    masses = ((1 - right, right), (0.9, 0.1))
    return of_masses("check_digit", real, fake, masses, lambda x: _luhn(x[:, 0]) == 0, "table")


def zeros(d: int = 3, real: float = 0.6, fake: float = 0.4) -> Truth:
    """Claims: mostly zero, else lognormal; the fakes have fewer zeros."""

    def sampler(share: float) -> Sampler:
        return lambda rng, n: np.where(rng.random((n, d)) < share, 0.0, np.exp(2 * rng.standard_normal((n, d))))

    masses = stats.binom.pmf(np.arange(d + 1), d, real), stats.binom.pmf(np.arange(d + 1), d, fake)
    return of_masses("zeros", sampler(real), sampler(fake), masses, lambda x: (x == 0).sum(1), "table")


def nearly_zero(d: int = 3, share: float = 0.5) -> Truth:
    """What is zero in the reals is almost zero in the fakes. JS = log 2 (1 - ...): that of a zero being there."""

    def sampler(small: float) -> Sampler:
        def rows(rng: np.random.Generator, n: int) -> Floats:
            x = 1 + np.abs(rng.standard_normal((n, d)))
            x[:, 0] = np.where(rng.random(n) < share, small * rng.standard_normal(n), x[:, 0])
            return x

        return rows

    def cell(x: Floats) -> Floats:
        return np.where(x[:, 0] == 0, 0, np.where(x[:, 0] < 0.5, 1, 2))

    masses = ((share, 0.0, 1 - share), (0.0, share, 1 - share))
    return of_masses("nearly_zero", sampler(0.0), sampler(1e-4), masses, cell)


def spikes(d: int = 2, share: float = 0.5) -> Truth:
    """A normal column with three spikes in it, one of which is elsewhere among the fakes."""

    def sampler(places: tuple[float, ...]) -> Sampler:
        def rows(rng: np.random.Generator, n: int) -> Floats:
            x = rng.standard_normal((n, d))
            x[:, 0] = np.where(rng.random(n) < share, rng.choice(places, n), x[:, 0])
            return x

        return rows

    def cell(x: Floats) -> Floats:
        spike = x[:, 0].astype(np.float32)
        return np.where(spike == np.float32(0.7), 1, np.where(spike == np.float32(0.71), 2, 0))

    masses = ((1 - share / 3, share / 3, 0.0), (1 - share / 3, 0.0, share / 3))
    return of_masses("spikes", sampler((-1, 0.2, 0.7)), sampler((-1, 0.2, 0.71)), masses, cell)


def clipped(d: int = 3, at: float = 1.5) -> Truth:
    """Columns clipped at +-``at``, against columns that were drawn again where they were beyond. Atoms at the ends."""
    inside = float(stats.norm.cdf(at) - stats.norm.cdf(-at)) ** d

    def fake(rng: np.random.Generator, n: int) -> Floats:
        return np.asarray(stats.truncnorm(-at, at).rvs((n, d), rng))

    def real(rng: np.random.Generator, n: int) -> Floats:
        return np.clip(rng.standard_normal((n, d)), -at, at)

    return of_masses("clipped", real, fake, ((1 - inside, inside), (0.0, 1.0)), lambda x: (np.abs(x) < at).all(1))


# -- rows that repeat ----------------------------------------------------------


def integers(d: int = 1, levels: int = 100) -> Truth:
    """A hundred integers against a hundred others, in no order. JS = log 2."""
    values = np.random.default_rng(levels).permutation(10 * levels).astype(np.float64)
    real, fake = values[:levels], values[levels : 2 * levels]

    def sampler(of: Floats) -> Sampler:
        return lambda rng, n: np.repeat(rng.choice(of, (n, 1)), d, 1)

    return Truth(
        "integers", LOG2, sampler(real), sampler(fake), lambda x: np.where(np.isin(x[:, 0], real), np.inf, -np.inf)
    )


def _bits(d: int, tied: int, parity: int) -> Sampler:
    def rows(rng: np.random.Generator, n: int) -> Floats:
        x = rng.integers(0, 2, (n, d)).astype(np.float64)
        x[:, 0] = (x[:, 1:tied].sum(1) + parity) % 2
        return x

    return rows


def parity(d: int = 6) -> Truth:
    """Bits whose sum is even, against odd. JS = log 2, and no ``d`` - 1 of them show anything."""
    d = max(d, 2)
    masses = ((1.0, 0.0), (0.0, 1.0))
    return of_masses("parity", _bits(d, d, 0), _bits(d, d, 1), masses, lambda x: x.sum(1) % 2, "table")


def hidden_parity(d: int = 8, tied: int = 3) -> Truth:
    """Of several bits three whose sum is even, against coins. JS = .2158."""

    def fake(rng: np.random.Generator, n: int) -> Floats:
        return rng.integers(0, 2, (n, d)).astype(np.float64)

    masses = ((1.0, 0.0), (0.5, 0.5))
    return of_masses("hidden_parity", _bits(d, tied, 0), fake, masses, lambda x: x[:, :tied].sum(1) % 2, "table")


def few_fakes(d: int = 3, distinct: int = 50) -> Truth:
    """A generator that has learnt ``distinct`` rows by heart and gives nothing else. JS = log 2."""
    known = np.random.default_rng([d, distinct]).standard_normal((distinct, d)).astype(np.float32).astype(np.float64)

    def fake(rng: np.random.Generator, n: int) -> Floats:
        return known[rng.integers(0, distinct, n)]

    return Truth("few_fakes", LOG2, normal(d), fake, lambda x: np.where(np.isin(x[:, 0], known[:, 0]), -np.inf, np.inf))


def lattice(d: int = 2, side: int = 30, width: float = 0.08, angle: float = 0.3) -> Truth:
    """Points near those of a square lattice that is turned, against points anywhere: each column alone is even."""

    def flat(rng: np.random.Generator, n: int) -> Floats:
        return rng.random((n, 2)) * side

    def real(rng: np.random.Generator, n: int) -> Floats:
        return np.floor(flat(rng, n)) + (0.5 + width * rng.standard_normal((n, 2))) % 1

    def log_densities(x: Floats) -> Floats:
        turns = np.arange(-2, 3)
        return special.logsumexp(stats.norm.logpdf(x[..., None] % 1 - 0.5 + turns, 0, width), axis=-1)

    def log_density(x: Floats) -> Floats:
        return np.asarray(log_densities(x).sum(1))

    p = np.exp(log_densities(cells(0, 1, 500))) / 500
    js = js_of_masses(np.outer(p, p), np.full((500, 500), 1 / 500**2))
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    truth = Truth("lattice", js, real, flat, log_density)
    return with_noise(through(truth, "lattice", lambda x: x @ turn, lambda y: y @ turn.T), d - 2)


def articles(d: int = 3, one_in: int = 20) -> Truth:
    """A price and a total of so many of it, how many no column says, against totals that are so ``one_in`` times."""

    def sampler(whole: float) -> Sampler:
        def rows(rng: np.random.Generator, n: int) -> Floats:
            price = rng.integers(150, 3_000, n)
            more = np.where(rng.random(n) < whole, 0, 1 + rng.random(n) * (price - 1)).astype(np.int64)
            return np.column_stack((price, price * rng.integers(1, 30, n) + more, rng.standard_normal((n, d - 2))))

        return rows

    masses = ((1.0, 0.0), (1 / one_in, 1 - 1 / one_in))
    return of_masses("articles", sampler(1.0), sampler(1 / one_in), masses, lambda x: np.rint(x[:, 1]) % x[:, 0] != 0)
