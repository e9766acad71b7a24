"""Modes: clusters of the reals, and the share of the fakes in each.

The fit reals are divided by k-means, in at most twenty principal components of their own. How many clusters: the number
of 2 to 40 with the largest mean silhouette, or the largest number within .02 of that, if it is above 0.6 (a strong
structure in the scale of Kaufman and Rousseeuw 1990; one Gaussian cut in two reaches .56). Those are modes. Otherwise
the reals have no separate modes, and thirty cells stand in for them: regions, as in NDB (Richardson and Weiss 2018).

Large pictures are divided by their block means alone, what is where: all fakes of a generator that is a little too soft
lie elsewhere than all reals in the texture of a sketch, and no mode is missing.

Reals that had no part in the clustering and all fakes are then counted. A cluster is *missed* where the fakes' share is
below the reals' by Fisher's exact test, one-sided, at 5 % over all clusters together (Holm 1979), and below a quarter
of it. The two conditions are different: the first says that the difference is no accident, the second that it is not a
matter of proportions. Any division is fair to equal laws, for it was made without the samples that are counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from scipy import stats
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import pairwise_distances, silhouette_score

from ganprobe.record.clusters import ClusterRecord, ModesRecord
from ganprobe.samples import sketch
from ganprobe.samples.draw import subsample
from ganprobe.samples.folds import Fold
from ganprobe.samples.neighbours import nearest
from ganprobe.samples.once import once
from ganprobe.samples.scaling import flat
from ganprobe.samples.sides import Array, Floats, Indices, Origin, Pair
from ganprobe.seeds import Seeds

MISSED_BELOW = 0.25
LEVEL = 0.05

_MOST_CLUSTERS = 40
_SEPARATED = 0.6
_AS_GOOD = 0.02
# Numbers of clusters tried first; where all their silhouettes are below this the numbers between are not tried.
_TRIED_FIRST = (2, 3, 4, 5, 6, 8, 10, 14, 20, 28, 40)
_HOPEFUL = 0.4
_CELLS = 30
# Fit reals that each cell has on average, at least.
_PER_CELL = 20
_DIMS = 20
_FIT_ROWS = 3_000
_SILHOUETTE_ROWS = 1_500
_STARTS = 3
# Tails of each coordinate that are cut off before it is scaled: outliers would be clusters of their own.
_TAIL = 0.005
# Wider samples have no centre that a reader could take in.
_CENTRE_UP_TO = 16
_EXAMPLES = 5


def measure(pair: Pair, fold: Fold, origin: Origin, seeds: Seeds) -> ModesRecord | None:
    """The clusters of the fit reals of ``fold`` and both sides' shares in each; None where there are too few reals."""
    pair = sketch.coarse(pair)
    fit = fold.real.fit[subsample(pair.real[fold.real.fit], _FIT_ROWS, seeds, "modes")]
    if len(fit) < 2 * _PER_CELL:
        return None
    reduce = _reduction(pair, pair.real[fit], seeds)
    points = reduce(pair.real[fit])
    centres, score = once(_clusters, points, seeds)
    silhouette = None if math.isnan(score) else score
    held_out = np.concatenate([fold.real.val, fold.real.test])
    real_cluster, fake_cluster = (
        nearest(reduce(values), centres, 1)[1][:, 0] for values in (pair.real[held_out], pair.fake)
    )
    real, fake = (np.bincount(rows, minlength=len(centres)) for rows in (real_cluster, fake_cluster))
    p_values = _holm(_fewer(fake, real))
    shares = real / len(held_out), fake / len(pair.fake)
    missed = (p_values < LEVEL) & (shares[1] < MISSED_BELOW * shares[0])
    nearest_fit = nearest(centres, points, min(_EXAMPLES, len(fit)))[1]
    own = nearest(points, centres, 1)[1][:, 0]
    clusters = []
    for c in np.argsort(-shares[0], kind="stable"):
        label, label_share = _label(origin, fit[own == c])
        clusters.append(
            ClusterRecord(
                real_share=float(shares[0][c]),
                fake_share=float(shares[1][c]),
                n_real=int(real[c]),
                n_fake=int(fake[c]),
                p_value=float(p_values[c]),
                missed=bool(missed[c]),
                examples=tuple(int(row) for row in origin.real.rows[fit[nearest_fit[c]]]),
                centre=_centre(pair, fit[own == c]),
                label=label,
                label_share=label_share,
            )
        )
    return ModesRecord(silhouette is not None, silhouette, tuple(clusters))


