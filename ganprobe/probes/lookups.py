"""Columns that follow from another: what the other rows with the same value say (`ganprobe.samples.lookups`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ganprobe.plan import Budget
from ganprobe.probes import Probe
from ganprobe.probes._designs import Design, Learning, Rows, learn, twice_the_trees
from ganprobe.samples.cells import Counts, divided, elsewhere, groups
from ganprobe.samples.folds import Fold, Folds
from ganprobe.samples.lookups import Lookup, log_odds, lookups, shares
from ganprobe.samples.scaling import flat
from ganprobe.samples.sides import Array, Floats, Indices, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``rows``: most fit rows of a side; ``trees``: how many at most."""

    rows: int = 20_000
    trees: int = 60


COSTLY = False
_MOST_COLUMNS = 64
_LOOKED_AT = 4_000


def applies(pair: Pair) -> str | None:
    """Tables and arrays, if a column goes with one of many values, and not alike on both sides."""
    if pair.kind == "image":
        return "pictures have no columns"
    if pair.outlined:
        return "numbers computed of a sample are no keys"
    if not 2 <= len(places := groups(pair)) <= _MOST_COLUMNS:
        return f"keys are looked for among 2 to {_MOST_COLUMNS} columns"
    found = lookups(places, *(flat(side[:_LOOKED_AT]) for side in (pair.real, pair.fake)))
    return None if found else "no column goes with the values of another otherwise on either side"


def settings(budget: Budget, pair: Pair) -> Settings:
    """Fewer rows for ``fast``."""
    return Settings(rows=6_000) if budget == "fast" else Settings()


stronger = twice_the_trees


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """Trees, and a regression, on what the fit rows say of the pairs that they single out."""

    def make(rows: Rows, fold: Fold, k: int) -> list[Design]:
        found = lookups(groups(pair), *(flat(side) for side in rows.sides))
        if not found:
            return []
        part = divided(len(rows.y), seeds.numpy("parts", k))
        books = [_Book.of(lookup, flat(rows.values), rows.y) for lookup in found]
        train = np.concatenate([book.out_of_fold(flat(rows.values), rows.y, part) for book in books], 1)

        def see(x: Array) -> Array:
            return np.concatenate([book(flat(x)) for book in books], 1)

        return [Design("trees", "trees", see, train), Design("odds", "regression", see, train)]

    return learn(pair, folds, settings, Learning(settings.rows, iterations=settings.trees), seeds, make)


@dataclass(frozen=True, slots=True, eq=False)
class _Book:
    """What the fit rows say of the pairs of a ``lookup``: how often they came, and each value's ``share``."""

    lookup: Lookup
    keys: Counts
    pairs: Counts
    share: Floats

    @classmethod
    def of(cls, lookup: Lookup, rows: Array, y: Indices) -> _Book:
        keys, values, both = lookup(rows)
        return cls(lookup, Counts.of(keys, y), Counts.of(both, y), shares(values, y, lookup.value.size))

    def __call__(self, x: Array) -> Array:
        """``[n, d]`` to ``[n, 3]``."""
        keys, values, both = self.lookup(x)
        return log_odds(self.pairs(both), self.keys(keys), self.share[values]).astype(np.float32)

    def out_of_fold(self, rows: Array, y: Indices, part: Indices) -> Array:
        """The same of fit rows, each by the rows of other parts."""
        keys, values, both = self.lookup(rows)
        return log_odds(elsewhere(both, y, part), elsewhere(keys, y, part), self.share[values]).astype(np.float32)
