r"""What the other rows with the same value say: the region of a city, the price of an article, the maker of a model.

A table is full of columns that follow from another (functional dependencies), and of their many values each is in a few
rows. Counts of cells say little then: a cell that was never seen may be impossible or just rare. But where a key k came
n_k times and with v in n_kv of them, the pair has

    s = log (n_kv + p_v) / ((n_k + 1) p_v),

log P(v | k) / P(v) with one row of prior, by the share p_v of v alone: far below 0 where k always came with another
value, 0 where k is new. It is taken by the other rows of either side, so that no row sees itself, and the difference of
the two is the log odds of the row. A key may be two columns together: a rate by country and year.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ganprobe.samples.cells import PARTS, Column, elsewhere, together
from ganprobe.samples.sides import Array, Floats, Indices

# A key of fewer values has its cells filled, and these are counted; each comes so often on both sides together.
_LEAST_KEYS = 12
_OFTEN = 1.25
_MOST_KEY_COLUMNS, _MOST_COLUMNS = 7, 32
_BINS = 12
_SEARCHED = 2_500
# The chance of what is kept where both sides have one law: one of hundreds of pairs in a thousand audits.
_CHANCE = 1e-6
_MOST = 6


@dataclass(frozen=True, slots=True, eq=False)
class Lookup:
    """A ``key`` column and a ``value`` column; ``sure``: standard errors by which the sides' log odds differ."""

    key: Column
    value: Column
    sure: float = 0.0

    def __call__(self, x: Array) -> tuple[Indices, Indices, Indices]:
        """``[n, d]`` to the codes of keys, of values and of both, ``[n]`` each."""
        codes = self.key(x), self.value(x)
        return *codes, together((self.key, self.value), codes)


def shares(values: Indices, y: Indices, size: int) -> Floats:
    """The share of each value on either side, ``[size, 2]``, none of them 0."""
    counts = np.stack([np.bincount(values[y == side], minlength=size) for side in (1, 0)], 1) + 0.5
    return np.asarray(counts / counts.sum(0))


def log_odds(both: Floats, keys: Floats, share: Floats) -> Floats:
    """The features of a row, ``[n, 3]``, of what its pair and its key were seen, ``[n, 2]``, and its value's share."""
    shown = np.log((both + share) / ((keys + 1) * share))
    return np.stack((shown[:, 0] - shown[:, 1], shown[:, 0], np.log1p(keys[:, 0])), 1)


def lookups(groups: Mapping[str, Indices], real: Array, fake: Array) -> tuple[Lookup, ...]:
    """Keys and values that belong together otherwise among ``real`` than among ``fake`` ``[n, d]``, the surest first.

    ``groups``: the coordinates of each column.
    """
    n = min(len(real), len(fake), _SEARCHED)
    rows, y = np.concatenate((real[:n], fake[:n])), np.repeat((1, 0), (n, n))
    part = np.arange(2 * n) % PARTS
    columns = [Column.of(rows, places, _BINS) for places in groups.values()]
    keys = _keys(list(groups.values()), rows)
    codes = {which: key(rows) for which, key in keys.items()}
    seen = {which: elsewhere(code, y, part) for which, code in codes.items()}
    found = []
    for j, value in enumerate(columns[:_MOST_COLUMNS] if keys else []):
        own = value(rows)
        share = shares(own, y, value.size)[own]
        for which in (which for which in keys if j not in which):
            both = together((keys[which], value), (codes[which], own))
            if (sure := _apart(elsewhere(both, y, part), seen[which], share, y)) > stats.norm.isf(_CHANCE):
                found.append(Lookup(keys[which], value, sure))
    return tuple(sorted(found, key=lambda lookup: -lookup.sure)[:_MOST])


def _keys(groups: Sequence[Indices], rows: Array) -> dict[tuple[int, ...], Column]:
    """Columns whose values come again in ``rows`` ``[n, d]``, by their numbers, and pairs of those that do."""

    def of(which: tuple[int, ...]) -> Column:
        return Column.of(rows, np.concatenate([groups[i] for i in which]), 2, len(rows), _OFTEN)

    repeat = {(i,): key for i in range(len(groups)) if (key := of((i,))).edges is None and len(key.levels) > 1}
    repeat = dict(sorted(repeat.items(), key=lambda item: -len(item[1].levels))[:_MOST_KEY_COLUMNS])
    two = {(*a, *b): of((*a, *b)) for a, b in itertools.combinations(repeat, 2)}
    return {which: key for which, key in (repeat | two).items() if key.edges is None and len(key.levels) >= _LEAST_KEYS}


def told(keys: Sequence[Indices], values: Sequence[Indices]) -> float:
    """By how many standard errors reals have more log odds, by what other rows with their key say: sides ``[n]``."""
    n = min(map(len, keys))
    key, value = (np.concatenate([side[:n] for side in sides]) for sides in (keys, values))
    y, part = np.repeat((1, 0), (n, n)), np.arange(2 * n) % PARTS
    size = int(value.max()) + 1
    share = shares(value, y, size)[value]
    return _apart(elsewhere(key * size + value, y, part), elsewhere(key, y, part), share, y)


def _apart(both: Floats, keys: Floats, share: Floats, y: Indices) -> float:
    """By how many standard errors reals have more log odds; see `log_odds`."""
    odds = log_odds(both, keys, share)[:, 0]
    real, fake = odds[y == 1], odds[y == 0]
    spread = np.sqrt(real.var() / len(real) + fake.var() / len(fake))
    return float((real.mean() - fake.mean()) / spread) if spread > 0 else 0.0