def _reduction(pair: Pair, fit: Array, seeds: Seeds) -> _Reduction:
    rows = flat(fit)
    low, high = np.quantile(rows, (_TAIL, 1 - _TAIL), axis=0).astype(np.float32)
    spread = np.clip(rows, low, high).std(0)
    # Pictures keep one common scale: a pixel that is nearly always black would be blown up by a scale of its own.
    if pair.kind == "image":
        low, high, spread = np.full_like(low, -np.inf), np.full_like(high, np.inf), np.full_like(spread, rows.std())
    spread = np.where(spread > 0, spread, 1.0).astype(np.float32)
    reduced = _Reduction(low, high, spread, None)
    if rows.shape[1] <= _DIMS:
        return reduced
    components = min(_DIMS, len(rows))
    with np.errstate(invalid="ignore"):  # reals that are all the same have no variance to give a share of
        axes = PCA(components, random_state=seeds.small("modes")).fit(reduced(fit)).components_
    return _Reduction(low, high, spread, np.asarray(axes.T, np.float32))


class _Reduction:
    """Cut off, scaled, and projected onto ``axes`` ``[d, k]`` where there are some: ``[n, *shape]`` to ``[n, k]``."""

    def __init__(self, low: Array, high: Array, spread: Array, axes: Array | None) -> None:
        self._low, self._high, self._spread, self._axes = low, high, spread, axes

    def __call__(self, values: Array) -> Array:
        scaled = np.clip(flat(values), self._low, self._high) / self._spread
        return np.asarray(scaled if self._axes is None else scaled @ self._axes, np.float32)


def _clusters(points: Array, seeds: Seeds) -> tuple[Array, float]:
    """Centres ``[k, d]``, and the silhouette, NaN where the clusters are not separate."""
    few = points[:_SILHOUETTE_ROWS]
    distances = pairwise_distances(few)
    scores: dict[int, float] = {}
    centres: dict[int, Array] = {}

    def best(numbers: Iterable[int]) -> float:
        """The largest silhouette up to now, once all ``numbers`` of clusters were tried."""
        for k in sorted(set(numbers) - set(scores)):
            found = KMeans(k, n_init=_STARTS, random_state=seeds.small("modes", k)).fit(points)
            labels = found.labels_[: len(few)]
            separate = len(np.unique(labels)) > 1
            scores[k] = float(silhouette_score(distances, labels, metric="precomputed")) if separate else 0.0
            centres[k] = np.asarray(found.cluster_centers_, np.float32)
        return max(scores.values(), default=0.0)

    most = min(_MOST_CLUSTERS, len(points) // _PER_CELL, len(np.unique(few, axis=0)) - 1)
    every = range(2, most + 1)
    if best(k for k in _TRIED_FIRST if k in every) > _HOPEFUL and best(every) > _SEPARATED:
        # Two small modes near each other hardly change the mean.
        finest = max(k for k, score in scores.items() if score > best(every) - _AS_GOOD)
        return centres[finest], scores[finest]
    k = min(_CELLS, max(1, len(points) // _PER_CELL), len(np.unique(points, axis=0)))
    found = KMeans(k, n_init=_STARTS, random_state=seeds.small("modes", "cells")).fit(points)
    return np.asarray(found.cluster_centers_, np.float32), math.nan


def _fewer(fake: Indices, real: Indices) -> Floats:
    """For each cluster the p-value of so few fakes in it, were the shares equal: Fisher's exact test on the counts."""
    m, total = fake.sum(), fake.sum() + real.sum()
    return np.asarray(stats.hypergeom.cdf(fake, total, real + fake, m), np.float64)


def _holm(p_values: Floats) -> Floats:
    """Adjusted for their number by Holm's step-down."""
    order = np.argsort(p_values, kind="stable")
    stepped = np.maximum.accumulate(p_values[order] * np.arange(len(p_values), 0, -1))
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def _centre(pair: Pair, rows: Indices) -> tuple[float, ...]:
    """The mean of ``rows`` as it would stand in the file, where samples are narrow."""
    if pair.width > _CENTRE_UP_TO or not len(rows):
        return ()
    mean = pair.real[rows].mean(0, dtype=np.float64)
    return tuple(map(float, np.ravel(mean if pair.gauge is None else pair.gauge.filed(mean))))


def _label(origin: Origin, rows: Indices) -> tuple[int | None, float | None]:
    """The commonest label among reals ``rows`` and its share, where reals have labels."""
    if origin.real.labels is None or not len(rows):
        return None, None
    labels, counts = np.unique(origin.real.labels[rows], return_counts=True)
    return int(labels[counts.argmax()]), float(counts.max() / counts.sum())
