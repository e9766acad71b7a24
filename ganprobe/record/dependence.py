"""Whether the rows of either side depend on each other, and what stays together for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class SideDependence:
    """Whether the rows of a side depend on each other: see `ganprobe.samples.dependence`.

    ``steps``: how often a row is nearer to the line between its neighbours in the file than to that between the fourth
    before and after it, one half where order means nothing, with ``steps_z`` standard errors. ``jump``: by what factor
    the distance grows behind the ``group_size``-th to twice as many neighbours, in that of a smooth law and of the
    other side. None where there are too few rows to tell.
    """

    steps: float | None
    steps_z: float | None
    jump: float | None
    group_size: int | None
    ordered: bool
    near_copies: bool

    @property
    def dependent(self) -> bool:
        """Whether bounds for independent rows do not hold."""
        return self.ordered or self.near_copies


@dataclass(frozen=True, slots=True)
class DependenceRecord:
    """Both sides; ``fake`` is None where a generator drew the fakes one by one.

    ``folds``: what stays together in one, "rows" (equal ones), "blocks" of rows that follow each other in the file, or
    "groups" that were named.
    """

    real: SideDependence
    fake: SideDependence | None
    folds: Literal["rows", "blocks", "groups"]
    real_groups: int | None = None
    fake_groups: int | None = None
