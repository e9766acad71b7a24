from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from ganprobe.logits.betting import betting_floor

# Scores of known mean: rare successes, even odds, skewed, narrow.
LAWS = {
    "bernoulli .05": (lambda rng, n: (rng.random(n) < 0.05) * 1.0, 0.05),
    "bernoulli .5": (lambda rng, n: (rng.random(n) < 0.5) * 1.0, 0.5),
    "bernoulli .97": (lambda rng, n: (rng.random(n) < 0.97) * 1.0, 0.97),
    "beta(.3, .1)": (lambda rng, n: rng.beta(0.3, 0.1, n), 0.75),
    "beta(50, 20)": (lambda rng, n: rng.beta(50, 20, n), 50 / 70),
}
RUNS = 400
ALPHA = 0.05


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("n", [20, 300])
def test_the_betting_floor_covers_in_small_samples(name: str, n: int) -> None:
    draw, mean = LAWS[name]
    rng = np.random.default_rng(11)
    floors = np.array([betting_floor(draw(rng, n), 0, 1, ALPHA) for _ in range(RUNS)])
    # More failures than this happen once in ten thousand where the coverage is what it claims to be.
    assert (floors > mean).sum() <= stats.binom.isf(1e-4, RUNS, ALPHA)


@pytest.mark.parametrize("name", LAWS)
def test_the_betting_floor_is_close(name: str) -> None:
    scores = LAWS[name][0](np.random.default_rng(5), 4_000)
    normal_margin = stats.norm.isf(ALPHA) * scores.std() / math.sqrt(len(scores))
    gap = scores.mean() - betting_floor(scores, 0, 1, ALPHA)
    assert normal_margin / 2 < gap < 2.5 * normal_margin + 0.002


def test_more_confidence_costs_floor() -> None:
    scores = np.random.default_rng(1).beta(2, 3, 500)
    floors = [betting_floor(scores, 0, 1, alpha) for alpha in (1e-6, 0.001, 0.01, 0.05, 0.2, 0.5)]
    assert floors == sorted(set(floors))
    assert floors[-1] < scores.mean()


def test_the_betting_floor_is_in_the_unit_of_the_scores() -> None:
    scores = np.random.default_rng(2).random(200)
    plain = betting_floor(scores, 0, 1, ALPHA)
    assert betting_floor(7 * scores - 3, -3, 4, ALPHA) == pytest.approx(7 * plain - 3, abs=1e-9)


def test_no_evidence_has_the_least_floor() -> None:
    assert betting_floor(np.full(100, -2.0), -2, 1, ALPHA) == -2
    assert betting_floor(np.array([0.9]), 0, 1, ALPHA) == 0


def test_perfect_scores_are_not_certainty() -> None:
    floors = [betting_floor(np.ones(n), 0, 1, ALPHA) for n in (10, 100, 1000)]
    assert floors == sorted(floors)
    assert floors[-1] < 1 - 1 / 1000
    assert floors[-1] > 0.99
