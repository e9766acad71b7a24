r"""Sliced Wasserstein distance: optimal transport along random lines, averaged.

    SW2(P, Q)^2 = E_u W2(u'P, u'Q)^2,      u uniform on the sphere,

where W2 in one dimension is the distance between sorted samples (Bonneel, Rabin, Peyre and Pfister 2015). It never
saturates and needs no training, but dilutes with the dimension: a shift by t has SW2 = t / sqrt(d).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ganprobe.errors import UsageError
from ganprobe.measures.distances import Points, Reading, Sides
from ganprobe.plan import Budget
from ganprobe.samples.once import once
from ganprobe.samples.sides import Array
from ganprobe.seeds import Seeds

_RESAMPLES = 40


@dataclass(frozen=True, slots=True)
class Settings:
    """``projections``: how many random lines."""

    projections: int = 200

    def __post_init__(self) -> None:
        if self.projections < 1:
            message = f"distances.sliced_wasserstein.projections cannot be {self.projections}"
            raise UsageError(message, "at least 1, for example 200")


def settings(budget: Budget) -> Settings:
    """More lines with more time."""
    return Settings({"fast": 100, "standard": 200, "thorough": 500}[budget])


def measure(sides: Sides, settings: Settings, seeds: Seeds) -> Reading:
    """SW2 of both comparisons along the same lines; the interval is that of the bootstrap's spread."""
    rng = seeds.numpy("distances", "sliced_wasserstein")
    lines = rng.standard_normal((sides.between.real.shape[1], settings.projections))
    lines = (lines / np.linalg.norm(lines, axis=0)).astype(np.float32)
    real, fake = sides.between.real @ lines, sides.between.fake @ lines
    value, (null,) = _distance(real, fake), once(_of, sides.null, lines)
    n = len(real)
    # Ties of a resample push its own distance up, so that only the spread of the resamples is read, not their place.
    resampled = [_distance(real[rng.integers(0, n, n)], fake[rng.integers(0, n, n)]) for _ in range(_RESAMPLES)]
    margin = 1.96 * float(np.std(resampled, ddof=1))
    return Reading(value, max(0.0, value - margin), value + margin, null, None)


def _of(points: Points, lines: Array) -> tuple[float]:
    return (_distance(points.real @ lines, points.fake @ lines),)


def _distance(real: Array, fake: Array) -> float:
    """Root mean square, over lines and ranks, of the difference of the sorted projections ``[n, lines]``."""
    difference = np.sort(real, axis=0) - np.sort(fake, axis=0)
    return math.sqrt(float(np.mean(np.square(difference, dtype=np.float64))))
