r"""Rows of one length or one sum: vectors on a sphere, shares that make 1, of however many columns.

A thin direction of many columns, or of their squares, takes many times as many rows to be found (`probes.whitened`).
These three are known by name: the sums of a row's numbers, of their sizes, and of their squares. Where one of them
varies by less than a quarter of what independent columns would make it vary, on either side, boosted trees compare it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ganprobe.plan import Budget
from ganprobe.probes import Probe
from ganprobe.probes._designs import Design, Learning, Rows, learn, twice_the_trees
from ganprobe.samples.folds import Fold, Folds
from ganprobe.samples.scaling import flat
from ganprobe.samples.sides import Array, Floats, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``rows``: most fit rows of a side; ``trees``: how many at most."""

    rows: int = 20_000
    trees: int = 80


COSTLY = False
_LOOKED_AT = 4_000
_FEWEST_COLUMNS = 3
# The share of the spread of independent columns below which a sum is held to be one on purpose.
_THIN = 0.25


def applies(pair: Pair) -> str | None:
    """Tables and arrays of at least 3 columns, where rows of either side have nearly one length or sum."""
    if pair.kind == "image":
        return "pictures have no columns"
    if pair.width < _FEWEST_COLUMNS:
        return f"rows have fewer than {_FEWEST_COLUMNS} numbers"
    sides = (_filed(pair, side[:_LOOKED_AT]) for side in (pair.real, pair.fake))
    return None if any(map(_is_thin, sides)) else "rows are of many lengths and sums"


def settings(budget: Budget, pair: Pair) -> Settings:
    """Fewer rows for ``fast``."""
    return Settings(rows=6_000) if budget == "fast" else Settings()


stronger = twice_the_trees


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """Boosted trees on the three sums."""

    def make(rows: Rows, fold: Fold, k: int) -> list[Design]:
        sides = [_sums(_filed(pair, side)) for side in rows.sides]
        centre = np.median(sides[0], axis=0)
        # In float32 as fine as the finer side.
        unit = np.min([side.std(0) for side in sides], axis=0)
        unit = np.maximum(unit, 1e-12 * np.abs(centre) + 1e-300)

        def see(x: Array) -> Array:
            return np.asarray(np.arcsinh((_sums(_filed(pair, x)) - centre) / unit), np.float32)

        return [Design("trees", "trees", see)]

    return learn(pair, folds, settings, Learning(settings.rows, iterations=settings.trees), seeds, make)


def _filed(pair: Pair, x: Array) -> Floats:
    """Rows as they stand in the file, ``[n, d]``."""
    zero, unit = pair.scales
    return np.asarray(zero + unit * flat(x))


def _terms(rows: Floats) -> Iterator[Floats]:
    """The numbers of each row, their sizes, and their squares, ``[n, d]`` each."""
    yield from (rows, np.abs(rows), np.square(rows))


def _sums(rows: Floats) -> Floats:
    """Of each of the three, ``[n, 3]``."""
    return np.stack([terms.sum(1) for terms in _terms(rows)], 1)


def _is_thin(rows: Floats) -> bool:
    """Whether one of the sums varies by much less than its terms would if they were independent."""
    return any(terms.sum(1).var() < _THIN**2 * terms.var(0).sum() for terms in _terms(rows))
