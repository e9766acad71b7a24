from __future__ import annotations

import numpy as np
import pytest

from ganprobe.errors import InputError, UsageError
from ganprobe.record.sources import DataRecord
from ganprobe.samples.sides import Array, Dataset, Kind
from ganprobe.views.output_path import OutputPath, plan_path

RNG = np.random.default_rng(0)
BYTES = RNG.integers(0, 256, (300, 1, 8, 8)).astype(np.float32)
BYTES[0, 0, 0, :2] = 0, 255


def dataset(
    values: np.ndarray,
    kind: Kind = "image",
    full_range: tuple[float, float] | None = None,
    columns: tuple[str, ...] = (),
) -> Dataset:
    record = DataRecord("data", kind, len(values), values.shape[1:], "")
    return Dataset(values.astype(np.float32), kind, record, None, columns, full_range)


def plan(real: Dataset, fake: Array, option: str = "auto", quantise: str = "auto") -> OutputPath:
    return plan_path(real, fake, None, option, quantise)


PICTURES = dataset(BYTES, full_range=(0, 255))


@pytest.mark.parametrize(("low", "high"), [(-1, 1), (0, 1), (0, 255)])
def test_a_perfect_generator_in_any_range_comes_out_as_the_data(low: float, high: float) -> None:
    fakes = (low + BYTES / 255 * (high - low)).astype(np.float32)
    path = plan(PICTURES, fakes)
    np.testing.assert_array_equal(path.fake(fakes, quantise=True), path.real(BYTES))
    np.testing.assert_array_equal(path.fake(fakes, quantise=False), path.real(BYTES))
    np.testing.assert_allclose(path.as_generated(BYTES), fakes, atol=1e-6)


def test_quantised_fakes_hold_the_levels_of_the_data_and_raw_ones_do_not() -> None:
    fakes = RNG.uniform(-1.02, 1.02, BYTES.shape).astype(np.float32)
    path = plan(PICTURES, fakes)
    levels = np.unique(path.real(BYTES))
    assert path.quantises
    assert np.isin(path.fake(fakes, quantise=True), levels).all()
    raw = path.fake(fakes, quantise=False)
    assert np.isin(raw, levels).mean() < 0.01
    np.testing.assert_allclose(raw, (fakes + 1) / 2, atol=1e-6)
    assert path.steps == ("data: [0, 255] -> [0, 1]", "fakes: [-1, 1] -> [0, 1], clipped, rounded to 8 bits")


def test_a_background_that_never_reaches_the_end_of_its_range_is_still_signed() -> None:
    fakes = RNG.uniform(-0.94, 0.9, BYTES.shape).astype(np.float32)
    assert "[-1, 1] -> [0, 1]" in plan(PICTURES, fakes).steps[-1]


@pytest.mark.parametrize(
    ("option", "brightest"), [("-1,1", 0.7), ("0,1", 0.4), ("0,255", 0.4 / 255), ("none", 0.4 / 255)]
)
def test_a_range_that_is_said_is_believed(option: str, brightest: float) -> None:
    fakes = np.full(BYTES.shape, 0.4, np.float32)
    assert plan(PICTURES, fakes, option).fake(fakes, quantise=False).max() == pytest.approx(brightest, rel=1e-5)


def test_without_quantising_both_fakes_are_the_same() -> None:
    fakes = RNG.uniform(-1.02, 1.02, BYTES.shape).astype(np.float32)
    path = plan(PICTURES, fakes, quantise="off")
    assert not path.quantises
    np.testing.assert_array_equal(path.fake(fakes, quantise=True), path.fake(fakes, quantise=False))


def test_flat_fakes_become_pictures_and_go_back() -> None:
    flat = (BYTES / 255).reshape(len(BYTES), -1)
    path = plan(PICTURES, flat)
    np.testing.assert_array_equal(path.fake(flat, quantise=True), path.real(BYTES))
    np.testing.assert_allclose(path.as_generated(BYTES), flat, atol=1e-6)
    assert path.steps[0] == "fakes: 64 -> 1x8x8"


