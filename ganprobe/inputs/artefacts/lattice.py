"""One side on a lattice, the other off it: 8-bit pixels against floats, integer columns against decimals."""

from __future__ import annotations

import numpy as np

from ganprobe.inputs.artefacts import Inspected
from ganprobe.record.sources import Artefact
from ganprobe.samples.lattice import Grid, grid_of
from ganprobe.samples.sides import Array

_ROWS = 2_000
# Below this share on the grid, a side is off it.
_ON = 0.99


def detect(inspected: Inspected) -> Artefact | None:
    """The lattice of one side and the share of each side's values on it."""
    real, fake = inspected.real[:_ROWS], inspected.fake[:_ROWS]
    if inspected.kind == "table":
        found = [None if level else _difference(real[:, j], fake[:, j]) for j, level in enumerate(inspected.is_level)]
    else:
        found = [_difference(real, fake, same_units=inspected.kind == "array")]
    seen = [(j, difference) for j, difference in enumerate(found) if difference is not None]
    if not seen:
        return None
    sides = {side for _, (side, *_) in seen}
    steps = [grid.step for _, (_, grid, _) in seen]
    others = [share for _, (_, _, share) in seen]
    side = sides.pop() if len(sides) == 1 else "both"
    columns = [inspected.named(j) for j, _ in seen] if inspected.kind == "table" else []
    where = f" in {columns[0] if len(columns) == 1 else f'{len(columns)} columns'}" if columns else ""
    on, off = ("fakes", "reals") if side == "fake" else ("reals", "fakes")
    summary = (
        f"{on} lie on a lattice (step {steps[0]:.4g}){where}, {off} do not"
        if side != "both"
        else f"one side lies on a lattice that the other does not{where}"
    )
    return Artefact("lattice", side, summary, {"step": steps, "columns": columns, "share_of_other_side": others})


def _difference(real: Array, fake: Array, same_units: bool = True) -> tuple[str, Grid, float] | None:
    """The side on a lattice, its grid, and the share of the other side's values on that grid; None if alike."""
    real_grid, fake_grid = grid_of(real), grid_of(fake)
    if not same_units and real_grid and fake_grid:
        return None
    for side, grid, other in (("real", real_grid, fake), ("fake", fake_grid, real)):
        if grid is not None and (share := float(np.mean(grid.holds(other)))) < _ON:
            return side, grid, share
    return None
