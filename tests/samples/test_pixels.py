from __future__ import annotations

import numpy as np
import pytest

from ganprobe.samples import pixels


def pictures(n: int = 5, channels: int = 1, height: int = 12, width: int = 10) -> np.ndarray:
    return np.random.default_rng(0).random((n, channels, height, width), np.float32)


def column(images: np.ndarray, name: str) -> np.ndarray:
    values = pixels.statistics(images)
    return values[:, pixels.statistic_names(images.shape[1]).index(name)]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 12, 50])
def test_block_means(size: int) -> None:
    images = pictures(channels=3)
    found = pixels.block_means(images, size)
    rows, columns = -(-12 // size), -(-10 // size)
    assert found.shape == (5, 3, rows, columns)
    assert found.dtype == np.float32
    for i in range(rows):
        for j in range(columns):
            block = images[:, :, i * size : (i + 1) * size, j * size : (j + 1) * size]
            np.testing.assert_allclose(found[:, :, i, j], block.mean((2, 3)), rtol=1e-5)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("height", "width"), [(12, 10), (8, 8), (1, 6), (6, 1), (1, 1)])
def test_every_statistic_has_a_name(channels: int, height: int, width: int) -> None:
    found = pixels.statistics(pictures(4, channels, height, width))
    names = pixels.statistic_names(channels)
    assert found.shape == (4, len(names))
    assert len(set(names)) == len(names)
    assert np.isfinite(found).all()


def test_known_values() -> None:
    image = np.zeros((1, 1, 10, 10), np.float32)
    image[:, :, :, 5:] = 1
    image[0, 0, 0, 0] = 3 / 255
    image[0, 0, 0, 9] = 252 / 255
    expected = {
        "mean": (49 + 255 / 255) / 100,
        "black": 0.49,
        "white": 0.49,
        "nearly black": 0.5,
        "nearly white": 0.5,
        "max": 1,
        "min": 0,
        "histogram 0/16": 0.5,
        "histogram 15/16": 0.5,
        "histogram 7/16": 0,
    }
    for name, value in expected.items():
        assert column(image, name)[0] == pytest.approx(value, abs=1e-6), name


def test_sharpness_is_seen() -> None:
    ramp = np.linspace(0, 1, 11, dtype=np.float32) * np.ones((1, 1, 11, 1), np.float32)
    stripes = (np.arange(11) % 2).astype(np.float32) * np.ones((1, 1, 11, 1), np.float32)
    assert column(ramp, "curvature")[0] == pytest.approx(0, abs=1e-6)
    # .1 from pixel to pixel across, nothing down.
    assert column(ramp, "gradient")[0] == pytest.approx(0.05, abs=1e-6)
    assert column(stripes, "gradient")[0] == pytest.approx(0.5)
    assert column(stripes, "curvature")[0] == pytest.approx(2)


def test_histograms_sum_to_one() -> None:
    images = pictures() * 1.5 - 0.25
    bins = [column(images, f"histogram {b}/{pixels.HISTOGRAM_BINS}") for b in range(pixels.HISTOGRAM_BINS)]
    np.testing.assert_allclose(np.sum(bins, 0), 1, rtol=1e-5)


def test_channels_have_their_own() -> None:
    images = pictures(channels=3)
    images[:, 1] = 0
    assert (column(images, "channel 1: black") == 1).all()
    assert (column(images, "channel 0: black") == 0).all()
    np.testing.assert_allclose(column(images, "channel 2: mean"), images[:, 2].mean((1, 2)), rtol=1e-5)


def test_many_pictures_are_taken_in_pieces() -> None:
    images = pictures(4_100, 1, 4, 4)
    np.testing.assert_array_equal(pixels.statistics(images)[4_050:], pixels.statistics(images[4_050:]))
