"""Whether an array holds pictures, and in which of the layouts that people save them in."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ganprobe.samples.sides import Kind

# A float array of square slices this large is read as pictures; smaller ones may be outlines, matrices, time series.
_SQUARE_PICTURE = 16


def kind_of(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Kind:
    """Pictures or plain numbers, by the shape ``[n, ...]`` and the type.

    Pictures are uint8 with three or four axes, numbers with four axes of which one is 1 or 3 channels, and numbers with
    three axes whose slices are squares of at least 16.
    """
    byte = dtype == np.uint8
    if len(shape) == 3 and (byte or shape[1] == shape[2] >= _SQUARE_PICTURE):
        return "image"
    channels = _channels(dtype)
    return "image" if len(shape) == 4 and (shape[1] in channels or shape[3] in channels) else "array"


# Neighbouring pixels are correlated by more than this, and more than distant ones by at least so much.
_ALIKE, _MORE_ALIKE = 0.3, 0.1
_LOOKED_AT = 500


def looks_like_pictures(values: npt.NDArray[Any]) -> bool:
    """Whether ``values`` ``[n, channels, height, width]`` are alike in neighbours along both axes, as pictures are.

    The channels of a sequence are not: independent ones are not alike, and others are alike whatever their distance.
    """
    few = values[:_LOOKED_AT].astype(np.float64)
    few = few - few.mean(0)
    for axis in (2, 3):
        size = few.shape[axis]
        if size < 4:
            return False
        near, far = (_correlation(np.moveaxis(few, axis, 0), lag) for lag in (1, size // 2))
        if not (near > _ALIKE and near > far + _MORE_ALIKE):
            return False
    return True


def _correlation(rows: npt.NDArray[Any], lag: int) -> float:
    """Of the values with those ``lag`` places further along the first axis; 1 where nothing varies."""
    here, there = rows[:-lag], rows[lag:]
    size = float(np.sqrt((here**2).mean() * (there**2).mean()))
    return float((here * there).mean()) / size if size > 0 else 1.0


def _channels(dtype: np.dtype[Any]) -> tuple[int, ...]:
    return (1, 3, 4) if dtype == np.uint8 else (1, 3)


def arranged(array: npt.NDArray[Any], kind: Kind) -> tuple[npt.NDArray[Any], tuple[str, ...]]:
    """``[n, ...]`` with pictures brought to ``[n, channels, height, width]``, and what was moved."""
    if array.ndim == 1 or (kind == "image" and array.ndim == 3):
        return array[:, None], ()
    if kind == "image" and array.shape[1] not in _channels(array.dtype):
        return np.moveaxis(array, 3, 1), ("channels were last; moved first",)
    return array, ()


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
