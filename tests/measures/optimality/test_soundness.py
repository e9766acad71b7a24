"""A probe that claims more than it knows is found out, one that does not is not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from ganprobe.known import truths
from ganprobe.measures.optimality import soundness
from ganprobe.samples.folds import HeldOut
from ganprobe.seeds import Seeds


@pytest.mark.parametrize(("overstated", "passes"), [(1.0, True), (0.7, True), (2.0, False)])
def test_logits_that_claim_too_much_cover_more_than_there_is(overstated: float, passes: bool) -> None:
    """E_Q[p/q] = 1; with twice the logit it is E_Q[(p/q)^2] = e for a shift by 1, before odds are capped."""
    truth = truths.shift(2, 1.0)
    real, fake = (overstated * truth.logit(side.astype(float)) for side in truth.draw(5_000, 9))
    assert soundness.covered(HeldOut((), (), (real,), (fake,)), Seeds(0)).passed is passes


@pytest.mark.parametrize(("n", "passes"), [(500, True), (10_000, False)])
def test_a_wrong_slope_is_tolerated_where_chance_costs_as_much(n: int, passes: bool) -> None:
    """What is left of noise points the wrong way: at P = Q of 500 rows so much is lost by calibrating alone."""
    noise = 0.1 * stats.norm.ppf((np.arange(n) + 0.5) / n)
    row = soundness.calibration(HeldOut((), (), (noise - 0.0025,), (noise + 0.0025,)))
    assert row.value == pytest.approx(-0.5, abs=0.05)
    assert row.passed is passes
