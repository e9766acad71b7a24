"""The calibrated gap: never better for a worse sign, and as often right as it says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganprobe.measures.optimality import gap
from ganprobe.objective import LOG2

CLEAN = dict.fromkeys(gap.SIGNS, 0.0)


@given(st.sampled_from(gap.SIGNS), st.floats(0, 1), st.floats(0, 1))
def test_a_worse_sign_makes_no_better_gap(sign: str, less: float, more: float) -> None:
    low, high = sorted((less, more))
    assert 0 <= gap.predicted(CLEAN | {sign: low}) <= gap.predicted(CLEAN | {sign: high}) <= LOG2


@pytest.mark.parametrize("worst", [float("nan"), float("inf")])
def test_what_is_no_number_is_the_worst_of_signs(worst: float) -> None:
    assert gap.predicted(CLEAN | {"audit": worst}) == LOG2


def test_the_fit_covers_what_it_says() -> None:
    rng = np.random.default_rng(0)
    signs = rng.gamma(1.0, 0.01, (2, 400, len(gap.SIGNS)))
    missed = signs[:, :, 0] + 2 * signs[:, :, 8] * rng.standard_normal((2, 400))
    rule = gap.fit(signs[0], missed[0])
    assert all(weight >= 0 for weight in rule.values())
    bound = rule["intercept"] + signs[1] @ np.array([rule[name] for name in gap.SIGNS])
    assert 0.9 <= (missed[1] <= bound).mean() <= 0.98
