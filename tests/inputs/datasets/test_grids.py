from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy.ndimage import gaussian_filter

from ganprobe.errors import InputError
from ganprobe.inputs.datasets import _grids


def smooth(n: int, size: int, seed: int = 0) -> npt.NDArray[np.float32]:
    noise = np.random.default_rng(seed).normal(size=(n, size, size))
    return np.asarray(gaussian_filter(noise, (0, 2, 2)) * 300 + 20 * noise[:, :1, :1], np.float32)


def tiled(down: int, across: int, size: int, line: int, value: float = 0.0) -> npt.NDArray[np.float32]:
    step = size + line
    canvas = np.full((down * step + line, across * step + line), value, np.float32)
    for at, picture in enumerate(smooth(down * across, size)):
        y, x = line + at // across * step, line + at % across * step
        canvas[y : y + size, x : x + size] = picture
    return canvas


@pytest.mark.parametrize(("line", "value", "sample"), [(2, 0.0, None), (1, 1.0, (16, 16)), (0, 0.0, (16, 16))])
def test_grids_are_refused_with_their_size(line: int, value: float, sample: tuple[int, int] | None) -> None:
    with pytest.raises(InputError, match="grid of 3 x 4 samples"):
        _grids.require_single("x.png", tiled(3, 4, 16, line, value), sample)


@pytest.mark.parametrize("size", [16, 17, 64])
def test_one_picture_is_none(size: int) -> None:
    picture = smooth(1, size)[0]
    framed = np.pad(picture, 3)
    noise = np.random.default_rng(0).normal(size=(64, 64)).astype(np.float32)
    for one in (picture, framed, noise, np.zeros((64, 64), np.float32)):
        for sample in (None, (16, 16), (size, size)):
            _grids.require_single("x.png", one, sample)
