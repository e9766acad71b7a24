"""Whether an array holds pictures, and in which of the layouts that people save them in."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ganprobe.samples.sides import Kind

# A float array of square slices this large is read as pictures; smaller ones may be outlines, matrices, time series.
_SQUARE_PICTURE = 16


def as_samples(array: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], Kind, tuple[str, ...]]:
    """``[n, ...]`` with pictures brought to ``[n, channels, height, width]``, what they are, and what was moved.

    Pictures are uint8 with three or four axes, numbers with four axes of which one is 1 or 3 channels, and numbers with
    three axes whose slices are squares of at least 16.
    """
    if array.ndim == 1:
        return array[:, None], "array", ()
    byte = array.dtype == np.uint8
    if array.ndim == 3 and (byte or array.shape[1] == array.shape[2] >= _SQUARE_PICTURE):
        return array[:, None], "image", ()
    channels = (1, 3, 4) if byte else (1, 3)
    if array.ndim == 4 and array.shape[1] in channels:
        return array, "image", ()
    if array.ndim == 4 and array.shape[3] in channels:
        return np.moveaxis(array, 3, 1), "image", ("channels were last; moved first",)
    return array, "array", ()


def guess_range(values: npt.NDArray[Any], kind: Kind, dtype: np.dtype[Any]) -> tuple[float, float] | None:
    """The range that pictures were stored in, from type and values; None for no pictures, and for other ranges."""
    if kind != "image":
        return None
    low, high = float(values.min()), float(values.max())
    if low >= 0 and high <= 1:
        return (0.0, 1.0)
    if dtype == np.uint8:
        return (0.0, 255.0)
    if low >= -1 and high <= 1:
        return (-1.0, 1.0)
    return (0.0, 255.0) if low >= 0 and 2 < high <= 255 else None
