"""What can be certified from held-out logits: a lower bound of JS, and tests of P = Q.

The floor is the better of two one-sided bounds that share the error budget: betting on the mean of the scores, tight
where they spread, and Clopper-Pearson on the error of the threshold at D = 1/2 followed by Fano's inequality, tight
where the probe makes next to no mistakes. With a single split both hold at any sample size. Under cross-fitting the
samples of one fold were among the training samples of the others, so there the coverage is what simulation shows it to
be (the slow tests), not a theorem.

`covered_mass` is no bound, but an identity that a probe which is not over-confident must keep.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from ganprobe.logits.betting import betting_floor
from ganprobe.objective import LOG2, fake_scores, js, js_of_error, real_scores
from ganprobe.record.headline import LEAST_P
from ganprobe.samples.folds import HeldOut
from ganprobe.samples.sides import Floats
from ganprobe.seeds import Seeds

LEVEL = 0.95
# Odds are capped here, or a few samples would be all of a covered mass.
MOST_ODDS = 50.0
_RESAMPLES = 500
_RESAMPLED_AT_ONCE = 4_000_000
# Share of the error budget that the count of mistakes gets; the betting bound has the rest and loses little by it.
_COUNT_SHARE = 0.2
# Below so many groups betting is weaker than counting at any JS, and counting gets the whole budget.
_COUNT_ONLY_BELOW = 100


def floor(logits: HeldOut, level: float = LEVEL) -> float:
    """The certified lower bound of JS at ``level``, in nats; at least 0, which needs no evidence.

    Counting may certify more than a badly calibrated probe demonstrates. That would be true of JS, but not of the
    estimate that it stands beside, so it is given up: the floor is never above the estimate, unless that is below 0.
    """
    alpha = 1 - level
    scores = grouped_scores(logits)
    estimate = js(np.concatenate(logits.test_real), np.concatenate(logits.test_fake))
    if len(scores) < _COUNT_ONLY_BELOW:
        return max(0.0, min(estimate, by_counting(logits, alpha)))
    certain = max(np.abs(part).max(initial=0.0) for part in (*logits.test_real, *logits.test_fake))
    least, most = LOG2 - float(np.logaddexp(0, certain)), LOG2
    betting = betting_floor(scores, least, most, alpha * (1 - _COUNT_SHARE))
    return max(0.0, min(estimate, max(betting, by_counting(logits, alpha * _COUNT_SHARE))))


def grouped_scores(logits: HeldOut) -> Floats:
    """Independent scores whose mean is JS of the probe: each pairs a share of the reals with a share of the fakes.

    Within a fold the larger side is dealt out evenly over the smaller one, so that four times as many fakes as reals
    cut the variance instead of being thrown away.
    """
    groups = []
    for real, fake in zip(logits.test_real, logits.test_fake, strict=True):
        n = min(len(real), len(fake))
        groups.append((_dealt(real_scores(real), n) + _dealt(fake_scores(fake), n)) / 2)
    return np.concatenate(groups)


def _dealt(scores: Floats, n: int) -> Floats:
    """Means of ``n`` nearly equal hands."""
    edges = np.linspace(0, len(scores), n + 1).astype(np.int64)
    return np.add.reduceat(scores, edges[:-1]) / np.diff(edges)


def by_counting(logits: HeldOut, alpha: float) -> float:
    """What the number of mistakes certifies at 1 - ``alpha``, in nats.

    It is log 2 - h(e), e an upper bound of the balanced error: Clopper-Pearson for each side at half of ``alpha``.
    """
    errors = []
    for mistaken, n in _mistaken(logits):
        errors.append(float(stats.beta.isf(alpha / 2, mistaken + 1, n - mistaken)) if mistaken < n else 1.0)
    return js_of_error(sum(errors) / 2)


def mistakes(logits: HeldOut) -> int:
    """How many test samples lie on the wrong side of D = 1/2."""
    return sum(mistaken for mistaken, _ in _mistaken(logits))


def _mistaken(logits: HeldOut) -> tuple[tuple[int, int], tuple[int, int]]:
    """Mistakes and number of test samples of either side."""
    real, fake = np.concatenate(logits.test_real), np.concatenate(logits.test_fake)
    return (int((real <= 0).sum()), len(real)), (int((fake > 0).sum()), len(fake))


def zero_error_floor(n_real: int, n_fake: int) -> float:
    """The most that counting can certify with so many test samples, in nats: what not a single mistake would say."""
    errors = [1 - ((1 - LEVEL) / 2) ** (1 / n) for n in (n_real, n_fake)]
    return js_of_error(sum(errors) / 2)


# One and the share of the other folds that a fold's probe is fitted on.
CROSS_FITTED = 1.8


def rank_test(logits: HeldOut) -> float:
    """One-sided p-value of P = Q: do reals have larger logits than fakes? Mann-Whitney, stratified by fold.

    It needs no calibrated probe, and at small distances finds what V cannot: measured power .99 where V had .63.

    Under cross-fitting the folds are not independent even where P = Q. A probe that learns the difference of means
    scores fold k by d_-k . d_k, with d_k the noise of fold k; over all folds every product d_j . d_k that both fits
    hold counts twice. The variance of the sum is then 1 + s times that of independent folds, where s is the share of
    the other folds that a probe is fitted on (6/8 to 7/8: the rest validates). Without it 10 % of tests at .05 reject.
    """
    excess, variance = 0.0, 0.0
    for real, fake in zip(logits.test_real, logits.test_fake, strict=True):
        n, m = len(real), len(fake)
        ranks = stats.rankdata(np.concatenate((real, fake)))
        _, ties = np.unique(ranks, return_counts=True)
        excess += ranks[:n].sum() - n * (n + 1) / 2 - n * m / 2
        total = n + m
        variance += n * m / 12 * (total + 1 - (ties.astype(float) ** 3 - ties).sum() / (total * (total - 1)))
    if len(logits.test_real) > 1:
        variance *= CROSS_FITTED
    # Beyond 37 standard errors the p-value underflows; it is not zero.
    return max(float(stats.norm.sf(excess / math.sqrt(variance))), LEAST_P) if variance > 0 else 1.0


def log_e_value(logits: HeldOut) -> float:
    """log of prod 2 D(x_i) 2 (1 - D(y_i)) over pairs: at least log(1/alpha) rejects P = Q at level alpha."""
    total = 0.0
    for real, fake in zip(logits.test_real, logits.test_fake, strict=True):
        n = min(len(real), len(fake))
        total += float(real_scores(real[:n]).sum() + fake_scores(fake[:n]).sum())
    return total


def covered_mass(other: Floats, own: Floats, seeds: Seeds, side: str) -> tuple[float, float, float]:
    """The mass of one ``side`` that the other reaches, and its 95 % interval: see `ganprobe.measures.support`.

    By the bootstrap, and up to 1 where the mass is not `resolved`.

    It is the mean of min(odds, M) over the other side. ``other`` and ``own``: held-out log odds for the side, ``[n]``,
    of samples of the other side and of its own. The probe was fitted to others of its own, and what share of these lay
    out of reach is an accident too: it is resampled in E_P[min(1, M q/p)].
    """
    bound = math.log(MOST_ODDS)
    odds, reached = np.exp(np.minimum(other, bound)), np.exp(np.minimum(bound - own, 0.0))
    rng = seeds.numpy("support", "bootstrap", side)
    means = _resampled(odds, rng) + _resampled(reached, rng) - reached.mean()
    low, high = np.quantile(means, (0.025, 0.975))
    return float(odds.mean()), float(low), float(high) if resolved(own) else max(1.0, float(high))


# Widths of the gap that sets what is out of reach apart, in log odds, and how far up it is looked for.
_GAP, _STEP = math.log(4), 0.1
# What may be in the gap, of what lies beside it and of all that lies on either side.
_IN_THE_GAP, _NOTHING = 0.25, 0.01
# Less out of reach is no part that could be apart.
_LEAST_APART = 0.02


def resolved(own: Floats) -> bool:
    """Whether what a side has out of the other's reach is apart: its own log odds have a gap between 0 and log M.

    Laws that differ by a shift, a scale, a correlation or a tail have logits that thin out gradually: no window of log
    odds then has less than those beside it. Modes that are missing are on the far side of one that has.
    """
    ascending = np.sort(own)
    for start in np.arange(0.0, math.log(MOST_ODDS), _STEP):
        edges = np.searchsorted(ascending, start + _GAP * np.arange(-1, 3)) / len(own)
        left, inside, right = np.diff(edges)
        least = min(edges[1], 1 - edges[2])
        if least >= _LEAST_APART and (inside <= _IN_THE_GAP * min(left, right) or inside <= _NOTHING * least):
            return True
    return False


def _resampled(values: Floats, rng: np.random.Generator) -> Floats:
    """Means of resamples, ``[_RESAMPLES]``."""
    n = len(values)
    batch = max(1, _RESAMPLED_AT_ONCE // n)
    starts = range(0, _RESAMPLES, batch)
    return np.concatenate([values[rng.integers(0, n, (min(batch, _RESAMPLES - i), n))].mean(1) for i in starts])