def test_channels_last_are_moved_and_go_back() -> None:
    colour = RNG.integers(0, 256, (50, 3, 5, 4)).astype(np.float32)
    last = np.moveaxis(colour, 1, 3) / np.float32(255)
    path = plan(dataset(colour, full_range=(0, 255)), last)
    np.testing.assert_array_equal(path.fake(last, quantise=True), path.real(colour))
    np.testing.assert_allclose(path.as_generated(colour), last, atol=1e-6)


@pytest.mark.parametrize("shape", [(1, 8, 9), (3, 8, 8), (63,), (2, 32), (1, 4, 16)])
def test_shapes_that_do_not_fit_are_refused_by_name(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=f"{'x'.join(map(str, shape))} and the data 1x8x8"):
        plan(PICTURES, np.zeros((4, *shape), np.float32))


def test_pictures_in_units_of_their_own_keep_them_on_both_sides() -> None:
    standardised = (BYTES / 255 - 0.1307) / 0.3081
    path = plan(dataset(standardised), standardised.astype(np.float32))
    fakes = path.fake(standardised.astype(np.float32), quantise=True)
    assert (fakes.min(), fakes.max()) == (0, 1)
    np.testing.assert_array_equal(fakes, path.real(standardised.astype(np.float32)))


def test_arrays_keep_their_units() -> None:
    real = RNG.normal(size=(500, 6)).astype(np.float32)
    fake = RNG.normal(size=(400, 6)).astype(np.float32) * 3
    path = plan(dataset(real, "array"), fake)
    np.testing.assert_array_equal(path.real(real), real)
    np.testing.assert_array_equal(path.fake(fake, quantise=True), fake)
    assert not path.quantises
    assert path.steps == ("both sides as they are",)


def test_8_bit_arrays_are_clipped_to_their_levels() -> None:
    real = (BYTES / np.float32(127.5) - 1).reshape(len(BYTES), -1)
    fake = RNG.uniform(-1.2, 1.2, real.shape).astype(np.float32)
    path = plan(dataset(real, "array"), fake)
    assert np.isin(path.fake(fake, quantise=True), np.unique(path.real(real))).all()
    np.testing.assert_allclose(path.real(real), real, atol=1e-6)


def test_columns_of_a_table_are_rounded_each_to_its_own_step() -> None:
    real = np.stack([RNG.integers(17, 91, 500), RNG.normal(size=500), RNG.integers(0, 9999, 500) / 100], 1)
    fake = np.float32([[16.4, 0.123456, 3.14159], [95.6, -2.5, 0.001]])
    path = plan(dataset(real, "table", columns=("age", "score", "price")), fake)
    np.testing.assert_array_equal(path.fake(fake, quantise=True), np.float32([[16, 0.123456, 3.14], [96, -2.5, 0]]))
    np.testing.assert_array_equal(path.real(real.astype(np.float32)), real.astype(np.float32))
    assert path.steps == ("fakes: 2 of 3 columns rounded to the data's steps",)


def test_a_range_for_a_table_is_refused() -> None:
    table = dataset(RNG.normal(size=(50, 2)), "table", columns=("a", "b"))
    with pytest.raises(UsageError, match="does not apply to a table"):
        plan(table, np.zeros((2, 2), np.float32), "-1,1")


@pytest.mark.parametrize("fakes", [RNG.integers(0, 1_000, (500, 2)), 2 * RNG.integers(0, 500, (500, 2)) + 1])
def test_numbers_that_were_rounded_otherwise_stay_as_they_are(fakes: Array) -> None:
    """Units against tens, odd against even: rounding one to the steps of the other would hide the difference."""
    step = 10 if (fakes % 2 == 0).any() else 2
    real = (step * RNG.integers(0, 100, (500, 2))).astype(np.float32)
    path = plan(dataset(real, "array"), fakes.astype(np.float32))
    np.testing.assert_array_equal(path.fake(fakes.astype(np.float32), quantise=True), fakes)
    assert not path.quantises
    floats = fakes + RNG.normal(0, 0.1, fakes.shape).astype(np.float32)
    assert plan(dataset(real, "array"), floats).quantises
