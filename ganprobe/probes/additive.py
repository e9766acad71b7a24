"""A sum of functions of single columns: boosted trees with one split each.

Deeper trees, free to combine columns, spend most of their splits on combinations that are chance where the sides differ
by each column alone: a moved heavy tail, an edge, a radius (the totals of a row are columns too).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ganprobe.plan import Budget
from ganprobe.probes import Probe
from ganprobe.probes._designs import Design, Learning, Rows, learn
from ganprobe.samples import scaling
from ganprobe.samples.folds import Fold, Folds
from ganprobe.samples.sides import Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``rows``: most fit rows of a side; ``splits`` at most, each moving the logit by the share ``rate``."""

    rows: int = 20_000
    splits: int = 200
    rate: float = 0.2


COSTLY = False
# Of wider samples boosting sees the most telling columns.
_MOST_COLUMNS = 128


def applies(pair: Pair) -> str | None:
    """Tables and arrays of 2 to 128 columns."""
    if pair.kind == "image":
        return "pictures have no columns"
    return None if 2 <= pair.width <= _MOST_COLUMNS else f"sums are over 2 to {_MOST_COLUMNS} columns"


def settings(budget: Budget, pair: Pair) -> Settings:
    """Fewer splits for ``fast``, smaller steps for ``thorough``."""
    if budget == "fast":
        return Settings(rows=6_000, splits=80)
    return Settings(splits=800, rate=0.1) if budget == "thorough" else Settings()


def stronger(settings: Settings) -> Settings:
    """Twice the splits."""
    return replace(settings, splits=2 * settings.splits)


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """The splits of each fold."""

    def make(rows: Rows, fold: Fold, k: int) -> list[Design]:
        return [Design("single columns", "trees", scaling.scaler(pair, fold, seeds).plain)]

    learning = Learning(settings.rows, settings.rate, leaves=2, iterations=settings.splits)
    return learn(pair, folds, settings, learning, seeds, make)
