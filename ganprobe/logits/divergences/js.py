"""Jensen-Shannon divergence: the objective's own, log 2 + V/2.

The normal interval serves up to JS = .55; nearer to log 2, or with few samples, the scores are so skewed that a
studentised bootstrap takes its place (normal bounds cover 77 to 92 % there instead of 95). Where next to no sample is
mistaken a resample cannot know what mistakes a larger sample would hold, and the lower end is no higher than their
number alone certifies.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ganprobe.logits.bounds import by_counting, mistakes
from ganprobe.logits.divergences import LEVEL, Reading, pooled_se, read
from ganprobe.objective import LOG2, fake_scores, real_scores
from ganprobe.samples.folds import HeldOut
from ganprobe.samples.sides import Floats
from ganprobe.seeds import Seeds

_BOOTSTRAP_ABOVE = 0.55
_BOOTSTRAP_BELOW_N = 500
_RESAMPLES = 1_000
_DRAWS_AT_ONCE = 2_000_000
# Of fewer mistakes no spread can be learnt.
_FEW_MISTAKES = 10


def estimate(logits: HeldOut, seeds: Seeds) -> Reading:
    """JS in nats. ``high`` is within [0, log 2], where JS is whatever was measured."""
    real = tuple(map(real_scores, logits.test_real))
    fake = tuple(map(fake_scores, logits.test_fake))
    reading = read(real, fake)
    if reading.value > _BOOTSTRAP_ABOVE or sum(map(len, real)) < _BOOTSTRAP_BELOW_N:
        reading = _studentised(reading.value, np.concatenate(real), np.concatenate(fake), pooled_se(real, fake), seeds)
        if mistakes(logits) < _FEW_MISTAKES:
            counted = by_counting(logits, (1 - LEVEL) / 2)
            reading = replace(reading, low=min(reading.low, counted))
    return Reading(reading.value, reading.low, min(max(reading.high, 0.0), LOG2))


def _studentised(value: float, real: Floats, fake: Floats, se: float, seeds: Seeds) -> Reading:
    """Quantiles of (resampled mean - mean) / resampled error, turned around the observed mean."""
    rng = seeds.numpy("bootstrap")
    means, variances = zip(*(_resampled(scores, rng) for scores in (real, fake)), strict=True)
    spread = np.sqrt((variances[0] + variances[1]) / 4)
    # A resample with next to no mistakes has next to no spread of its own, and would set the quantiles by that alone.
    told = spread > 0.25 * max(se, 1e-12)
    if se == 0 or not told.any():
        return Reading(value, value, value)
    t = ((means[0] + means[1]) / 2 - value)[told] / spread[told]
    low, high = np.quantile(t, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return Reading(value, value - float(high) * se, value - float(low) * se)


def _resampled(scores: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Means of resamples, and the variances of those means: ``[resamples]`` each."""
    n = len(scores)
    means, variances = np.empty(_RESAMPLES), np.empty(_RESAMPLES)
    step = max(1, _DRAWS_AT_ONCE // n)
    for start in range(0, _RESAMPLES, step):
        drawn = scores[rng.integers(0, n, (min(step, _RESAMPLES - start), n), dtype=np.int32)]
        means[start : start + step] = drawn.mean(1)
        variances[start : start + step] = drawn.var(1) / n
    return means, variances
