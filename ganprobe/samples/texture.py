"""The numbers that a large picture is read by, each a function of one picture alone: `ganprobe.samples.sketch`.

Pictures are ``[n, channels, height, width]`` in [0, 1]; texture is read from their grey version, the mean of the
channels. Strengths are told as logarithms, so that a ratio is a difference whatever the contrast.
"""

from __future__ import annotations

import itertools

import numpy as np
from scipy import fft

from ganprobe.samples import pixels
from ganprobe.samples.sides import Array, Layout

# A strength of nothing has no logarithm: half a level of 256.
_FAINT = 0.5 / 255
# Cells along a side in which the strength of detail is told.
_CELLS = 8
# And in which it is told of pictures that are not sketched.
COARSE = 4
_OCTAVES = 4
_RINGS = 16
_ORIENTATIONS = ("across", "down", "diagonal")


def names(layout: Layout) -> tuple[str, ...]:
    """The names of the columns of `numbers`."""
    channels, rows, across = layout.grid
    colours = [""] if channels == 1 else [f" of channel {c}" for c in range(channels)]
    haar = [f"detail {o} of {2**k} pixels" for k in range(_OCTAVES) for o in _ORIENTATIONS]
    return (
        *(f"block {r},{c}{colour}" for colour in colours for r in range(rows) for c in range(across)),
        *pixels.statistic_names(channels),
        *octave_names(channels),
        *(
            f"strength of detail {way}, {scale}at {r},{c}"
            for scale in ("", "coarser, ")
            for way in ("across", "down")
            for r in range(_CELLS)
            for c in range(_CELLS)
        ),
        *(f"power at frequency {ring + 1}/{_RINGS}" for ring in range(_RINGS)),
        *(f"power of cosine {i},{j}" for i in range(8) for j in range(8)),
        *(f"{what}: {name}" for what in ("strength", "peakedness", "neighbours", "coarser ones") for name in haar),
        *(f"detail shared by channels {a} and {b}" for a, b in _pairs(channels)),
        "distance from the levels of a byte",
    )


def numbers(pictures: Array, layout: Layout) -> Array:
    """``[n, channels, height, width]`` in [0, 1] to ``[n, k]``: each row from its own picture alone."""
    grey = pictures.mean(1)
    parts = (
        pixels.block_means(pictures, layout.block).reshape(len(pictures), -1),
        pixels.statistics(pictures),
        _octaves(pictures),
        _by_place(grey),
        _by_place(_halved(grey)),
        _spectrum(grey),
        _cosines(grey),
        _wavelets(grey),
        _shared(_halved(pictures)),
        _off_levels(pictures),
    )
    return np.concatenate([np.asarray(part, np.float32) for part in parts], 1)


def octave_names(channels: int) -> tuple[str, ...]:
    """The names of the columns that tell the strength of detail by octave."""
    sizes = ("below 1 pixel", *(f"of {2**k} to {2 ** (k + 1)} pixels" for k in range(_OCTAVES - 1)))
    colours = [""] if channels == 1 else [f"channel {c}: " for c in range(channels)]
    return tuple(f"{colour}strength of detail {size}" for colour in colours for size in sizes)


def _octaves(pictures: Array) -> Array:
    """Log root mean square of each level of the pyramid of Burt and Adelson (1983), ``[n, channels * 4]``."""
    levels = []
    for _ in range(_OCTAVES):
        smooth = _smooth(pictures)
        levels.append(_log(np.sqrt(_mean_square(pictures - smooth))))
        pictures = _halved(smooth)
    return np.stack(levels, 2).reshape(len(pictures), -1)


def _smooth(pictures: Array) -> Array:
    """Weights 1 2 1 along both sides, a blur of .7 pixels; edges repeat."""
    for axis in (-2, -1):
        moved = np.moveaxis(pictures, axis, 0)
        smooth = moved * np.float32(2)
        smooth[1:] += moved[:-1]
        smooth[0] += moved[0]
        smooth[:-1] += moved[1:]
        smooth[-1] += moved[-1]
        smooth *= np.float32(1 / 4)
        pictures = np.moveaxis(smooth, 0, axis)
    return pictures


def _mean_square(maps: Array) -> Array:
    """Over the last two axes."""
    rows = maps.reshape(*maps.shape[:-2], -1)
    return np.asarray(np.einsum("...i,...i->...", rows, rows) / np.float32(rows.shape[-1]), np.float32)


def _by_place(grey: Array) -> Array:
    """Mean absolute differences across and down in each of 8 x 8 cells, ``[n, 128]``."""
    return np.concatenate([_log(_cells(np.abs(np.diff(grey, axis=axis)))) for axis in (2, 1)], 1)


def roughness(pictures: Array) -> Array:
    """Roots of the mean absolute differences across and down in each of 4 x 4 cells, ``[n, 32]``."""
    rough = (np.abs(np.diff(pictures, axis=axis)).mean(1) for axis in (3, 2))
    return np.asarray(np.sqrt(np.concatenate([_cells(maps, COARSE) for maps in rough], 1)), np.float32)


