"""What goes together with what: log odds of the cells of pairs and triples of columns, and trees on them.

A table whose columns were permuted one by one has every column right, and its rows are impossible. Trees that split one
column at a time hardly see it; how often each cell of two columns was real among the other fit rows is the answer
itself. The cells' log odds are cross-fitted inside the fit part, so that no row sees its own label. Which pairs and
triples are worth it is decided by their counts there: what JS they show beyond what is left of chance. That of two
columns of fifteen values is large among a thousand rows: so each number is looked at once more, cut in the middle.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from scipy import special, stats

from ganprobe.objective import js_of_masses
from ganprobe.plan import Budget
from ganprobe.probes import Probe
from ganprobe.probes._designs import Design, Learning, Rows, learn
from ganprobe.samples.cells import Column, cross_fitted, divided, groups, log_odds, together
from ganprobe.samples.folds import Fold, Folds
from ganprobe.samples.scaling import flat
from ganprobe.samples.sides import Array, Floats, Indices, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``pairs``, ``triples``: how many of each are kept; ``bins``: cells of a number; ``trees``: how many at most.

    ``rows``: most fit rows of a side; ``added``: rows added to each count.
    """

    rows: int = 40_000
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
    """Trees on the columns and the chosen cells' log odds; regressions on these, and on those beyond chance."""

    def make(rows: Rows, fold: Fold, k: int) -> list[Design]:
        values = flat(rows.values)
        fine = [Column.of(values, own, settings.bins) for own in groups(pair).values()]
        columns = [*fine, *(_halved(values, column) for column in fine)]
        codes = [column(values) for column in columns]
        chosen, sure = _chosen(columns, codes, rows.y, settings)
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
        designs = [Design("trees", "trees", with_columns, beside), Design("odds", "regression", see, train)]
        if 0 < len(sure) < len(chosen):
            designs.append(Design("surest odds", "regression", lambda x: see(x)[:, sure], train[:, sure]))
        return designs

    learning = Learning(settings.rows, rate=0.1, leaves=16, iterations=settings.trees)
    return learn(pair, folds, settings, learning, seeds, make)


# Standard errors above chance of what is looked at, and of what is hardly chance among a thousand combinations.
_ERRORS, _SURE = 2.0, 4.0
# Of a column of no more cells than this there is nothing to halve.
_FEW_CELLS = 4


def _halved(rows: Array, column: Column) -> Column:
    """A number's ``column`` cut at the median of ``rows`` ``[n, d]``; levels of several coordinates as they are."""
    if len(column.places) > 1 or column.size <= _FEW_CELLS:
        return column
    return Column.of(rows, column.places, 2, most_levels=2)


# All triples are looked at where there are no more than this, else those that extend the best pairs.
_MOST_TRIPLES = 250


def _chosen(
    columns: Sequence[Column], codes: Sequence[Indices], y: Indices, settings: Settings
) -> tuple[list[tuple[int, ...]], list[int]]:
    """The combinations, as numbers of columns, that show most beyond what a column or a pair of them does.

    The second half of ``columns`` are the first, halved; the two are not mixed. Behind them, the places of those that
    chance would hardly have put first among so many.
    """
    seen = _seen(columns, codes, y)

    def best(candidates: Iterable[tuple[int, ...]], most: int) -> list[tuple[int, ...]]:
        gains = [(_gain(seen, which), which) for which in candidates]
        return [which for gain, which in sorted(gains, reverse=True)[:most] if gain > 0]

    d = len(columns) // 2
    every, halves = range(d), range(d, 2 * d)

    def candidates(size: int) -> list[tuple[int, ...]]:
        halved = (w for w in itertools.combinations(halves, size) if any(columns[j] is not columns[j - d] for j in w))
        return [*itertools.combinations(every, size), *halved]

    pairs = best(candidates(2), settings.pairs)
    if math.comb(d, 3) <= _MOST_TRIPLES:
        wider = set(candidates(3))
    else:
        beside = ((two, j) for two in pairs[: settings.triples] for j in (every if two[0] < d else halves))
        wider = {tuple(sorted((*two, j))) for two, j in beside if j not in two}
    triples = best(sorted(wider), settings.triples)
    chosen = [*best([(j,) for j in every], d), *pairs, *triples]
    beyond = [place for place, which in enumerate(chosen) if _gain(seen, which, _SURE) > 0]
    # Of the same columns, whole and halved, the surer.
    by_errors = sorted(beyond, key=lambda place: _gain(seen, chosen[place], 0.0) / (seen(chosen[place])[1] or 1.0))
    return chosen, sorted({tuple(j % d for j in chosen[place]): place for place in by_errors}.values())


Seen = Callable[[tuple[int, ...]], tuple[float, float]]


def _seen(columns: Sequence[Column], codes: Sequence[Indices], y: Indices) -> Seen:
    """From numbers of columns to the JS that their cells show together, beyond chance, and its standard error."""

    @cache
    def seen(which: tuple[int, ...]) -> tuple[float, float]:
        code = together([columns[j] for j in which], [codes[j] for j in which])
        return _js(code, math.prod(columns[j].size for j in which), y)

    return seen


def _gain(seen: Seen, which: tuple[int, ...], errors: float = _ERRORS) -> float:
    """What ``which`` show together, less so many standard errors, beyond what all but one of them do."""
    fewer = (seen(w) for w in itertools.combinations(which, len(which) - 1) if w)
    js, error = seen(which)
    return js - errors * error - max((0.0, *(one - _ERRORS * of_one for one, of_one in fewer)))


# Codes up to here are counted without being sorted first.
_COUNTED = 200_000


def _js(code: Indices, size: int, y: Indices) -> tuple[float, float]:
    """JS of the counts of equally many reals and fakes, less its mean by chance; and its standard error by chance."""
    if size > _COUNTED:
        code = np.unique(code, return_inverse=True)[1]
    n = len(y) / 2
    rows = np.bincount(code)
    real = np.bincount(code[y == 1], minlength=len(rows))
    fake = rows - real
    mean, variance = _by_chance()[:, np.minimum(rows[rows > 0], _MANY)]
    chance = float(mean.sum() - mean[0]) / n
    return js_of_masses(real[rows > 0] / n, fake[rows > 0] / n) - chance, math.sqrt(variance.sum()) / n


# From so many rows in a cell on its share of JS is a chi square.
_MANY = 200


@cache
def _by_chance() -> Floats:
    """Mean and variance ``[2, rows]`` of n times the JS that a cell of so many rows adds by chance.

    One row shows log 2 / 2, two as much, and many 1/4: cells that are nearly empty show more than a chi square would.
    """
    out = np.zeros((2, _MANY + 1))
    for rows in range(1, _MANY + 1):
        k = np.arange(rows + 1)
        shown = (special.xlogy(k, 2 * k / rows) + special.xlogy(rows - k, 2 * (rows - k) / rows)) / 2
        weight = stats.binom.pmf(k, rows, 0.5)
        out[:, rows] = (mean := shown @ weight), ((shown - mean) ** 2) @ weight
    return out
