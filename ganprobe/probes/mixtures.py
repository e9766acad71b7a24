"""Gaussian clusters that both sides share (`ganprobe.nets.mixtures`), as many as tell most on val.

Near-optimal for laws made of clusters, whose borders a net must learn from many more samples; with one cluster of each
side it is the optimal probe for two Gaussians.
"""

from __future__ import annotations

from collections.abc import Callable
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
_ROWS_PER_COLUMN = 30


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
    """The mixture of each fold, and what it becomes once val has chosen it and is learnt from too."""
    seen = [scaling.reduction(pair, fold, _MOST_COLUMNS, seeds) for fold in folds]
    chosen = [_best(pair, fold, see, settings, seeds, k) for k, (fold, see) in enumerate(zip(folds, seen, strict=True))]

    def by(place: int) -> Callable[[int, Array], Floats]:
        def logit(k: int, values: Array) -> Floats:
            best = chosen[k][place]
            return np.zeros(len(values)) if best is None else best(seen[k](values))

        return logit

    clusters = ", ".join("0" if best is None else str(best.each) for best, _ in chosen)
    why = f"clusters of each side, chosen on val: {clusters}"
    return Probe(by(0), settings, None, why, by(1))


def _best(
    pair: Pair, fold: Fold, see: scaling.Reduction, settings: Settings, seeds: Seeds, k: int
) -> tuple[Mixture, Mixture] | tuple[None, None]:
    """The mixture that tells most on val, and the same of val as well; none of rows that are too few."""
    rng = seeds.numpy("rows", k)
    sides = (pair.real, fold.real), (pair.fake, fold.fake)
    real, fake = (see(side[rng.permutation(split.fit)[: settings.rows]]) for side, split in sides)
    val = [see(side[split.val]) for side, split in sides]
    most = min(settings.clusters, min(len(real), len(fake)) // (_ROWS_PER_COLUMN * (pair.width + 1)))
    least, best = np.inf, None
    for each in (tried for tried in _TRIED if tried <= most):
        if best is not None and each > 4 * best.each:
            break
        mixture = mixtures.fitted(real, fake, each, seeds.small("clusters", k))
        loss = tempered_loss(mixture(val[0]), mixture(val[1]))
        if loss < least:
            least, best = loss, mixture
    if best is None:
        return None, None
    return best, best.again(np.concatenate((real, val[0])), np.concatenate((fake, val[1])))
