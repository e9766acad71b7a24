"""What is read of large pictures: each from itself alone, the same on both sides, whatever way rows are chosen."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from ganprobe import views
from ganprobe.known import dead_leaves
from ganprobe.plan import Plan
from ganprobe.samples import pixels, sketch, texture
from ganprobe.samples.folds import Fold, Folds, Split
from ganprobe.samples.sides import Array, Pair, Stored
from ganprobe.seeds import Seeds

SIZE = 48
BYTES = dead_leaves.pictures(60, SIZE, 0)
ROWS = Split(np.arange(30), np.arange(30, 45), np.arange(45, 60))
FOLDS = Folds((Fold(ROWS, ROWS),))


def in_unit(stored: Stored) -> Array:
    return pixels.unit(stored)


@functools.cache
def pair(change: dead_leaves.Change | None = None) -> Pair:
    fake = dead_leaves.pictures(60, SIZE, 1, change=change)
    return sketch.pair_of(sketch.sketched(BYTES, in_unit), sketch.sketched(fake, in_unit), BYTES.shape[1:])


@pytest.mark.parametrize("shape", [(3, 40, 40), (1, 70, 65), (3, 37, 90)])
def test_a_sketch_has_a_name_for_each_number_and_reads_each_picture_alone(shape: tuple[int, int, int]) -> None:
    pictures = np.random.default_rng(0).random((5, *shape), np.float32)
    layout = sketch.layout_of(shape)
    rows = texture.numbers(pictures, layout)
    names = texture.names(layout)
    assert rows.shape == (5, len(names))
    assert len(set(names)) == len(names)
    np.testing.assert_array_equal(texture.numbers(pictures[2:3], layout)[0], rows[2])
    np.testing.assert_allclose(rows[:, : np.prod(layout.grid)].mean(), pictures.mean(), atol=0.01)


def test_which_pictures_are_sketched() -> None:
    assert not sketch.is_large("image", (1, 64, 64))
    assert not sketch.is_large("image", (3, 32, 32))
    assert sketch.is_large("image", (3, 64, 64))
    assert not sketch.is_large("array", (3, 64, 64))


def test_rows_chosen_in_any_way_know_their_pictures() -> None:
    sketches = sketch.sketched(BYTES, in_unit)
    for key in (slice(10, 20), np.array([7, 3, 3]), np.arange(60) % 7 == 0):
        some = sketches[key]
        np.testing.assert_array_equal(sketch.pictures_of(some).stored, BYTES[key])
        np.testing.assert_array_equal(sketch.pictures_of(some[1:])[0].stored[0], BYTES[key][1])
    assert (sketches * 2).pictures is None
    with pytest.raises(ValueError, match="computed"):
        sketch.pictures_of(sketches + 1)


def test_bytes_are_not_copied_and_floats_become_bytes() -> None:
    assert np.shares_memory(sketch.pictures_of(sketch.sketched(BYTES, in_unit)).store, BYTES)
    halves = np.float32(2) * pixels.unit(BYTES) - 1
    sketches = sketch.sketched(halves, lambda part: (part + 1) / 2)
    assert sketch.pictures_of(sketches).store.dtype == np.uint8
    np.testing.assert_array_equal(sketch.pictures_of(sketches).store, BYTES)


def test_pictures_beyond_a_gigabyte_lie_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sketch, "_IN_MEMORY", 1_000)
    sketches = sketch.sketched(pixels.unit(BYTES), in_unit)
    assert isinstance(sketch.pictures_of(sketches).store, np.memmap)
    np.testing.assert_array_equal(sketch.pictures_of(sketches).store, BYTES)


def test_joined_sides_know_all_their_pictures() -> None:
    sketches = sketch.sketched(BYTES, in_unit)
    both = sketch.joined(sketches[:3], sketches[10:12])
    np.testing.assert_array_equal(sketch.pictures_of(both).stored, BYTES[[0, 1, 2, 10, 11]])


def test_windows_are_pixels_and_smaller_pictures_are_means() -> None:
    large = np.repeat(np.repeat(BYTES[:10], 3, 2), 3, 3)
    pictures = sketch.pictures_of(sketch.sketched(large, in_unit)[2:5])
    corner = pictures.windows((1.0, 0.0), (16, 16))
    np.testing.assert_array_equal(corner, large[2:5, :, 128:, :16])
    np.testing.assert_array_equal(pictures.smaller(), BYTES[2:5])
    assert sketch.pictures_of(sketch.sketched(BYTES, in_unit)).small is BYTES


@pytest.mark.parametrize("name", ["histogram", "statistics", "highpass", "blocks", "threshold", "blur", "noise", "pca"])
def test_every_view_of_pictures_takes_sketches(name: str) -> None:
    seen = views.chain(Plan("g", "d", view=name)).apply(pair(), FOLDS.folds[0], Seeds(0))
    assert len(seen.real) == len(seen.fake) == 60
    assert np.isfinite(seen.real).all()


def test_columns_of_a_sketch_are_the_statistics_of_its_pictures() -> None:
    seen = views.chain(Plan("g", "d", view="statistics")).apply(pair(), FOLDS.folds[0], Seeds(0))
    np.testing.assert_allclose(seen.real, pixels.statistics(pixels.unit(BYTES)), atol=1e-6)


def test_a_blur_shows_in_the_finest_octave_first() -> None:
    soft = pair(dead_leaves.blur(0.6))
    finest, next_one = (
        soft.real[:, soft.columns.index(name)].mean() - soft.fake[:, soft.columns.index(name)].mean()
        for name in ("channel 0: strength of detail below 1 pixel", "channel 0: strength of detail of 2 to 4 pixels")
    )
    assert finest > 0.3 > abs(next_one)


def test_what_lies_between_the_levels_of_a_byte_is_told() -> None:
    floats = pixels.unit(BYTES) + np.float32(0.2 / 255)
    off = sketch.sketched(floats, in_unit)[:, -1]
    np.testing.assert_allclose(off, 0.2, atol=1e-3)
    assert not sketch.sketched(pixels.unit(BYTES), in_unit)[:, -1].any()
