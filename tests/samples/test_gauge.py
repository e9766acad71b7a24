from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ganprobe.samples.gauge import Gauge, gauge_of, merged

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    "offset", [2**24, -(2**31), 2**53 + 1, -(2**60) - 3, 2**63 - 40], ids=lambda offset: f"{offset:.3g}"
)
def test_whole_numbers_are_subtracted_exactly(offset: int) -> None:
    values = np.array([offset + k for k in range(30)], np.int64)[:, None]
    gauge = gauge_of(values)
    assert gauge is not None
    np.testing.assert_array_equal(np.diff(gauge.held(values)[:, 0].astype(np.float32)), 1)


def test_unsigned_numbers_beyond_the_signed_ones() -> None:
    values = (np.uint64(2**64 - 100) + np.arange(30, dtype=np.uint64))[:, None]
    gauge = gauge_of(values)
    assert gauge is not None
    np.testing.assert_array_equal(np.diff(gauge.held(values)[:, 0]), 1)


def test_what_float32_holds_is_left_alone() -> None:
    for values in (RNG.normal(5, 1, (300, 4)), RNG.standard_cauchy((300, 2)), np.zeros((30, 3)), np.full((30, 1), 0.5)):
        assert gauge_of(values) is None
    assert gauge_of(RNG.integers(0, 256, (300, 8, 8), dtype=np.uint8)) is None


@pytest.mark.parametrize("size", [1e-30, 1e30, 1e200])
def test_sizes_whose_squares_overflow_come_to_one(size: float) -> None:
    values = RNG.normal(size=(300, 2)) * size
    gauge = gauge_of(values)
    assert gauge is not None
    held = gauge.held(values).astype(np.float32)
    assert 0.01 < held.std() < 100
    np.testing.assert_allclose(gauge.filed(held), values, rtol=1e-6)


def test_coordinates_of_moderate_size_keep_their_unit_beside_an_enormous_one() -> None:
    gauge = gauge_of(np.stack((RNG.normal(size=300), 1e30 * RNG.normal(size=300)), 1))
    assert gauge is not None
    assert gauge.unit[0] == 1


def test_round_numbers_stay_round_and_a_lattice_stays() -> None:
    """Half of the prices are multiples of 100, and the middle one is not among them."""
    quarters = 1e7 + RNG.integers(0, 400, (500, 1)) / 4
    prices = 1_000_000_000 + RNG.integers(0, 40_000, (501, 1))
    prices[::2] = prices[::2] // 100 * 100
    for values, unit in ((quarters, 0.25), (prices[::2], 100.0)):
        gauge = gauge_of(quarters if values is quarters else prices)
        assert gauge is not None
        assert (gauge.held(values) / unit % 1 == 0).all()


def test_pixels_share_one_zero() -> None:
    gauge = gauge_of(1e6 + RNG.normal(size=(50, 4, 4)), one_for_all=True)
    assert gauge is not None
    assert gauge.zero.shape == ()
    assert gauge.shaped((1, 4, 4)) is gauge


def test_a_reader_is_shown_what_stands_in_the_file() -> None:
    gauge = Gauge(np.array([1.7e9, 0.0, 18_000.0]), np.array([1.0, 1e30, 1.0]), frozenset({2}))
    assert gauge.text(0, 12.0, 4) == "1700000012"
    assert gauge.text(1, 2.5, 4) == "2.5e+30"
    assert gauge.text(2, 262.0, 4) == "2020-01-01"
    part = gauge.of(np.array([2, 0]))
    assert part.text(0, 262.0, 4) == "2020-01-01"
    assert part.text(1, 12.0, 4) == "1700000012"


def test_distinct_values_that_a_cast_makes_equal_are_counted() -> None:
    values = np.stack((1e8 + np.arange(100.0), np.arange(100.0)), 1)
    lost = merged(values, values.astype(np.float32))
    assert lost[0] > 0.8
    assert lost[1] == 0


@given(hnp.arrays(np.float64, (25, 2), elements=st.floats(-1e300, 1e300, allow_nan=False)))
@example(np.where(np.arange(50).reshape(25, 2) == 0, 0.0, 5e-324))
def test_any_finite_column_has_a_gauge_or_needs_none(values: np.ndarray) -> None:
    gauge = gauge_of(values)
    if gauge is not None:
        assert np.isfinite(gauge.held(values)).all()
        assert np.isfinite(gauge.unit).all()
        assert (gauge.unit > 0).all()
