"""Rhythms of columns, hours of business or a ripple: trees on the phases that tell (`ganprobe.samples.periods`)."""

from __future__ import annotations

from dataclasses import dataclass

from ganprobe.plan import Budget
from ganprobe.probes import Probe
from ganprobe.probes._designs import Design, Learning, Rows, learn, twice_the_trees
from ganprobe.samples.folds import Fold, Folds
from ganprobe.samples.periods import periods
from ganprobe.samples.scaling import flat
from ganprobe.samples.sides import Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``rows``: most fit rows of a side; ``trees``: how many at most."""

    rows: int = 10_000
    trees: int = 100


COSTLY = False
# Beyond this many columns looking at each takes longer than trees on all.
_MOST_COLUMNS = 256
_LOOKED_AT = 4_000


def applies(pair: Pair) -> str | None:
    """Tables and arrays of numbers, if a column of the first rows has a rhythm that the other side's has not."""
    if pair.kind == "image":
        return "pictures have their rhythms in their spectrum"
    if pair.width > _MOST_COLUMNS:
        return f"rhythms are looked for among {_MOST_COLUMNS} columns at most"
    if periods(flat(pair.real[:_LOOKED_AT]), flat(pair.fake[:_LOOKED_AT])) is None:
        return "no column has a rhythm of its own"
    return None


def settings(budget: Budget, pair: Pair) -> Settings:
    """Fewer rows and trees for ``fast``."""
    if budget == "fast":
        return Settings(rows=5_000, trees=50)
    return Settings(rows=40_000 if budget == "thorough" else 10_000, trees=300 if budget == "thorough" else 100)


stronger = twice_the_trees


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """Trees on the phases that the fit part singles out, beside the columns themselves."""

    def make(rows: Rows, fold: Fold, k: int) -> list[Design]:
        rhythms = periods(*(flat(side) for side in rows.sides))
        return [] if rhythms is None else [Design("trees", "trees", lambda x: rhythms(flat(x)))]

    return learn(pair, folds, settings, Learning(settings.rows, iterations=settings.trees), seeds, make)
