"""What a probe on made features is: one or two learners on a map of samples, of which each fold keeps the better.

A member that knows a kind of structure (thin directions, round numbers, lags, combinations) makes `Design` s of a
fold's fit part. What they show is learnt by boosted trees or by a logistic regression; which of them a fold keeps, or
the mean of the best of either kind, is decided by its val part. Where there is no structure of the kind there is no
design, and the logit is 0.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ganprobe.objective import best_temperature, tempered_loss
from ganprobe.probes import Probe
from ganprobe.samples.folds import Fold, Folds
from ganprobe.samples.sides import Array, Floats, Indices, Pair
from ganprobe.seeds import Seeds

See = Callable[[Array], Array]


@dataclass(frozen=True, slots=True)
class Learning:
    """``rows``: most fit rows of a side; trees of ``leaves`` leaves at ``rate``, ``iterations`` of them at most."""

    rows: int = 20_000
    rate: float = 0.15
    leaves: int = 12
    iterations: int = 100


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Features for a learner: ``see`` maps ``[n, *shape]`` to ``[n, p]``.

    ``train``: the features of the rows trained on, where they are not those that ``see`` gives (they may be made out
    of fold, so that no row sees its own label).
    """

    name: str
    learner: Literal["trees", "regression"]
    see: See
    train: Array | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The rows of a fold that a probe trains on: ``values`` ``[n, *shape]``, reals first, and ``y``, 1 for reals.

    ``places``: which rows of the reals and which of the fakes they are.
    """

    values: Array
    y: Indices
    places: tuple[Indices, Indices]

    @property
    def sides(self) -> tuple[Array, Array]:
        """Reals and fakes."""
        return self.values[self.y == 1], self.values[self.y == 0]


# Fewer fit rows of a side than this teach nothing about structure.
_FEWEST = 30
# From the rows that a fold trains on to what can be learnt on them.
Make = Callable[[Rows, Fold, int], Sequence[Design]]


def twice_the_trees(settings: Any) -> Any:
    """Of a member whose size is its trees the stronger settings."""
    return replace(settings, trees=2 * settings.trees)


def learn(pair: Pair, folds: Folds, settings: Any, learning: Learning, seeds: Seeds, make: Make) -> Probe:
    """Each fold's designs trained on equally many reals and fakes of its fit part; the one that does best on val."""
    models: list[tuple[_Trained, ...]] = []
    for k, fold in enumerate(folds):
        rng = seeds.numpy("rows", k)
        most = min(len(fold.real.fit), len(fold.fake.fit), learning.rows)
        real, fake = (rng.permutation(rows)[:most] for rows in (fold.real.fit, fold.fake.fit))
        values = np.concatenate((pair.real[real], pair.fake[fake]))
        rows = Rows(values, np.repeat((1, 0), (len(real), len(fake))), (real, fake))
        few = min(len(fold.real.val), len(fold.fake.val))
        val = pair.real[fold.real.val[:few]], pair.fake[fold.fake.val[:few]]
        designs = make(rows, fold, k) if most >= _FEWEST else []
        trained = [_trained(design, rows, val, learning, seeds.small("trees", k)) for design in designs]
        models.append(_best(trained))

    def logit(k: int, values: Array) -> Floats:
        out = np.zeros(len(values))
        for own in models[k]:
            out += own.weight * own.raw(values)
        return out

    chosen = sorted({" and ".join(own.design.name for own in kept) for kept in models if kept})
    return Probe(logit, settings, None, f"best on val: {'/'.join(chosen)}" if chosen else "no structure of this kind")


@dataclass(frozen=True, slots=True, eq=False)
class _Trained:
    """A design's model; its logits on val, tempered, reals first; the temperature is its ``weight``."""

    design: Design
    model: Any
    weight: float
    val: tuple[Floats, Floats]

    def raw(self, values: Array) -> Floats:
        return np.asarray(self.model.decision_function(self.design.see(values)), np.float64)

    @property
    def loss(self) -> float:
        return tempered_loss(*self.val)


_STEEPEST = 2.0


def _trained(design: Design, rows: Rows, val: tuple[Array, Array], learning: Learning, seed: int) -> _Trained:
    features = design.see(rows.values) if design.train is None else design.train
    seen = tuple(design.see(side) for side in val)
    if design.learner == "trees":
        model = trees(features, rows.y, seen, learning, seed)
    else:
        model = _regression(features, rows.y)
    real, fake = (np.asarray(model.decision_function(side), np.float64) for side in seen)
    # Where val is told apart without an error no slope is too steep; how steep is left to the calibration.
    slope = min(math.exp(best_temperature(real, fake).x), _STEEPEST)
    return _Trained(design, model, slope, (slope * real, slope * fake))


def _best(trained: Sequence[_Trained]) -> tuple[_Trained, ...]:
    """The one that does best on val, or the best of either learner together where their mean does better still."""
    if not trained:
        return ()
    best = min(trained, key=lambda t: t.loss)
    others = [t for t in trained if t.design.learner != best.design.learner]
    if others:
        other = min(others, key=lambda t: t.loss)
        mean = tuple((one + two) / 2 for one, two in zip(best.val, other.val, strict=True))
        if tempered_loss(*mean) < best.loss:
            return tuple(replace(t, weight=t.weight / 2) for t in (best, other))
    return (best,)


# Gains of val loss below this within the patience are not worth their trees.
_LEAST_GAIN = 2e-4
_PATIENCE = 10


def trees(x: Array, y: Indices, val: tuple[Array, ...], learning: Learning, seed: int) -> Any:
    """Boosted trees on ``x`` ``[n, p]``, stopped where the features of val reals and fakes are no longer told apart."""
    y_val = np.repeat((1, 0), [len(side) for side in val])
    model = HistGradientBoostingClassifier(
        learning_rate=learning.rate,
        max_leaf_nodes=learning.leaves,
        min_samples_leaf=min(60, max(5, len(y) // 50)),
        max_features=1.0 if x.shape[1] <= 10 else max(0.2, math.sqrt(10 / x.shape[1])),
        max_iter=learning.iterations,
        early_stopping=True,
        n_iter_no_change=_PATIENCE,
        tol=_LEAST_GAIN,
        random_state=seed,
    )
    return model.fit(x, y, X_val=np.concatenate(val), y_val=y_val)


_WEAK, _STRONG = 1.0, 0.01
_SAMPLES_PER_FEATURE = 10


def _regression(x: Array, y: Indices) -> Any:
    """Logistic regression on standardised features."""
    model = make_pipeline(
        StandardScaler(),
        LogisticRegression(C=_WEAK if len(x) > _SAMPLES_PER_FEATURE * x.shape[1] else _STRONG, max_iter=200, tol=1e-3),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(x, y)
