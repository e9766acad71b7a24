"""Logistic regression on standardised coordinates, with totals of the row, or squares and products where there are few.

The quadratic form is the optimal probe for any two Gaussians, and a weak one for almost everything else: a first row of
the ladder that costs a second.
"""

from __future__ import annotations

import warnings
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
from ganprobe.samples import Array, Floats, Folds, Indices, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``degree`` 1: linear only; 2: also totals of the row, and products. ``rows``: most rows of a side a fold fits."""

    degree: int = 2
    rows: int = 20_000
    iterations: int = 200


# Beyond this many coordinates the products alone outnumber the samples.
_QUADRATIC_UP_TO = 64


def applies(pair: Pair) -> str | None:
    """Always."""
    return None


def settings(budget: Budget, pair: Pair) -> Settings:
    """Fewer rows and iterations for ``fast``."""
    return Settings(
        rows=10_000 if budget == "fast" else 20_000,
        iterations=100 if budget == "fast" else 200,
    )


def stronger(settings: Settings) -> Settings | None:
    """None: a quadratic form has no size."""
    return None


# What the logit is linear in: coordinates; those and the totals of the row; those and all their products.
_DESIGNS = ("linear", "totals", "quadratic")
# Inverse ridge penalties: a weak penalty where samples outnumber the products, a strong one where they do not and the
# fit would be slow and over-confident.
_WEAK, _STRONG = 1.0, 0.003
_SAMPLES_PER_FEATURE = 10


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """One regression a fold and design; each fold keeps the design that does best on val."""
    designs = _DESIGNS[: 1 if settings.degree == 1 else 3 if pair.width <= _QUADRATIC_UP_TO else 2]
    models = []
    for k, fold in enumerate(folds):
        scale = scales.scaler(pair, fold, seeds)
        rng = seeds.numpy("rows", k)
        real, fake = (rng.permutation(rows)[: settings.rows] for rows in (fold.real.fit, fold.fake.fit))
        x = scale.plain(np.concatenate((scales.flat(pair.real[real]), scales.flat(pair.fake[fake]))))
        y = np.repeat((1, 0), (len(real), len(fake)))
        val = scale.plain(pair.real[fold.real.val]), scale.plain(pair.fake[fold.fake.val])
        tried = []
        for name in designs:
            columns = scale.plain_width if name == "totals" else pair.width
            model = _regression(x[:, :columns], y, 2 if name == "quadratic" else 1, settings.iterations)
            loss = tempered_loss(*(np.asarray(model.decision_function(side[:, :columns])) for side in val))
            tried.append((loss, name, columns, model))
        models.append((scale, *min(tried, key=lambda t: t[0])[1:]))

    def logit(k: int, values: Array) -> Floats:
        scale, _, columns, model = models[k]
        return np.asarray(model.decision_function(scale.plain(values)[:, :columns]), np.float64)

    steps = [int(model[-1].n_iter_[0]) for *_, model in models]
    why = "iteration ceiling" if max(steps) >= settings.iterations else "converged"
    return Probe(logit, settings, sum(steps), f"{why}; {'/'.join(sorted({name for _, name, _, _ in models}))}")


def _regression(x: Array, y: Indices, degree: int, iterations: int) -> Pipeline:
    """Logistic regression on all products up to ``degree``, fitted; both sides weigh the same."""
    features = x.shape[1] if degree == 1 else x.shape[1] * (x.shape[1] + 3) // 2
    model = make_pipeline(
        PolynomialFeatures(degree, include_bias=False),
        StandardScaler(copy=False),  # it is given the features alone, a copy already
        LogisticRegression(
            C=_WEAK if len(x) > _SAMPLES_PER_FEATURE * features else _STRONG,
            max_iter=iterations,
            class_weight="balanced",
            tol=1e-3,  # a tighter one changes the second digit of nothing and takes up to three times as long
        ),
    )
    with warnings.catch_warnings():
        # Said by ``why_stopped`` instead.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(x, y)