def _cells(maps: Array, across: int = _CELLS) -> Array:
    """Means over ``across`` x ``across`` cells of nearly equal size, ``[n, across^2]``."""
    starts = [np.arange(across) * size // across for size in maps.shape[1:]]
    sizes = [np.diff(np.append(start, size)) for start, size in zip(starts, maps.shape[1:], strict=True)]
    sums = np.add.reduceat(np.add.reduceat(maps, starts[0], axis=1), starts[1], axis=2)
    return np.asarray((sums / np.outer(*sizes)).reshape(len(maps), -1), np.float32)


def _halved(maps: Array) -> Array:
    """Means of 2 x 2 pixels of the last two axes; an odd last row or column is left out."""
    a, b, c, d = _four(maps)
    halved = a + b
    halved += c
    halved += d
    halved *= np.float32(1 / 4)
    return np.asarray(halved, np.float32)


def _four(maps: Array) -> tuple[Array, Array, Array, Array]:
    """The four pixels of each square of 2 x 2 of the last two axes, row by row."""
    h, w = maps.shape[-2] // 2 * 2, maps.shape[-1] // 2 * 2
    return maps[..., 0:h:2, 0:w:2], maps[..., 0:h:2, 1:w:2], maps[..., 1:h:2, 0:w:2], maps[..., 1:h:2, 1:w:2]


def _spectrum(grey: Array) -> Array:
    """Log mean power in rings of equal width up to the highest frequency of the shorter side, ``[n, 16]``."""
    height, width = grey.shape[1:]
    waves = fft.rfft2(grey - grey.mean((1, 2), keepdims=True), norm="ortho")
    power = waves.real**2 + waves.imag**2
    radius = np.hypot(fft.fftfreq(height)[:, None], fft.rfftfreq(width)[None]) / 0.5
    ring = np.clip((radius * _RINGS).astype(np.int64), 0, _RINGS - 1).ravel()
    order = np.argsort(ring, kind="stable")
    starts = np.searchsorted(ring[order], np.arange(_RINGS))
    sums = np.add.reduceat(power.reshape(len(grey), -1)[:, order], starts, axis=1)
    return _log(np.sqrt(sums / np.bincount(ring, minlength=_RINGS)))


def _cosines(grey: Array) -> Array:
    """Log root mean square of each coefficient of the 8 x 8 cosine transform, over blocks, ``[n, 64]``."""
    h, w = grey.shape[1] // 8 * 8, grey.shape[2] // 8 * 8
    blocks = grey[:, :h, :w].reshape(len(grey), h // 8, 8, w // 8, 8)
    power = (fft.dctn(blocks, axes=(2, 4), norm="ortho") ** 2).mean((1, 3))
    return _log(np.sqrt(power.reshape(len(grey), -1)))


def _wavelets(grey: Array) -> Array:
    """Of each octave and orientation of Haar wavelets: strength, peakedness, likeness of neighbours and of scales."""
    strength, peaked, alike, coarser = [], [], [], []
    maps, finer = grey, [None] * len(_ORIENTATIONS)
    for _ in range(_OCTAVES):
        (a, b, c, d), sizes = _four(maps), []
        left, right, top, bottom = a + c, b + d, a + b, c + d
        for before, detail in zip(finer, (left - right, top - bottom, a + d - b - c), strict=True):
            detail *= np.float32(1 / 2)
            size, square = np.abs(detail), detail**2
            strong = square.mean((1, 2))
            strength.append(_log(np.sqrt(strong)))
            peaked.append(np.log(_mean_square(square) + _FAINT**4) - 2 * np.log(strong + _FAINT**2))
            alike.append(_correlation(size[:, :, 1:], size[:, :, :-1]))
            height, width = size.shape[1:]
            coarser.append(
                np.zeros(len(grey)) if before is None else _correlation(size, _halved(before)[:, :height, :width])
            )
            sizes.append(size)
        maps, finer = (top + bottom) * np.float32(1 / 4), sizes
    return np.stack((*strength, *peaked, *alike, *coarser), 1)


def _shared(pictures: Array) -> Array:
    """Correlations between channels of differences across, ``[n, pairs]``."""
    detail = [np.diff(channel, axis=2) for channel in np.moveaxis(pictures, 1, 0)]
    found = [_correlation(detail[a], detail[b]) for a, b in _pairs(len(detail))]
    return np.stack(found, 1) if found else np.empty((len(pictures), 0), np.float32)


def _off_levels(pictures: Array) -> Array:
    """The mean distance from the 256 levels of a byte, in levels, ``[n, 1]``: exactly 0 where all are on them."""
    levels = pictures * np.float32(255)
    levels -= np.rint(levels)
    away = np.abs(levels).mean((1, 2, 3))
    return np.where(away < 1e-4, 0, away)[:, None]


def _pairs(channels: int) -> list[tuple[int, int]]:
    return list(itertools.combinations(range(channels), 2))


def _correlation(one: Array, other: Array) -> Array:
    """Of each row, over its places: ``[n]``; 0 where either does not vary."""
    one, other = (side - side.mean((1, 2), keepdims=True) for side in (one, other))
    squares = _mean_square(one) * _mean_square(other)
    one *= other
    return np.asarray(one.mean((1, 2)) / (np.sqrt(squares) + _FAINT**2), np.float32)


def _log(strength: Array) -> Array:
    return np.asarray(np.log(strength + _FAINT), np.float32)
