r"""Thin directions: trees and a quadratic form on coordinates whitened by each side.

Where one column is the sum of others, or the smallest component is a little too wide, the columns alone show nothing
(`ganprobe.samples.whitening`). Besides the columns, their normal scores are whitened (relations that hold after a
monotone map), the logarithms of positive columns (products and ratios are sums there), and where columns are few all
their products of two (circles, c = a b), or of more columns their squares (vectors of one length): the thinnest
direction of these is the relation that holds.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from ganprobe.plan import Budget
from ganprobe.probes import Probe
from ganprobe.probes._designs import Design, Learning, Rows, learn
from ganprobe.samples import scaling
from ganprobe.samples.folds import Fold, Folds
from ganprobe.samples.sides import Array, Floats, Indices, Pair
from ganprobe.samples.whitening import Whitener, whiteners
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``rows``: most fit rows of a side; ``directions`` of each kind that trees see, the most telling ones; ``trees``:
    how many at most; ``products``: whether products of two columns, or squares, are whitened too.
    """

    rows: int = 10_000
    directions: int = 6
    trees: int = 100
    products: bool = True


COSTLY = False
# Wider samples have more correlations than rows to fit them.
_MOST_COLUMNS = 128
_ROWS_PER_COLUMN = 6


def applies(pair: Pair) -> str | None:
    """Tables and arrays of 2 to 128 columns."""
    if pair.kind == "image":
        return "pictures have no columns"
    if not 2 <= pair.width <= _MOST_COLUMNS:
        return f"relations are looked for among 2 to {_MOST_COLUMNS} columns"
    return None


def settings(budget: Budget, pair: Pair) -> Settings:
    """Fewer rows and trees for ``fast``."""
    if budget == "fast":
        return Settings(rows=4_000, directions=4, trees=40)
    return Settings(rows=40_000 if budget == "thorough" else 10_000, trees=300 if budget == "thorough" else 100)


def stronger(settings: Settings) -> Settings:
    """Twice the directions and trees."""
    return replace(settings, directions=2 * settings.directions, trees=2 * settings.trees)


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """Both sides' coordinates of every kind, for trees and for a regression on them and their squares."""

    def make(rows: Rows, fold: Fold, k: int) -> list[Design]:
        blocks = _blocks(pair, fold, rows, settings, seeds)
        if not blocks:
            return []
        trees = Design("trees", "trees", lambda x: _telling(blocks, x, settings.directions))
        return [trees, *_quadratic(blocks)]

    return learn(pair, folds, settings, Learning(settings.rows, iterations=settings.trees), seeds, make)


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """One kind of coordinates: ``lift`` ``[n, *shape]`` to ``[n, k]``, and the whitener of each side."""

    lift: Callable[[Array], Floats]
    by: tuple[Whitener, Whitener]
    quadratic: bool


# A whitener fitted on its own training rows makes them look nearer than others are; with so few rows for so many
# columns that a probe would learn this.
_PER_COLUMN_OF_PRODUCTS = 15


def _blocks(pair: Pair, fold: Fold, rows: Rows, settings: Settings, seeds: Seeds) -> list[_Block]:
    n, d = len(rows.values) // 2, pair.width
    if n < _ROWS_PER_COLUMN * d:
        return []
    scale = scaling.scaler(pair, fold, seeds)
    centre, spread = scale.centre.astype(np.float64), scale.spread.astype(np.float64)

    def columns(x: Array) -> Floats:
        return scaling.flat(x).astype(np.float64)

    lifts: list[tuple[Callable[[Array], Floats], bool]] = [
        (columns, True),
        (lambda x: scale.scores(x).astype(np.float64), True),
    ]
    positive = (scaling.flat(rows.values) > 0).all(0)
    if positive.sum() >= 2:
        lifts.append((lambda x: np.log(np.maximum(columns(x), 1e-30))[:, positive], False))
    pairs = next((p for p in _pairs(d) if settings.products and _PER_COLUMN_OF_PRODUCTS * (d + len(p[0])) <= n), None)
    if pairs is not None:
        first, second = pairs

        def products(x: Array) -> Floats:
            z = (columns(x) - centre) / spread
            return np.concatenate((z, z[:, first] * z[:, second]), 1)

        lifts.append((products, False))
    sides = rows.sides
    blocks = [_Block(lift, whiteners(lift(sides[0]), lift(sides[1])), quadratic) for lift, quadratic in lifts]
    return [block for block in blocks if min(w.width for w in block.by) > 0]


def _pairs(d: int) -> tuple[tuple[Indices, Indices], ...]:
    """The two factors of each product of columns: of all, or of squares alone."""
    return np.triu_indices(d), (np.arange(d), np.arange(d))


def _telling(blocks: list[_Block], x: Array, directions: int) -> Array:
    """The most telling directions of each kind and side, and the mean square over all of them, ``[n, p]``."""
    parts = []
    for block in blocks:
        lifted = block.lift(x)
        for by in block.by:
            z = by(lifted)
            parts += [z[:, :directions], np.log1p((z**2).mean(1, keepdims=True))]
    return np.concatenate(parts, 1)


def _quadratic(blocks: list[_Block]) -> list[Design]:
    """One side's coordinates and their squares, with the mean square over the other's: each side and kind."""
    designs = []
    for block, (own, other) in itertools.product(blocks, ((0, 1), (1, 0))):
        if block.quadratic:
            designs.append(Design("quadratic", "regression", partial(_squares, block, own, other)))
    return designs


def _squares(block: _Block, own: int, other: int, x: Array) -> Array:
    lifted = block.lift(x)
    z, rest = block.by[own](lifted), block.by[other](lifted)
    return np.concatenate((z, z**2, (rest**2).mean(1, keepdims=True)), 1)
