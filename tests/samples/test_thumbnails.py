"""What a reader gets to look at is what was there."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from ganprobe.samples import thumbnails
from ganprobe.samples.sides import Pair


def seen(uri: str) -> np.ndarray:
    head, _, code = uri.partition(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(code))))


@pytest.mark.parametrize("channels", [1, 3])
def test_a_small_picture_comes_back_whole(channels: int) -> None:
    levels = np.random.default_rng(0).integers(0, 256, (channels, 9, 7))
    back = seen(thumbnails.picture((levels / 255).astype(np.float32)))
    assert (np.moveaxis(back.reshape(9, 7, channels), -1, 0) == levels).all()


def test_a_large_picture_is_made_smaller_and_keeps_its_shape_and_mean() -> None:
    picture = np.linspace(0, 1, 3 * 200 * 100, dtype=np.float32).reshape(3, 200, 100)
    back = seen(thumbnails.picture(picture))
    assert back.shape == (64, 32, 3)
    assert back.mean() == pytest.approx(127.5, abs=1)


def test_rows_have_names_and_only_the_level_that_they_are_of() -> None:
    columns = ("age", "job=clerk", "job=cook", "score")
    row = np.array([41.0, 0.0, 1.0, 0.0], np.float32)
    assert thumbnails.numbers(row, columns) == {"age": 41.0, "job=cook": 1.0, "score": 0.0}
    assert thumbnails.numbers(np.array([1 / 3, 2], np.float32), ()) == {"x0": 0.333333, "x1": 2.0}
    assert len(thumbnails.numbers(np.ones(500, np.float32), ())) == 12


def test_the_kind_of_data_decides() -> None:
    pictures = np.zeros((2, 1, 4, 4), np.float32)
    assert thumbnails.shown(pictures, 1, Pair(pictures, pictures, "image"))[1] == {}
    assert thumbnails.shown(pictures, 1, Pair(pictures, pictures, "array"))[0] is None
