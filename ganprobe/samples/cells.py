"""Rows as cells of a table of counts: a code for each column, and for what columns show together.

A column of few values has a cell for each of them, however many coordinates it came in (``colour=red``,
``colour=blue``); a number is cut at its pooled quantiles, a frequent value being a cell of its own. Cells are made from
the fit part. What it never showed is one more cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ganprobe.samples.sides import Array, Floats, Indices, Pair

# Parts that log odds are cross-fitted on.
PARTS = 5
# A column of no more distinct values than this, each of them so often on average, has a cell for each.
_MOST_LEVELS = 1_024
_LEAST_OF_LEVEL = 3


def groups(pair: Pair) -> dict[str, Indices]:
    """The coordinates of each column by its name; those of an array are called ``[i]`` or ``[i][j]``."""
    if pair.kind != "table" or not pair.columns:
        return {"".join(f"[{k}]" for k in place): np.array([i]) for i, place in enumerate(np.ndindex(pair.shape))}
    found: dict[str, list[int]] = {}
    for i, name in enumerate(pair.columns):
        found.setdefault(name.partition("=")[0], []).append(i)
    return {name: np.array(places) for name, places in found.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """Cells of one column: of each ``level`` of its coordinates' mix, or between ``edges`` where levels are too many.

    ``weights``: what mixes several coordinates to one number; equal mixes are equal levels.
    """

    places: Indices
    weights: Floats
    levels: Floats
    edges: Floats | None

    @classmethod
    def of(
        cls, rows: Array, places: Indices, bins: int, most_levels: int = _MOST_LEVELS, often: float = _LEAST_OF_LEVEL
    ) -> Column:
        """From fit ``rows`` ``[n, d]``; levels must come so ``often`` on average to have a cell each."""
        weights = np.random.default_rng(len(places)).random(len(places)) + 0.5 if len(places) > 1 else np.ones(1)
        mixed = rows[:, places].astype(np.float64) @ weights
        levels = np.unique(mixed)
        if len(levels) <= min(most_levels, max(2, len(rows) // often)):
            return cls(places, weights, levels, None)
        return cls(places, weights, levels[:0], np.unique(np.quantile(mixed, _inner(bins), method="nearest")))

    @property
    def size(self) -> int:
        """How many cells there can be."""
        return len(self.levels) + 1 if self.edges is None else 2 * len(self.edges) + 1

    def __call__(self, x: Array) -> Indices:
        """``[n, d]`` to cells ``[n]``."""
        mixed = x[:, self.places].astype(np.float64) @ self.weights
        if self.edges is not None:
            return np.searchsorted(self.edges, mixed, "left") + np.searchsorted(self.edges, mixed, "right")
        place = np.minimum(np.searchsorted(self.levels, mixed), len(self.levels) - 1)
        return np.where(self.levels[place] == mixed, place, len(self.levels)).astype(np.int64)


def _inner(bins: int) -> Floats:
    return np.linspace(0, 1, bins + 1)[1:-1]


def together(columns: Sequence[Column], codes: Sequence[Indices]) -> Indices:
    """One code for the cells of several columns, ``[n]``."""
    code = np.zeros(len(codes[0]), np.int64)
    for column, own in zip(columns, codes, strict=True):
        code = code * column.size + own
    return code


@dataclass(frozen=True, slots=True, eq=False)
class Odds:
    """The log odds ``logit`` of the ``known`` cells, by their counts on both sides; 0 for a cell never seen."""

    known: Indices
    logit: Floats

    @classmethod
    def of(cls, code: Indices, y: Indices, added: float) -> Odds:
        """From the cells ``[n]`` of rows of reals (``y`` 1) and fakes, with ``added`` rows to each count."""
        known, inverse = np.unique(code, return_inverse=True)
        real = np.bincount(inverse, weights=y, minlength=len(known))
        fake = np.bincount(inverse, weights=1 - y, minlength=len(known))
        return cls(known, np.log((real + added) / (fake + added)) - np.log(max(y.sum(), 1) / max((1 - y).sum(), 1)))

    def __call__(self, code: Indices) -> Floats:
        """Cells ``[n]`` to log odds."""
        place = np.minimum(np.searchsorted(self.known, code), len(self.known) - 1)
        return np.where(self.known[place] == code, self.logit[place], 0.0)


def out_of_fold(code: Indices, y: Indices, part: Indices, added: float) -> Floats:
    """The log odds of each row's cell by the rows of other ``part`` s alone: no row sees its own label."""
    logit = np.empty(len(code))
    for k in np.unique(part):
        logit[part == k] = Odds.of(code[part != k], y[part != k], added)(code[part == k])
    return logit


def divided(n: int, rng: np.random.Generator) -> Indices:
    """The part, of `PARTS`, that each of ``n`` fit rows is in."""
    return np.asarray(rng.permutation(n) % PARTS, np.int64)


def cross_fitted(codes: Sequence[Indices], y: Indices, part: Indices, added: float) -> tuple[list[Odds], Array]:
    """The log odds of each of ``codes`` ``[n]``, and what they are of these rows, out of fold: ``[n, len(codes)]``."""
    own = [out_of_fold(code, y, part, added) for code in codes]
    return [Odds.of(code, y, added) for code in codes], np.stack(own, 1).astype(np.float32)


def log_odds(odds: Sequence[Odds], codes: Iterable[Indices]) -> Array:
    """What each of ``odds`` says of its cells among ``codes``, ``[n, len(odds)]``."""
    return np.stack([of(code) for of, code in zip(odds, codes, strict=True)], 1).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """How often each code was seen on either side: ``known`` ``[m]``, ``counts`` ``[m, 2]``."""

    known: Indices
    counts: Floats

    @classmethod
    def of(cls, code: Indices, y: Indices) -> Counts:
        """From codes ``[n]`` of reals (``y`` 1) and fakes."""
        known, place = np.unique(code, return_inverse=True)
        sides = [np.bincount(place, weights=side, minlength=len(known)) for side in (y, 1 - y)]
        return cls(known, np.stack(sides, 1))

    def __call__(self, code: Indices) -> Floats:
        """``[n]`` to ``[n, 2]``: as often as a row that is one of them would find it in the other parts."""
        place = np.minimum(np.searchsorted(self.known, code), len(self.known) - 1)
        return np.where((self.known[place] == code)[:, None], self.counts[place], 0.0) * (1 - 1 / PARTS)


def elsewhere(code: Indices, y: Indices, part: Indices) -> Floats:
    """How often each row's code is in the rows of the other parts, on either side: ``[n, 2]``."""
    known, place = np.unique(code, return_inverse=True)
    cell = (place * PARTS + part) * 2 + 1 - y
    table = np.bincount(cell, minlength=2 * PARTS * len(known)).reshape(-1, PARTS, 2)
    return np.asarray(table.sum(1)[place] - table[place, part], np.float64)
