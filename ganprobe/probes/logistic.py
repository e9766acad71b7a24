"""Logistic regression on standardised coordinates, with their squares and products where there are few.

The quadratic form is the optimal probe for any two Gaussians, and a weak one for almost everything else: a first row of
the ladder that costs a second.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from ganprobe import scales
from ganprobe.config import Budget
from ganprobe.probes import Probe
from ganprobe.samples import Array, Floats, Folds, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``degree`` 1 or 2; ``c``: inverse ridge penalty; ``rows``: most rows of a side that one fold fits."""

    degree: int = 2
    c: float = 1.0
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
        # With hundreds of coordinates little ridge means slow convergence to an over-confident fit.
        c=1.0 if pair.width <= _QUADRATIC_UP_TO else 0.01,
        rows=10_000 if budget == "fast" else 20_000,
        iterations=100 if budget == "fast" else 200,
    )


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """One regression a fold."""
    models = []
    for k, fold in enumerate(folds):
        scale = scales.scaler(pair, fold, seeds)
        half = pair.width
        rng = seeds.numpy("rows", k)
        real, fake = (rng.permutation(rows)[: settings.rows] for rows in (fold.real.fit, fold.fake.fit))
        x = scale(np.concatenate((scales.flat(pair.real[real]), scales.flat(pair.fake[fake]))))[:, :half]
        y = np.repeat((1, 0), (len(real), len(fake)))
        expand = PolynomialFeatures(settings.degree, include_bias=False)
        after = StandardScaler()
        features = after.fit_transform(expand.fit_transform(x))
        model = LogisticRegression(C=settings.c, max_iter=settings.iterations, class_weight="balanced", tol=1e-5)
        with warnings.catch_warnings():
            # Said by ``why_stopped`` instead.
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(features, y)
        models.append((scale, half, expand, after, model))

    def logit(k: int, values: Array) -> Floats:
        scale, half, expand, after, model = models[k]
        out: Floats = model.decision_function(after.transform(expand.transform(scale(values)[:, :half])))
        return out

    steps = int(sum(m[-1].n_iter_[0] for m in models))
    ceiling = any(m[-1].n_iter_[0] >= settings.iterations for m in models)
    return Probe(logit, settings, steps, "iteration ceiling" if ceiling else "converged")
