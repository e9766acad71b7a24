from __future__ import annotations

import math

import numpy as np
import pytest
from heldout import gaussian, of_parts, oracle
from scipy import stats

from ganprobe.known import truths
from ganprobe.logits import bounds
from ganprobe.objective import LOG2, js, js_of_error, shift_js
from ganprobe.samples.folds import HeldOut


def of_test(real: np.ndarray, fake: np.ndarray, folds: int = 1) -> HeldOut:
    return of_parts((np.zeros(folds), np.zeros(folds)), (real, fake), folds)


def js_of(logits: HeldOut) -> float:
    return js(np.concatenate(logits.test_real), np.concatenate(logits.test_fake))


# -- the rank test -------------------------------------------------------------


@pytest.mark.parametrize("kind", ["continuous", "tied"])
def test_equal_laws_are_rejected_as_often_as_said(kind: str) -> None:
    rng = np.random.default_rng(0)
    p_values = []
    for _ in range(600):
        real, fake = rng.standard_normal(100), rng.standard_normal(300)
        if kind == "tied":
            real, fake = np.rint(real), np.rint(fake)
        p_values.append(bounds.rank_test(of_test(real, fake)))
    rejected = np.mean(np.array(p_values) < 0.05)
    assert 0.025 < rejected < 0.08
    assert np.mean(p_values) == pytest.approx(0.5, abs=0.04)


def test_cross_fitted_probes_reject_equal_laws_as_often_as_said() -> None:
    """Each fold is scored by the difference of means of the others, the probe whose folds depend on each other most."""
    rng = np.random.default_rng(0)
    folds = np.repeat(np.arange(5), 40)
    p_values = []
    for _ in range(600):
        real, fake = rng.standard_normal((2, 200, 10))
        logits = [[], []]
        for k in range(5):
            direction = real[folds != k].mean(0) - fake[folds != k].mean(0)
            # An offset of its own for each fold's probe: compared across folds that would be noise.
            for side, rows in zip(logits, (real, fake), strict=True):
                side.append(rows[folds == k] @ direction + 3 * k)
        p_values.append(bounds.rank_test(of_test(np.concatenate(logits[0]), np.concatenate(logits[1]), folds=5)))
    assert 0.03 < np.mean(np.array(p_values) < 0.05) < 0.1


def test_offsets_of_folds_do_not_hide_a_difference() -> None:
    rng = np.random.default_rng(1)
    offsets = np.repeat(np.arange(5) * 50.0, 200)
    real, fake = rng.standard_normal(1_000) + 0.3 + offsets, rng.standard_normal(1_000) + offsets
    assert bounds.rank_test(of_test(real, fake, folds=5)) < 1e-3


def test_a_small_shift_is_found() -> None:
    """JS = .002: at 2,000 reals and four times as many fakes it is seen nearly always."""
    found = [bounds.rank_test(gaussian(0.127, 2_000, seed, ratio=4, folds=5)) < 0.05 for seed in range(60)]
    assert shift_js(0.127) == pytest.approx(0.002, abs=5e-5)
    assert np.mean(found) > 0.9


def test_the_rank_test_needs_no_calibration() -> None:
    logits = gaussian(0.3, 500, 0)
    bent = of_test(np.exp(3 * logits.test_real[0]) - 7, np.exp(3 * logits.test_fake[0]) - 7)
    assert bounds.rank_test(bent) == pytest.approx(bounds.rank_test(logits), rel=1e-9)


def test_a_probe_that_is_backwards_rejects_nothing() -> None:
    assert bounds.rank_test(gaussian(0.5, 500, 0)) < 1e-6
    backwards = gaussian(0.5, 500, 0)
    assert bounds.rank_test(of_test(backwards.test_fake[0], backwards.test_real[0])) > 1 - 1e-6


def test_an_undecided_probe_rejects_nothing() -> None:
    assert bounds.rank_test(of_test(np.zeros(50), np.zeros(70))) == 1


def test_a_p_value_is_never_zero() -> None:
    assert 0 < bounds.rank_test(of_test(np.full(20_000, 5.0), np.full(20_000, -5.0))) < 1e-200


def test_the_rank_test_is_mann_whitney_s() -> None:
    rng = np.random.default_rng(2)
    real, fake = np.rint(2 * rng.standard_normal(80)) + 1, np.rint(2 * rng.standard_normal(130))
    published = stats.mannwhitneyu(real, fake, alternative="greater", method="asymptotic", use_continuity=False)
    assert bounds.rank_test(of_test(real, fake)) == pytest.approx(published.pvalue, rel=1e-9)


# -- the floor -----------------------------------------------------------------


def failures(delta: float, n: int, runs: int, ratio: int = 1, folds: int = 1) -> int:
    """How often the floor of oracle logits exceeds the truth."""
    truth = shift_js(delta)
    rng = np.random.default_rng([int(1000 * delta), n])
    return sum(bounds.floor(gaussian(delta, n, rng, ratio, folds)) > truth for _ in range(runs))


def most_failures(runs: int) -> float:
    """More happen once in ten thousand at the claimed level."""
    return float(stats.binom.isf(1e-4, runs, 1 - bounds.LEVEL))


