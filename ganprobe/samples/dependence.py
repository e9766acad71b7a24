"""Do the rows of a side depend on each other? Bounds and intervals hold for independent rows only.

**In order.** Row i lies e_h = |x_i - (x_{i-h} + x_{i+h}) / 2| from the line between the rows h before and h after it.
Where rows come in no order, e_1 and e_4 have one law, and one is the smaller as often as the other; in a time series,
in frames of a film or where the rows of a person stand together, e_1 is smaller. Sorted rows are none of these: a
column that only rises or only falls takes no part, and the line is drawn over it, so that what follows it smoothly
stays on the line; and where labels or a column change once for each value, only rows between two changes are compared.

**In no order.** With r_k the distance of a row to the k-th nearest of its own side, log(r_2k / r_k) has mean
(psi(2k) - psi(k)) / d on a smooth law of d dimensions, so that the inverse dimensions

    g_k = E log(r_2k / r_k) / (psi(2k) - psi(k)),    k = 1, 2, 4, 8, 16

are about equal. Rows in groups of m near copies have a jump behind the m-th: g_k is large for the k just below m. So
has a law of many tight clusters, but then the rows of the other side that fall into them see the same. Near copies are
said to be there where g_k exceeds g_16, and exceeds it more than it does from the other side. Columns of few values are
left out: rows that share a rare category are no copies. Copies with a few cells of others are found by distances that
leave out the coordinates in which two rows differ most: up to three, where three or more are left.

A lattice that is blurred, turned or not, is a law of hundreds of tight clusters too. It gives itself away by the steps
from one row of each cluster to those of its neighbours: they are few, blurred as the clusters are, so that hardly more
of them lie within four times the distance inside a cluster of a step than within two. Of groups at places of chance
2^d times as many do.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.special import psi

from ganprobe.record.dependence import SideDependence
from ganprobe.samples.neighbours import nearest
from ganprobe.samples.once import once
from ganprobe.samples.sides import Array, Floats, Indices, Kind

# Rows that are looked at, and multiplications that their neighbours may cost.
_ORDERED_ROWS = 4_000
_COMPARED_ROWS = 1_500
_NEIGHBOUR_COST = 1e10
# Rows that a column's spread is read on.
_SPREAD_ROWS = 1_000

_LAG = 4
# Fewer comparisons say nothing; a sorted file in which some remain is judged by these.
_LEAST_TRIPLES = 100
STEPS_ABOVE = 0.56
STEPS_Z = 5.0
# What follows a sorted column to within this share of its spread may be a function of it.
_ON_THE_LINE = 0.02
# Changes of direction of a column that is still sorted: two or three sorted files in one.
_TURNS = 3
# A column that changes once for each value, and less often than each eighth row, sorts the rows.
_RUNS = 8

_OCTAVES = (1, 2, 4, 8)
_LAST_OCTAVE = 16
_LEAST_COMPARED = 100
# Fewer groups than this are the modes of a law.
_LEAST_GROUPS = 60
# Columns of fewer distinct values are categories, counts or grids.
_CONTINUOUS = 0.5
# Coordinates left out, rows whose neighbours are looked for so, and columns in which they are.
_LEFT_OUT, _ASKED_ROWS, _FEWEST_LEFT, _MOST_COLUMNS = 3, 400, 3, 32
# Of rows that share a value in some coordinates no distance is left between the others.
_SMOOTH = 0.9
# What chance gives falls with the square root of the number of rows.
_JUMP, _JUMP_BY_CHANCE = 1.2, 2.5

Mask = npt.NDArray[np.bool_]


def measure(side: Array, other: Array, kind: Kind, rows: Indices, labels: Indices | None) -> SideDependence:
    """Of the rows of ``side`` ``[n, *shape]``, at ``rows`` of their file with ``labels``, as seen beside ``other``."""
    steps, z = _in_order(side, kind, rows, labels)
    jump, size, most_by_chance = _in_no_order(side, other, kind)
    return SideDependence(
        steps=steps,
        steps_z=z,
        jump=jump,
        group_size=size,
        ordered=steps is not None and z is not None and steps > STEPS_ABOVE and z > STEPS_Z,
        near_copies=jump is not None and jump > most_by_chance,
    )


def _standardised(values: Array, reference: Array) -> Floats:
    """``[n, d]`` by the median and the spread of ``reference``, squashed beyond three of these; float64."""
    few = reference[:: -(-len(reference) // _SPREAD_ROWS)].astype(np.float64)
    low, centre, high = np.quantile(few, (0.16, 0.5, 0.84), axis=0)
    spread = np.where(high > low, (high - low) / 2, reference.std(0, dtype=np.float64))
    z = (values - centre) / np.where(spread > 0, spread, 1.0)
    squashed: Floats = np.sign(z) * np.where(np.abs(z) > 3, 3 + np.log1p(np.maximum(np.abs(z) - 3, 0)), np.abs(z))
    return squashed


# -- in order -------------------------------------------------------------------


def _in_order(side: Array, kind: Kind, rows: Indices, labels: Indices | None) -> tuple[float | None, float | None]:
    """How often e_1 is less than e_4, one half where order means nothing, and by how many standard errors more."""
    order = np.argsort(rows, kind="stable")[:_ORDERED_ROWS]
    x = side[order].reshape(len(order), -1)
    keys = np.zeros(max(0, len(x) - 1), bool)
    if labels is not None and _is_run(labels[order]):
        keys |= labels[order][1:] != labels[order][:-1]
    compared, position = np.ones(x.shape[1], bool), np.arange(len(x), dtype=np.float64)
    following = None
    if kind != "image":
        keys, compared, following = _without_keys(x, keys)
    whole = _unbroken(keys)
    if whole.sum() < _LEAST_TRIPLES or not compared.any():
        return None, None
    points = _standardised(x[:, compared], x[:, compared])
    position = position if following is None else x[:, following].astype(np.float64)
    near, far = (_off_the_line(points, position, h)[whole] for h in (1, _LAG))
    if following is not None and float(np.median(far)) < _ON_THE_LINE * math.sqrt(points.shape[1]):
        return 0.5, 0.0
    share = float(((near < far) + (near == far) / 2).mean())
    return share, (share - 0.5) * 2 * math.sqrt(len(near))


def _without_keys(x: Array, keys: Mask) -> tuple[Mask, Mask, int | None]:
    """Where a key changes between rows of ``x`` ``[n, d]``, the columns that are none, and the first sorted one.

    A key is a column that sorts the rows: by itself, or among those that are alike in the keys before it.
    """
    compared, following = np.ones(x.shape[1], bool), None
    changes, alike = x[1:] != x[:-1], ~keys
    while True:
        found = compared & _sorted(x, alike) & changes.any(0)
        few = changes.sum(0) <= len(x) / _RUNS
        runs = np.flatnonzero(compared & ~found & few)
        found[runs] = [_is_run(x[:, j]) for j in runs]
        if not found.any():
            return keys, compared, following
        for j in np.flatnonzero(found):
            if few[j]:
                keys = keys | changes[:, j]
            elif following is None:
                following = int(j)
            if (alike & ~changes[:, j]).sum() >= _LEAST_TRIPLES:
                alike &= ~changes[:, j]
        compared &= ~found


def _sorted(x: Array, alike: Mask) -> Mask:
    """Which columns only rise or only fall between rows that are ``alike``, up to `_TURNS` changes of direction."""
    rises, falls = ((x[1:] > x[:-1])[alike].sum(0), (x[1:] < x[:-1])[alike].sum(0))
    mask: Mask = np.minimum(rises, falls) <= _TURNS
    return mask


def _is_run(column: npt.NDArray[np.generic]) -> bool:
    """Whether each of several values is in one run of rows, and runs are long."""
    changes = int((column[1:] != column[:-1]).sum())
    return 0 < changes <= len(column) / _RUNS and len(np.unique(column)) == changes + 1


def _unbroken(keys: Mask) -> Mask:
    """For which of the rows `_LAG` to n - `_LAG` no key changes from `_LAG` before to `_LAG` after."""
    change = np.concatenate(([0], np.cumsum(keys)))
    whole: Mask = change[2 * _LAG :] == change[: -2 * _LAG]
    return whole


def _off_the_line(points: Floats, position: Floats, h: int) -> Floats:
    """e_h of the rows `_LAG` to n - `_LAG`, the line drawn over ``position``."""
    middle = np.arange(_LAG, len(points) - _LAG)
    before, at, after = position[middle - h], position[middle], position[middle + h]
    span = after - before
    weight = np.where(span != 0, (at - before) / np.where(span != 0, span, 1.0), 0.5).clip(0, 1)[:, None]
    line = (1 - weight) * points[middle - h] + weight * points[middle + h]
    return np.asarray(np.linalg.norm(points[middle] - line, axis=1), np.float64)


# -- in no order ----------------------------------------------------------------


def _in_no_order(side: Array, other: Array, kind: Kind) -> tuple[float | None, int | None, float]:
    """By what factor the largest g_k exceeds g_16, there and against the other side, the k, and what chance explains.

    None where untold. Of whole distances, or of those that leave some coordinates out where these say more.
    """
    most = min(_COMPARED_ROWS, int(math.sqrt(_NEIGHBOUR_COST / math.prod(side.shape[1:]))))
    own, others = (values[:most].reshape(-1, math.prod(side.shape[1:])) for values in (side, other))
    if kind != "image":
        continuous = np.array([len(np.unique(column)) for column in own.T]) > _CONTINUOUS * len(own)
        own, others = own[:, continuous], others[:, continuous]
    own = np.unique(own, axis=0)
    if min(len(own), len(others)) < _LEAST_COMPARED or not own.shape[1]:
        return None, None, math.inf
    points, beside = (np.asarray(_standardised(values, own), np.float32) for values in (own, others))
    (inner,), outer = once(_own_profile, points), _profile(beside, points, False)
    found = [(*_jump(inner, outer, len(own)), _by_chance(len(own)))]
    jump, size, limit = found[0]
    if jump is not None and size is not None and jump > limit and _is_lattice(points, max(1, size // 2)):
        return 1.0, None, math.inf
    smooth = np.array([len(np.unique(column)) for column in points.T]) > _SMOOTH * len(points)
    points, beside = points[:, smooth], beside[:, smooth]
    left_out = min(_LEFT_OUT, points.shape[1] - _FEWEST_LEFT)
    if kind != "image" and left_out > 0 and points.shape[1] <= _MOST_COLUMNS:
        asked = np.linspace(0, len(own) - 1, min(_ASKED_ROWS, len(own))).astype(np.int64)
        (inner,) = once(_own_but, points, left_out, asked)
        outer = _growth(_nearest_but(beside[:_ASKED_ROWS], points, left_out, None))
        found.append((*_jump(inner, outer, len(own)), _by_chance(len(asked))))
    told = [(jump, k, limit) for jump, k, limit in found if jump is not None]
    return max(told, key=lambda f: f[0] / f[2]) if told else found[0]


# Distances inside a cluster within which steps are the same, or might be; by how much few of these are more; and how
# many that are the same make a lattice.
_SAME_STEP, _LIKE_STEP, _HARDLY_MORE, _LEAST_SAME = 2.0, 4.0, 1.5, 10.0
_STEPS, _ASKED_STEPS = 8, 300


def _is_lattice(points: Array, k: int) -> bool:
    """Whether the clusters of ``points`` ``[n, d]``, of more than ``k``, lie at the steps of a lattice."""
    distances, places = nearest(points, points, _LAST_OCTAVE, exclude_self=True)
    inside = float(np.median(distances[:, k - 1]))
    later = ((distances < _SAME_STEP * inside) & (places < np.arange(len(points))[:, None])).any(1)
    one_of_each = points[~later]
    if len(one_of_each) < _LEAST_GROUPS or inside == 0 or points.shape[1] < 2:
        return False
    beside = nearest(one_of_each, one_of_each, _STEPS, exclude_self=True)[1]
    steps = (one_of_each[beside] - one_of_each[:, None]).reshape(-1, points.shape[1])
    few = steps[:: -(-len(steps) // _ASKED_STEPS)]
    apart = np.linalg.norm(few[:, None] - steps, axis=2)
    same, like = ((apart < far * inside).sum(1).mean() - 1 for far in (_SAME_STEP, _LIKE_STEP))
    return bool(same > _LEAST_SAME and like < _HARDLY_MORE * same)


def _own_profile(points: Array) -> tuple[Floats]:
    return (_profile(points, points, True),)


def _own_but(points: Array, left_out: int, asked: Indices) -> tuple[Floats]:
    return (_growth(_nearest_but(points[asked], points, left_out, asked)),)


def _by_chance(n: int) -> float:
    return _JUMP + _JUMP_BY_CHANCE / math.sqrt(n)


def _jump(inner: Floats, outer: Floats, n: int) -> tuple[float | None, int | None]:
    # Modes on a grid are at like distances from each other: g_16 is next to nothing then, and no measure of the rest.
    inner, outer = (growth[:-1] / max(growth[-1], growth[:-1].min()) for growth in (inner, outer))
    jumps = np.minimum(inner, inner / outer)
    best = int(jumps.argmax())
    return (float(jumps[best]), _OCTAVES[best]) if n / (1.5 * _OCTAVES[best]) >= _LEAST_GROUPS else (None, None)


def _nearest_but(query: Array, reference: Array, left_out: int, own: Indices | None) -> Floats:
    """Distances ``[m, 32]`` to the nearest of ``reference``, without the ``left_out`` coordinates that differ most.

    ``own``: the places of the query in ``reference``, which are no neighbours of theirs.
    """
    found = np.empty((len(query), 2 * _LAST_OCTAVE))
    for i, row in enumerate(query):
        apart = np.partition(np.square(reference - row), -left_out, axis=1)[:, :-left_out].sum(1)
        if own is not None:
            apart[own[i]] = np.inf
        found[i] = np.sort(np.partition(apart, 2 * _LAST_OCTAVE)[: 2 * _LAST_OCTAVE])
    return np.sqrt(found)


def _profile(query: Array, reference: Array, same: bool) -> Floats:
    """g_k of ``query`` among ``reference``, ``[len(_OCTAVES) + 1]``."""
    return _growth(nearest(query, reference, 2 * _LAST_OCTAVE, exclude_self=same)[0].astype(np.float64))


def _growth(distances: Floats) -> Floats:
    """g_k of ``distances`` ``[m, 32]`` to the nearest, ``[len(_OCTAVES) + 1]``."""
    # Rows that both sides have are at no distance.
    least = max(float(distances[distances > 0].min(initial=1.0)), 1e-30)
    log_radii = np.log(np.maximum(distances, least))
    ks = np.array([*_OCTAVES, _LAST_OCTAVE])
    growth = (log_radii[:, 2 * ks - 1] - log_radii[:, ks - 1]).mean(0) / (psi(2 * ks) - psi(ks))
    return np.asarray(np.maximum(growth, 1e-6), np.float64)
