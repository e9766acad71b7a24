"""Divergences: what held-out logits say. Each reads the same test logits of the stacked probe.

All are variational lower bounds: each is the mean of a score that, under the optimal discriminator, has the divergence
itself as its expectation, and less under any other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ganprobe.family import Family
from ganprobe.samples.folds import HeldOut
from ganprobe.samples.sides import Floats
from ganprobe.seeds import Seeds

MEMBERS = Family("ganprobe.logits.divergences", "divergence", ("js", "total_variation", "henze_penrose"))

LEVEL = 0.95
Z_TWO_SIDED = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Reading:
    """A divergence with its two-sided interval at `LEVEL`."""

    value: float
    low: float
    high: float


class Member(Protocol):
    """What each module of this family offers."""

    def estimate(self, logits: HeldOut, seeds: Seeds) -> Reading:
        """Read the test logits."""


def pooled_se(real: tuple[Floats, ...], fake: tuple[Floats, ...]) -> float:
    """Standard error of (mean of real scores + mean of fake scores) / 2 with variances taken within folds.

    Folds' probes differ, and their means with them; under cross-fitting the variance within folds is the consistent
    one for the average over folds (Bayle et al. 2020).
    """
    return math.sqrt(_mean_variance(real) + _mean_variance(fake)) / 2


def _mean_variance(parts: tuple[Floats, ...]) -> float:
    n = sum(map(len, parts))
    within = sum(float(((part - part.mean()) ** 2).sum()) for part in parts if len(part))
    return within / max(1, n - len(parts)) / n


def read(real: tuple[Floats, ...], fake: tuple[Floats, ...]) -> Reading:
    """The mean of both sides' scores, per fold, with its normal interval."""
    value = float(np.concatenate(real).mean() + np.concatenate(fake).mean()) / 2
    margin = Z_TWO_SIDED * pooled_se(real, fake)
    return Reading(value, value - margin, value + margin)
