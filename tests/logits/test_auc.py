"""The area under the ROC curve: that of known laws, ties and folds counted as they should be, its interval covers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from heldout import changed, gaussian, of_parts
from sklearn.metrics import roc_auc_score

from ganprobe.logits.auc import area


@pytest.mark.parametrize("delta", [0.3, 1.0, 2.0])
def test_of_a_gaussian_shift_it_is_known(delta: float) -> None:
    """Phi(delta / sqrt 2)."""
    truth = (1 + math.erf(delta / 2)) / 2
    found = area(gaussian(delta, 4_000, 1, ratio=2))
    assert found.value == pytest.approx(truth, abs=0.015)
    assert found.low < truth < found.high
    assert found.high - found.low < 0.03


def test_ties_count_half_and_only_ranks_count() -> None:
    rng = np.random.default_rng(0)
    real, fake = (rng.integers(0, 4, n).astype(float) + shift for n, shift in ((300, 1.0), (500, 0.0)))
    logits = of_parts((np.zeros(1), np.zeros(1)), (real, fake))
    expected = roc_auc_score(np.repeat((1, 0), (300, 500)), np.concatenate((real, fake)))
    assert area(logits).value == pytest.approx(expected, abs=1e-12)
    assert area(changed(logits, 7.0, -3.0)) == area(logits)


def test_logits_of_different_folds_are_not_compared() -> None:
    """One fold's probe says 100 more to everybody; within each nothing is told apart."""
    level = np.linspace(-1, 1, 50)
    parts = np.concatenate((level, level + 100))
    logits = of_parts((np.zeros(2), np.zeros(2)), (parts, parts), folds=2)
    assert area(logits).value == pytest.approx(0.5)


def test_no_wrong_pair_is_no_proof_that_there_is_none() -> None:
    apart = of_parts((np.zeros(1), np.zeros(1)), (np.full(100, 1.0), np.full(400, -1.0)))
    found = area(apart)
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(0.025 ** (1 / 100))


@pytest.mark.parametrize("delta", [0.3, 1.0])
def test_the_interval_covers(delta: float) -> None:
    truth = (1 + math.erf(delta / 2)) / 2
    found = [area(gaussian(delta, 200, seed)) for seed in range(400)]
    covered = sum(interval.low <= truth <= interval.high for interval in found)
    assert 0.92 * 400 <= covered <= 0.98 * 400
