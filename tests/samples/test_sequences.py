from __future__ import annotations

import numpy as np
import pytest

from ganprobe.errors import UsageError
from ganprobe.samples.sequences import Series, axis_of, by_channel, declared, ordered_axis, statistics
from ganprobe.samples.sides import Pair

RNG = np.random.default_rng(0)
WALK = np.cumsum(RNG.standard_normal((300, 20, 9)), 1).astype(np.float32)
NOISE = RNG.standard_normal((300, 20, 9)).astype(np.float32)


def test_the_ordered_axis_is_the_smooth_one() -> None:
    assert ordered_axis(WALK) == 0
    assert ordered_axis(WALK.transpose(0, 2, 1)) == 1
    assert ordered_axis(WALK[:, :, 0]) == 0
    assert ordered_axis(NOISE) is None
    assert ordered_axis(NOISE, WALK) == 0
    assert ordered_axis(WALK[:, :5]) is None
    assert ordered_axis(np.ones((9, 20), np.float32)) is None
    assert ordered_axis(np.ones((9, 20, 9, 9), np.float32)) is None


@pytest.mark.parametrize("axis", [0, 1])
def test_series_have_channels_first_and_no_units(axis: int) -> None:
    rows = WALK if axis == 0 else WALK.transpose(0, 2, 1)
    units = np.geomspace(1e-10, 1e10, 9)
    units = units if axis == 0 else units[:, None]
    one, other = Series.of(rows, axis)(rows), Series.of(rows * units, axis)((rows * units).astype(np.float32))
    assert one.shape == (300, 9, 20)
    np.testing.assert_allclose(one, other, atol=1e-3)


def test_statistics_are_finite_and_tell_time_from_its_reverse() -> None:
    series = Series.of(WALK, 0)
    jumps = np.maximum.accumulate(np.abs(WALK), 1)
    for rows in (WALK, NOISE, np.zeros_like(WALK), np.full_like(WALK, 1e30)):
        assert np.isfinite(statistics(series(rows))).all()
    assert by_channel(series(WALK)).shape[:2] == (300, 9)
    assert not np.allclose(statistics(series(jumps)).mean(0), statistics(series(jumps[:, ::-1])).mean(0), atol=0.1)


def test_order_may_be_in_sizes_in_seasons_or_between_channels() -> None:
    log = RNG.standard_normal((1_000, 22))
    spread = np.exp(0.6 * (log[:, 2:] + log[:, 1:-1] + log[:, :-2]))
    season = np.tile(RNG.standard_normal((1_000, 7)), (1, 4)) + RNG.standard_normal((1_000, 28))
    noise = RNG.standard_normal((1_000, 21))
    assert ordered_axis((spread * RNG.standard_normal((1_000, 20))).astype(np.float32)) == 0
    assert ordered_axis(season.astype(np.float32)) == 0
    assert ordered_axis(np.stack((noise[:, 1:], noise[:, :-1]), 1).astype(np.float32)) == 1
    mixed = RNG.standard_normal((1_000, 12)) @ RNG.standard_normal((12, 12))
    assert ordered_axis(mixed.astype(np.float32)) is None


def test_axes_are_what_was_said() -> None:
    pair = Pair(NOISE, WALK, "array")
    assert axis_of(declared(pair, "auto")) == 0
    assert axis_of(declared(pair, "ct")) == 1
    assert axis_of(declared(Pair(NOISE, NOISE, "array"), "t,c")) == 0
    assert axis_of(declared(pair, "none")) is None
    for wrong in ("t", "tt", "cc", "tcc"):
        with pytest.raises(UsageError) as error:
            declared(pair, wrong)
        assert "20x9" in error.value.message
