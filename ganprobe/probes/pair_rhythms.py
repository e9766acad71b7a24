"""Rhythms of two columns together, for boosted trees on the phases that tell (`ganprobe.samples.pair_rhythms`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ganprobe.plan import Budget
from ganprobe.probes import Probe
from ganprobe.probes._designs import Design, Learning, Rows, learn, twice_the_trees
from ganprobe.samples.folds import Fold, Folds
from ganprobe.samples.pair_rhythms import MOST_COLUMNS, pair_rhythms
from ganprobe.samples.scaling import flat
from ganprobe.samples.sides import Array, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``rows``: most fit rows of a side; ``trees``: how many at most."""

    rows: int = 20_000
    trees: int = 80


COSTLY = False
_LOOKED_AT = 2_500


def applies(pair: Pair) -> str | None:
    """Tables and arrays of a few numbers, if two of them together have a rhythm that the other side has not."""
    if pair.kind == "image":
        return "pictures have their rhythms in their spectrum"
    if pair.outlined or len(pair.numbers) > MOST_COLUMNS:
        return f"rhythms of two columns are looked for among {MOST_COLUMNS} at most"
    found = pair_rhythms(pair, pair.real[:_LOOKED_AT], pair.fake[:_LOOKED_AT])
    return None if found else "no two columns have a rhythm together"


def settings(budget: Budget, pair: Pair) -> Settings:
    """Fewer rows for ``fast``."""
    return Settings(rows=6_000) if budget == "fast" else Settings()


stronger = twice_the_trees


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """Boosted trees on what the fit part singles out."""

    def make(rows: Rows, fold: Fold, k: int) -> list[Design]:
        found = pair_rhythms(pair, *rows.sides)
        if not found:
            return []

        def see(x: Array) -> Array:
            return np.concatenate([each.see(flat(x)) for each in found], 1).astype(np.float32)

        return [Design("trees", "trees", see)]

    return learn(pair, folds, settings, Learning(settings.rows, iterations=settings.trees), seeds, make)
