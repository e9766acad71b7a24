"""The sizes of noise at which JS is measured: from where it hides next to nothing to where it hides nearly everything.

The ladder of a pair comes from both sides. Its upper end is where differences of mean and covariance, all that much
noise leaves (JS ~ |m|^2 / 8 sigma^2 + |C|_F^2 / 16 sigma^4), are down to a few hundredths; its lower end is well below
the distance from a fake to the nearest real, where noise cannot make the samples meet.

That of a series is one for all its checkpoints, hence read off the reals alone: it ends well beyond the noise that
hides the reals themselves from a point at their mean.
"""

from __future__ import annotations

import math

import numpy as np

from ganprobe.samples import scaling
from ganprobe.samples.folds import Fold
from ganprobe.samples.neighbours import nearest
from ganprobe.samples.sides import Floats, Pair
from ganprobe.seeds import Seeds

# Neighbouring rungs differ by this factor, if that does not make too many of them.
_RATIO = math.sqrt(2)
_MOST_RUNGS = 24
# Upper end: what mean and covariance may still show there, in nats. Lower end, in spreads of a coordinate: no higher
# than the first, whatever the distances say, and no lower than the second.
_LEFT = 0.02
_LOW_END, _LEAST_END = 0.02, 1e-4
# Noise of an eighth of a distance leaves J(8) = .9999 log 2 of it.
_HIDES_NOTHING = 8.0
_LADDER_ROWS = 2_000
# How much further than what hides the reals from a point: a generator may be far off.
_REACH = 4.0


def of_reals(pair: Pair, unit: scaling.Measure, seeds: Seeds) -> tuple[float, ...]:
    """The ladder of a series: ``pair``'s reals, all of them, decide alone."""
    rows = seeds.numpy("smoothing", "common ladder").permutation(len(pair.real))[:_LADDER_ROWS]
    real = unit(pair.real[rows]).astype(np.float64)
    spread = math.sqrt(real.var(0).mean()) or 1.0
    high = _REACH * max(spread, (max(_squares_within(real - real.mean(0)), 0.0) / (16 * _LEFT)) ** 0.25)
    half = len(real) // 2
    near = float(np.median(nearest(real[:half].astype(np.float32), real[half:].astype(np.float32), 1)[0]))
    return _rungs_between(min(_LOW_END * spread, max(near / _HIDES_NOTHING, _LEAST_END * spread)), high)


def of_pair(pair: Pair, fold: Fold, unit: scaling.Measure, seeds: Seeds) -> tuple[float, ...]:
    """Sizes of noise from where it hides next to nothing to where it hides nearly everything."""
    rng = seeds.numpy("smoothing", "ladder")
    real, fake = (
        unit(side[rng.permutation(rows)[:_LADDER_ROWS]]).astype(np.float64)
        for side, rows in ((pair.real, fold.real.fit), (pair.fake, fold.fake.fit))
    )
    spread = math.sqrt(np.concatenate((real, fake)).var(0).mean()) or 1.0
    mean, covariance = _moment_differences(real, fake)
    high = max(spread, math.sqrt(mean / (8 * _LEFT)), (covariance / (16 * _LEFT)) ** 0.25)
    near = float(np.median(nearest(fake.astype(np.float32), real.astype(np.float32), 1)[0]))
    low = min(_LOW_END * spread, max(near / _HIDES_NOTHING, _LEAST_END * spread))
    return _rungs_between(low, high)


def _rungs_between(low: float, high: float) -> tuple[float, ...]:
    rungs = min(_MOST_RUNGS, 1 + math.ceil(math.log(high / low) / math.log(_RATIO)))
    return tuple(float(f"{sigma:.3g}") for sigma in np.geomspace(low, high, rungs))


def _moment_differences(real: Floats, fake: Floats) -> tuple[float, float]:
    """|m|^2 and |C|_F^2 for the differences of mean and covariance, without the bias that chance gives to squares."""
    means = [side.mean(0) for side in (real, fake)]
    real, fake = real - means[0], fake - means[1]
    traces = [float((side**2).sum()) / len(side) for side in (real, fake)]
    mean = float(((means[0] - means[1]) ** 2).sum()) - traces[0] / len(real) - traces[1] / len(fake)
    covariance = _squares_within(real) + _squares_within(fake) - 2 * float(((real @ fake.T) ** 2).mean())
    return max(mean, 0.0), max(covariance, 0.0)


def _squares_within(side: Floats) -> float:
    """tr(S^2) of the covariance S of centred rows: the mean of squared inner products of different rows."""
    squares = (side @ side.T) ** 2
    n = len(side)
    return float(squares.sum() - np.trace(squares)) / (n * (n - 1))
