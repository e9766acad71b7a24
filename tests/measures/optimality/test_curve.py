"""The learning curve ends where it is flat, and goes on where it is steep."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
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


def test_what_is_still_to_come_is_what_known_laws_missed() -> None:
    laws = [json.loads(line) for line in (Path(__file__).parent / "laws.jsonl").read_text().splitlines()]
    missed, said, rise = np.array(
        [
            (law["missed"], curve.to_come(law["signs"]["last"], law["signs"]["slow"]), law["signs"]["rise"])
            for law in laws
        ]
    ).T
    assert np.abs(missed - said).mean() < 0.8 * np.abs(missed - rise).mean()
    assert abs(np.median(missed - said)) < 0.0015


def test_nothing_is_to_come_where_nothing_is_shown() -> None:
    assert curve.to_come(0.0, 0.0) == 0.0
