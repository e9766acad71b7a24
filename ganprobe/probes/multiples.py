"""Round numbers: trees on the distance of each column's values to multiples of 100, 50, ... .001.

Rounding, heaping and prices that end in .99 leave no mark on a histogram of any width (`ganprobe.samples.multiples`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ganprobe.plan import Budget
from ganprobe.probes import Probe
from ganprobe.probes._designs import Design, Learning, Rows, learn, twice_the_trees
from ganprobe.samples import multiples
from ganprobe.samples.folds import Fold, Folds
from ganprobe.samples.scaling import flat
from ganprobe.samples.sides import Array, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``rows``: most fit rows of a side; ``trees``: how many at most."""

    rows: int = 10_000
    trees: int = 100


COSTLY = False
# Beyond this many columns looking at each takes longer than trees on all.
_MOST_COLUMNS = 1_024


def applies(pair: Pair) -> str | None:
    """Tables and arrays of numbers, if any of them favours round ones."""
    if pair.kind == "image":
        return "pictures have one lattice, which is looked for before training"
    if pair.outlined:
        return "numbers computed of a sample are not round"
    if pair.width > _MOST_COLUMNS:
        return f"round numbers are looked for among {_MOST_COLUMNS} columns at most"
    if multiples.multiples(flat(pair.real[:_LOOKED_AT]), flat(pair.fake[:_LOOKED_AT])) is None:
        return "no column favours round numbers"
    return None


_LOOKED_AT = 4_000


def settings(budget: Budget, pair: Pair) -> Settings:
    """Fewer rows and trees for ``fast``."""
    if budget == "fast":
        return Settings(rows=5_000, trees=50)
    return Settings(rows=40_000 if budget == "thorough" else 10_000, trees=300 if budget == "thorough" else 100)


stronger = twice_the_trees


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """Trees on the distances that the fit part singles out, beside the columns themselves."""

    def make(rows: Rows, fold: Fold, k: int) -> list[Design]:
        round_numbers = multiples.multiples(*(flat(side) for side in rows.sides))
        if round_numbers is None:
            return []
        columns = np.unique(round_numbers.columns)

        def see(x: Array) -> Array:
            return np.concatenate((round_numbers(flat(x)), flat(x)[:, columns]), 1)

        return [Design("trees", "trees", see)]

    return learn(pair, folds, settings, Learning(settings.rows, iterations=settings.trees), seeds, make)
