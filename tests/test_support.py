from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from ganprobe import support, truths
from ganprobe.records import SupportRecord
from ganprobe.samples import Array, Floats, Fold, Pair, row_hashes, split_sides
from ganprobe.seeds import Seeds

SEEDS = Seeds(0)


def fold_of(pair: Pair) -> Fold:
    return split_sides(row_hashes(pair.real, 0), row_hashes(pair.fake, 0)).folds[0]


def measured(real: Array, fake: Array, real_logit: Floats, fake_logit: Floats) -> SupportRecord:
    pair = Pair(real, fake, "array")
    return support.measure(real_logit, fake_logit, pair, fold_of(pair), 7, SEEDS, "fast")


def of_truth(truth: truths.Truth, n: int = 2000) -> SupportRecord:
    assert truth.logit is not None
    real, fake = truth.draw(n, 0, 4 * n)
    return measured(real, fake, truth.logit(real.astype(float)), truth.logit(fake.astype(float)))


@pytest.mark.parametrize("kept", [7, 5, 2])
def test_dropped_modes_are_the_real_mass_that_is_not_covered(kept: int) -> None:
    real, fake = truths.ring(kept=kept).draw(4000, 0)
    mode = np.rint(np.arctan2(real[:, 1], real[:, 0]) / (2 * math.pi / 8)) % 8
    inside = math.log(8 / kept)
    record = measured(real, fake, np.where(mode < kept, -inside, 20.0), np.full(len(fake), -inside))
    assert record.real_covered == pytest.approx(kept / 8, abs=0.05)
    assert record.fake_covered == pytest.approx(1, abs=0.05)
    assert record.coverage == pytest.approx(kept / 8, abs=0.05)
    assert record.mismatch


def test_stray_fakes_are_the_fake_mass_that_is_not_covered() -> None:
    fake, real = truths.ring(kept=5).draw(4000, 0)
    mode = np.rint(np.arctan2(fake[:, 1], fake[:, 0]) / (2 * math.pi / 8)) % 8
    record = measured(real, fake, np.full(len(real), math.log(8 / 5)), np.where(mode < 5, math.log(8 / 5), -20.0))
    assert record.fake_covered == pytest.approx(5 / 8, abs=0.05)
    assert record.density == pytest.approx(5 / 8, abs=0.08)
    assert record.mismatch


@pytest.mark.parametrize("d", [1, 10, 784])
def test_equal_laws_match_in_any_dimension(d: int) -> None:
    record = of_truth(truths.same(d), 2000 if d < 784 else 1000)
    assert not record.mismatch
    assert record.density == pytest.approx(1, abs=0.15)
    assert record.coverage == pytest.approx(1, abs=0.05)


def test_equal_laws_match_with_the_logits_of_a_probe_that_learned_nothing() -> None:
    pair = Pair(*truths.same(784).draw(2000, 0, 4000), "array")
    fold = fold_of(pair)
    inputs = np.concatenate([pair.real[fold.real.fit], pair.fake[fold.fake.fit]])
    labels = np.repeat([1, 0], [len(fold.real.fit), len(fold.fake.fit)])
    probe = LogisticRegression(C=1e-3, class_weight="balanced").fit(inputs, labels)
    logits = (probe.decision_function(side) for side in (pair.real[fold.real.test], pair.fake[fold.fake.test]))
    record = support.measure(*logits, pair, fold, None, SEEDS, "fast")
    assert not record.mismatch


@pytest.mark.parametrize("delta", [0.5, 1.0])
def test_a_shift_within_reach_is_no_mismatch(delta: float) -> None:
    record = of_truth(truths.shift(10, delta))
    assert not record.mismatch
    assert record.real_covered == pytest.approx(1, abs=0.05)
    assert record.real_covered_low <= record.real_covered <= record.real_covered_high


def test_what_is_reached_at_less_than_a_fiftieth_does_not_count() -> None:
    # log p/q of a shift by 3 is N(9/2, 3^2) under P, and E_P[min(1, 50 q/p)] follows.
    excess = np.random.default_rng(0).normal(4.5, 3, 1_000_000) - math.log(50)
    reached = np.exp(-np.maximum(excess, 0)).mean()
    assert of_truth(truths.shift(2, 3.0), 10_000).real_covered == pytest.approx(reached, abs=0.04)


def test_the_interval_covers_the_truth_at_its_level() -> None:
    """Odds of a shift by 1 average 1, but for the cap; of 200 intervals about 190 hold that."""
    truth, hits = truths.shift(1, 1.0), 0
    assert truth.logit is not None
    for seed in range(200):
        _, fake = truth.draw(1, seed, 500)
        _, low, high = support._covered(truth.logit(fake.astype(float)), Seeds(seed), "real")
        hits += low <= 1 <= high
    assert 0.88 < hits / 200 <= 0.99


@pytest.mark.parametrize(("d", "low", "high"), [(1, 0.9, 1.1), (2, 1.8, 2.2), (8, 6.8, 8.5)])
def test_dimension_is_that_of_the_manifold_not_of_the_space(d: int, low: float, high: float) -> None:
    rng = np.random.default_rng(0)
    directions = rng.normal(size=(d, 40)) / math.sqrt(d)
    curve, full = rng.normal(size=(2000, d)) @ directions, rng.normal(size=(2000, 40))
    record = measured(np.tanh(curve).astype(np.float32), full.astype(np.float32), np.zeros(9), np.zeros(9))
    assert record.dimension.real is not None
    assert record.dimension.fake is not None
    assert low < record.dimension.real < high
    assert record.dimension.fake > 15
    assert record.dimension.latent == 7


def test_repeated_points_have_no_say_in_the_dimension() -> None:
    points = truths.same(2).draw(1500, 0)[0]
    record = measured(np.repeat(points, 3, axis=0), points, np.zeros(9), np.zeros(9))
    assert record.dimension.real == pytest.approx(2, abs=0.25)


def test_too_few_points_leave_none() -> None:
    record = measured(*truths.same(2).draw(60, 0), np.zeros(60), np.zeros(60))
    assert (record.density, record.coverage, record.dimension.real) == (None, None, None)


def test_the_same_seed_gives_the_same_record() -> None:
    assert of_truth(truths.shift(5), 500) == of_truth(truths.shift(5), 500)
