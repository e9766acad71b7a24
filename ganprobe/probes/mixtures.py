"""Gaussian clusters that both sides share (`ganprobe.nets.mixtures`), as many as tell most on val.

Near-optimal for laws made of clusters, whose borders a net must learn from many more samples; with one cluster of each
side it is the optimal probe for two Gaussians.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ganprobe.nets import mixtures
from ganprobe.nets.mixtures import Mixture
from ganprobe.objective import tempered_loss
from ganprobe.plan import Budget
from ganprobe.probes import Probe
from ganprobe.samples import scaling
from ganprobe.samples.folds import Fold, Folds
from ganprobe.samples.sides import Array, Floats, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``clusters`` of each side at most; ``rows``: most fit rows of a side."""

    clusters: int = 8
    rows: int = 3_000


COSTLY = False
# Wider covariances take more rows than there are.
_MOST_COLUMNS = 16
# So many clusters of each side are tried, in turn, up to four times as many as did best.
_TRIED = (1, 2, 3, 5, 8, 13, 21)
# Rows of a side for each cluster and column.
_ROWS_PER_COLUMN = 10


def applies(pair: Pair) -> str | None:
    """Tables and arrays of at most 16 columns."""
    if pair.kind == "image":
        return "pictures have no columns"
    return None if pair.width <= _MOST_COLUMNS else f"clusters are fitted to at most {_MOST_COLUMNS} columns"


def settings(budget: Budget, pair: Pair) -> Settings:
    """Fewer clusters for ``fast``, more rows for ``thorough``."""
    if budget == "fast":
        return Settings(clusters=3, rows=2_000)
    return Settings(clusters=21, rows=20_000) if budget == "thorough" else Settings()


def stronger(settings: Settings) -> Settings | None:
    """None: val has chosen among more and fewer clusters already."""
    return None


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """The mixture of each fold."""
    seen = [scaling.reduction(pair, fold, _MOST_COLUMNS, seeds) for fold in folds]
    chosen = [_best(pair, fold, see, settings, seeds, k) for k, (fold, see) in enumerate(zip(folds, seen, strict=True))]

    def logit(k: int, values: Array) -> Floats:
        _, mixture = chosen[k]
        return np.zeros(len(values)) if mixture is None else mixture(seen[k](values))

    clusters = ", ".join(str(each) for each, _ in chosen)
    return Probe(logit, settings, None, f"clusters of each side, chosen on val: {clusters}")


def _best(
    pair: Pair, fold: Fold, see: scaling.Reduction, settings: Settings, seeds: Seeds, k: int
) -> tuple[int, Mixture | None]:
    """The mixture that tells most on val, and its clusters of each side; none of rows that are too few."""
    rng = seeds.numpy("rows", k)
    real, fake = (
        see(side[rng.permutation(rows)[: settings.rows]])
        for side, rows in ((pair.real, fold.real.fit), (pair.fake, fold.fake.fit))
    )
    val = see(pair.real[fold.real.val]), see(pair.fake[fold.fake.val])
    most = min(settings.clusters, min(len(real), len(fake)) // (_ROWS_PER_COLUMN * (pair.width + 1)))
    least = np.inf
    best: tuple[int, Mixture | None] = (0, None)
    for each in (tried for tried in _TRIED if tried <= most):
        if each > 4 * best[0] > 0:
            break
        mixture = mixtures.fitted(real, fake, each, seeds.small("clusters", k))
        loss = tempered_loss(*map(mixture, val))
        if loss < least:
            least, best = loss, (each, mixture)
    return best
