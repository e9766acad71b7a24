"""What can be said of a picture in a few numbers: block means, blurs, detail by scale, and summary statistics.

All are kernels applied to either side alike, so what a probe finds through them is a lower bound of the raw JS.
Pictures are ``[n, channels, height, width]`` in [0, 1].
"""

from __future__ import annotations

import itertools

import numpy as np
from scipy.ndimage import gaussian_filter

from ganprobe.samples.sides import Array, Stored

# An 8-bit picture's five darkest and five lightest values: "nearly black" and "nearly white".
_NEARLY = 5.5 / 255
HISTOGRAM_BINS = 16
_ROWS_AT_ONCE = 2_000


def unit(stored: Stored) -> Array:
    """Pictures as stored, in [0, 1]: bytes divided by 255."""
    return stored.astype(np.float32) / np.float32(255) if stored.dtype == np.uint8 else np.asarray(stored, np.float32)


def block_means(pictures: Array, size: int) -> Array:
    """Means over ``size`` x ``size`` blocks: ``[n, channels, ceil(h / size), ceil(w / size)]``, edges smaller."""
    rows = np.arange(0, pictures.shape[2], size)
    columns = np.arange(0, pictures.shape[3], size)
    sums = np.add.reduceat(np.add.reduceat(pictures, rows, axis=2), columns, axis=3)
    heights = np.diff(np.append(rows, pictures.shape[2]))
    widths = np.diff(np.append(columns, pictures.shape[3]))
    return np.asarray(sums / (heights[:, None] * widths), np.float32)


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
    parts = [_statistics(pictures[i : i + _ROWS_AT_ONCE]) for i in range(0, len(pictures), _ROWS_AT_ONCE)]
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
    columns = []
    for c in range(pictures.shape[1]):
        x = pictures[:, c]
        flat = x.reshape(len(x), -1)
        across, down = np.abs(np.diff(x, axis=2)), np.abs(np.diff(x, axis=1))
        curve = np.abs(np.diff(x, n=2, axis=2))
        columns += [
            flat.mean(1),
            flat.std(1),
            (flat < _NEARLY).mean(1),
            (flat > 1 - _NEARLY).mean(1),
            (flat <= 0).mean(1),
            (flat >= 1).mean(1),
            flat.max(1),
            flat.min(1),
            (_mean(across) + _mean(down)) / 2,
            _mean(curve),
        ]
        bins = np.clip((flat * HISTOGRAM_BINS).astype(np.int64), 0, HISTOGRAM_BINS - 1)
        bins += np.arange(len(flat))[:, None] * HISTOGRAM_BINS
        counts = np.bincount(bins.ravel(), minlength=len(flat) * HISTOGRAM_BINS)
        columns += list(counts.reshape(len(flat), HISTOGRAM_BINS).T / flat.shape[1])
    return np.stack(columns, 1).astype(np.float32)


def _mean(differences: Array) -> Array:
    """The mean over all but the first axis; zero for pictures one pixel wide."""
    rows = differences.reshape(len(differences), -1)
    return rows.mean(1) if rows.shape[1] else np.zeros(len(rows), np.float32)
