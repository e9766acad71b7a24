"""Lattices: values that are whole multiples of a step, as 8-bit pixels, integers and decimals are.

Reals on a lattice against fakes off it have JS = log 2 exactly, whatever the picture looks like, and a smooth probe
sees nothing of it. So the lattice is looked for before anything is trained, and fakes are rounded to it as the data
once were.

A step is tried against the distinct values: all must lie within a tolerance of a multiple, and chance must not explain
it: a value drawn from a smooth law does so with probability 2 tolerance / step. The tolerance is that of float32
arithmetic, so where float32 itself is no finer than the step (integers above 2^22) nothing is claimed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ganprobe.samples.sides import Array, Floats, Kind

# Coarse to fine; multiples of these (odd levels of 1/255, fives, hundreds) follow from a common divisor.
_STEPS = (1.0, 1 / 2, 1 / 4, 1 / 8, 0.1, 0.01, 1 / 128, 1 / 255, 1 / 256, 1e-3, 1e-4, 1 / 65535)
# Units that no list foresees (standardised 8-bit pixels) show in the gap between neighbours, if levels are this few
# and the gap is no finer than 16 bits of the span (uniform random floats are multiples of 2^-24).
_MOST_LEVELS = 4096
_MOST_STEPS = 1 << 16
# Whole numbers of steps beyond this are not told apart by float64.
_FARTHEST = 2.0**53
# Off by less than this share of a step is the rounding of whoever computed the values.
_SLACK = 1e-4
# Rounding makes a few different floats of one point of a lattice, not many.
_MOST_ON_A_POINT = 16
# A lattice is claimed when chance would produce it with a probability below this.
_CHANCE = 1e-3
_MOST_VALUES = 1 << 18
# Numbers looked at at once: they and what is computed of them stay in the processor's cache.
_AT_ONCE = 1 << 16


@dataclass(frozen=True, slots=True)
class Grid:
    """The values ``offset + k * step`` for whole k."""

    step: float
    offset: float = 0.0

    def nearest(self, values: npt.ArrayLike) -> Array:
        """``values`` rounded to the grid, float32; equal grid points come out bit-equal."""
        return self._point(np.rint(self._position(values)))

    def settle(self, values: npt.ArrayLike) -> Array:
        """``values`` with those that are on the grid but for float32 rounding moved onto it, and no others."""
        position = self._position(values)
        level = np.rint(position)
        values = np.asarray(values, np.float32)
        return np.where(self._is_on(values, position - level), self._point(level), values)

    def holds(self, values: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Whether each value is on the grid, up to float32 rounding."""
        position = self._position(values)
        return self._is_on(np.asarray(values, np.float32), position - np.rint(position))

    def parts(self, levels: Array) -> bool:
        """Whether the points tell the distinct ``levels`` apart, up to rounding: those of 1e-5 all lie on whole 0."""
        n_points = len(np.unique(np.rint(self._position(levels))))
        return n_points > 1 and len(levels) <= _MOST_ON_A_POINT * n_points

    def distance(self, values: npt.ArrayLike) -> Floats:
        """The distance of each value to the grid in steps, within [0, 1/2]; 0 for float32 rounding."""
        position = self._position(values)
        away = position - np.rint(position)
        return np.where(self._is_on(np.asarray(values, np.float32), away), 0.0, np.abs(away))

    def away(self, values: npt.ArrayLike) -> Array:
        """The signed distance of each value to the grid in steps, within [-1/2, 1/2]; 0 for float32 rounding."""
        position = self._position(values)
        away = position - np.rint(position)
        return np.where(self._is_on(np.asarray(values, np.float32), away), 0.0, away).astype(np.float32)

    def _position(self, values: npt.ArrayLike) -> Floats:
        return (np.asarray(values, np.float64) - self.offset) / self.step

    def _point(self, level: Floats) -> Array:
        return (level * self.step + self.offset).astype(np.float32)

    def _is_on(self, values: Array, away: Floats) -> npt.NDArray[np.bool_]:
        off = np.abs(away)
        # Mostly the rounding of the largest is within the slack, and so is that of all.
        if values.size and _ulps(np.abs(values).max()) <= _SLACK * self.step:
            return np.asarray(off <= _SLACK)
        return np.asarray(off <= np.maximum(_SLACK, _ulps(values) / self.step))


