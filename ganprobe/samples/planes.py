r"""Thin structure in a plane of two columns: whose neighbours are whose, by the ranks of two columns alone.

Roads on a map, spirals and fields of a checkerboard are lost among the other columns: of rows in three dimensions none
is near, and in each column alone nothing is to be seen. In the plane of the right two the nearest rows tell. With the
share of the K nearest rows that are of a row's own side,

    T = mean over rows,    E T = (n - 1) / (2n - 1),    Var T <= 1 / (4 n K),

of n rows a side that have one law (Schilling 1986; at most all neighbours are mutual), planes are found whatever the
shape. Ranks are those of both sides together, for a thin curve that each side had at its own would be two; and then
those of each side by itself, so that what single columns show has no part.

A plane may lie anywhere among the columns. Beside these, the whitened directions z are looked at in which

    E |z|^2 z z^T

is least like that of a Gaussian (Cardoso 1989): structure in a plane of them makes its two stand out.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from ganprobe.samples.sides import Array, Floats, Indices, Pair

# Columns of which all planes are looked at, by so many rows a side; of fewer values they have cells, which are counted.
_MOST_COLUMNS, _LOOKED_AT, _LEAST_VALUES = 8, 1_500, 33
# Directions that stand out, of so many columns at most; rows further out than this are taken as that far.
_MOST_TURNED, _TURNED, _FAR = 32, 4, 3.0
_RESOLVED, _SPREAD_OVER = 1e-6, 10_000
# Neighbours that are asked whether a plane tells, and by how many standard errors of chance it does; planes kept.
_ASKED, _SURE, _MOST = 8, 6.0, 4
# Neighbours by whose shares a row's odds are told.
_NEAR = (6, 24)


@dataclass(frozen=True, slots=True, eq=False)
class Planes:
    """The ``planes`` ``[k, 2]`` of columns that tell; of each the sorted ``levels`` ``[n, 2]`` and a tree of the ranks.

    ``y``: whose the n rows are. Columns from d on are those of ``turned`` ``[d, m]``.
    """

    planes: Indices
    turned: Array
    y: Indices
    levels: tuple[Array, ...]
    trees: tuple[cKDTree, ...]

    def __call__(self, x: Array) -> Floats:
        """``[n, d]`` to log odds by the nearest rows and ranks, ``[n, k * 4]``."""
        x = _beside(x, self.turned)
        asked = [_ranks(levels, x[:, plane]) for plane, levels in zip(self.planes, self.levels, strict=True)]
        return self._seen(asked, 0)

    def own(self) -> Floats:
        """The same of the rows themselves, each without itself."""
        return self._seen([tree.data for tree in self.trees], 1)

    def _seen(self, asked: Sequence[Floats], first: int) -> Floats:
        found = []
        for tree, points in zip(self.trees, asked, strict=True):
            places = np.asarray(tree.query(points, _NEAR[-1] + first)[1])[:, first:]
            real = np.cumsum(self.y[places], 1)[:, [k - 1 for k in _NEAR]]
            found += [np.log(real + 0.5) - np.log(np.array(_NEAR) - real + 0.5), points]
        return np.concatenate(found, 1)


def planes(pair: Pair, real: Array, fake: Array) -> Planes | None:
    """The planes where rows of ``real`` and of ``fake`` ``[n, d]`` lie among their own, the surest first, or None."""
    n = min(len(real), len(fake), _LOOKED_AT)
    turned = _turned(pair, np.concatenate((real[:_SPREAD_OVER], fake[:_SPREAD_OVER])))
    real, fake = _beside(real, turned), _beside(fake, turned)
    rows = np.concatenate((real[:n], fake[:n]))
    places = [j for j in pair.numbers if len(np.unique(rows[:, j])) >= _LEAST_VALUES]
    places = [*(places if len(places) <= _MOST_COLUMNS else []), *range(pair.width, rows.shape[1])]
    if len(places) < 2:
        return None
    sides = [rows[:n, places], rows[n:, places]]
    points = _ranks(np.sort(rows[:, places], 0), rows[:, places], drawn=True)
    apart = np.concatenate([_ranks(np.sort(side, 0), side, drawn=True) for side in sides])
    told = {}
    for a, b in itertools.combinations(range(len(places)), 2):
        together = _among_their_own(points[:, [a, b]], n)
        sure = min(together, _among_their_own(apart[:, [a, b]], n)) if together > _SURE else together
        told[places[a], places[b]] = sure
    kept = sorted((plane for plane in told if told[plane] > _SURE), key=lambda plane: -told[plane])[:_MOST]
    if not kept:
        return None
    every = np.concatenate((real, fake))
    levels = tuple(np.sort(every[:, plane], 0) for plane in kept)
    trees = (cKDTree(_ranks(own, every[:, plane], drawn=True)) for plane, own in zip(kept, levels, strict=True))
    return Planes(np.array(kept), turned, np.repeat((1, 0), (len(real), len(fake))), levels, tuple(trees))


def _beside(x: Array, turned: Array) -> Array:
    """``[n, d]`` with the directions of ``turned`` ``[d, m]`` behind them."""
    return np.concatenate((x, x @ turned), 1)


def _turned(pair: Pair, rows: Array) -> Array:
    """The whitened directions of ``rows`` ``[n, d]`` that are least Gaussian, ``[d, m]``."""
    numbers = [j for j in pair.numbers if np.ptp(rows[:, j]) > 0]
    if not 3 <= len(numbers) <= _MOST_TURNED:
        return np.zeros((rows.shape[1], 0), np.float32)
    x = rows[:, numbers].astype(np.float64)
    spread = x.std(0)
    x = np.clip((x - x.mean(0)) / spread, -_FAR, _FAR)
    variance, axes = np.linalg.eigh(np.cov(x.T))
    white = axes / np.sqrt(np.maximum(variance, _RESOLVED * variance[-1]))
    z = (x - x.mean(0)) @ white
    weighted = (z * np.minimum((z**2).sum(1), _FAR**2 * len(numbers))[:, None]).T @ z / len(z)
    value, own = np.linalg.eigh(weighted)
    out = np.argsort(-np.abs(value - np.median(value)))[:_TURNED]
    turned = np.zeros((rows.shape[1], len(out)), np.float32)
    turned[numbers] = (white @ own[:, out]) / spread[:, None]
    return turned


def _among_their_own(points: Floats, n: int) -> float:
    """By how many standard errors rows have more neighbours of their own side; the first ``n`` are of one."""
    nearest = np.asarray(cKDTree(points).query(points, _ASKED + 1)[1])[:, 1:]
    own = (nearest < n) == (np.arange(2 * n) < n)[:, None]
    return float((own.mean() - (n - 1) / (2 * n - 1)) * 2 * math.sqrt(n * _ASKED))


def _ranks(levels: Array, x: Array, drawn: bool = False) -> Floats:
    """Ranks among sorted ``levels`` of ``x``, columns alike, in [0, 1]; the middle one of equal values, or one drawn.

    Rows at one point have no nearest, and whichever the search meets first would be of one side.
    """
    chance = np.random.default_rng(0).random(x.shape) if drawn else np.full(x.shape, 0.5)
    found = []
    for known, own, part in zip(levels.T, x.T, chance.T, strict=True):
        low, high = np.searchsorted(known, own, "left"), np.searchsorted(known, own, "right")
        found.append((low + part * (high - low)) / len(known))
    return np.stack(found, 1)
