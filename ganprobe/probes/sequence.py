"""Sequences: trees and a regression on what each row says along its ordered axis.

Lag products, moments, differences and the spectrum (`ganprobe.samples.sequences`): of a stationary Gaussian sequence
they are all there is to see, where a net on the values would have to learn that every place follows one law.
"""

from __future__ import annotations

from dataclasses import dataclass

from ganprobe.plan import Budget
from ganprobe.probes import Probe
from ganprobe.probes._designs import Design, Learning, Rows, learn, twice_the_trees
from ganprobe.samples.folds import Fold, Folds
from ganprobe.samples.sequences import Series, axis_of, by_channel, statistics, whether_ordered
from ganprobe.samples.sides import Array, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``axis``: the ordered one of a sample, from 0; ``rows``: most fit rows of a side; ``trees``: their most."""

    axis: int = 0
    rows: int = 10_000
    trees: int = 100


COSTLY = False


def applies(pair: Pair) -> str | None:
    """Arrays one of whose axes is ordered."""
    return whether_ordered(pair)


def settings(budget: Budget, pair: Pair) -> Settings:
    """Fewer rows and trees for ``fast``."""
    axis = axis_of(pair) or 0
    if budget == "fast":
        return Settings(axis, rows=5_000, trees=50)
    return Settings(axis, rows=40_000 if budget == "thorough" else 10_000, trees=300 if budget == "thorough" else 100)


stronger = twice_the_trees


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """The statistics of each fold's rows, scaled by its fit part."""

    def make(rows: Rows, fold: Fold, k: int) -> list[Design]:
        series = Series.of(rows.values, settings.axis)

        def pooled(x: Array) -> Array:
            return statistics(series(x))

        def alone(x: Array) -> Array:
            return by_channel(series(x)).reshape(len(x), -1)

        designs = [Design("trees", "trees", pooled), Design("linear", "regression", pooled)]
        several = pair.real[0].size > pair.shape[settings.axis]
        return [*designs, Design("linear by channel", "regression", alone)] if several else designs

    return learn(pair, folds, settings, Learning(settings.rows, iterations=settings.trees), seeds, make)
