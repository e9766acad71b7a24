"""How far each sample is from the lattice of the reals: two numbers that no smooth probe finds by itself.

On raw samples this view alone shows JS = log 2 where the data is 8-bit and the fakes are floats, a difference that is
true and says nothing about the distributions. On quantised samples it is constant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ganprobe.samples.folds import Fold
from ganprobe.samples.lattice import grids_of, off_grid_statistic
from ganprobe.samples.sides import Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """Nothing to set: the grid is the data's."""


def applies(pair: Pair) -> str | None:
    """The reals must lie on a grid."""
    if pair.sketch is not None:
        return "a sketch tells the distance to the 256 levels itself"
    if pair.outlined:
        return "an outline tells the smallest step itself"
    return None if any(grids_of(pair.real, pair.kind, pair.columns)) else "the reals lie on no lattice"


def apply(pair: Pair, fit: Fold, settings: Settings, seeds: Seeds) -> Pair:
    """A table ``[n, 2]``: the largest and the mean distance to the grid of the fit reals, in steps."""
    grids = grids_of(pair.real[fit.real.fit], pair.kind, pair.columns)
    columns = ("largest distance to the lattice", "mean distance to the lattice")
    return Pair(off_grid_statistic(pair.real, grids), off_grid_statistic(pair.fake, grids), "table", columns)


def covers(settings: Settings, name: str, other: Any) -> bool:
    """Nothing else that is here is a function of it."""
    return False


def words(settings: Settings) -> str:
    """A noun phrase."""
    return "the distance to the data's lattice"
