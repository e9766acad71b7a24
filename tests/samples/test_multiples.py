from __future__ import annotations

import numpy as np
import pytest

from ganprobe.samples.multiples import multiples

RNG = np.random.default_rng(0)
SMOOTH, OTHER = (50 * RNG.standard_normal((2, 2_000, 2))).astype(np.float32)


@pytest.mark.parametrize("step", [10.0, 1.0, 0.5, 0.01])
def test_a_favoured_step_is_found_in_its_column(step: float) -> None:
    heaped = SMOOTH.copy()
    heaped[:700, 1] = step * np.round(heaped[:700, 1] / step)
    for pair in ((heaped, OTHER), (OTHER, heaped)):
        found = multiples(*pair)
        assert found is not None
        assert set(found.columns) == {1}
        distances = found(heaped)
        assert np.abs(distances).max() <= 0.5
        assert (distances[:700, 0] == 0).all()


def test_smooth_values_whole_numbers_and_zeros_favour_nothing() -> None:
    assert multiples(SMOOTH, OTHER) is None
    assert multiples(np.rint(SMOOTH), np.rint(OTHER)) is None
    assert multiples(np.maximum(SMOOTH, 0), np.maximum(OTHER, 0)) is None


def test_digits_that_are_never_used_are_found() -> None:
    every = np.random.default_rng(1).integers(0, 90_000, (3_000, 1)).astype(np.float32)
    some = every[every % 10 != 7][:, None]
    found = multiples(every[: len(some)], some)
    assert found is not None
    assert 10.0 in [grid.step for grid in found.grids]
    assert multiples(every[:1_500], every[1_500:]) is None


def test_a_step_that_float32_does_not_resolve_is_not_claimed() -> None:
    far = (SMOOTH + 1e8).astype(np.float32)
    assert multiples(far, (OTHER + 1e8).astype(np.float32)) is None


@pytest.mark.parametrize("value", [0.0, 1e30, -3.5])
def test_constant_columns_are_no_error(value: float) -> None:
    assert multiples(np.full((100, 1), value, np.float32), np.full((100, 1), value, np.float32)) is None
