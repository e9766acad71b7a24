"""Support: which part of each side the other one reaches, and how many dimensions each fills.

**Covered mass.** With D* = p/(p+q) and f its logit, e^f = p/q wherever q > 0, so E_Q[e^f] is the mass of P on the
support of Q: 7/8 where a generator keeps seven of eight equal modes. Odds are capped at M = 50, or a few would be all:

    E_Q[min(e^f, M)] = E_P[min(1, M q/p)]

is the mass that the generator reaches at no less than 1/M of its density, and likewise with the sides exchanged. Both
are 1 for equal laws whatever the dimension, which no measure made of nearest neighbours is; above 1 the probe is too
sure.

**Density and coverage** (Naeem et al. 2020, k = 5): how many balls around reals a fake falls into, and how many such
balls hold a fake. Equal laws do not give 1 in many dimensions, so both are divided by what half of the reals scores
against the other half, from as many points.

**Intrinsic dimension** (TwoNN, Facco et al. 2017): if r1 < r2 are the distances of a point to its two nearest
neighbours on a d-dimensional manifold, log(r2/r1) is exponential with rate d. Rounding or noise adds dimensions of its
own, so both sides must have come through the same rounding.
"""

from __future__ import annotations

import math

import numpy as np
import torch

from ganprobe.config import Budget
from ganprobe.neighbours import nearest
from ganprobe.records import Dimension, SupportRecord
from ganprobe.samples import Array, Floats, Fold, Pair, subsample
from ganprobe.scales import reduction, scaler
from ganprobe.seeds import Seeds

MOST_ODDS = 50.0
MISMATCH_BELOW = 0.9
_RESAMPLES = 500
_RESAMPLED_AT_ONCE = 4_000_000

_POINTS = {"fast": 2_000, "standard": 4_000, "thorough": 4_000}
_NEIGHBOURS = 5
_METRIC_DIMS = 64

# Fewer distinct points have no dimension to speak of.
_LEAST_POINTS = 100
# The largest ratios are those of outliers, and Facco et al. leave a tenth of them out.
_KEPT_RATIOS = 0.9
# Multiplications that the neighbours of wide samples may cost.
_NEIGHBOUR_COST = 2e10


def measure(
    real_logit: Floats, fake_logit: Floats, pair: Pair, fold: Fold, latent: int | None, seeds: Seeds, budget: Budget
) -> SupportRecord:
    """How far the supports of both sides agree.

    ``real_logit`` ``[n]`` and ``fake_logit`` ``[m]``: calibrated held-out logits of any test samples. ``pair``: both
    sides after the same quantisation, of which ``fold`` says the fit part that scales are taken from.
    """
    real_covered, real_low, real_high = _covered(fake_logit, seeds, "real")
    fake_covered, fake_low, fake_high = _covered(-real_logit, seeds, "fake")
    density, coverage, null_density, null_coverage = _density_and_coverage(pair, fold, _POINTS[budget], seeds)
    return SupportRecord(
        real_covered=real_covered,
        real_covered_low=real_low,
        real_covered_high=real_high,
        fake_covered=fake_covered,
        fake_covered_low=fake_low,
        fake_covered_high=fake_high,
        density=density,
        coverage=coverage,
        null_density=null_density,
        null_coverage=null_coverage,
        dimension=_dimension(pair, fold, latent, _POINTS[budget], seeds),
        mismatch=real_high < MISMATCH_BELOW or fake_high < MISMATCH_BELOW,
    )


def _covered(log_odds: Floats, seeds: Seeds, side: str) -> tuple[float, float, float]:
    """The mean of min(odds, M) and its 95 % percentile interval by the bootstrap."""
    odds = np.exp(np.minimum(log_odds, math.log(MOST_ODDS)))
    rng = seeds.numpy("support", "bootstrap", side)
    n = len(odds)
    batch = max(1, _RESAMPLED_AT_ONCE // n)
    means = [odds[rng.integers(0, n, (min(batch, _RESAMPLES - i), n))].mean(1) for i in range(0, _RESAMPLES, batch)]
    low, high = np.quantile(np.concatenate(means), (0.025, 0.975))
    return float(odds.mean()), float(low), float(high)


def _density_and_coverage(
    pair: Pair, fold: Fold, most: int, seeds: Seeds
) -> tuple[float | None, float | None, float | None, float | None]:
    """Density and coverage over their real-against-real values, and these; None where there are too few points."""
    # Components fitted on some of the points would spread these wider than the others.
    real = pair.real[np.concatenate([fold.real.val, fold.real.test])]
    fake = pair.fake[np.concatenate([fold.fake.val, fold.fake.test])]
    n = min(most, len(real) // 2, len(fake))
    if n < 10 * _NEIGHBOURS:
        return None, None, None, None
    reduce = reduction(pair, fold, _METRIC_DIMS, seeds)
    real = reduce(real[subsample(real, 2 * n, seeds, "support real")])
    fake = reduce(fake[subsample(fake, n, seeds, "support fake")])
    centres, others = real[:n], real[n:]
    radii = nearest(centres, centres, _NEIGHBOURS, exclude_self=True)[0][:, -1]
    density, coverage = _in_balls(fake, centres, radii)
    null_density, null_coverage = _in_balls(others, centres, radii)
    if not null_density or not null_coverage:
        return None, None, null_density, null_coverage
    return density / null_density, coverage / null_coverage, null_density, null_coverage


def _in_balls(points: Array, centres: Array, radii: Array) -> tuple[float, float]:
    """Density and coverage of ``points`` by the balls of ``radii`` around ``centres``."""
    distances = torch.cdist(torch.from_numpy(centres), torch.from_numpy(points))
    inside = distances <= torch.from_numpy(radii)[:, None]
    return int(inside.sum()) / (_NEIGHBOURS * len(points)), float(inside.any(1).double().mean())


def _dimension(pair: Pair, fold: Fold, latent: int | None, most: int, seeds: Seeds) -> Dimension:
    scale = scaler(pair, fold, seeds)
    n = min(most, int(math.sqrt(_NEIGHBOUR_COST / pair.width)))
    real, fake = (
        np.unique(scale.coordinates(side[subsample(side, n, seeds, f"dimension {name}")]), axis=0)
        for name, side in (("real", pair.real), ("fake", pair.fake))
    )
    n = min(len(real), len(fake))
    return Dimension(_two_nn(real, n, seeds), _two_nn(fake, n, seeds), latent)


def _two_nn(points: Array, n: int, seeds: Seeds) -> float | None:
    """TwoNN of ``n`` of the distinct ``points``: as many on both sides, for the estimate depends on their number."""
    if n < _LEAST_POINTS:
        return None
    points = seeds.numpy("support", "two nn").permutation(points)[:n]
    _, rows = nearest(points, points, 2, exclude_self=True)
    # Measured again without the cancellation of a distance by inner products.
    near = np.sort(np.linalg.norm(points[:, None] - points[rows], axis=2).astype(np.float64), axis=1)
    ratios = np.sort(np.log(near[:, 1] / near[:, 0]))
    kept = int(_KEPT_RATIOS * n)
    tail = -np.log1p(-np.arange(1, kept + 1) / n)
    return float(tail @ ratios[:kept] / (ratios[:kept] @ ratios[:kept]))
