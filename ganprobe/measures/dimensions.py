"""Intrinsic dimension: how many coordinates a sample really has, seen from distances to its neighbours.

On a d-dimensional manifold the number of neighbours within r of a point grows as r^d, so that with r_j the distance to
the j-th neighbour

- **TwoNN** (Facco et al. 2017): log(r_2/r_1) is exponential with rate d, fitted on the smallest nine tenths;
- **MLE** (Levina and Bickel 2005): the mean of log(r_k/r_j) over j < k estimates 1/d. These inverses, not their
  reciprocals, are averaged over points (MacKay and Ghahramani 2005); k = 10.

TwoNN looks nearer and is the less biased (both are biased low above a dozen dimensions), the MLE is three times as
precise. Neighbours share neighbours: between samples of one law both vary 1.1 to 1.4 times as much as independent
points would, so the standard errors are those of independent points times the square root of 2.

Rounding or noise adds dimensions of its own, so both sides must have come through the same rounding; and as many points
are taken on both sides, for the estimates depend on their number.
"""

from __future__ import annotations

import math

import numpy as np

from ganprobe.record.support import Dimension
from ganprobe.samples.draw import subsample
from ganprobe.samples.folds import Fold
from ganprobe.samples.neighbours import nearest
from ganprobe.samples.scaling import scaler
from ganprobe.samples.sides import Array, Floats, Pair
from ganprobe.seeds import Seeds

# Fewer distinct points have no dimension to speak of.
_LEAST_POINTS = 100
# The largest ratios are those of outliers, and Facco et al. leave a tenth of them out.
_KEPT_RATIOS = 0.9
_NEIGHBOURS = 10
_DEPENDENCE = math.sqrt(2)
# Multiplications that the neighbours of wide samples may cost.
_NEIGHBOUR_COST = 2e10


def measure(pair: Pair, fold: Fold, latent: int | None, most: int, seeds: Seeds) -> Dimension:
    """The dimension of at most ``most`` distinct points of each side, beside the size of the ``latent``."""
    scale = scaler(pair, fold, seeds)
    n = min(most, int(math.sqrt(_NEIGHBOUR_COST / pair.width)))
    real, fake = (
        np.unique(scale.coordinates(side[subsample(side, n, seeds, f"dimension {name}")]), axis=0)
        for name, side in (("real", pair.real), ("fake", pair.fake))
    )
    n = min(len(real), len(fake))
    radii = [_log_radii(seeds.numpy("dimension", "points").permutation(side)[:n]) for side in (real, fake)]
    if min(map(len, radii)) < _LEAST_POINTS or any(map(_on_a_grid, radii)):
        return Dimension(None, None, latent)
    of_real, of_fake = map(_of, radii)
    return Dimension(
        real=of_real[0],
        fake=of_fake[0],
        latent=latent,
        real_se=of_real[1],
        fake_se=of_fake[1],
        real_mle=of_real[2],
        fake_mle=of_fake[2],
        real_mle_se=of_real[3],
        fake_mle_se=of_fake[3],
    )


def _log_radii(points: Array) -> Floats:
    """Of distinct ``points`` ``[n, d]`` the logarithms of the distances to their neighbours ``[m, k]``, ascending.

    Points of a long-tailed column lie so close that some are one in the precision of distances: these are left out.
    """
    if len(points) <= _NEIGHBOURS:
        return np.empty((0, _NEIGHBOURS))
    radii = nearest(points, points, _NEIGHBOURS, exclude_self=True)[0].astype(np.float64)
    return np.log(radii[radii[:, 0] > 0])


def _on_a_grid(log_radii: Floats) -> bool:
    """Whether the two nearest are equally far from nearly every point, as of flags: the ratios say nothing then."""
    return bool(np.quantile(log_radii[:, 1] - log_radii[:, 0], _KEPT_RATIOS) <= 0)


def _of(log_radii: Floats) -> tuple[float, float, float, float]:
    """TwoNN of ``log_radii`` ``[n, k]`` with its standard error, then the MLE with its own."""
    two_nn = _facco(log_radii[:, 1] - log_radii[:, 0])
    inverse = log_radii[:, -1] - log_radii[:, :-1].mean(1)
    mle = 1 / float(inverse.mean())
    return two_nn, two_nn * _relative_se(log_radii[:, 1] - log_radii[:, 0]), mle, mle * _relative_se(inverse)


def _facco(log_ratios: Floats) -> float:
    """The slope of -log(1 - F) against the log ratios, through the origin."""
    n = len(log_ratios)
    kept = int(_KEPT_RATIOS * n)
    ratios = np.sort(log_ratios)[:kept]
    tail = -np.log1p(-np.arange(1, kept + 1) / n)
    return float(tail @ ratios / (ratios @ ratios))


def _relative_se(inverse: Floats) -> float:
    return _DEPENDENCE * float(inverse.std(ddof=1)) / (math.sqrt(len(inverse)) * float(inverse.mean()))
