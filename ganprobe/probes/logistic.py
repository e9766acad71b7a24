"""Logistic regression on standardised coordinates, with totals of the row, or squares and products where there are few.

The quadratic form is the optimal probe for any two Gaussians, and a weak one for almost everything else: a first row of
the ladder that costs a second. Where columns have few values, an indicator for each value makes it the optimal probe
for any law of pairs of such columns too: what goes together with what, which a table's synthesizer misses first and
which trees, splitting one column at a time, hardly see.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, StandardScaler

from ganprobe.objective import tempered_loss
from ganprobe.plan import Budget
from ganprobe.probes import Probe, _few_rows
from ganprobe.samples import scaling
from ganprobe.samples.folds import Folds
from ganprobe.samples.sides import Array, Floats, Indices, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``degree`` 1: linear only; 2: also totals of the row, and products. ``rows``: most rows of a side a fold fits.
    ``again``: tested rows are scored by a fit to the val part as well, once that has chosen.
    """

    degree: int = 2
    rows: int = 20_000
    iterations: int = 200
    again: bool = True


# Beyond this many coordinates the products alone outnumber the samples.
_QUADRATIC_UP_TO = 64


COSTLY = False


def applies(pair: Pair) -> str | None:
    """Always."""
    return None


def settings(budget: Budget, pair: Pair) -> Settings:
    """Fewer rows and iterations for ``fast``, which fits once."""
    return Settings(rows=10_000, iterations=100, again=False) if budget == "fast" else Settings()


def stronger(settings: Settings) -> Settings | None:
    """None: a quadratic form has no size."""
    return None


# Inverse ridge penalties: a weak penalty where samples outnumber the products, a strong one where they do not and the
# fit would be slow and over-confident.
_WEAK, _STRONG = 1.0, 0.003
_SAMPLES_PER_FEATURE = 10
# A column has few values if it has no more than this; indicators are made of so many columns as leave the whole narrow.
_MOST_LEVELS = 20
_INDICATORS_UP_TO = 48
# A rarer value shares its indicator with the other rare ones.
_LEAST_OF_LEVEL = 50


@dataclass(frozen=True, slots=True, eq=False)
class _Design:
    """What a logit is a polynomial of: ``see`` maps ``[n, *shape]`` to ``[n, p]``."""

    name: str
    degree: int
    see: Callable[[Array], Array]


def _designs(pair: Pair, scale: scaling.Scaler, rows: Array, degree: int) -> list[_Design]:
    """Those that samples like the fit ``rows`` ``[n, d]`` allow, the plainest first."""
    linear = _Design("linear", 1, scale.coordinates)
    if degree == 1:
        return [linear]
    found = [linear]
    if scale.plain_width > pair.width:
        found.append(_Design("totals", 1, scale.plain))
    if pair.width <= _QUADRATIC_UP_TO:
        found.append(_Design("quadratic", 2, scale.coordinates))
        if (axes := _axes(scale, rows)).size:
            found.append(_Design("components", 1, partial(_components, scale, axes)))
    if (indicators := _indicators(rows)) is not None:
        few, encoder = indicators
        rest = np.setdiff1d(np.arange(pair.width), few)

        def see(values: Array) -> Array:
            levels = encoder.transform(scaling.flat(values)[:, few])
            return np.concatenate((levels, scale.coordinates(values)[:, rest]), 1)

        found.append(_Design("levels", 2, see))
    return found


# Components of less variance than this, of the largest, are rounding.
_RESOLVED = 1e-7


def _axes(scale: scaling.Scaler, rows: Array) -> Array:
    """The principal axes of both sides together, in columns, each over its spread."""
    variances, axes = np.linalg.eigh(np.atleast_2d(np.cov(scale.coordinates(rows), rowvar=False, dtype=np.float64)))
    kept = variances > max(_RESOLVED * variances[-1], 1e-30)
    return np.asarray(axes[:, kept] / np.sqrt(variances[kept]), np.float32)


def _components(scale: scaling.Scaler, axes: Array, values: Array) -> Array:
    """Each component and its square: what moves or widens along an axis, however thin, in twice as many features."""
    z = scale.coordinates(values) @ axes
    return np.concatenate((z, z**2), 1)


