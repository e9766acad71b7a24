"""The nearest-neighbour posterior: log of real over fake counts among the k nearest fit samples.

With k = sqrt(n) and half a count added to each side it is consistent, needs no training, and its null is exactly zero
after calibration. A sample is never its own neighbour: the fit part is searched from outside it only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ganprobe.plan import Budget
from ganprobe.probes import Probe
from ganprobe.samples import neighbours, scaling
from ganprobe.samples.folds import Folds
from ganprobe.samples.sides import Array, Floats, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``dims``: most components; ``rows``: most fit rows of a side; ``k``: neighbours asked, None for sqrt(n)."""

    dims: int = 32
    rows: int = 5_000
    k: int | None = None


COSTLY = True


def applies(pair: Pair) -> str | None:
    """Always."""
    return None


def settings(budget: Budget, pair: Pair) -> Settings:
    """Fewer reference rows for ``fast``."""
    return Settings(rows={"fast": 3_000, "standard": 5_000, "thorough": 15_000}[budget])


def stronger(settings: Settings) -> Settings | None:
    """None: it has nothing that is fitted."""
    return None


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """The reference samples of each fold."""
    references = []
    for k, fold in enumerate(folds):
        reduce = scaling.reduction(pair, fold, settings.dims, seeds)
        n = min(len(fold.real.fit), len(fold.fake.fit), settings.rows)
        rng = seeds.numpy("rows", k)
        real, fake = rng.permutation(fold.real.fit)[:n], rng.permutation(fold.fake.fit)[:n]
        points = np.concatenate((reduce(pair.real[real]), reduce(pair.fake[fake])))
        references.append((reduce, points, n, settings.k or max(3, int(n**0.5))))

    def logit(k: int, values: Array) -> Floats:
        reduce, points, n, count = references[k]
        _, indices = neighbours.nearest(reduce(values), points, count)
        real = (indices < n).sum(1)
        return np.asarray(np.log(real + 0.5) - np.log(count - real + 0.5), np.float64)

    return Probe(logit, settings, None, "no training")
