r"""Logistic regression where rows are few: cross-validated among all rows but the tested ones, trained on them all.

In d dimensions a regression on N rows loses about d / 2N nats by chance, and more where its penalty, its features and
its steepness are learnt from a few val points. So each fold decides all three by a cross-validation inside its fit and
val part, and is then trained on both: by models that never saw a row which this fold tests. What other folds' models
make of their val parts, from which plenty of rows are calibrated, costs much here: those models were trained on the
rows that this fold tests, and where these say more than they should by chance, the rest says less.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from ganprobe.objective import LOG2, best_temperature, sigmoid, softplus
from ganprobe.samples.folds import Fold, Split
from ganprobe.samples.sides import Array, Floats, Indices, Pair

See = Callable[[Array], Floats]

# Ridge penalties that are tried, over the number of rows, the strongest first: each fit starts from the one before.
_PENALTIES = (1_000.0, 100.0, 10.0)
# What the best of these gains by chance, in nats a row of all rows, and half of that for each feature more; and the
# least that is kept of a logit that gained no more. Of P = Q the whole would read as noise, always below 0.
_CHANCE, _LEAST = 0.5, 0.05
# Wider features take too long.
_MOST_FEATURES = 300
# Parts of a side that is plenty, and how many of its rows one of the other needs at most.
_PARTS, _OF_THE_OTHER = 4, 4
# Steps of a fit at most, and the gain in nats a row at which it ends.
_STEPS, _FLAT = 100, 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What a fold keeps: the place of its features among those tried, and logits by its fit part and by val as well."""

    place: int
    fit: See
    again: See


def applies(pair: Pair, fold: Fold, tried: Sequence[See]) -> bool:
    """Whether rows are few and in parts, and all features ``tried`` few enough."""
    inner = [split.inner for split in (fold.real, fold.fake)]
    whole = any(inner) and all(len(part) for parts in inner for part in parts)
    return whole and all(see(pair.real[:1]).shape[1] <= _MOST_FEATURES for see in tried)


def kept(pair: Pair, fold: Fold, tried: Sequence[See]) -> Kept:
    """The best of the features ``tried`` and of the penalties, as steep as they are right."""
    most = _OF_THE_OTHER * min(len(fold.real.trained), len(fold.fake.trained))
    parts = [_parts(split, most) for split in (fold.real, fold.fake)]
    options = []
    for place, see in enumerate(tried):
        seen = [see(side[np.concatenate(own)]) for side, own in zip((pair.real, pair.fake), parts, strict=True)]
        rows = np.concatenate(seen)
        centre, spread = rows.mean(0), np.maximum(rows.std(0), 1e-12)
        ends = [np.cumsum([len(part) for part in own])[:-1] for own in parts]
        scaled = [np.split(_with_one((x - centre) / spread), at) for x, at in zip(seen, ends, strict=True)]
        penalties = [penalty / len(rows) for penalty in _PENALTIES]
        for penalty, (real, fake) in zip(penalties, _held_out(scaled, penalties), strict=True):
            found = best_temperature(real, fake)
            charged = found.fun + _CHANCE * len(centre) / (2 * len(rows))
            slope = math.exp(found.x) * _believed(LOG2 - found.fun, len(rows))
            options.append((charged, place, penalty, slope, centre, spread))
    _, place, penalty, slope, centre, spread = min(options, key=lambda option: option[0])

    def trained(real: Indices, fake: Indices) -> See:
        x = [_with_one((tried[place](side[r]) - centre) / spread) for side, r in ((pair.real, real), (pair.fake, fake))]
        weights = slope * _ridge(x[0], x[1], penalty, np.zeros(x[0].shape[1]))
        return lambda values: _with_one((tried[place](values) - centre) / spread) @ weights

    again = trained(np.concatenate(parts[0]), np.concatenate(parts[1]))
    return Kept(place, trained(fold.real.fit[:most], fold.fake.fit[:most]), again)


def _believed(gain: float, n: int) -> float:
    """How much of what was held out as ``gain`` by ``n`` rows is believed: less the share that chance explains."""
    return max(_LEAST, 1 - _CHANCE / (n * gain)) if gain > 0 else _LEAST


def _parts(split: Split, most: int) -> tuple[Indices, ...]:
    """The rows to learn from, in parts; of a side that is plenty ``most`` of those that fit, as they come."""
    return split.inner or tuple(split.fit[:most][i::_PARTS] for i in range(_PARTS))


def _held_out(parts: Sequence[Sequence[Floats]], penalties: Sequence[float]) -> Iterator[tuple[Floats, Floats]]:
    """For each penalty the logits of all rows of both sides, each by a regression on the other parts."""
    found: list[list[tuple[Floats, Floats]]] = [[] for _ in penalties]
    for i, (real, fake) in enumerate(zip(*parts, strict=True)):
        rest = [np.concatenate([x for j, x in enumerate(own) if j != i]) for own in parts]
        weights = np.zeros(real.shape[1])
        for penalty, held in zip(penalties, found, strict=True):
            weights = _ridge(rest[0], rest[1], penalty, weights)
            held.append((real @ weights, fake @ weights))
    return ((np.concatenate(r), np.concatenate(f)) for r, f in (zip(*held, strict=True) for held in found))


def _with_one(x: Floats) -> Floats:
    return np.concatenate((x, np.ones((len(x), 1))), 1)


def _ridge(real: Floats, fake: Floats, penalty: float, start: Floats) -> Floats:
    """Weights of a balanced logistic regression with a ridge ``penalty``; the last column, of ones, has none."""
    ridge = np.full(real.shape[1], penalty)
    ridge[-1] = 0.0

    def loss(weights: Floats) -> tuple[float, Floats]:
        r, f = real @ weights, fake @ weights
        value = (softplus(-r).mean() + softplus(f).mean()) / 2 + ridge @ weights**2 / 2
        slope = real.T @ (-sigmoid(-r) / (2 * len(r))) + fake.T @ (sigmoid(f) / (2 * len(f))) + ridge * weights
        return float(value), slope

    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS, "ftol": _FLAT})
    return np.asarray(found.x, np.float64)
