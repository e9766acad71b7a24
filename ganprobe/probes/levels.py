"""Columns of many values that come again: how often each value was real among the other fit rows.

Three hundred cities against three hundred others, postcodes, prices, whole numbers: each value is in a few rows, so
that no indicator is worth its column and no threshold divides them, and yet the value itself tells the side. Its log
odds, cross-fitted inside the fit part so that no row sees its own label, are one number; how often it was seen at all
is another, for a side that goes on showing new values is told by that (Good 1953).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ganprobe.plan import Budget
from ganprobe.probes import Probe
from ganprobe.probes._designs import Design, Learning, Rows, learn, twice_the_trees
from ganprobe.samples.cells import Column, Counts, cross_fitted, divided, elsewhere, groups, log_odds
from ganprobe.samples.folds import Fold, Folds
from ganprobe.samples.scaling import flat
from ganprobe.samples.sides import Array, Floats, Pair
from ganprobe.seeds import Seeds

COSTLY = False

# Fewer values than this are indicators, or few enough for thresholds; of wider samples no column is looked at.
_LEAST_VALUES = 33
_MOST_COLUMNS = 64
_LOOKED_AT = 2_000


@dataclass(frozen=True, slots=True)
class Settings:
    """``rows``: most fit rows of a side; ``added``: rows added to each count; ``trees``: how many at most."""

    rows: int = 20_000
    added: float = 0.5
    trees: int = 100


def applies(pair: Pair) -> str | None:
    """Where a column has more than 32 values, each of them in a few rows."""
    if pair.kind == "image":
        return "pictures have no columns"
    if len(groups(pair)) > _MOST_COLUMNS:
        return f"values are counted in at most {_MOST_COLUMNS} columns"
    rows = np.concatenate([flat(side[:_LOOKED_AT]) for side in (pair.real, pair.fake)])
    return None if _columns(rows, pair) else "no column has many values that come again"


def settings(budget: Budget, pair: Pair) -> Settings:
    """Fewer trees for ``fast``."""
    return Settings(rows=6_000, trees=60) if budget == "fast" else Settings()


stronger = twice_the_trees


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """Trees on the columns beside the log odds and counts of their values, and a regression on these alone."""

    def make(rows: Rows, fold: Fold, k: int) -> list[Design]:
        values = flat(rows.values)
        columns = _columns(values, pair)
        if not columns:
            return []
        codes = [column(values) for column in columns]
        part = divided(len(rows.y), seeds.numpy("parts", k))
        odds, train = cross_fitted(codes, rows.y, part, settings.added)
        counted = [Counts.of(code, rows.y) for code in codes]
        sizes = np.stack([_size(elsewhere(code, rows.y, part)) for code in codes], 1)

        def see(x: Array) -> Array:
            seen = [column(flat(x)) for column in columns]
            known = np.stack([_size(counts(code)) for counts, code in zip(counted, seen, strict=True)], 1)
            return np.concatenate((log_odds(odds, seen), known.astype(np.float32)), 1)

        def beside(x: Array) -> Array:
            return np.concatenate((see(x), flat(x)), 1)

        own = np.concatenate((train, sizes.astype(np.float32)), 1)
        together = np.concatenate((own, values), 1)
        return [Design("trees", "trees", beside, together), Design("odds", "regression", see, own)]

    learning = Learning(settings.rows, rate=0.1, iterations=settings.trees)
    return learn(pair, folds, settings, learning, seeds, make)


def _size(seen: Floats) -> Floats:
    """How often values were seen on either side ``[n, 2]``, on both and as a logarithm."""
    return np.asarray(np.log1p(seen.sum(1)))


def _columns(rows: Array, pair: Pair) -> list[Column]:
    """The columns of ``rows`` ``[n, d]`` whose values are many and come again."""
    found = [Column.of(rows, places, 2, len(rows)) for places in groups(pair).values()]
    return [column for column in found if column.edges is None and len(column.levels) >= _LEAST_VALUES]
