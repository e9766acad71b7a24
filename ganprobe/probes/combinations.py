"""What goes together with what: log odds of the cells of pairs and triples of columns, and trees on them.

A table whose columns were permuted one by one has every column right, and its rows are impossible. Trees that split one
column at a time hardly see it; how often each cell of two columns was real among the other fit rows is the answer
itself. The cells' log odds are cross-fitted inside the fit part, so that no row sees its own label. Which pairs and
triples are worth it is decided by their counts there: what JS they show beyond what is left of chance.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from ganprobe.objective import js_of_masses
from ganprobe.plan import Budget
from ganprobe.probes import Probe
from ganprobe.probes._designs import Design, Learning, Rows, learn
from ganprobe.samples.cells import Column, cross_fitted, divided, groups, log_odds, together
from ganprobe.samples.folds import Fold, Folds
from ganprobe.samples.scaling import flat
from ganprobe.samples.sides import Array, Indices, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``pairs``, ``triples``: how many of each are kept; ``bins``: cells of a number; ``trees``: how many at most.

    ``rows``: most fit rows of a side; ``added``: rows added to each count.
    """

    rows: int = 20_000
    pairs: int = 60
    triples: int = 20
    bins: int = 24
    trees: int = 400
    added: float = 0.5


COSTLY = False
_MOST_COLUMNS = 64
# A column has few values if it has no more than this share of its rows.
_FEW = 0.2
_LOOKED_AT = 5_000


def applies(pair: Pair) -> str | None:
    """Where two columns at least have few values, of 64 at most."""
    if pair.kind == "image":
        return "pictures have no columns"
    if not 2 <= len(places := groups(pair)) <= _MOST_COLUMNS:
        return f"combinations are looked for among 2 to {_MOST_COLUMNS} columns"
    rows = flat(pair.real[:_LOOKED_AT])
    few = sum(len(np.unique(rows[:, own], axis=0)) <= _FEW * len(rows) for own in places.values())
    return None if few >= 2 else "fewer than two columns have few values"


def settings(budget: Budget, pair: Pair) -> Settings:
    """Fewer combinations and trees for ``fast``."""
    if budget == "fast":
        return Settings(rows=6_000, pairs=12, triples=4, bins=12, trees=60)
    return replace(Settings(), rows=60_000, pairs=100, triples=60, trees=800) if budget == "thorough" else Settings()


def stronger(settings: Settings) -> Settings:
    """Twice the combinations and trees."""
    return replace(settings, pairs=2 * settings.pairs, triples=2 * settings.triples, trees=2 * settings.trees)


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """Trees on the columns and the chosen cells' log odds, and a regression on the log odds alone."""

    def make(rows: Rows, fold: Fold, k: int) -> list[Design]:
        values = flat(rows.values)
        columns = [Column.of(values, own, settings.bins) for own in groups(pair).values()]
        codes = [column(values) for column in columns]
        chosen = _chosen(columns, codes, rows.y, settings)
        if not chosen:
            return []
        own = [together([columns[j] for j in which], [codes[j] for j in which]) for which in chosen]
        part = divided(len(rows.y), seeds.numpy("parts", k))
        odds, train = cross_fitted(own, rows.y, part, settings.added)

        def see(x: Array) -> Array:
            seen = [column(flat(x)) for column in columns]
            return log_odds(odds, (together([columns[j] for j in which], [seen[j] for j in which]) for which in chosen))

        def with_columns(x: Array) -> Array:
            return np.concatenate((see(x), flat(x)), 1)

        beside = np.concatenate((train, values), 1)
        return [Design("trees", "trees", with_columns, beside), Design("odds", "regression", see, train)]

    learning = Learning(settings.rows, rate=0.1, leaves=16, iterations=settings.trees)
    return learn(pair, folds, settings, learning, seeds, make)


# All triples are looked at where there are no more than this, else those that extend the best pairs.
_MOST_TRIPLES = 250


def _chosen(
    columns: Sequence[Column], codes: Sequence[Indices], y: Indices, settings: Settings
) -> list[tuple[int, ...]]:
    """The combinations, as numbers of columns, that show most beyond what a column or a pair of them does."""

    @cache
    def shown(which: tuple[int, ...]) -> float:
        code = together([columns[j] for j in which], [codes[j] for j in which])
        return _js(code, math.prod(columns[j].size for j in which), y)

    def best(candidates: Iterable[tuple[int, ...]], most: int) -> list[tuple[int, ...]]:
        gains = [(shown(w) - max(0.0, *map(shown, itertools.combinations(w, len(w) - 1))), w) for w in candidates]
        return [which for gain, which in sorted(gains, reverse=True)[:most] if gain > 0]

    every = range(len(columns))
    pairs = best(itertools.combinations(every, 2), settings.pairs)
    if math.comb(len(columns), 3) <= _MOST_TRIPLES:
        wider: set[tuple[int, ...]] = set(itertools.combinations(every, 3))
    else:
        wider = {tuple(sorted({*two, j})) for two in pairs[: settings.triples] for j in every if j not in two}
    triples = best(sorted(wider), settings.triples)
    return [*((j,) for j in every if shown((j,)) > 0), *pairs, *triples]


# Codes up to here are counted without being sorted first.
_COUNTED = 200_000


def _js(code: Indices, size: int, y: Indices) -> float:
    """JS of the counts of both sides, less its bias and two standard deviations of what chance shows."""
    if size > _COUNTED:
        code = np.unique(code, return_inverse=True)[1]
    real, fake = np.bincount(code[y == 1]), np.bincount(code[y == 0])
    length = max(len(real), len(fake))
    real, fake = (np.pad(side, (0, length - len(side))) for side in (real, fake))
    shown = (real + fake) > 0
    n, m, cells = real.sum(), fake.sum(), int(shown.sum())
    chance = ((cells - 1) / 8 + (cells / 8) ** 0.5) * (1 / n + 1 / m)
    return js_of_masses(real[shown] / n, fake[shown] / m) - float(chance)
