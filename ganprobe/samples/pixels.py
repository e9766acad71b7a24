"""What can be said of a picture in a few numbers: block means, blurs, detail by scale, and summary statistics.

All are kernels applied to either side alike, so what a probe finds through them is a lower bound of the raw JS.
Pictures are ``[n, channels, height, width]`` in [0, 1].
"""

from __future__ import annotations

import itertools
import math

import numpy as np
from scipy.ndimage import gaussian_filter

from ganprobe.samples.sides import Array, Floats, Stored

# An 8-bit picture's five darkest and five lightest values: "nearly black" and "nearly white".
_NEARLY = 5.5 / 255
HISTOGRAM_BINS = 16
# Numbers looked at at once: they and what is computed of them stay in the processor's cache.
_AT_ONCE = 2**18


def unit(stored: Stored) -> Array:
    """Pictures as stored, in [0, 1]: bytes divided by 255."""
    return stored.astype(np.float32) / np.float32(255) if stored.dtype == np.uint8 else np.asarray(stored, np.float32)


def in_bytes(pictures: Array) -> Stored:
    """Pictures in [0, 1] on 256 levels."""
    return np.asarray(np.rint(np.clip(pictures, 0, 1) * np.float32(255)), np.uint8)


def block_means(pictures: Array, size: int) -> Array:
    """Means over ``size`` x ``size`` blocks: ``[n, channels, ceil(h / size), ceil(w / size)]``, edges smaller."""
    sums = _sums_of(_sums_of(pictures, size, 2), size, 3)
    heights, widths = (np.diff(np.append(np.arange(0, side, size), side)) for side in pictures.shape[2:])
    return np.asarray(sums / np.outer(heights, widths).astype(np.float32), np.float32)


def _sums_of(pictures: Array, size: int, axis: int) -> Array:
    """Sums of ``size`` neighbours along ``axis``, by strided additions: reduceat takes ten times as long."""
    moved = np.moveaxis(pictures, axis, 0)
    sums = moved[::size].astype(np.float32)
    for offset in range(1, min(size, len(moved))):
        more = moved[offset::size]
        sums[: len(more)] += more
    return np.moveaxis(sums, 0, axis)


def blurred(pictures: Array, sigma: float) -> Array:
    """Pictures under a Gaussian blur of ``sigma`` pixels, mirrored at the edges."""
    return np.asarray(gaussian_filter(pictures, (0, 0, sigma, sigma), mode="reflect", truncate=3.0), np.float32)


# Blurs in pixels, each twice as wide as the one before: detail between two of them is a band.
_BANDS = (0.7, 1.4, 2.8)


def band_names(channels: int) -> tuple[str, ...]:
    """The names of the columns of `bands`."""
    names = ("below 1 pixel", "of 1 to 2 pixels", "of 2 to 4 pixels")
    return tuple(f"{prefix}strength of detail {name}" for prefix in _prefixes(channels) for name in names)


def bands(pictures: Array) -> Array:
    """The root mean square of each band of detail, ``[n, 3 * channels]``."""
    columns: list[Array] = []
    for x in np.split(pictures, pictures.shape[1], axis=1):
        finer = x
        for sigma in _BANDS:
            coarser = blurred(x, sigma)
            columns.append(np.sqrt(((finer - coarser) ** 2).mean((1, 2, 3))))
            finer = coarser
    return np.stack(columns, 1).astype(np.float32)


def _prefixes(channels: int) -> tuple[str, ...]:
    return ("",) if channels == 1 else tuple(f"channel {c}: " for c in range(channels))


def statistic_names(channels: int) -> tuple[str, ...]:
    """The names of the columns of `statistics`."""
    per_channel = (
        "mean",
        "sd",
        "nearly black",
        "nearly white",
        "black",
        "white",
        "max",
        "min",
        "gradient",
        "curvature",
    )
    bins = tuple(f"histogram {b}/{HISTOGRAM_BINS}" for b in range(HISTOGRAM_BINS))
    return tuple(prefix + name for prefix in _prefixes(channels) for name in per_channel + bins)


