"""Products of cosines of ranks: what two or three columns have in common, for a regression and for trees.

Which products is decided on each fold's fit part (`ganprobe.samples.joint_ranks`). A regression on them is a series for
log p - log q of the columns' copula (Rosenblatt and Wahlen 1992 estimate densities so); trees sharpen it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ganprobe.plan import Budget
from ganprobe.probes import Probe
from ganprobe.probes._designs import Design, Learning, Rows, learn, twice_the_trees
from ganprobe.samples.folds import Fold, Folds
from ganprobe.samples.joint_ranks import MOST_COLUMNS, joint_ranks
from ganprobe.samples.scaling import flat
from ganprobe.samples.sides import Array, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``rows``: most fit rows of a side; ``trees``: how many at most."""

    rows: int = 20_000
    trees: int = 100


COSTLY = False
_LOOKED_AT = 2_500


def applies(pair: Pair) -> str | None:
    """Tables and arrays of 2 to 16 numbers, if two or three of them go together otherwise on either side."""
    if pair.kind == "image":
        return "pictures have no columns"
    if pair.outlined or not 2 <= len(pair.numbers) <= MOST_COLUMNS:
        return f"products of ranks are looked at among 2 to {MOST_COLUMNS} numbers"
    found = joint_ranks(pair, *(flat(side[:_LOOKED_AT]) for side in (pair.real, pair.fake)))
    return None if found else "two or three columns go together alike on both sides"


def settings(budget: Budget, pair: Pair) -> Settings:
    """Fewer rows and trees for ``fast``."""
    return Settings(rows=6_000, trees=50) if budget == "fast" else Settings()


stronger = twice_the_trees


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """A regression and trees on the products that the fit part singles out."""

    def make(rows: Rows, fold: Fold, k: int) -> list[Design]:
        found = joint_ranks(pair, *(flat(side) for side in rows.sides))
        if found is None:
            return []

        def see(x: Array) -> Array:
            return found(flat(x)).astype(np.float32)

        return [Design("trees", "trees", see), Design("series", "regression", see)]

    return learn(pair, folds, settings, Learning(settings.rows, iterations=settings.trees), seeds, make)