@pytest.mark.parametrize(("delta", "n"), [(0.0, 200), (0.5, 60), (1.0, 300), (3.6, 60), (3.6, 300), (5.0, 300)])
def test_the_floor_holds(delta: float, n: int) -> None:
    assert failures(delta, n, runs=200, ratio=2, folds=5) <= most_failures(200)


@pytest.mark.slow
@pytest.mark.parametrize("ratio", [1, 4])
@pytest.mark.parametrize("n", [30, 99, 100, 400, 3_000])
@pytest.mark.parametrize("delta", [0.0, 0.3, 1.0, 2.5, 3.6, 4.5, 6.0])
def test_the_floor_holds_thousands_of_times(delta: float, n: int, ratio: int) -> None:
    assert failures(delta, n, runs=2_000, ratio=ratio) <= most_failures(2_000)


@pytest.mark.parametrize("delta", [0.0, 0.5, 1.5, 3.0, 5.0, 8.0])
@pytest.mark.parametrize("n", [10, 99, 100, 2_000])
def test_the_floor_is_between_nothing_and_the_estimate(delta: float, n: int) -> None:
    for seed in range(10):
        logits = gaussian(delta, n, seed, folds=2)
        assert 0 <= bounds.floor(logits) <= max(0.0, js_of(logits)) + 1e-12


def test_the_floor_is_near_the_estimate_where_samples_are_plenty() -> None:
    for delta in (1.0, 2.0, 4.0):
        logits = gaussian(delta, 10_000, 0, ratio=4)
        # As sure as a stack may be after 3,000 validation points: the range of the scores is part of the price.
        logits = of_test(*(np.clip(side[0], -8, 8) for side in (logits.test_real, logits.test_fake)))
        assert js_of(logits) - bounds.floor(logits) < 0.01


def test_more_samples_raise_the_floor() -> None:
    for delta in (1.0, 3.6, 7.0):
        floors = [
            np.mean([bounds.floor(gaussian(delta, n, seed)) for seed in range(20)]) for n in (50, 200, 800, 3_200)
        ]
        assert floors == sorted(floors)


def test_a_confidently_wrong_probe_certifies_nothing() -> None:
    assert bounds.floor(of_test(np.full(500, -8.0), np.full(500, 8.0))) == 0


@pytest.mark.parametrize("n", [5, 50, 99])
def test_no_mistakes_in_few_samples_certify_by_counting(n: int) -> None:
    """Each side's error is below 1 - (.025)^(1/n), and Fano's inequality turns that into nats."""
    error = 1 - 0.025 ** (1 / n)
    assert bounds.floor(of_test(np.full(n, 9.0), np.full(n, -9.0))) == pytest.approx(js_of_error(error), abs=1e-9)


@pytest.mark.parametrize("n", [200, 2_000, 20_000])
def test_no_mistakes_in_many_samples_certify_the_ceiling_at_the_rate_of_log_n_over_n(n: int) -> None:
    gap = LOG2 - bounds.floor(of_test(np.full(n, 14.0), np.full(n, -14.0)))
    assert 1 / n < gap < 6 * math.log(n) / n


def test_certainty_without_bound_is_no_error() -> None:
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert bounds.floor(of_test(np.full(300, 1e4), np.full(300, -1e4))) > 0.6
        assert bounds.floor(of_test(np.zeros(300), np.zeros(300))) == 0


# -- scores and the e-value ----------------------------------------------------


@pytest.mark.parametrize(("n_real", "n_fake"), [(100, 100), (100, 400), (100, 250), (400, 100), (7, 1_000)])
def test_grouped_scores_use_every_sample_of_the_larger_side(n_real: int, n_fake: int) -> None:
    rng = np.random.default_rng(0)
    logits = of_test(rng.normal(1, 1, n_real), rng.normal(-1, 1, n_fake))
    groups = bounds.grouped_scores(logits)
    assert len(groups) == min(n_real, n_fake)
    # Hands differ by one sample at most: their mean is the estimate but for that.
    uneven = 0.0 if max(n_real, n_fake) % min(n_real, n_fake) == 0 else 0.02
    assert groups.mean() == pytest.approx(js_of(logits), abs=1e-12 + uneven)
    alone = bounds.grouped_scores(of_test(logits.test_real[0], logits.test_fake[0][:n_real]))
    if n_fake > n_real:
        assert groups.var() < alone.var()


def test_the_e_value_is_a_fair_bet_where_laws_are_equal() -> None:
    rng = np.random.default_rng(3)
    wealth = [math.exp(bounds.log_e_value(of_test(*rng.normal(0, 0.6, (2, 5))))) for _ in range(20_000)]
    assert np.mean(wealth) < 1 + 4 * np.std(wealth) / math.sqrt(len(wealth))
    assert np.mean(np.array(wealth) > 20) < 0.05


def test_the_e_value_grows_by_twice_js_a_pair() -> None:
    logits = oracle(truths.shift(3, 1.0), 1, 3_000, seed=0)
    assert bounds.log_e_value(logits) == pytest.approx(2 * 3_000 * js_of(logits), rel=1e-9)
