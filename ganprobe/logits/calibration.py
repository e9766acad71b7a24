"""Calibrating and stacking logits on the validation part.

A probe that ranks samples well can still be over-confident, and V pays for that. One temperature (or Platt's slope and
offset where validation is plenty) repairs it; isotonic maps, which overfit below thousands of points, are not used. The
stack is a logistic regression on the probes' calibrated logits with non-negative weights: a probe can be left out, but
not be used backwards. Everything is balanced: both sides weigh one half whatever their counts.

Under cross-fitting a fold learns these few numbers from the val parts of all folds that have no row of its test part
(`HeldOut.val`): four or five times as many points, on which the other folds' probes, trained alike, stand for its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize

from ganprobe.objective import LOG2, best_temperature, sigmoid, softplus
from ganprobe.record.logits import CalibrationBin, LogitRecord
from ganprobe.samples.folds import Folds, HeldOut
from ganprobe.samples.sides import Array, Floats, Indices, Pair

# Below so many validation points of the smaller side, two parameters overfit where one does not.
_PLATT_FROM = 500
# Ridge that holds the stack to the best single probe, in validation points: where all but a few points are told apart,
# the rest would otherwise buy weights that do not generalise.
_RIDGE = 4.0
# What calibrating and stacking gain on val by chance alone, in units of 1/n nats, and the least that is kept of a logit
# that gained no more: its order is then still worth a rank test.
_GAINED_BY_CHANCE = 2.0
_LEAST_KEPT = 0.05
# Twice the log likelihood that a column must gain to have a weight where few rows are stacked.
_EARNED = 16.0
# Logits that vary by less are one but for rounding.
_TOLD_APART = 1e-9


def calibrate(logits: HeldOut) -> HeldOut:
    """Each fold's logits, recalibrated on val: a temperature, or slope and offset from 500 points on.

    Those that are calibrated stay as they are.
    """
    if logits.calibrated:
        return logits
    maps = []
    for real, fake in map(logits.val, range(len(logits.val_real))):
        if min(len(real), len(fake)) < _PLATT_FROM:
            maps.append((math.exp(best_temperature(real, fake).x), 0.0))
        else:
            weights, offset = _logistic(real[:, None], fake[:, None])
            maps.append((float(weights[0]), offset))

    def apply(parts: Sequence[Floats]) -> tuple[Floats, ...]:
        return tuple(slope * part + offset for (slope, offset), part in zip(maps, parts, strict=True))

    parts = (logits.val_real, logits.val_fake, logits.test_real, logits.test_fake)
    return HeldOut(*map(apply, parts), apart=logits.apart)


def stack(probes: Sequence[HeldOut]) -> tuple[HeldOut, Floats]:
    """The stacked logits of calibrated ``probes``, and each probe's weight, averaged over folds: ``[len(probes)]``.

    Logits are bounded at log((1 - e) / e), e = 1 / (val points + 2): no finite validation supports more certainty, and
    the scores stay in a known range.

    Of few rows, where one is `calibrated`, the others must earn their place beside it.
    """
    parts: tuple[list[Floats], ...] = ([], [], [], [])
    weights = []
    first = next((j for j, probe in enumerate(probes) if probe.calibrated), None)
    for k in range(len(probes[0].val_real)):
        real, fake = (np.stack(side, 1) for side in zip(*(p.val(k) for p in probes), strict=True))
        bound = math.log(len(real) + len(fake) + 1)
        if first is not None:
            weight, offset = _earned(real, fake, first)
        elif len(real) < _PLATT_FROM and len(probes) == 1:
            weight, offset = np.ones(1), 0.0
        else:
            weight, offset = _logistic(real, fake)
        if first is None or np.count_nonzero(weight) > 1:
            kept = _kept(real @ weight + offset, fake @ weight + offset)
            weight, offset = kept * weight, kept * offset
        weights.append(weight)
        for stacked, name in zip(parts, ("val_real", "val_fake", "test_real", "test_fake"), strict=True):
            columns = np.stack([getattr(p, name)[k] for p in probes], 1)
            stacked.append(np.clip(columns @ weight + offset, -bound, bound))
    return HeldOut(*map(tuple, parts), apart=probes[0].apart), np.mean(weights, 0)


def _earned(real: Floats, fake: Floats, first: int) -> tuple[Floats, float]:
    """Weights and offset of the columns: the one at ``first`` as it is, unless others tell more beside it.

    One after the other joins, the one that gains most by a score test, while twice the log likelihood that it gains is
    more than chance gives the best of so many. Below that the noise of its weight costs more than it tells.
    """
    taking, weights = [first], np.zeros(real.shape[1])
    while True:
        weight, offset = _logistic(real[:, taking], fake[:, taking])
        gains = _gains(real, fake, taking, real[:, taking] @ weight + offset, fake[:, taking] @ weight + offset)
        best = int(np.argmax(gains))
        if gains[best] < _EARNED:
            break
        taking.append(best)
    if taking == [first]:
        weight, offset = np.ones(1), 0.0
    weights[taking] = weight
    return weights, offset


def _gains(real: Floats, fake: Floats, taking: Sequence[int], real_logit: Floats, fake_logit: Floats) -> Floats:
    """Twice the log likelihood that each column would gain on top of the fitted logits: one step of Newton, ``[p]``."""
    x, n = np.concatenate((real, fake)), len(real) + len(fake)
    weights = np.repeat((0.5 / len(real), 0.5 / len(fake)), (len(real), len(fake)))
    p = sigmoid(np.concatenate((real_logit, fake_logit)))
    up = x.T @ (weights * (np.repeat((1.0, 0.0), (len(real), len(fake))) - p))
    curved = weights * p * (1 - p)
    inside = np.concatenate((x[:, taking], np.ones((n, 1))), 1)
    hessian = (inside * curved[:, None]).T @ inside + 1e-12 * np.eye(len(taking) + 1)
    cross = (inside * curved[:, None]).T @ x
    alone = (x**2 * curved[:, None]).sum(0) - (cross * np.linalg.solve(hessian, cross)).sum(0)
    gains = np.where((up > 0) & (alone > _TOLD_APART), n * up**2 / np.maximum(alone, _TOLD_APART), 0.0)
    gains[list(taking)] = 0.0
    return gains


def _kept(real: Floats, fake: Floats) -> float:
    """How much of a logit fitted on these val points to keep: all of it, less the share that chance explains.

    Without this P = Q would read as the noise of a calibration, always below 0.
    """
    gain = LOG2 - float(softplus(-real).mean() + softplus(fake).mean()) / 2
    chance = by_chance(min(len(real), len(fake)))
    return max(_LEAST_KEPT, 1 - chance / gain) if gain > chance else _LEAST_KEPT


def by_chance(n: int) -> float:
    """What calibrating and stacking on ``n`` val points of either side gain there, and lose elsewhere, by chance."""
    return _GAINED_BY_CHANCE / n


def _logistic(real: Floats, fake: Floats) -> tuple[Floats, float]:
    """Balanced logistic regression on the columns with non-negative weights: weights ``[p]`` and offset."""
    p, ridge = real.shape[1], _RIDGE / (len(real) + len(fake))
    losses = [softplus(-real[:, j]).mean() + softplus(fake[:, j]).mean() for j in range(p)]
    centre = np.zeros(p)
    centre[int(np.argmin(losses))] = 1.0

    def loss(theta: Floats) -> tuple[float, Floats]:
        weight, offset = theta[:-1], theta[-1]
        r, f = real @ weight + offset, fake @ weight + offset
        value = (softplus(-r).mean() + softplus(f).mean()) / 2 + ridge / 2 * ((weight - centre) ** 2).sum()
        up, down = -sigmoid(-r) / (2 * len(r)), sigmoid(f) / (2 * len(f))
        slope = real.T @ up + fake.T @ down + ridge * (weight - centre)
        return float(value), np.append(slope, up.sum() + down.sum())

    found = minimize(loss, np.append(centre, 0.0), jac=True, method="L-BFGS-B", bounds=[(0, None)] * p + [(None, None)])
    return found.x[:-1], float(found.x[-1])


def slope(real: Floats, fake: Floats) -> tuple[float, float]:
    """The balanced logistic slope of the labels on logits, with its standard error; (1, 0) where nothing is told apart.

    Below 1 the logits claim more than they know, above it less.
    """
    column = np.concatenate((real, fake))
    if np.ptp(column) < _TOLD_APART:
        return 1.0, 0.0
    weights = np.repeat((0.5 / len(real), 0.5 / len(fake)), (len(real), len(fake)))
    label = np.repeat((1.0, 0.0), (len(real), len(fake)))
    theta = np.array([1.0, 0.0])
    design = np.stack((column, np.ones_like(column)), 1)
    for _ in range(25):
        p = sigmoid(design @ theta)
        hessian = (design * (weights * p * (1 - p))[:, None]).T @ design + 1e-12 * np.eye(2)
        step = np.linalg.solve(hessian, design.T @ (weights * (label - p)))
        theta = theta + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-8:
            break
    scores = design * (weights * (label - p))[:, None]
    # The root of (H^-1 S'S H^-1)_00, written as a norm: where logits hardly vary, rounding would make it negative.
    return float(theta[0]), float(np.linalg.norm(scores @ np.linalg.inv(hessian)[:, 0]))


_HISTOGRAM_BINS = 40
_CALIBRATION_BINS = 10
_PLANE_POINTS = 400


def describe(logits: HeldOut, pair: Pair, folds: Folds) -> LogitRecord:
    """The test logits of both sides in few numbers: histograms, and the share of reals among samples of like D.

    ``folds`` are those that ``logits`` were held out by. With the two sides weighing alike, the calibrated D is that
    share; its interval is that of the log odds of two independent counts.
    """
    real, fake = np.concatenate(logits.test_real), np.concatenate(logits.test_fake)
    most = max(float(np.abs(real).max()), float(np.abs(fake).max()), 1.0)
    edges = np.linspace(-most, most, _HISTOGRAM_BINS + 1)
    flat = pair.width == 2
    real_rows, fake_rows = (
        np.concatenate(rows) for rows in zip(*((f.real.test, f.fake.test) for f in folds), strict=True)
    )
    return LogitRecord(
        edges=tuple(map(float, edges)),
        real=tuple(map(int, np.histogram(real, edges)[0])),
        fake=tuple(map(int, np.histogram(fake, edges)[0])),
        calibration=_calibration_bins(real, fake),
        real_plane=_plane(pair.real, real_rows, real) if flat else (),
        fake_plane=_plane(pair.fake, fake_rows, fake) if flat else (),
    )


def _calibration_bins(real: Floats, fake: Floats) -> tuple[CalibrationBin, ...]:
    """Bins of as many samples each, by the weight of either side; empty ones are left out."""
    both = np.concatenate([real, fake])
    weight = np.concatenate([np.full(len(real), 0.5 / len(real)), np.full(len(fake), 0.5 / len(fake))])
    order = np.argsort(both, kind="stable")
    place = np.empty(len(both), np.int64)
    # Ties stay together: the rank of the first of each decides.
    ranked = both[order]
    before = np.concatenate([[0.0], np.cumsum(weight[order])[:-1]])[np.searchsorted(ranked, ranked)]
    place[order] = np.minimum((before * _CALIBRATION_BINS).astype(np.int64), _CALIBRATION_BINS - 1)
    bins = []
    for k in range(_CALIBRATION_BINS):
        inside = place == k
        if not inside.any():
            continue
        n_real, n_fake = int(inside[: len(real)].sum()), int(inside[len(real) :].sum())
        odds = math.log((n_real + 0.5) / (len(real) + 1)) - math.log((n_fake + 0.5) / (len(fake) + 1))
        spread = 1.96 * math.sqrt(1 / (n_real + 0.5) + 1 / (n_fake + 0.5))
        observed, low, high = sigmoid(np.array([odds, odds - spread, odds + spread]))
        predicted = float(np.average(sigmoid(both[inside]), weights=weight[inside]))
        bins.append(CalibrationBin(predicted, float(observed), float(low), float(high), n_real + n_fake))
    return tuple(bins)


def _plane(side: Array, rows: Indices, logit: Floats) -> tuple[tuple[float, ...], ...]:
    points = side.reshape(len(side), -1)[rows[:_PLANE_POINTS]]
    return tuple((float(x), float(y), float(f)) for (x, y), f in zip(points, logit, strict=False))
