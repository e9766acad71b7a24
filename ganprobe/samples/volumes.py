"""The numbers that a volume is read by, each a function of one volume alone: `ganprobe.samples.outline`.

Volumes are ``[n, channels, depth, height, width]``. Strengths are told as logarithms. Block means say where is what, in
small volumes voxel by voxel; detail, spectrum and neighbours say how it is made.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from scipy import fft
from scipy.ndimage import correlate1d

from ganprobe.samples import marginal
from ganprobe.samples.sides import Array, Floats

# Cells along a side of the grid of block means, for one channel and for more; of the grid of detail; along an axis.
_GRID, _GRID_OF_MANY, _GRID_OF_DETAIL, _SLICES = 8, 4, 3, 16
_OCTAVES = 3
_RINGS = 12
_AXES = ("depth", "height", "width")


def names(shape: tuple[int, ...]) -> tuple[str, ...]:
    """The names of the columns of `numbers` for volumes of ``shape`` (channels, depth, height, width)."""
    channels, *sides = shape
    grid = [min(side, _GRID if channels == 1 else _GRID_OF_MANY) for side in sides]
    detail = [min(side // 2, _GRID_OF_DETAIL) for side in sides]
    own = (
        *(f"block {','.join(map(str, place))}" for place in itertools.product(*map(range, grid))),
        *(f"strength of detail at {','.join(map(str, place))}" for place in itertools.product(*map(range, detail))),
        *(
            f"{what} of slice {i + 1}/{min(side, _SLICES)} along {axis}"
            for axis, side in zip(_AXES, sides, strict=True)
            for what in ("mean", "strength")
            for i in range(min(side, _SLICES))
        ),
        *(f"strength of detail of {2**k} voxels" for k in range(_octaves(sides))),
        *(f"power at frequency {ring + 1}/{_RINGS}" for ring in range(_RINGS)),
        *(f"{what} along {axis}" for axis in _AXES for what in ("neighbours", "skewness", "peakedness")),
        *marginal.NAMES,
    )
    every = [f"{name}{f' of channel {c}' if channels > 1 else ''}" for c in range(channels) for name in own]
    every += [f"correlation of channels {a} and {b}" for a, b in itertools.combinations(range(channels), 2)]
    return tuple(every)


def numbers(volumes: Array) -> Array:
    """``[n, channels, depth, height, width]`` to ``[n, k]``."""
    channels = volumes.shape[1]
    parts: list[Array] = []
    for c in range(channels):
        parts += _of_channel(volumes[:, c], channels)
    z = marginal.standardised(volumes.reshape(len(volumes), channels, -1))
    parts += [marginal.mean_product(z[:, a], z[:, b])[:, None] for a, b in itertools.combinations(range(channels), 2)]
    return np.concatenate([np.asarray(part, np.float32).reshape(len(volumes), -1) for part in parts], 1)


def _of_channel(x: Array, channels: int) -> list[Array]:
    sides = x.shape[1:]
    grid = [min(side, _GRID if channels == 1 else _GRID_OF_MANY) for side in sides]
    places = [min(side // 2, _GRID_OF_DETAIL) for side in sides]
    inside = x[:, :-1, :-1, :-1]
    fine = (x[:, 1:, :-1, :-1] - inside) ** 2 + (x[:, :-1, 1:, :-1] - inside) ** 2 + (x[:, :-1, :-1, 1:] - inside) ** 2
    by_place = (_means(x, grid), marginal.strength(_means(fine, places)), *_slices(x))
    return [*by_place, *_octave_strengths(x), _rings(x), _neighbours(x), *marginal.numbers(x.reshape(len(x), -1))]


def _means(x: Array, cells: Sequence[int]) -> Array:
    """Means over ``cells`` blocks along each of the last axes of ``x`` ``[n, ...]``."""
    means: Array | Floats = x
    for axis, n in enumerate(cells, 1):
        edges = np.arange(n) * x.shape[axis] // n
        sizes = np.diff(np.append(edges, x.shape[axis]))
        means = np.add.reduceat(means, edges, axis=axis) / sizes.reshape(-1, *[1] * (x.ndim - axis - 1))
    return np.asarray(means, np.float32)


def _slices(x: Array) -> list[Array]:
    """Means and strengths of slices across each axis, of thick ones where the axis is long."""
    found: list[Array] = []
    for axis in (1, 2, 3):
        others = tuple(a for a in (1, 2, 3) if a != axis)
        cells = [min(x.shape[axis], _SLICES)]
        mean, square = (_means(np.asarray(v.mean(others)), cells) for v in (x, x * x))
        found += [mean, marginal.strength(square - mean**2)]
    return found


def _octaves(sides: Sequence[int]) -> int:
    """As often as the shortest side is halved and is still 2 or more."""
    return max(1, min(_OCTAVES, int(np.log2(min(sides))) - 1))


def _octave_strengths(x: Array) -> list[Array]:
    """Log root mean square of each level of a pyramid (Burt and Adelson 1983), in three dimensions."""
    found: list[Array] = []
    for _ in range(_octaves(x.shape[1:])):
        smooth = x
        for axis in (1, 2, 3):
            smooth = correlate1d(smooth, np.array([0.25, 0.5, 0.25], np.float32), axis, mode="nearest")
        detail = (x - smooth).reshape(len(x), -1)
        found.append(marginal.strength(marginal.mean_product(detail, detail))[:, None])
        x = smooth[:, ::2, ::2, ::2]
    return found


def _rings(x: Array) -> Array:
    """Log power by distance from the origin of frequency space, in shells up to the shortest axis' limit."""
    lines = fft.rfftn(x - x.mean((1, 2, 3), keepdims=True), axes=(1, 2, 3))
    power = (lines.real**2 + lines.imag**2).reshape(len(x), -1)
    places = np.meshgrid(*map(fft.fftfreq, x.shape[1:3]), fft.rfftfreq(x.shape[3]), indexing="ij")
    ring = np.minimum((2 * _RINGS * np.sqrt(sum(f * f for f in places))).astype(int), _RINGS - 1).ravel()
    n = np.maximum(np.bincount(ring, minlength=_RINGS), 1)
    return np.stack([marginal.log(np.bincount(ring, row, _RINGS) / n) for row in power])


def _neighbours(x: Array) -> Array:
    """Along each axis: correlation of neighbours, and how skewed and peaked their differences are."""
    centred = x - x.mean((1, 2, 3), keepdims=True)
    flat = centred.reshape(len(x), -1)
    variance = np.maximum(marginal.mean_product(flat, flat), marginal.FAINT)
    found: list[Array] = []
    for axis in (1, 2, 3):
        moved = np.moveaxis(centred, axis, 1)
        before, after = (np.ascontiguousarray(part).reshape(len(x), -1) for part in (moved[:, :-1], moved[:, 1:]))
        step = marginal.standardised(after - before)
        squares = step * step
        found += [
            np.asarray(marginal.mean_product(before, after) / variance),
            marginal.mean_product(squares, step),
            marginal.log(marginal.mean_product(squares, squares)),
        ]
    return np.stack(found, 1)
