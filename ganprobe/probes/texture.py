"""How strong detail is, and where, in pictures that are not sketched: a patch too smooth, too rough, or from elsewhere.

Roughness is a mean of absolute differences, which no straight line in the pixels shows, and which a net learns from
thousands of pictures, not from hundreds: of a difference of .06 nats in a patch a quarter of the side wide, planted
among 1,000 reals, all other probes together found a fifth. In 4 x 4 cells, across and down, it is 32 numbers, whose
roots are nearly normal: few enough for what so many pictures teach. A sketch has numbers of this kind among its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from ganprobe.plan import Budget
from ganprobe.probes import Probe
from ganprobe.probes._designs import Design, Learning, Rows, learn
from ganprobe.samples import texture
from ganprobe.samples.folds import Fold, Folds
from ganprobe.samples.sides import Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``rows``: most fit rows of a side; ``trees``: how many at most."""

    rows: int = 10_000
    trees: int = 100


COSTLY = False
# A cell of fewer than two pixels a side has no texture.
_SMALLEST_SIDE = 2 * texture.COARSE


def applies(pair: Pair) -> str | None:
    """Pictures of at least 8 x 8 that are seen whole."""
    if pair.kind != "image":
        return "sketches have numbers of texture" if pair.sketch else "samples are not pictures"
    return None if min(pair.shape[1:]) >= _SMALLEST_SIDE else f"pictures are smaller than {_SMALLEST_SIDE} pixels"


def settings(budget: Budget, pair: Pair) -> Settings:
    """Fewer rows and trees for ``fast``."""
    if budget == "fast":
        return Settings(rows=5_000, trees=50)
    return Settings(rows=40_000 if budget == "thorough" else 10_000, trees=300 if budget == "thorough" else 100)


def stronger(settings: Settings) -> Settings | None:
    """None: a regression has no size, and trees are stopped by val."""
    return None


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """Trees and a regression on the roughness of each cell."""

    def make(rows: Rows, fold: Fold, k: int) -> list[Design]:
        return [Design("trees", "trees", texture.roughness), Design("linear", "regression", texture.roughness)]

    return learn(pair, folds, settings, Learning(settings.rows, iterations=settings.trees), seeds, make)
