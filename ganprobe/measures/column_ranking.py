"""Which columns, and which pairs of columns, are worth a probe: a quick look at the fit part.

Each column is cut at its pooled quantiles, a quantile that is itself a frequent value being a cell of its own, and JS
is read off the counts, less its bias (k - 1)/8 (1/n + 1/m) for k cells (Miller 1955, applied to both sides). That is
good enough to rank columns and not good enough to report: what a column shows is then measured on held-out samples.
Choosing on the fit part keeps those measurements lower bounds; the best of many read on the test part would not be.
"""

from __future__ import annotations

import itertools

import numpy as np

from ganprobe.objective import js_of_masses
from ganprobe.samples.cells import groups
from ganprobe.samples.folds import Fold
from ganprobe.samples.sides import Array, Indices, Pair

# Rows of each side that are looked at, and quantiles for a column alone and in a pair.
_ROWS = 4_000
_BINS = 32
_PAIR_BINS = 8
# Pairs are looked for among so many of the worst columns.
_PAIRED = 24


def columns(pair: Pair, fit: Fold) -> tuple[str, ...]:
    """The names of all columns, the one that differs most first."""
    codes, n = _codes(pair, fit, _BINS)
    score = {name: _js(own, n) for name, own in codes.items()}
    return tuple(sorted(codes, key=lambda name: -score[name]))


def pairs(pair: Pair, fit: Fold, worst: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Pairs of columns, best first: the pair that shows most, then those that add most to what either shows alone."""
    codes, n = _codes(pair, fit, _PAIR_BINS)
    alone = {name: _js(codes[name], n) for name in worst[:_PAIRED]}
    together = {(a, b): _js(codes[a] * (codes[b].max() + 1) + codes[b], n) for a, b in itertools.combinations(alone, 2)}
    gain = {(a, b): js - max(alone[a], alone[b]) for (a, b), js in together.items()}
    by_gain = sorted(gain, key=lambda names: -gain[names])
    most = max(together, key=lambda names: together[names])
    return (most, *(names for names in by_gain if names != most))


def _codes(pair: Pair, fit: Fold, bins: int) -> tuple[dict[str, Indices], int]:
    """The cell of each row in each column, reals first, and how many of the rows are reals."""
    real, fake = (side[rows[:_ROWS]] for side, rows in ((pair.real, fit.real.fit), (pair.fake, fit.fake.fit)))
    rows = np.concatenate((real.reshape(len(real), -1), fake.reshape(len(fake), -1)))
    found = {}
    for name, places in groups(pair).items():
        code = np.zeros(len(rows), np.int64)
        for j in places:
            own = _cells(rows[:, j], bins)
            code = code * (own.max() + 1) + own
            _, code = np.unique(code, return_inverse=True)
        found[name] = code
    return found, len(real)


def _cells(values: Array, bins: int) -> Indices:
    edges = np.unique(np.quantile(values, np.linspace(0, 1, bins + 1)[1:-1], method="nearest"))
    return np.searchsorted(edges, values, "left") + np.searchsorted(edges, values, "right")


def _js(codes: Indices, n: int) -> float:
    """JS of the counts of the first ``n`` codes and of the others, less its bias."""
    size, m = int(codes.max()) + 1, len(codes) - n
    p, q = np.bincount(codes[:n], minlength=size) / n, np.bincount(codes[n:], minlength=size) / m
    occupied = int((p + q > 0).sum())
    return js_of_masses(p, q) - (occupied - 1) / 8 * (1 / n + 1 / m)
