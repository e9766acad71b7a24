r"""Rhythms of a column: frequencies at which one side's values come and the other's do not.

Hours of business, weekdays, heights in a ripple: over a year of seconds a histogram fine enough to show the days has
more bins than there are rows, and a tree needs a split for each day. The characteristic function sees a rhythm at once.
With P and Q binned finely over the range of both, the transform of their difference at k cycles a range,

    d_k = mean_P exp(2 pi i k x) - mean_Q exp(2 pi i k x),        |d_k|^2 n m / (n + m) ~ Exp(1) where P = Q,

is one fast Fourier transform a column. Where d_k stands out beyond what the largest of so many would by chance, the
phase of x at that frequency is a coordinate in which the rhythm is one split. Where another column y follows the rhythm
of x (y = sin 40 x), mean y exp(2 pi i k x) stands out instead: the same transform, with rows weighed by y.

Whole numbers have a bin each, up to a million of them, and rhythms down to two units: a bucket by the upper bits of a
number times a constant is a rhythm of that number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ganprobe.samples.sides import Array, Floats, Indices

_BINS = 2**15
# Of whole numbers; and levels of a column that these are held against.
_MOST_WHOLE, _MOST_LEVELS = 2**20, 64
# A quarter of a cycle is what a frequency between two of the transform would drift off by at the ends.
_PADDED = 2
# Frequencies between that are tried next to one that stands out: the phase then drifts by a sixteenth of a cycle.
_BETWEEN = np.linspace(-0.5, 0.5, 17)
# Slower rhythms than this many cycles a range are what trees and nets see.
_FEWEST_CYCLES = 6
# exp(-x) is the chance of a value: one false rhythm in a thousand columns, whatever is looked at.
_SURE = 7.0
# Outliers would stretch the range until the rhythm is finer than the bins.
_TAIL = 0.002
# Frequencies kept of a column, and in all.
_MOST_OF_COLUMN, _MOST = 3, 12
_LEAST_ROWS = 50
# Of more columns none is held against the others.
_PAIRED_UP_TO = 12


@dataclass(frozen=True, slots=True, eq=False)
class Periods:
    """``columns`` ``[k]``, the ``period`` of each in the units of its values, and all columns that are ``involved``."""

    columns: Indices
    period: Floats
    involved: Indices

    def __call__(self, x: Array) -> Array:
        """``[n, d]`` to ``[n, 3 k + involved]``: phases in [0, 1), their cosines and sines, and the columns."""
        phase = x[:, self.columns].astype(np.float64) / self.period % 1.0
        angle = 2 * math.pi * phase
        return np.concatenate((phase, np.cos(angle), np.sin(angle), x[:, self.involved]), 1).astype(np.float32)


def periods(real: Array, fake: Array) -> Periods | None:
    """The rhythms that tell the sides ``[n, d]`` apart, the surest first; None where there are none."""
    d = real.shape[1]
    if min(len(real), len(fake)) < _LEAST_ROWS:
        return None
    weights = _weights(real, fake) if 1 < d <= _PAIRED_UP_TO else {}
    found: list[tuple[float, int, int, float]] = []
    for j in range(d):
        beside = {j: None} | {i: pair for i, pair in weights.items() if i != j}
        of_column = [(sure, j, i, period) for i, w in beside.items() for sure, period in _of_column(real, fake, j, w)]
        found += sorted(of_column, reverse=True)[:_MOST_OF_COLUMN]
    if not found:
        return None
    kept = sorted(found, key=lambda f: (-f[0], f[1:]))[:_MOST]
    columns = np.array([j for _, j, *_ in kept])
    involved = np.unique([i for _, *pair, _ in kept for i in pair])
    return Periods(columns, np.array([period for *_, period in kept]), involved)


Weights = tuple[Floats, Floats]


def _weights(real: Array, fake: Array) -> dict[int, Weights]:
    """Of each column the ranks among both sides, centred and scaled to a variance of 1."""
    ranks = stats.rankdata(np.concatenate((real, fake)), axis=0)
    spread = ranks.std(0)
    scaled = (ranks - ranks.mean(0)) / np.where(spread > 0, spread, 1.0)
    return {j: (scaled[: len(real), j], scaled[len(real) :, j]) for j in range(real.shape[1]) if spread[j] > 0}


def _of_column(real: Array, fake: Array, j: int, weights: Weights | None) -> list[tuple[float, float]]:
    """How sure each rhythm of column ``j`` is, beyond chance, and its period; of rows that weigh as told."""
    x = [side[:, j].astype(np.float64) for side in (real, fake)]
    low, high = np.quantile(np.concatenate(x), (_TAIL, 1 - _TAIL))
    if not high > low:
        return []
    bins, fastest = _BINS, _BINS // 4
    if _BINS // 2 < high - low < _MOST_WHOLE and real.shape[1] <= _PAIRED_UP_TO and _one_each(x, weights):
        bins = 2 ** math.ceil(math.log2(high - low + 1))
        low, high, fastest = math.floor(low) - 0.5, math.floor(low) - 0.5 + bins, bins // 2
    counts = []
    for i, side in enumerate(x):
        weight = None if weights is None else weights[i]
        counts.append(np.histogram(side, bins, (low, high), weights=weight)[0] / len(side))
    n, m = map(len, x)
    power = np.abs(np.fft.rfft(counts[0] - counts[1], _PADDED * bins)) ** 2 * (n * m / (n + m))
    power = power[: _PADDED * fastest]
    power[: _PADDED * _FEWEST_CYCLES] = 0.0
    least = math.log(len(power) * min(real.shape[1], _PAIRED_UP_TO)) + _SURE
    rhythms = []
    for _ in range(_MOST_OF_COLUMN):
        k = int(power.argmax())
        if power[k] <= least:
            break
        rhythms.append((float(power[k]), (high - low) / _refined(x, weights, (high - low), k / _PADDED)))
        power[max(0, k - 2 * _PADDED) : k + 2 * _PADDED + 1] = 0.0
    return rhythms


def _one_each(sides: list[Floats], weights: Weights | None) -> bool:
    """Whether each value has a bin: whole numbers, alone or beside few levels, as transforms are long."""
    whole = all((side == np.rint(side)).all() for side in sides)
    return whole and (weights is None or len(np.unique(weights[0])) <= _MOST_LEVELS)


def _refined(sides: list[Floats], weights: Weights | None, span: float, cycles: float) -> float:
    """The number of cycles a ``span`` next to ``cycles`` at which the sides differ most."""
    tried = cycles + _BETWEEN
    means = []
    for i, side in enumerate(sides):
        waves = np.exp(2j * math.pi / span * side[:, None] * tried)
        means.append((waves if weights is None else waves * weights[i][:, None]).mean(0))
    return float(tried[np.abs(means[0] - means[1]).argmax()])
