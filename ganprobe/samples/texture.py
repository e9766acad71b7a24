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
        levels.append(_log(np.sqrt(((pictures - smooth) ** 2).mean((2, 3)))))
        pictures = _halved(smooth)
    return np.stack(levels, 2).reshape(len(pictures), -1)


def _smooth(pictures: Array) -> Array:
    """Weights 1 2 1 along both sides, a blur of .7 pixels; edges repeat."""
    for axis in (2, 3):
        ends = [(0, 0)] * 4
        ends[axis] = (1, 1)
        padded = np.pad(pictures, ends, mode="edge").swapaxes(axis, 3)
        smooth = (padded[..., :-2] + 2 * padded[..., 1:-1] + padded[..., 2:]) / np.float32(4)
        pictures = np.asarray(smooth.swapaxes(axis, 3), np.float32)
    return pictures


def _by_place(grey: Array) -> Array:
    """Mean absolute differences across and down in each of 8 x 8 cells, ``[n, 128]``."""
    across, down = np.abs(np.diff(grey, axis=2)), np.abs(np.diff(grey, axis=1))
    return np.concatenate([_log(_cells(side)) for side in (across, down)], 1)


def _cells(maps: Array) -> Array:
    """Means over 8 x 8 cells of nearly equal size, ``[n, 64]``."""
    starts = [np.arange(_CELLS) * size // _CELLS for size in maps.shape[1:]]
    sizes = [np.diff(np.append(start, size)) for start, size in zip(starts, maps.shape[1:], strict=True)]
    sums = np.add.reduceat(np.add.reduceat(maps, starts[0], axis=1), starts[1], axis=2)
    return np.asarray((sums / np.outer(*sizes)).reshape(len(maps), -1), np.float32)


def _halved(maps: Array) -> Array:
    """Means of 2 x 2 pixels of the last two axes; an odd last row or column is left out."""
    h, w = maps.shape[-2] // 2 * 2, maps.shape[-1] // 2 * 2
    four = (maps[..., i:h:2, j:w:2] for i in (0, 1) for j in (0, 1))
    return np.asarray(sum(four) / 4, np.float32)


def _spectrum(grey: Array) -> Array:
    """Log mean power in rings of equal width up to the highest frequency of the shorter side, ``[n, 16]``."""
    height, width = grey.shape[1:]
    power = np.abs(fft.rfft2(grey - grey.mean((1, 2), keepdims=True), norm="ortho")) ** 2
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
    maps, before = grey, [None] * len(_ORIENTATIONS)
    for _ in range(_OCTAVES):
        h, w = maps.shape[1] // 2 * 2, maps.shape[2] // 2 * 2
        a, b, c, d = (maps[:, i:h:2, j:w:2] for i in (0, 1) for j in (0, 1))
        details = [(a - b + c - d) / 2, (a + b - c - d) / 2, (a - b - c + d) / 2]
        sizes = [np.abs(detail) for detail in details]
        for o, (detail, size) in enumerate(zip(details, sizes, strict=True)):
            square = (detail**2).mean((1, 2))
            strength.append(_log(np.sqrt(square)))
            peaked.append(np.log((detail**4).mean((1, 2)) + _FAINT**4) - 2 * np.log(square + _FAINT**2))
            alike.append(_correlation(size[:, :, 1:], size[:, :, :-1]))
            finer = before[o]
            shape = size.shape[1:]
            coarser.append(
                np.zeros(len(grey)) if finer is None else _correlation(size, _halved(finer)[:, : shape[0], : shape[1]])
            )
        before = sizes  # type: ignore[assignment]
        maps = np.asarray((a + b + c + d) / 4, np.float32)
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
    product = (one * other).mean((1, 2))
    return np.asarray(product / (np.sqrt((one**2).mean((1, 2)) * (other**2).mean((1, 2))) + _FAINT**2), np.float32)


def _log(strength: Array) -> Array:
    return np.asarray(np.log(strength + _FAINT), np.float32)
