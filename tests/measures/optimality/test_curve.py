"""The learning curve ends where it is flat, and goes on where it is steep."""

from __future__ import annotations

import pytest

from ganprobe.measures.optimality import curve


def test_a_flat_curve_ends_and_a_steep_one_goes_on() -> None:
    assert curve.extrapolate(0.01, 0.0, 0.001) == 0.0
    assert curve.extrapolate(0.01, -0.002, 0.001) == 0.0
    # js(n) = a - c / n: differences halve, and as much is to come as the last one brought.
    assert curve.extrapolate(0.02, 0.01, 0.0) == pytest.approx(0.01)
    # js(n) = a - c / sqrt(n).
    ratio = 2**-0.5
    assert curve.extrapolate(0.01, 0.01 * ratio, 0.0) == pytest.approx(0.01 * ratio * ratio / (1 - ratio))
    # Where noise hides the exponent, g = 1.
    assert curve.extrapolate(1e-4, 1e-4, 1.0) == pytest.approx(1e-4, rel=1e-3)
