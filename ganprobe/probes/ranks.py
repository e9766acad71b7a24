"""Ranks of a row's own numbers and how near they are, for boosted trees (`ganprobe.samples.ranks`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ganprobe.plan import Budget
from ganprobe.probes import Probe
from ganprobe.probes._designs import Design, Learning, Rows, learn, twice_the_trees
from ganprobe.samples.folds import Fold, Folds
from ganprobe.samples.ranks import MOST_COLUMNS, Ranks
from ganprobe.samples.scaling import flat
from ganprobe.samples.sides import Array, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``rows``: most fit rows of a side; ``trees``: how many at most."""

    rows: int = 20_000
    trees: int = 80


COSTLY = False
_LOOKED_AT = 4_000


def applies(pair: Pair) -> str | None:
    """Tables and arrays of a few numbers, where these are equal or near in a row, and not alike on both sides."""
    if pair.kind == "image":
        return "pictures have no columns"
    if pair.outlined or pair.width > 4 * MOST_COLUMNS:
        return f"ranks are of at most {MOST_COLUMNS} numbers of a row"
    sides = [flat(side[:_LOOKED_AT]) for side in (pair.real, pair.fake)]
    ranks = Ranks.of(pair, sides[0])
    if not 1 < len(ranks.places) <= MOST_COLUMNS:
        return f"ranks are of 2 to {MOST_COLUMNS} numbers of a row"
    return None if ranks.found(*sides) else "the numbers of a row are no nearer than by chance, or alike on both sides"


def settings(budget: Budget, pair: Pair) -> Settings:
    """Fewer rows for ``fast``."""
    return Settings(rows=6_000) if budget == "fast" else Settings()


stronger = twice_the_trees


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """Boosted trees on distances and ranks."""

    def make(rows: Rows, fold: Fold, k: int) -> list[Design]:
        ranks = Ranks.of(pair, flat(rows.values))

        def see(x: Array) -> Array:
            return ranks(flat(x)).astype(np.float32)

        return [Design("trees", "trees", see)]

    return learn(pair, folds, settings, Learning(settings.rows, iterations=settings.trees), seeds, make)
