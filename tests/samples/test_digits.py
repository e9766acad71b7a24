"""Whole numbers beyond float32 are held in parts from which they follow exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganprobe.samples import digits
from ganprobe.samples.digits import LAST_DIGITS, MIDDLE_DIGITS, whole_columns
from ganprobe.samples.gauge import Gauge
from ganprobe.samples.sides import Pair


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-(2**53), 2**53), min_size=2, max_size=9))
def test_numbers_follow_from_what_float32_keeps_and_their_parts(numbers: list[int]) -> None:
    held = np.array([2.0**24 + 1, *numbers])
    beside = digits.parts(held)
    assert beside[0] == LAST_DIGITS
    low, *middle = (digits.part(held, which).astype(np.float32).astype(np.float64) for which in beside)
    main = held.astype(np.float32).astype(np.float64)
    np.testing.assert_array_equal(digits.joined(main, low, *middle), held.astype(np.int64))


@pytest.mark.parametrize("numbers", [[1.0, 2.0**24], [0.5, 1e9], [3e30, 1.0], []])
def test_what_float32_holds_and_what_is_not_whole_needs_no_parts(numbers: list[float]) -> None:
    assert digits.parts(np.array(numbers)) == ()


def test_whole_columns_of_a_pair_are_those_of_the_file() -> None:
    filed = np.array([4_929_123_456_789_017, 4_929_000_000_000_001])
    zero = 4_929_000_000_000_000
    held = (filed - zero).astype(np.float64)
    parts = [digits.part(held, which) for which in (LAST_DIGITS, MIDDLE_DIGITS)]
    rows = np.stack((held, *parts, [0.5, 1.0], [3.0, 4.0]), 1).astype(np.float32)
    names = ("card", f"card={LAST_DIGITS}", f"card={MIDDLE_DIGITS}", "x", "job=clerk")
    gauge = Gauge(np.array([zero, 0, 0, 0, 0.0]), np.ones(5))
    (card,) = whole_columns(Pair(rows, rows, "table", names, gauge), (rows, rows))
    np.testing.assert_array_equal(card(rows), filed)
