"""Nearest rows in planes of two columns, for a regression and for trees.

Which planes is decided on each fold's fit part (`ganprobe.samples.planes`). A row that is trained on is none of its own
neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ganprobe.plan import Budget
from ganprobe.probes import Probe
from ganprobe.probes._designs import Design, Learning, Rows, learn, twice_the_trees
from ganprobe.samples.folds import Fold, Folds
from ganprobe.samples.planes import planes
from ganprobe.samples.scaling import flat
from ganprobe.samples.sides import Array, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``rows``: most fit rows of a side; ``trees``: how many at most."""

    rows: int = 20_000
    trees: int = 60


COSTLY = False


def applies(pair: Pair) -> str | None:
    """Tables and arrays, if the rows of a side lie among their own in a plane of two numbers or directions."""
    if pair.kind == "image":
        return "pictures have no columns"
    if pair.outlined:
        return "numbers computed of a sample have no planes of their own"
    found = planes(pair, flat(pair.real), flat(pair.fake))
    return None if found else "in no plane of two numbers or directions does a side lie apart"


def settings(budget: Budget, pair: Pair) -> Settings:
    """Fewer rows and trees for ``fast``."""
    return Settings(rows=6_000, trees=40) if budget == "fast" else Settings()


stronger = twice_the_trees


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """A regression and trees on the log odds and ranks in the planes that the fit part singles out."""

    def make(rows: Rows, fold: Fold, k: int) -> list[Design]:
        found = planes(pair, *(flat(side) for side in rows.sides))
        if found is None:
            return []
        own = found.own().astype(np.float32)

        def see(x: Array) -> Array:
            return found(flat(x)).astype(np.float32)

        return [Design("trees", "trees", see, own), Design("odds", "regression", see, own)]

    return learn(pair, folds, settings, Learning(settings.rows, iterations=settings.trees), seeds, make)
