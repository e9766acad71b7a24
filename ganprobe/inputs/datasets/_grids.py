"""Grids: many samples saved as one picture, as a training script shows them.

A grid is known by lines of one value across the whole of it, equally far apart (torchvision's ``save_image`` leaves two
pixels), or by seams: where each sample ends, neighbouring pixels are less alike than they are inside.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ganprobe.errors import InputError

# Seams stand out by this many times what lies between other neighbours.
_STANDS_OUT = 2.0
_MOST_LINE = 4
# A sample in a grid is at least so large.
_LEAST = 8


def require_single(name: str, pixels: npt.NDArray[np.float32], sample: tuple[int, int] | None) -> None:
    """That ``pixels`` ``[height, width]`` are no grid; ``sample`` is the size of one where it is known.

    Raises `InputError` with the size of the grid.
    """
    cells = tuple(_by_lines(side) or _by_seams(side, sample and sample[axis]) for axis, side in _sides(pixels))
    if not all(cells) or max(cells) < 2:
        return
    raise InputError(
        f"{name}: looks like a grid of {cells[0]} x {cells[1]} samples saved as one picture",
        "cut it into pictures of one sample each, or say that it is one: --set datasets.images.grids=no",
    )


def _sides(pixels: npt.NDArray[np.float32]) -> list[tuple[int, npt.NDArray[np.float32]]]:
    return [(0, pixels), (1, pixels.T)]


def _by_lines(pixels: npt.NDArray[np.float32]) -> int:
    """How many samples lie below each other between lines of one value; 0 where no lines do."""
    flat = (pixels == pixels[:1, :1]).all(1)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flat, [False])).astype(int)))
    starts, ends = edges[::2], edges[1::2]
    inside = starts[1:] - ends[:-1]
    if len(starts) < 3 or starts[0] != 0 or ends[-1] != len(flat) or max(ends - starts) > _MOST_LINE:
        return 0
    return len(inside) if len(set(inside.tolist())) == 1 and inside[0] >= _LEAST else 0


def _by_seams(pixels: npt.NDArray[np.float32], size: int | None) -> int:
    """How many samples of ``size`` pixels lie below each other without lines; 0 where no seams show, 1 for one."""
    if size is None or len(pixels) % size or size < _LEAST:
        return 0
    n = len(pixels) // size
    if n == 1:
        return 1
    steps = np.abs(np.diff(pixels, axis=0)).mean(1)
    seams = np.zeros(len(steps), np.bool_)
    seams[size - 1 :: size] = True
    return n if steps[seams].mean() > _STANDS_OUT * steps[~seams].mean() else 0