def grid_of(values: npt.ArrayLike) -> Grid | None:
    """The coarsest grid that holds all ``values`` (any shape), or None; constants and NaN lie on none.

    At most 2^18 evenly spaced values are looked at.
    """
    flat = np.ravel(values)
    levels = np.unique(flat[:: -(-flat.size // _MOST_VALUES) or 1].astype(np.float32))
    if len(levels) < 2 or not np.isfinite(levels[[0, -1]]).all():
        return None
    if len(levels) == 2:
        return Grid(_span(levels), float(levels[0]))
    farthest = float(np.abs(levels[[0, -1]]).max())
    candidates = [Grid(step) for step in _STEPS if farthest / step <= _FARTHEST]
    span, gap = _span(levels), float(np.diff(levels.astype(np.float64)).min())
    if len(levels) <= _MOST_LEVELS and span / gap <= _MOST_STEPS:
        # The gap between two levels carries their rounding; the whole span divides it away.
        candidates.append(Grid(span / round(span / gap), float(levels[0])))
    few = levels[:: len(levels) // 64 + 1]
    for grid in candidates:
        # A few values refute most candidates; only then are all looked at.
        if grid.holds(few).all() and grid.holds(levels).all() and grid.parts(levels) and not _by_chance(levels, grid):
            return _coarsest(levels, grid)
    return None


def grids_of(values: Array, kind: Kind, columns: tuple[str, ...] = ()) -> tuple[Grid | None, ...]:
    """The grids of a sample ``[n, *shape]``: one for all coordinates, or one for each column of a table.

    One-hot columns (``name=value``) have none: their levels are an encoding, not a rounding.
    """
    if kind != "table":
        return (grid_of(values),)
    names = columns or ("",) * values.shape[1]
    return tuple(None if "=" in name else grid_of(values[:, j]) for j, name in enumerate(names))


# Fakes on steps of their own no finer than this share of the data's have been through a rounding that was theirs.
_OWN_STEPS = 1 / 20
# Fewer different values lie on some steps by chance.
_FEWEST = 8
_COMPARED = 64


def unless_rounded(
    grids: tuple[Grid | None, ...], fake: Array, kind: Kind, columns: tuple[str, ...]
) -> tuple[Grid | None, ...]:
    """``grids`` of the data without those beside which fakes have coarse steps of their own: units where it has tens.

    Rounding is what becomes of a generator's floats. Numbers that were rounded otherwise are what they are: odd numbers
    brought to even ones would be even.
    """
    own = grids_of(fake, kind, columns)
    parts = [fake] if len(own) == 1 else [fake[:, j] for j in range(len(own))]
    return tuple(
        None if g and f and len(np.unique(part)) >= _FEWEST and _apart(g, f) else g
        for g, f, part in zip(grids, own, parts, strict=True)
    )


def _apart(data: Grid, own: Grid) -> bool:
    level = np.arange(-_COMPARED, _COMPARED)
    return own.step >= _OWN_STEPS * data.step and not data.holds(own.offset + own.step * level).all()


def off_grid_statistic(values: Array, grids: tuple[Grid | None, ...]) -> Array:
    """How far each sample ``[n, *shape]`` is from its grids, ``[n, 2]``: the largest and the mean distance in steps.

    ``grids`` are as `grids_of` gives them; where none of them is a grid no sample is far from it.
    """
    rows = values.reshape(len(values), -1)
    statistic = np.zeros((len(rows), 2), np.float32)
    gridded = [(slice(None) if len(grids) == 1 else slice(j, j + 1), g) for j, g in enumerate(grids) if g is not None]
    size = max(1, _AT_ONCE // max(1, rows.shape[1]))
    for start in range(0, len(rows) if gridded else 0, size):
        part = rows[start : start + size]
        distance = np.concatenate([grid.distance(part[:, where]) for where, grid in gridded], axis=1)
        statistic[start : start + size] = np.stack([distance.max(1), distance.mean(1)], axis=1)
    return statistic


def _ulps(values: Array) -> Floats:
    """Two units in the last place: one for storing a multiple of the step, one for computing it in float32."""
    return 2.0 * np.spacing(np.abs(values)).astype(np.float64)


def _span(levels: Array) -> float:
    return float(levels[-1]) - float(levels[0])


def _by_chance(levels: Array, grid: Grid) -> bool:
    """Whether smooth values would lie on the grid as well as these do. Zero and the offset lie on it for free."""
    levels = levels[(levels != 0) & (levels != np.float32(grid.offset))]
    hit = np.minimum(1.0, 2 * np.maximum(_SLACK, _ulps(levels) / grid.step))
    return bool(np.log(hit).sum() > np.log(_CHANCE))


def _coarsest(levels: Array, grid: Grid) -> Grid:
    """The same grid with its step multiplied by the common divisor of the differences of its levels."""
    level = np.rint((levels.astype(np.float64) - grid.offset) / grid.step).astype(np.int64)
    divisor = int(np.gcd.reduce(np.diff(level)))
    first = int(level[0]) % divisor if grid.offset == 0 else 0
    return Grid(grid.step * divisor, grid.offset + grid.step * first)