def statistics(pictures: Array) -> Array:
    """Summary statistics of each picture, ``[n, k]``; columns are named by `statistic_names`.

    Per channel: mean, sd, shares of nearly black, nearly white, exactly black and exactly white pixels, extremes, mean
    absolute first and second differences, and a histogram of the values.
    """
    step = max(1, _AT_ONCE // max(1, math.prod(pictures.shape[1:])))
    parts = [_statistics(pictures[i : i + step]) for i in range(0, max(1, len(pictures)), step)]
    return np.concatenate(parts)


def histogram_names(channels: int) -> tuple[str, ...]:
    """The names of the columns of `histogram`, as kinds of pixels."""
    edges = [round(255 * b / HISTOGRAM_BINS) for b in range(HISTOGRAM_BINS + 1)]
    middle = [f"grey ({low} to {high} of 255)" for low, high in itertools.pairwise(edges)]
    black = ["exactly black", "nearly black (1 to 5 of 255)", f"dark (6 to {edges[1]} of 255)"]
    white = [f"light ({edges[-2]} to 249 of 255)", "nearly white (250 to 254 of 255)", "exactly white"]
    return tuple(prefix + name for prefix in _prefixes(channels) for name in (*black, *middle[1:-1], *white))


def histogram(statistics: Array, channels: int) -> Array:
    """The share of each kind of pixel, whatever its place, ``[n, 20 * channels]``: a function of `statistics`."""
    per_channel = np.split(statistics, channels, axis=1)
    columns: list[Array] = []
    for near_black, near_white, black, white, *bins in (_values_of(part) for part in per_channel):
        columns += [black, near_black - black, bins[0] - near_black, *bins[1:-1]]
        columns += [bins[-1] - near_white, near_white - white, white]
    return np.stack(columns, 1).astype(np.float32)


def _values_of(statistics: Array) -> Array:
    """The columns of one channel that count pixels, as rows: nearly black, nearly white, black, white, the bins."""
    return np.concatenate((statistics[:, 2:6], statistics[:, -HISTOGRAM_BINS:]), 1).T


def _statistics(pictures: Array) -> Array:
    columns: list[Stored] = []
    for c in range(pictures.shape[1]):
        x = np.ascontiguousarray(pictures[:, c])
        flat = x.reshape(len(x), -1)
        shares = _shares(flat)
        columns += [
            flat.mean(1),
            flat.std(1),
            shares[:, 0] + shares[:, 1],
            shares[:, -1] + shares[:, -2],
            shares[:, 0],
            shares[:, -1],
            flat.max(1),
            flat.min(1),
            (_mean_size(np.diff(x, axis=2)) + _mean_size(np.diff(x, axis=1))) / 2,
            _mean_size(np.diff(x, n=2, axis=2)),
            *(shares[:, first:last].sum(1) for first, last in itertools.pairwise(_BINS)),
        ]
    return np.stack(columns, 1).astype(np.float32)


# Values are counted in steps of which 5.5 / 255, 1 - 5.5 / 255 and sixteenths are whole numbers; `_KINDS` has the kind
# of each step: exactly black (0 and less), nearly black, the sixteenths, nearly white, exactly white (1 and more).
_STEPS = 4_080
_EDGES = np.unique([0, 88, *(np.arange(1, HISTOGRAM_BINS) * 255), _STEPS - 88, _STEPS])
_KINDS = np.searchsorted(_EDGES, np.arange(_STEPS + 1), side="right").astype(np.int64)
# Where among the kinds the sixteenths begin and end.
_BINS = (0, *range(3, 2 + HISTOGRAM_BINS), len(_EDGES) + 1)


def _shares(flat: Array) -> Floats:
    """The share of each kind of pixel, ``[n, kinds]``."""
    steps = np.clip(flat * np.float32(_STEPS), 0, _STEPS).astype(np.int16)
    kinds = _KINDS[steps]
    kinds[flat <= 0] = 0
    n = len(_EDGES) + 1
    kinds += n * np.arange(len(flat))[:, None]
    counts = np.bincount(kinds.ravel(), minlength=n * len(flat)).reshape(len(flat), n)
    return np.asarray(counts / flat.shape[1])


def _mean_size(differences: Array) -> Array:
    """The mean absolute value over all but the first axis; zero for pictures one pixel wide."""
    rows = np.abs(differences, out=differences).reshape(len(differences), -1)
    return rows.mean(1) if rows.shape[1] else np.zeros(len(rows), np.float32)
