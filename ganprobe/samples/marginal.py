"""What the values of a sample are, in whatever place: moments, quantiles, and counts of equal ones.

A law with steps (PCM, counts, zeros where nothing is) is told from one without by how many values are distinct and how
far the nearest two are apart.
"""

from __future__ import annotations

import numpy as np

from ganprobe.samples.sides import Array, Floats

_QUANTILES = (0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999)
# A strength of nothing has no logarithm.
FAINT = 1e-9
NAMES = (
    *("mean", "strength", "skewness", "peakedness"),
    *(f"quantile {q:g}" for q in _QUANTILES),
    *("share of distinct values", "smallest step", "share of zeros", "share at its least", "share at its greatest"),
)


def numbers(x: Array) -> list[Array]:
    """``[n, values]`` to columns called as in `NAMES`."""
    ascending = np.sort(x, axis=1)
    steps = np.diff(ascending, axis=1)
    at = [min(round(q * x.shape[1]), x.shape[1] - 1) for q in _QUANTILES]
    z = standardised(x)
    squares = z * z
    moments = (x.mean(1), log(x.std(1)), mean_product(squares, z), log(mean_product(squares, squares)))
    counts = (
        (steps > 0).mean(1),
        log(np.min(steps, 1, initial=1.0, where=steps > 0)),
        (x == 0).mean(1),
        (x == ascending[:, :1]).mean(1),
        (x == ascending[:, -1:]).mean(1),
    )
    return [np.stack(moments, 1), ascending[:, at], np.stack(counts, 1)]


def mean_product(a: Array, b: Array) -> Array:
    """The mean of ``a * b`` over each row of two ``[n, values]``: to the last bit the same beside whatever rows."""
    return np.asarray((a * b).mean(1), np.float32)


def standardised(x: Array) -> Array:
    """Each row of ``[..., values]`` with mean 0 and variance 1; zeros where nothing varies."""
    centred = x - x.mean(-1, keepdims=True)
    size = np.sqrt((centred * centred).mean(-1, keepdims=True))
    return np.asarray(centred / np.maximum(size, FAINT), np.float32)


def log(strength: Array | Floats) -> Array:
    """The logarithm, of nothing too."""
    return np.asarray(np.log(np.maximum(strength, FAINT)), np.float32)


def strength(mean_square: Array | Floats) -> Array:
    """The logarithm of the root."""
    return np.asarray(log(mean_square) / 2, np.float32)