def _indicators(rows: Array) -> tuple[Indices, OneHotEncoder] | None:
    """The columns of few values and the encoder of these; None where there are none, or all would be too wide."""
    counts = [len(np.unique(column)) for column in rows.T] if rows.shape[1] <= _INDICATORS_UP_TO else []
    few: list[int] = []
    width = len(counts)
    for j in sorted(range(len(counts)), key=lambda j: counts[j]):
        if 2 < counts[j] <= _MOST_LEVELS and width + counts[j] - 1 <= _INDICATORS_UP_TO:
            few.append(j)
            width += counts[j] - 1
    if not few:
        return None
    encoder = OneHotEncoder(
        handle_unknown="infrequent_if_exist", min_frequency=_LEAST_OF_LEVEL, sparse_output=False, dtype=np.float32
    )
    return np.array(few), encoder.fit(rows[:, few])


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """One regression a fold and design; each fold keeps the design that does best on val.

    Few rows are cross-validated instead (`ganprobe.probes._few_rows`).
    """
    if (few := _of_few_rows(pair, folds, settings, seeds)) is not None:
        return few
    models, again = [], []
    for k, fold in enumerate(folds):
        scale = scaling.scaler(pair, fold, seeds)
        rng = seeds.numpy("rows", k)
        x, y = _rows(pair, *(rng.permutation(rows)[: settings.rows] for rows in (fold.real.fit, fold.fake.fit)))
        val, y_val = _rows(pair, fold.real.val, fold.fake.val)
        tried = []
        for design in _designs(pair, scale, x, settings.degree):
            model = _regression(design, x, y, settings.iterations, len(x))
            said = np.asarray(model.decision_function(design.see(val)))
            tried.append((tempered_loss(said[y_val == 1], said[y_val == 0]), design, model))
        _, design, model = min(tried, key=lambda t: t[0])
        models.append((design, model))
        if settings.again:
            both = np.concatenate((x, val)), np.concatenate((y, y_val))
            again.append((design, _regression(design, *both, settings.iterations, len(x))))
    steps = [int(model[-1].n_iter_[0]) for _, model in models]
    why = "iteration ceiling" if max(steps) >= settings.iterations else "converged"
    why += f"; {'/'.join(sorted({design.name for design, _ in models}))}"
    return Probe(_logit(models), settings, sum(steps), why, _logit(again) if again else None)


def _rows(pair: Pair, real: Indices, fake: Indices) -> tuple[Array, Indices]:
    """Those rows of both sides, flat, and 1 for each of the reals."""
    values = np.concatenate((scaling.flat(pair.real[real]), scaling.flat(pair.fake[fake])))
    return values, np.repeat((1, 0), (len(real), len(fake)))


def _logit(models: Sequence[tuple[_Design, Pipeline]]) -> Callable[[int, Array], Floats]:
    def logit(k: int, values: Array) -> Floats:
        design, model = models[k]
        return np.asarray(model.decision_function(design.see(values)), np.float64)

    return logit


def _of_few_rows(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds) -> Probe | None:
    """The regressions that `_few_rows` keeps; None where rows are plenty, or features too many."""
    chosen, regressions = [], []
    for fold in folds:
        if not (fold.real.inner or fold.fake.inner):
            return None
        scale = scaling.scaler(pair, fold, seeds)
        rows = np.concatenate((scaling.flat(pair.real[fold.real.fit]), scaling.flat(pair.fake[fold.fake.fit])))
        designs = _designs(pair, scale, rows, settings.degree)
        tried = [partial(_features, design, pair.width + _PLAIN_TOTALS) for design in designs]
        if not _few_rows.applies(pair, fold, tried):
            return None
        regressions.append(_few_rows.kept(pair, fold, tried))
        chosen.append(designs[regressions[-1].place].name)
    why = f"cross-validated; {'/'.join(sorted(set(chosen)))}"
    return Probe(lambda k, x: regressions[k].fit(x), settings, None, why, lambda k, x: regressions[k].again(x), True)


# The totals that know nothing of the sides; the others are distances to a box around either, in which it lies itself.
_PLAIN_TOTALS = 4


def _features(design: _Design, most: int, values: Array) -> Floats:
    """What a logit is linear in, ``[n, p]``."""
    seen = design.see(values)
    if design.name == "totals":
        seen = seen[:, :most]
    products = PolynomialFeatures(design.degree, include_bias=False).fit_transform(seen)
    return np.asarray(products, np.float64)


def _regression(design: _Design, values: Array, y: Indices, iterations: int, chosen_on: int) -> Pipeline:
    """Logistic regression on all products that ``design`` allows; both sides weigh the same.

    The penalty is that of ``chosen_on`` rows.
    """
    x = design.see(values)
    features = x.shape[1] if design.degree == 1 else x.shape[1] * (x.shape[1] + 3) // 2
    model = make_pipeline(
        PolynomialFeatures(design.degree, include_bias=False),
        StandardScaler(copy=False),  # it is given the features alone, a copy already
        LogisticRegression(
            C=_WEAK if chosen_on > _SAMPLES_PER_FEATURE * features else _STRONG,
            max_iter=iterations,
            class_weight="balanced",
            tol=1e-3,  # a tighter one moved JS by less than .001 nats and took up to three times as long
        ),
    )
    with warnings.catch_warnings():
        # Said by ``why_stopped`` instead.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(x, y)
