"""Logistic regression on standardised coordinates, with their squares and products where there are few.

The quadratic form is the optimal probe for any two Gaussians, and a weak one for almost everything else: a first row of
the ladder that costs a second.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from ganprobe import scales
from ganprobe.calibration import tempered_loss
from ganprobe.config import Budget
from ganprobe.probes import Probe
from ganprobe.samples import Array, Floats, Fold, Folds, Indices, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``degree``: the highest tried, 1 or 2; ``rows``: most rows of a side that one fold fits."""

    degree: int = 2
    rows: int = 20_000
    iterations: int = 200


# Beyond this many coordinates the products alone outnumber the samples.
_QUADRATIC_UP_TO = 64


def applies(pair: Pair) -> str | None:
    """Always."""
    return None


def settings(budget: Budget, pair: Pair) -> Settings:
    """Products of coordinates up to 64 coordinates; fewer rows for ``fast``."""
    return Settings(
        degree=2 if pair.width <= _QUADRATIC_UP_TO else 1,
        rows=10_000 if budget == "fast" else 20_000,
        iterations=100 if budget == "fast" else 200,
    )


# Inverse ridge penalties: a weak penalty where samples outnumber the products, a strong one where they do not and the
# fit would be slow and over-confident.
_WEAK, _STRONG = 1.0, 0.003
_SAMPLES_PER_FEATURE = 10


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """One regression a fold and degree; each fold keeps the degree that does better on val."""
    models = []
    for k, fold in enumerate(folds):
        see = _inputs(pair, fold, seeds)
        rng = seeds.numpy("rows", k)
        real, fake = (rng.permutation(rows)[: settings.rows] for rows in (fold.real.fit, fold.fake.fit))
        x = see(np.concatenate((scales.flat(pair.real[real]), scales.flat(pair.fake[fake]))))
        y = np.repeat((1, 0), (len(real), len(fake)))
        val = see(pair.real[fold.real.val]), see(pair.fake[fold.fake.val])
        tried = [_regression(x, y, degree, settings.iterations) for degree in range(1, settings.degree + 1)]
        losses = [tempered_loss(*(np.asarray(model.decision_function(side)) for side in val)) for model in tried]
        models.append((see, tried[int(np.argmin(losses))]))

    def logit(k: int, values: Array) -> Floats:
        see, model = models[k]
        return np.asarray(model.decision_function(see(values)), np.float64)

    steps = [int(model[-1].n_iter_[0]) for _, model in models]
    ceiling = max(steps) >= settings.iterations
    degrees = "/".join(str(model[0].degree) for _, model in models)
    why = "iteration ceiling" if ceiling else "converged"
    return Probe(logit, settings, sum(steps), f"{why}; degree by fold {degrees}")


def _inputs(pair: Pair, fold: Fold, seeds: Seeds) -> Callable[[Array], Array]:
    scale = scales.scaler(pair, fold, seeds)
    return lambda values: scale(values)[:, : pair.width]


def _regression(x: Array, y: Indices, degree: int, iterations: int) -> Pipeline:
    """Logistic regression on all products up to ``degree``, fitted; both sides weigh the same."""
    features = x.shape[1] if degree == 1 else x.shape[1] * (x.shape[1] + 3) // 2
    model = make_pipeline(
        PolynomialFeatures(degree, include_bias=False),
        StandardScaler(),
        LogisticRegression(
            C=_WEAK if len(x) > _SAMPLES_PER_FEATURE * features else _STRONG,
            max_iter=iterations,
            class_weight="balanced",
            tol=1e-5,
        ),
    )
    with warnings.catch_warnings():
        # Said by ``why_stopped`` instead.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(x, y)
