"""Tables of categories: what goes together, what is rare, what is missing where."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from ganprobe.known.truths.law import Sampler, Truth, of_masses
from ganprobe.samples.sides import Floats


def _levels(rng: np.random.Generator, n: int, d: int, levels: int) -> Floats:
    return rng.integers(0, levels, (n, d)).astype(np.float64)


def cities(d: int = 3, levels: int = 150, share: float = 0.7) -> Truth:
    """A city and its postcode, ``levels`` of each: the reals' agree in a ``share`` of the rows."""
    code = np.random.default_rng(levels).permutation(levels)
    agree = share + (1 - share) / levels

    def fake(rng: np.random.Generator, n: int) -> Floats:
        return _levels(rng, n, d, levels)

    def real(rng: np.random.Generator, n: int) -> Floats:
        x = fake(rng, n)
        x[:, 1] = np.where(rng.random(n) < share, code[x[:, 0].astype(np.int64)], x[:, 1])
        return x

    masses = ((1 - agree, agree), (1 - 1 / levels, 1 / levels))
    return of_masses("cities", real, fake, masses, lambda x: code[x[:, 0].astype(np.int64)] == x[:, 1], "table")


def triple(d: int = 4, levels: int = 5) -> Truth:
    """Three categories, of which any two are independent and determine the third."""

    def fake(rng: np.random.Generator, n: int) -> Floats:
        return _levels(rng, n, d, levels)

    def real(rng: np.random.Generator, n: int) -> Floats:
        x = fake(rng, n)
        x[:, 2] = (x[:, 0] + x[:, 1]) % levels
        return x

    masses = ((0.0, 1.0), (1 - 1 / levels, 1 / levels))
    return of_masses("triple", real, fake, masses, lambda x: (x[:, 0] + x[:, 1]) % levels == x[:, 2], "table")


def chain(d: int = 6, levels: int = 6, stay: float = 0.6) -> Truth:
    """A Markov chain over the columns, against its columns permuted one by one."""
    keeps = stay + (1 - stay) / levels

    def fake(rng: np.random.Generator, n: int) -> Floats:
        return _levels(rng, n, d, levels)

    def real(rng: np.random.Generator, n: int) -> Floats:
        x = fake(rng, n)
        for j in range(1, d):
            x[:, j] = np.where(rng.random(n) < stay, x[:, j - 1], x[:, j])
        return x

    masses = stats.binom.pmf(np.arange(d), d - 1, keeps), stats.binom.pmf(np.arange(d), d - 1, 1 / levels)
    return of_masses("chain", real, fake, masses, lambda x: (np.diff(x, axis=1) == 0).sum(1), "table")


def rare(d: int = 3, levels: int = 300, known: int = 30) -> Truth:
    """A category of Zipf frequencies, of which the fakes know the ``known`` commonest only."""
    p = 1 / np.arange(1, levels + 1)
    q = np.where(np.arange(levels) < known, p, 0.0)
    place = np.random.default_rng(levels).permutation(levels).astype(np.float64)

    def sampler(weights: Floats) -> Sampler:
        def rows(rng: np.random.Generator, n: int) -> Floats:
            level = rng.choice(levels, n, p=weights / weights.sum())
            return np.column_stack((place[level], rng.standard_normal((n, max(0, d - 1)))))

        return rows

    rank = np.argsort(place)
    return of_masses("rare", sampler(p), sampler(q), (p, q), lambda x: rank[x[:, 0].astype(np.int64)], "table")


def missing(d: int = 4, share: float = 0.3) -> Truth:
    """Two columns that are missing (0, with a flag) in the same rows, against in any rows, equally often."""

    def sampler(together: bool) -> Sampler:
        def rows(rng: np.random.Generator, n: int) -> Floats:
            x = 5 + rng.standard_normal((n, max(d, 4)))
            gone = rng.random((2, n)) < share
            one, two = gone[0], gone[0] if together else gone[1]
            x[:, 0], x[:, 1], x[:, 2], x[:, 3] = np.where(one, 0, x[:, 0]), one, np.where(two, 0, x[:, 2]), two
            return x

        return rows

    one = np.array([1 - share, share])
    masses = (np.diag(one).ravel(), np.outer(one, one).ravel())
    return of_masses("missing", sampler(True), sampler(False), masses, lambda x: 2 * x[:, 1] + x[:, 3], "table")


def distinct(d: int = 4) -> Truth:
    """Rankings: every row a permutation, against whole numbers drawn one by one."""

    def real(rng: np.random.Generator, n: int) -> Floats:
        return rng.permuted(np.tile(np.arange(d, dtype=np.float64), (n, 1)), axis=1)

    share = math.factorial(d) / d**d

    def cell(x: Floats) -> Floats:
        return np.asarray((np.diff(np.sort(x, 1), axis=1) > 0).all(1), np.float64)

    return of_masses("distinct", real, lambda rng, n: _levels(rng, n, d, d), ((0.0, 1.0), (1 - share, share)), cell)


def subgroups(d: int = 4, share: float = 0.8) -> Truth:
    """Two flags that agree in one half of a third column's groups and disagree in the other, against coins.

    No two columns depend on each other.
    """

    def fake(rng: np.random.Generator, n: int) -> Floats:
        x = rng.integers(0, 2, (n, d)).astype(np.float64)
        x[:, 2] = rng.integers(0, 12, n)
        return x

    def real(rng: np.random.Generator, n: int) -> Floats:
        x = fake(rng, n)
        follows = (x[:, 0] + (x[:, 2] >= 6)) % 2
        x[:, 1] = np.where(rng.random(n) < share, follows, 1 - follows)
        return x

    def cell(x: Floats) -> Floats:
        return np.asarray((x[:, 0] + (x[:, 2] >= 6)) % 2 == x[:, 1], np.float64)

    return of_masses("subgroups", real, fake, ((1 - share, share), (0.5, 0.5)), cell, "table")


def shards(d: int = 3, parts: int = 8) -> Truth:
    """Accounts of six digits and the shard of each, what ``parts`` leave of it, against any shard: .497."""

    def sampler(kept: bool) -> Sampler:
        def rows(rng: np.random.Generator, n: int) -> Floats:
            account, other = rng.integers(100_000, 1_000_000, n), rng.integers(0, parts, n)
            noise = rng.standard_normal((n, max(0, d - 2)))
            return np.column_stack((account, account % parts if kept else other, noise))

        return rows

    masses = ((1.0, 0.0), (1 / parts, 1 - 1 / parts))
    return of_masses("shards", sampler(True), sampler(False), masses, lambda x: x[:, 0] % parts != x[:, 1], "table")


def regions(d: int = 3, cities: int = 300, levels: int = 12) -> Truth:
    """Cities and the region that each lies in, or any region: a city is in a few rows, and in few of those a cell.

    Each of the ``levels`` regions has as many of the ``cities``.
    """
    lies_in = np.random.default_rng(cities).permutation(np.arange(cities) % levels)

    def sampler(own: bool) -> Sampler:
        def rows(rng: np.random.Generator, n: int) -> Floats:
            city, any_city = rng.integers(0, cities, (2, n))
            noise = rng.standard_normal((n, max(0, d - 2)))
            return np.column_stack((city, lies_in[city if own else any_city], noise))

        return rows

    def cell(x: Floats) -> Floats:
        return np.asarray(lies_in[x[:, 0].astype(np.int64)] == x[:, 1], np.float64)

    return of_masses(
        "regions", sampler(True), sampler(False), ((0.0, 1.0), (1 - 1 / levels, 1 / levels)), cell, "table"
    )
