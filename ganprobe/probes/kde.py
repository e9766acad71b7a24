"""Kernel densities of both sides as a probe, the bandwidth chosen on validation.

In more than five dimensions they are taken on the leading principal components: KDE starves long before a net does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ganprobe.nets import kernels
from ganprobe.objective import tempered_loss
from ganprobe.plan import Budget
from ganprobe.probes import Probe
from ganprobe.samples import scaling
from ganprobe.samples.folds import Folds
from ganprobe.samples.sides import Array, Floats, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``dims``: wider samples are reduced to so many components; ``rows``: most fit rows of a side."""

    dims: int = 5
    rows: int = 2_000


# Bandwidths tried, in units of a coordinate's spread, and the most val rows of a side that choose among them.
_BANDWIDTHS = (0.02, 0.05, 0.1, 0.2, 0.4)
_CHOSEN_ON = 400


COSTLY = False


def applies(pair: Pair) -> str | None:
    """Always."""
    return None


def settings(budget: Budget, pair: Pair) -> Settings:
    """Fewer kernels for ``fast``."""
    return Settings(rows={"fast": 1_500, "standard": 2_000, "thorough": 6_000}[budget])


def stronger(settings: Settings) -> Settings | None:
    """None: the bandwidth is its only freedom."""
    return None


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """The kernels and the bandwidth of each fold."""
    models = []
    for k, fold in enumerate(folds):
        reduce = scaling.reduction(pair, fold, settings.dims, seeds)
        n = min(len(fold.real.fit), len(fold.fake.fit), settings.rows)
        rng = seeds.numpy("rows", k)
        real, fake = (
            reduce(side[rng.permutation(rows)[:n]])
            for side, rows in ((pair.real, fold.real.fit), (pair.fake, fold.fake.fit))
        )
        val = [reduce(pair.real[fold.real.val[:_CHOSEN_ON]]), reduce(pair.fake[fold.fake.val[:_CHOSEN_ON]])]
        ratios = [kernels.log_ratio(side, real, fake, _BANDWIDTHS) for side in val]
        losses = [tempered_loss(*(kernels.bounded(r[s]) for r in ratios)) for s in range(len(_BANDWIDTHS))]
        models.append((reduce, real, fake, _BANDWIDTHS[int(np.argmin(losses))]))

    def logit(k: int, values: Array) -> Floats:
        reduce, real, fake, bandwidth = models[k]
        return kernels.bounded(kernels.log_ratio(reduce(values), real, fake, (bandwidth,))[0])

    chosen = ", ".join(f"{m[3]:g}" for m in models)
    return Probe(logit, settings, None, f"bandwidths chosen on val: {chosen}")
