"""Whole numbers beyond float32 are held in parts from which they follow exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganprobe.samples import digits
from ganprobe.samples.digits import MIDDLE_DIGITS, whole_columns
from ganprobe.samples.gauge import Gauge
from ganprobe.samples.sides import Pair


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-(2**53), 2**53), min_size=2, max_size=9))
def test_numbers_follow_from_what_float32_keeps_and_their_parts(numbers: list[int]) -> None:
    held = np.array([2.0**24 + 1, *numbers])
    beside = digits.parts(held)
    assert beside[0] == "last digits"
    last, *middle = (digits.part(held, which).astype(np.float32).astype(np.float64) for which in beside)
    rounded = held.astype(np.float32).astype(np.float64)
    np.testing.assert_array_equal(digits.joined(rounded, 1e6, last, *middle), held.astype(np.int64))


@pytest.mark.parametrize(
    ("name", "units", "largest"),
    [("last digits, in 0.01", 100, 10**6), ("last digits, in 0.001", 1_000, 10**5), ("time of day", 86_400, 3_000)],
)
def test_cents_and_seconds_are_kept(name: str, units: int, largest: int) -> None:
    numbers = np.random.default_rng(0).integers(-units * largest, units * largest, 500)
    held = numbers / units
    assert digits.parts(held) == (name,)
    rows = np.stack((held, digits.part(held, name)), 1).astype(np.float32)
    (column,) = whole_columns(Pair(rows, rows, "table", ("x", f"x={name}")), (rows, rows))
    np.testing.assert_array_equal(column(rows), numbers)


@pytest.mark.parametrize(
    "numbers", [[1.0, 2.0**24], [0.5, 1e9 / 7], [3e30, 1.0], [], [1e5, 0.01], [1e12 / 7, 0.001], [1e200, 5.0]]
)
def test_what_float32_holds_and_what_is_not_whole_needs_no_parts(numbers: list[float]) -> None:
    assert digits.parts(np.array(numbers)) == ()


def test_whole_columns_of_a_pair_are_those_of_the_file() -> None:
    filed = np.array([4_929_123_456_789_017, 4_929_000_000_000_001])
    zero = 4_929_000_000_000_000
    held = (filed - zero).astype(np.float64)
    parts = [digits.part(held, which) for which in ("last digits", MIDDLE_DIGITS)]
    rows = np.stack((held, *parts, [1 / 3, 1.0], [3.0, 4.0]), 1).astype(np.float32)
    names = ("card", "card=last digits", f"card={MIDDLE_DIGITS}", "x", "job=clerk")
    gauge = Gauge(np.array([zero, 0, 0, 0, 0.0]), np.ones(5))
    (card,) = whole_columns(Pair(rows, rows, "table", names, gauge), (rows, rows))
    np.testing.assert_array_equal(card(rows), filed)


def test_decimals_that_float32_still_tells_apart_are_whole_in_their_unit() -> None:
    rng = np.random.default_rng(1)
    cents = rng.integers(-(10**7), 10**7, 400)
    rows = np.stack((cents / 100, rng.standard_normal(400), 1e5 * rng.standard_normal(400)), 1).astype(np.float32)
    (column,) = whole_columns(Pair(rows, rows, "table"), (rows, rows))
    assert column.main == 0
    np.testing.assert_array_equal(column(rows), cents)
