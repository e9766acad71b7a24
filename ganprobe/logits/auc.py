"""The area under the ROC curve of held-out logits: how often a real scores above a fake, ties counted half.

It is what others report of their classifiers, as such or as the detection score 2 (1 - AUC) of SDMetrics (1: cannot be
told apart). Unlike JS it depends on ranks alone, and it is a fact about this probe: a better one has a larger area, and
where a few samples give everything away, as a value that only fakes have, it hardly moves.

Reals and fakes are compared within each fold, for logits of different folds are of different probes. The standard error
is that of DeLong, DeLong and Clarke-Pearson (1988), wider by what cross-fitting adds where P = Q, as in
`ganprobe.logits.bounds.rank_test`. Where it is 0, no pair being wrong or all being tied, the interval is what as many
independent pairs could miss.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ganprobe.logits.bounds import CROSS_FITTED, LEVEL
from ganprobe.samples.folds import HeldOut
from ganprobe.samples.sides import Floats


@dataclass(frozen=True, slots=True)
class Area:
    """The area and its two-sided interval, all within [0, 1]."""

    value: float
    low: float
    high: float


def area(logits: HeldOut) -> Area:
    """Over all folds, each with the weight of its pairs."""
    value = variance = pairs = 0.0
    for real, fake in zip(logits.test_real, logits.test_fake, strict=True):
        above, below = _placed(real, fake), 1 - _placed(fake, real)
        weight = float(len(real) * len(fake))
        value += weight * above.mean()
        variance += weight**2 * (_variance(above) + _variance(below))
        pairs += weight
    value, variance = value / pairs, variance / pairs**2
    if len(logits.test_real) > 1:
        variance *= CROSS_FITTED
    alone = min(sum(map(len, logits.test_real)), sum(map(len, logits.test_fake)))
    unseen = 1 - ((1 - LEVEL) / 2) ** (1 / alone) if variance == 0 else 0.0
    margin = max(float(stats.norm.isf((1 - LEVEL) / 2)) * math.sqrt(variance), unseen)
    return Area(float(value), max(float(value) - margin, 0.0), min(float(value) + margin, 1.0))


def _placed(one: Floats, other: Floats) -> Floats:
    """For each of ``one`` the share of ``other`` that is below it, ties counted half."""
    ordered = np.sort(other)
    return (np.searchsorted(ordered, one, "left") + np.searchsorted(ordered, one, "right")) / (2 * len(ordered))


def _variance(placed: Floats) -> float:
    return float(placed.var(ddof=1) / len(placed)) if len(placed) > 1 else 0.0
