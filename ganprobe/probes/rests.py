"""Rests of whole numbers beside another column's levels: log odds of their cells (`ganprobe.samples.rests`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ganprobe.plan import Budget
from ganprobe.probes import Probe
from ganprobe.probes._designs import Design, Learning, Rows, learn, twice_the_trees
from ganprobe.samples.cells import Column, cross_fitted, divided, groups, log_odds
from ganprobe.samples.digits import whole_columns
from ganprobe.samples.folds import Fold, Folds
from ganprobe.samples.rests import MOST_LEVELS, Rest, rests
from ganprobe.samples.scaling import flat
from ganprobe.samples.sides import Array, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``rows``: most fit rows of a side; ``added``: rows added to each count; ``trees``: how many at most."""

    rows: int = 20_000
    added: float = 0.5
    trees: int = 60


COSTLY = False
_MOST_COLUMNS = 32
_LOOKED_AT = 4_000


def applies(pair: Pair) -> str | None:
    """Tables and arrays, if what a divisor leaves of a column goes with another column, and not on both sides."""
    if pair.kind == "image":
        return "pictures have no columns"
    if pair.outlined:
        return "numbers computed of a sample leave no rests"
    if not 1 < len(groups(pair)) <= _MOST_COLUMNS:
        return f"rests are held against 1 to {_MOST_COLUMNS - 1} other columns"
    sides = tuple(flat(side[:_LOOKED_AT]) for side in (pair.real, pair.fake))
    return None if _found(pair, *sides) else "no rest of a whole number goes with another column"


def settings(budget: Budget, pair: Pair) -> Settings:
    """Fewer rows for ``fast``."""
    return Settings(rows=6_000) if budget == "fast" else Settings()


stronger = twice_the_trees


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """Trees, and a regression, on the log odds of the cells that the fit part singles out."""

    def make(rows: Rows, fold: Fold, k: int) -> list[Design]:
        found = _found(pair, *(flat(side) for side in rows.sides))
        if not found:
            return []
        cells = [rest(flat(rows.values)) for rest in found]
        part = divided(len(rows.y), seeds.numpy("parts", k))
        odds, train = cross_fitted(cells, rows.y, part, settings.added)

        def see(x: Array) -> Array:
            return log_odds(odds, (rest(flat(x)) for rest in found))

        return [Design("trees", "trees", see, train), Design("odds", "regression", see, train)]

    return learn(pair, folds, settings, Learning(settings.rows, iterations=settings.trees), seeds, make)


def _found(pair: Pair, real: Array, fake: Array) -> tuple[Rest, ...]:
    columns = whole_columns(pair, (real, fake))
    if not columns:
        return ()
    both = np.concatenate((real, fake))
    levels = [Column.of(both, places, 2, MOST_LEVELS) for places in groups(pair).values()]
    return rests(columns, [column for column in levels if column.edges is None and column.size > 2], real, fake)
