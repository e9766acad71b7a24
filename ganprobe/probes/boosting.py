"""Histogram gradient boosting: the probe that sees atoms, thresholds and rare values that smooth nets miss.

Beside the coordinates it sees a few totals of the row, for pictures their summary statistics (a conv generator's excess
of nearly black pixels is one split there and hundreds on raw pixels), and for tables how often each exact value of a
column was real among the fit rows: a synthesizer that invents values which no real row has gives itself away so. Those
shares are cross-fitted inside the fit part, so that a row never sees its own label. Where the reals lie on a lattice it
also sees how far a sample is from it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import TargetEncoder

from ganprobe.plan import Budget
from ganprobe.probes import Probe
from ganprobe.samples import pixels, scaling
from ganprobe.samples.folds import Fold, Folds
from ganprobe.samples.lattice import grids_of, off_grid_statistic
from ganprobe.samples.sides import Array, Floats, Indices, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """Trees of ``leaves`` leaves at ``rate``; ``patience``: rounds without gain on val before stopping.

    ``fakes``: fit fakes per fit real; ``most_columns``: of wider samples, the columns or pixels whose histograms differ
    most on the fit part; ``statistics``: pictures bring theirs; ``atoms``: tables bring the shares of reals among equal
    values.
    """

    rate: float = 0.06
    leaves: int = 16
    least_leaf: int = 60
    columns: float = 0.5
    iterations: int = 400
    patience: int = 25
    fakes: float = 2.0
    most_columns: int = 300
    statistics: bool = True
    atoms: bool = True


COSTLY = False


def applies(pair: Pair) -> str | None:
    """Always."""
    return None


def settings(budget: Budget, pair: Pair) -> Settings:
    """Fewer, larger steps for ``fast``; wide samples see fewer columns at each split."""
    columns = _columns(pair)
    if budget == "fast":
        return Settings(rate=0.12, iterations=120, patience=10, fakes=1.0, columns=columns, most_columns=200)
    if budget == "thorough":
        return Settings(rate=0.04, columns=columns, iterations=800, most_columns=400)
    if pair.kind == "image":
        return Settings(rate=0.1, columns=columns, iterations=200)
    return Settings(columns=columns)


# So few reals fit few trees, each of which must see the one column in hundreds that tells; and seeing all costs little.
_FEW = 4_000


def _columns(pair: Pair) -> float:
    """The share of the columns that each split sees."""
    if pair.width <= 3:
        return 1.0
    if pair.width <= 40 or pair.kind == "image":
        return 0.5
    return 1.0 if len(pair.real) < _FEW else max(0.1, 20 / pair.width)


def stronger(settings: Settings) -> Settings:
    """Trees of twice the leaves, and twice as many."""
    return replace(settings, leaves=2 * settings.leaves, iterations=2 * settings.iterations)


# Gains of val loss below this within the patience are not worth their trees: half of it is what V could still gain.
_LEAST_GAIN = 1e-4


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """One ensemble of trees a fold."""
    models = []
    for k, fold in enumerate(folds):
        rng = seeds.numpy("rows", k)
        fakes = rng.permutation(fold.fake.fit)[: int(len(fold.real.fit) * settings.fakes)]
        values = np.concatenate((pair.real[fold.real.fit], pair.fake[fakes]))
        y = np.repeat((1, 0), (len(fold.real.fit), len(fakes)))
        features, see = _features(pair, fold, values, y, settings, seeds)
        # The sides in the same proportion as in the fit part: weights would do, but make the binning 100 times slower.
        fakes_val = fold.fake.val[: max(1, len(fold.real.val) * len(fakes) // len(fold.real.fit))]
        val = np.concatenate((pair.real[fold.real.val], pair.fake[fakes_val]))
        y_val = np.repeat((1, 0), (len(fold.real.val), len(fakes_val)))
        model = HistGradientBoostingClassifier(
            learning_rate=settings.rate,
            max_leaf_nodes=settings.leaves,
            min_samples_leaf=min(settings.least_leaf, max(5, len(y) // 50)),
            max_features=settings.columns,
            max_iter=settings.iterations,
            early_stopping=True,
            n_iter_no_change=settings.patience,
            tol=_LEAST_GAIN,
            random_state=seeds.small("trees", k),
        )
        model.fit(features, y, X_val=see(val), y_val=y_val)
        models.append((see, model, math.log(len(fakes) / len(fold.real.fit))))

    def logit(k: int, values: Array) -> Floats:
        see, model, prior = models[k]
        out: Floats = model.decision_function(see(values)) + prior
        return out

    steps = [int(m.n_iter_) for _, m, _ in models]
    why = "no more gain on val" if max(steps) < settings.iterations else "iteration ceiling"
    return Probe(logit, settings, sum(steps), why)


Features = npt.NDArray[np.floating]

# Rows of the fit reals that are looked at for a lattice.
_GRID_ROWS = 2_000
# A column is worth its value shares when values repeat: fewer distinct values than half the rows.
_REPEATING = 0.5
# More columns than this and the shares cost more than the trees.
_MOST_ATOM_COLUMNS = 256


def _features(
    pair: Pair, fold: Fold, values: Array, y: Indices, settings: Settings, seeds: Seeds
) -> tuple[Features, Callable[[Array], Features]]:
    """The training features of ``values``, and the map that gives those of samples never trained on."""
    plain = scaling.flat(values)
    telling = _telling_columns(plain, y, settings.most_columns)
    grids = () if pair.sketch else grids_of(pair.real[fold.real.fit[:_GRID_ROWS]], pair.kind, pair.columns)
    if any(grids) and not off_grid_statistic(values, grids).any():
        grids = ()  # rows that are all on it say nothing of it

    def chosen(x: Array) -> Features:
        columns = scaling.flat(x)[:, telling]
        return np.concatenate((columns, off_grid_statistic(x, grids)), 1) if any(grids) else columns

    if pair.kind == "image":

        def pictures(x: Array) -> Features:
            return np.concatenate((chosen(x), pixels.statistics(x)), 1) if settings.statistics else chosen(x)

        return pictures(values), pictures
    scale = scaling.scaler(pair, fold, seeds)

    def with_totals(x: Array) -> Features:
        return np.concatenate((chosen(x), scale.plain(x)[:, pair.width :]), 1)

    columns = _repeating_columns(plain) if settings.atoms and pair.width <= _MOST_ATOM_COLUMNS else []
    if not columns:
        return with_totals(values), with_totals
    parts = StratifiedKFold(5, shuffle=True, random_state=seeds.small("atoms"))
    encoder = TargetEncoder(target_type="binary", cv=parts)
    shares = encoder.fit_transform(plain[:, columns], y)

    def with_shares(x: Array) -> Features:
        return np.concatenate((with_totals(x), encoder.transform(scaling.flat(x)[:, columns])), 1)

    return np.concatenate((with_totals(values), shares), 1), with_shares


def _repeating_columns(rows: Array) -> list[int]:
    """Columns whose values repeat, but that are not mere flags: a tree reads those from the column itself."""
    distinct = [len(np.unique(rows[:, j])) for j in range(rows.shape[1])]
    return [j for j, n in enumerate(distinct) if 2 < n < _REPEATING * len(rows)]


_HISTOGRAM_ROWS = 2_000
_HISTOGRAM_BINS = 16


def _telling_columns(rows: Array, y: Indices, most: int) -> Indices:
    """The ``most`` columns whose histograms differ most between the sides: trees on a thousand cost minutes."""
    if rows.shape[1] <= most:
        return np.arange(rows.shape[1])
    real, fake = (rows[y == side][:_HISTOGRAM_ROWS] for side in (1, 0))
    edges = np.quantile(np.concatenate((real, fake)), np.linspace(0, 1, _HISTOGRAM_BINS + 1)[1:-1], axis=0)
    # At each quantile of both sides together, the difference of the two distribution functions.
    differences = [np.abs((real <= edge).mean(0) - (fake <= edge).mean(0)) for edge in edges]
    return np.sort(np.argsort(-np.sum(differences, 0), kind="stable")[:most])
