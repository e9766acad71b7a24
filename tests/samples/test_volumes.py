from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from ganprobe.samples import volumes
from ganprobe.samples.sides import Array


def told(values: Array) -> dict[str, Array]:
    return dict(zip(volumes.names(values.shape[1:]), volumes.numbers(values).T, strict=True))


@pytest.mark.parametrize("shape", [(1, 8, 8, 8), (1, 4, 5, 6), (2, 20, 9, 17), (6, 8, 8, 8)])
def test_every_number_has_a_name_and_is_finite(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    empty = np.concatenate((rng.standard_normal((2, *shape)), np.ones((1, *shape)))).astype(np.float32)
    numbers, names = volumes.numbers(empty), volumes.names(shape)
    assert numbers.shape == (3, len(names))
    assert len(set(names)) == len(names)
    assert np.isfinite(numbers).all()


def test_small_volumes_are_read_voxel_by_voxel() -> None:
    values = np.random.default_rng(0).standard_normal((3, 1, 8, 8, 8)).astype(np.float32)
    np.testing.assert_array_equal(volumes.numbers(values)[:, :512], values.reshape(3, -1))


def test_blocks_slices_and_smoothness_are_told() -> None:
    noise = np.random.default_rng(0).standard_normal((1, 1, 16, 16, 16)).astype(np.float32)
    smooth = np.asarray(gaussian_filter(noise, (0, 0, 0, 0, 1.0)))
    rough, soft = told(noise), told(smooth)
    assert rough["block 1,0,3"][0] == pytest.approx(noise[0, 0, 2:4, 0:2, 6:8].mean(), abs=1e-6)
    assert rough["mean of slice 5/16 along height"][0] == pytest.approx(noise[0, 0, :, 4].mean(), abs=1e-6)
    assert soft["neighbours along width"][0] > 0.5 > 0.2 > rough["neighbours along width"][0]
    assert abs(soft["neighbours along depth"][0] - rough["neighbours along depth"][0]) < 0.1
    assert soft["strength of detail of 1 voxels"][0] < rough["strength of detail of 1 voxels"][0]
