"""The order of a row's own numbers, and how near the nearest two are: a maximum, a median, a copy, a clipped value.

A column that is the largest of others is equal to one of them in each row, and which one differs from row to row: no
direction shows it and no pair of columns. What does is each number's distance to the nearest other one of its row, and
its rank among them. Distances below what float32 tells apart are equal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from ganprobe.samples.sides import Array, Floats, Indices, Pair

MOST_COLUMNS = 32
# So many steps of float32 at the largest number of a column are no distance.
_STEPS = 8
# Where columns have nothing to do with each other a twentieth of the distances is near; of more by so much that many.
_NEAR, _MORE = 0.05, 0.1
_CHANCE = 1e-4
_TINY = 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class Ranks:
    """Of the coordinates at ``places``, numbers of one ``unit`` each above a ``zero``; ``least`` is no distance.

    All are ``[numbers]``: beside a column of millions, shares have distances of their own.
    """

    places: Indices
    zero: Floats
    unit: Floats
    least: Floats

    @classmethod
    def of(cls, pair: Pair, rows: Array) -> Ranks:
        """The numbers of a ``pair``, from its ``rows`` ``[n, d]``: what is no level and no code of one."""
        places = np.array(pair.numbers, np.int64)
        zero, unit = (part[places] for part in pair.scales)
        largest = np.abs(rows[:, places]).max(0, initial=0.0).astype(np.float32)
        return cls(places, zero, unit, np.maximum(_STEPS * np.abs(unit) * np.spacing(largest), _TINY))

    def numbers(self, x: Array) -> Floats:
        """As in the file: ``[n, d]`` to ``[n, numbers]``."""
        return np.asarray(x[:, self.places] * self.unit + self.zero, np.float64)

    def __call__(self, x: Array) -> Floats:
        """``[n, d]`` to logarithms of the distances to the nearest other number and ranks, ``[n, 2 * numbers]``."""
        return self._seen(self.numbers(x))

    def _seen(self, numbers: Floats) -> Floats:
        order = np.argsort(numbers, 1, kind="stable")
        gaps = np.diff(np.take_along_axis(numbers, order, 1), axis=1)
        ends = np.full((len(numbers), 1), np.inf)
        nearest = np.minimum(np.hstack((ends, gaps)), np.hstack((gaps, ends)))
        seen = np.empty((2, *numbers.shape))
        np.put_along_axis(seen[0], order, nearest, 1)
        seen[0] = np.log(np.maximum(seen[0], self.least))
        np.put_along_axis(seen[1], order, np.broadcast_to(np.arange(float(numbers.shape[1])), numbers.shape), 1)
        return np.hstack(tuple(seen))

    def found(self, real: Array, fake: Array) -> bool:
        """Whether numbers of one side's rows are near more often than by chance, and the sides differ in what is seen.

        Chance is each column in an order of its own.
        """
        sides = [self.numbers(side) for side in (real, fake)]
        seen = [self._seen(side) for side in sides]
        if not any(self._near(side, own) for side, own in zip(sides, seen, strict=True)):
            return False
        columns = zip(*(side.T for side in seen), strict=True)
        p = [float(np.asarray(stats.ks_2samp(*column).pvalue)) for column in columns]
        return min(p) * len(p) < _CHANCE

    def _near(self, numbers: Floats, seen: Floats) -> bool:
        d = numbers.shape[1]
        by_chance = self._seen(np.random.default_rng(d).permuted(numbers, axis=0))[:, :d]
        near = np.quantile(by_chance, _NEAR, axis=0)
        return bool(((seen[:, :d] <= near).mean(0) > (by_chance <= near).mean(0) + _MORE).any())
