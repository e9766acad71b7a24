"""Where a value stands between round numbers: its signed distance to multiples of 100 to .001, column by column.

Ages that end in 0 or 5, prices that end in .99, times on the quarter of an hour: a histogram does not see
it, and in the distance to the nearest multiple it is one split. What float32 can no longer tell from a multiple lies on
it, and a step that float32 hardly resolves at a column's size is left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ganprobe.samples.lattice import Grid, grid_of
from ganprobe.samples.sides import Array, Indices

_STEPS = (
    *(100.0, 50.0, 10.0, 5.0, 1.0, 0.5, 0.1, 0.05, 0.01, 0.001),
    *(86_400.0, 3_600.0, 900.0, 60.0),  # days to minutes in seconds
    *(1 / 24, 1 / 48, 1 / 96, 1 / 144, 1 / 288),  # hours to five minutes in days
)
# Nearer than this share of a step counts as on it; by chance twice this share of the values does.
_NEAR = 0.02
# The share of a side's values that must be on multiples beyond those of chance, in standard errors and in shares.
_SIGMAS, _LEAST = 5.0, 0.01
# On a step of which both sides are multiples throughout there is nothing to see.
_THROUGHOUT = 0.999
_MOST = 48
# Places between two multiples, at most, that are counted one by one.
_MOST_PLACES = 20


@dataclass(frozen=True, slots=True, eq=False)
class Multiples:
    """``columns`` ``[k]`` and the ``grids`` that they are measured against."""

    columns: Indices
    grids: tuple[Grid, ...]

    def __call__(self, x: Array) -> Array:
        """``[n, d]`` to ``[n, k]``: signed distances in steps, within half a step."""
        return np.stack([grid.away(x[:, j]) for j, grid in zip(self.columns, self.grids, strict=True)], 1)


def multiples(real: Array, fake: Array) -> Multiples | None:
    """The columns and steps that at least one of the sides ``[n, d]`` favours beyond chance; None where there are none.

    The most telling come first; a column whose own lattice no list foresees brings that as well.
    """
    found: list[tuple[float, int, Grid]] = []
    for j in range(real.shape[1]):
        sides = [_Side(x, grid_of(x)) for x in (real[:, j], fake[:, j])]
        grids = [Grid(step) for step in _STEPS]
        grids += [side.own for side in sides if side.own is not None and side.own not in grids]
        found += [(share, j, grid) for grid in grids if (share := _favoured(sides, grid)) > 0]
    if not found:
        return None
    kept = sorted(found, key=lambda f: (-f[0], f[1]))[:_MOST]
    return Multiples(np.array([j for _, j, _ in kept]), tuple(grid for *_, grid in kept))


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """One side of a column, and the grid that all its values lie on, if there is one."""

    values: Array
    own: Grid | None

    def chance(self, grid: Grid) -> float:
        """The share of values that would be near ``grid`` if they did not favour it."""
        if self.own is None or self.own.step >= grid.step:
            return 2 * _NEAR
        ratio = grid.step / self.own.step
        return max(2 * _NEAR, (1 + 2 * math.floor(_NEAR * ratio)) / ratio)

    def uneven(self, grid: Grid) -> float:
        """By how much some place between two multiples is more or less frequent than others: a digit never used.

        Of values on a grid of their own that has a few places there; 0 of others.
        """
        places = 0 if self.own is None else round(grid.step / self.own.step)
        if self.own is None or not 2 <= places <= _MOST_PLACES or abs(places * self.own.step - grid.step) > 1e-9:
            return 0.0
        values = self.values[self.values != 0].astype(np.float64)
        place = np.rint((values - self.own.offset) / self.own.step).astype(np.int64) % places
        return float(np.abs(np.bincount(place, minlength=places) / max(1, len(values)) - 1 / places).max())

    def resolves(self, grid: Grid) -> bool:
        """Whether the values spread over several steps, and float32 tells places within a step apart."""
        low, high = np.quantile(self.values.astype(np.float64), (0.1, 0.9))
        finest = np.spacing(np.float32(max(abs(low), abs(high))))
        return bool(high - low > 3 * grid.step and finest < _NEAR / 4 * grid.step)


def _favoured(sides: Sequence[_Side], grid: Grid) -> float:
    """How much larger a share of a side is on the grid than chance explains, and 0 where both are on it throughout."""
    shares, excess = [], [0.0]
    for side in sides:
        if not side.resolves(grid):
            return 0.0
        on = np.abs(grid.away(side.values)) < _NEAR
        shares.append(float(on.mean()))
        # Zeros are multiples of everything and tell nothing here.
        other = side.values != grid.offset
        more = float(on[other].mean()) - side.chance(grid) if other.any() else 0.0
        more = max(more, side.uneven(grid))
        noise = (side.chance(grid) / len(on)) ** 0.5
        excess.append(more if more > max(_LEAST, _SIGMAS * noise) else 0.0)
    return 0.0 if min(shares) > _THROUGHOUT else max(excess)
