from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from heldout import changed, of_parts, oracle

from ganprobe.known import truths
from ganprobe.logits.calibration import calibrate, describe, slope, stack
from ganprobe.objective import js, js_se, tempered_loss
from ganprobe.record.logits import LogitRecord
from ganprobe.samples.folds import Fold, Folds, HeldOut, Split
from ganprobe.samples.sides import Floats, Pair

SHIFT = truths.shift(4, 1.5)


def js_of(logits: HeldOut) -> float:
    return js(np.concatenate(logits.test_real), np.concatenate(logits.test_fake))


def se_of(logits: HeldOut) -> float:
    return js_se(np.concatenate(logits.test_real), np.concatenate(logits.test_fake))


def noise(n_val: int, n_test: int, seed: int, folds: int = 1) -> HeldOut:
    rng = np.random.default_rng(seed)
    val, test = (rng.standard_normal((2, n)) for n in (n_val, n_test))
    return of_parts((val[0], val[1]), (test[0], test[1]), folds)


@pytest.mark.parametrize("n_val", [200, 2_000])
@pytest.mark.parametrize("slope", [0.2, 1.0, 3.0, 10.0])
def test_confidence_is_repaired(n_val: int, slope: float) -> None:
    honest = oracle(SHIFT, n_val, 10_000, seed=0)
    repaired = calibrate(changed(honest, slope))
    assert js_of(repaired) >= js_of(changed(honest, slope)) - 0.002
    assert js_of(repaired) == pytest.approx(js_of(honest), abs=0.004)


def test_an_offset_is_repaired_where_validation_is_plenty() -> None:
    honest = oracle(SHIFT, 2_000, 10_000, seed=1)
    assert js_of(changed(honest, 2.0, 1.0)) < js_of(honest) - 0.05
    assert js_of(calibrate(changed(honest, 2.0, 1.0))) == pytest.approx(js_of(honest), abs=0.004)


def test_each_fold_is_calibrated_on_its_own_val_part() -> None:
    honest = oracle(SHIFT, 3_000, 9_000, seed=2, folds=3)
    slopes = (0.3, 1.0, 5.0)

    def bent(parts: tuple[Floats, ...]) -> tuple[Floats, ...]:
        return tuple(slope * part for slope, part in zip(slopes, parts, strict=True))

    fields = {field.name: bent(getattr(honest, field.name)) for field in dataclasses.fields(HeldOut)[:4]}
    assert js_of(calibrate(HeldOut(**fields))) == pytest.approx(js_of(honest), abs=0.005)


def test_test_labels_play_no_part() -> None:
    """What is learnt on val is the same whatever the test part holds."""
    logits = oracle(SHIFT, 600, 500, seed=3)
    swapped = dataclasses.replace(logits, test_real=logits.test_fake, test_fake=logits.test_real)
    for learn in (calibrate, lambda held_out: stack([held_out, noise(600, 500, 0)])[0]):
        one, other = learn(logits), learn(swapped)
        np.testing.assert_array_equal(one.val_real[0], other.val_real[0])
    np.testing.assert_array_equal(calibrate(logits).test_real[0], calibrate(swapped).test_fake[0])


@pytest.mark.parametrize("n_val", [150, 1_500])
def test_ranks_are_kept(n_val: int) -> None:
    before = changed(oracle(SHIFT, n_val, 1_000, seed=4), 3.0)
    after = calibrate(before)
    np.testing.assert_array_equal(np.argsort(before.test_real[0]), np.argsort(after.test_real[0]))


@pytest.mark.parametrize("n_val", [150, 600])
def test_a_probe_without_information_is_silenced(n_val: int) -> None:
    logits = noise(n_val, 4_000, seed=5)
    calibrated = calibrate(changed(logits, 4.0))
    assert js_of(changed(logits, 4.0)) < -0.5
    assert -0.01 < js_of(calibrated) <= 3 * se_of(calibrated)


def test_the_tempered_loss_sees_refinement_alone() -> None:
    logits = oracle(SHIFT, 4_000, 1, seed=6)
    real, fake = logits.val_real[0], logits.val_fake[0]
    best = tempered_loss(real, fake)
    assert best == pytest.approx(math.log(2) - SHIFT.js, abs=0.02)
    assert tempered_loss(4 * real, 4 * fake) == pytest.approx(best, abs=1e-4)
    blurred = np.random.default_rng(0).standard_normal((2, 4_000))
    assert tempered_loss(real + blurred[0], fake + blurred[1]) > best + 0.02
    assert tempered_loss(np.zeros(9), np.zeros(5)) == pytest.approx(math.log(2))


# -- the stack -----------------------------------------------------------------


def test_two_halves_of_the_evidence_are_added() -> None:
    truth = truths.shift(2, 1.5)
    val, test = truth.draw(1_500, 0), truth.draw(10_000, 1)
    # Each sees one of two independent coordinates; the optimal logit is the sum of theirs.
    share = 1.5 / math.sqrt(2)

    def sees(column: int) -> HeldOut:
        logits = [share**2 / 2 - share * side[:, column].astype(float) for side in (*val, *test)]
        return of_parts((logits[0], logits[1]), (logits[2], logits[3]))

    members = [calibrate(sees(0)), calibrate(sees(1))]
    stacked, weights = stack(members)
    assert js_of(stacked) > max(map(js_of, members)) + 0.05
    assert js_of(stacked) == pytest.approx(truth.js, abs=4 * se_of(stacked))
    assert weights == pytest.approx([1, 1], abs=0.2)


@pytest.mark.parametrize("n_val", [100, 400, 2_000])
@pytest.mark.parametrize("delta", [0.5, 1.5, 4.0])
def test_the_stack_is_no_worse_than_its_best_member(n_val: int, delta: float) -> None:
    good = oracle(truths.shift(3, delta), n_val, 10_000, seed=7)
    members = [calibrate(good), calibrate(noise(n_val, 10_000, 8)), calibrate(noise(n_val, 10_000, 9))]
    stacked, _ = stack(members)
    # Three weights and an offset learnt on so few points cost about this much.
    assert js_of(stacked) > max(map(js_of, members)) - 0.002 - 1 / n_val


def test_members_without_information_get_little_weight() -> None:
    members = [calibrate(oracle(SHIFT, 2_000, 2_000, seed=10)), *(calibrate(noise(2_000, 2_000, s)) for s in range(3))]
    stacked, weights = stack(members)
    assert weights[0] == pytest.approx(1, abs=0.2)
    # The weight is on logits that calibration has flattened already: what counts is how far they move the stack.
    moved = [w * np.std(m.test_real[0]) for w, m in zip(weights, members, strict=True)]
    assert max(moved[1:]) < 0.1 * moved[0]
    assert js_of(stacked) == pytest.approx(SHIFT.js, abs=4 * se_of(stacked))


def test_few_rows_that_are_calibrated_stay_as_they_are_beside_noise() -> None:
    honest = dataclasses.replace(oracle(SHIFT, 100, 1_000, seed=0), calibrated=True)
    assert calibrate(honest) is honest
    stacked, weights = stack([noise(100, 1_000, 1), honest, noise(100, 1_000, 2)])
    np.testing.assert_array_equal(weights, [0, 1, 0])
    np.testing.assert_allclose(stacked.test_real[0], np.clip(honest.test_real[0], -5.4, 5.4), atol=0.1)


def test_what_tells_more_earns_its_place_beside_few_rows_that_are_calibrated() -> None:
    honest = oracle(SHIFT, 200, 2_000, seed=0)
    weak = dataclasses.replace(noise(200, 2_000, 1), calibrated=True)
    stacked, weights = stack([weak, honest])
    assert weights[1] > 0.5
    assert js_of(stacked) > js_of(honest) - 0.01


def test_a_probe_that_points_backwards_is_left_out() -> None:
    backwards = changed(oracle(SHIFT, 1_000, 1_000, seed=11), -1.0)
    weights = stack([calibrate(noise(1_000, 1_000, 0)), backwards])[1]
    assert weights[1] == pytest.approx(0, abs=1e-9)


def test_equal_laws_read_nothing() -> None:
    read = []
    for seed in range(20):
        members = [calibrate(noise(1_000, 2_000, 10 * seed + k, folds=2)) for k in range(3)]
        stacked, _ = stack(members)
        read.append(js_of(stacked))
        assert js_of(stacked) < 3 * se_of(stacked)
    # Below zero by what four parameters cost on 500 points a side.
    assert -0.004 < np.mean(read) < 0.0005


@pytest.mark.parametrize("n_val", [50, 500, 5_000])
def test_no_finite_validation_supports_more_certainty_than_its_size(n_val: int) -> None:
    certain = of_parts((np.full(n_val, 1e4), np.full(n_val, -1e4)), (np.full(10, 1e4), np.full(10, -1e4)))
    stacked, _ = stack([certain, certain])
    assert np.abs(stacked.test_real[0]).max() <= math.log(2 * n_val + 1)
    assert js_of(stacked) > math.log(2) - 1 / n_val


def test_a_mistake_of_a_certain_probe_is_survived() -> None:
    certain = of_parts(
        (np.full(500, 1e4), np.full(500, -1e4)), (np.append(np.full(499, 1e4), -1e4), np.full(500, -1e4))
    )
    assert 0.6 < js_of(stack([certain])[0]) < math.log(2)


def test_sides_of_unequal_size_are_balanced() -> None:
    truth = truths.shift(4, 1.0)
    assert truth.logit is not None
    val, test = truth.draw(600, 0, 6_000), truth.draw(20_000, 1)
    logits = [truth.logit(side.astype(float)) for side in (*val, *test)]
    stacked, _ = stack([calibrate(of_parts((logits[0], logits[1]), (logits[2], logits[3])))])
    assert js_of(stacked) == pytest.approx(truth.js, abs=4 * se_of(stacked) + 0.002)
    assert np.mean(np.concatenate((stacked.test_real[0], stacked.test_fake[0]))) == pytest.approx(0, abs=0.15)


def described(real: Floats, fake: Floats, values: Floats | None = None) -> LogitRecord:
    sides = [np.zeros((len(side), 2), np.float32) if values is None else values[: len(side)] for side in (real, fake)]
    splits = [Split(*(np.arange(len(side)),) * 3) for side in (real, fake)]
    logits = of_parts((real, fake), (real, fake))
    return describe(logits, Pair(*sides, "array"), Folds((Fold(*splits),)))


def test_an_honest_probe_is_on_the_diagonal_and_a_boastful_one_is_not() -> None:
    honest = oracle(SHIFT, 10, 20_000, seed=3, ratio=2)
    real, fake = np.concatenate(honest.test_real), np.concatenate(honest.test_fake)
    record = described(real, fake)
    assert sum(b.n for b in record.calibration) == len(real) + len(fake)
    assert sum(b.low <= b.predicted <= b.high for b in record.calibration) >= len(record.calibration) - 1
    boast = described(4 * real, 4 * fake).calibration
    assert boast[0].predicted < boast[0].low
    assert boast[-1].predicted > boast[-1].high


def test_histograms_count_every_test_sample_within_symmetric_edges() -> None:
    rng = np.random.default_rng(4)
    record = described(rng.normal(1, 1, 300), rng.normal(-1, 1, 500))
    assert (sum(record.real), sum(record.fake)) == (300, 500)
    assert record.edges == pytest.approx([-edge for edge in reversed(record.edges)])


def test_ties_share_a_bin_and_the_plane_keeps_its_logits() -> None:
    values = np.random.default_rng(5).normal(size=(60, 2)).astype(np.float32)
    record = described(np.zeros(50), np.zeros(60), values)
    (alone,) = record.calibration
    assert alone.n == 110
    assert alone.low < 0.5 < alone.high
    assert record.real_plane[7] == pytest.approx((*values[7], 0.0))
    assert len(record.fake_plane) == 60


@pytest.mark.parametrize("spread", [0.0, 1e-15, 1e-12, 1e-9, 1e-6, 1e-3])
def test_logits_that_hardly_vary_have_a_slope_that_means_little(spread: float) -> None:
    rng = np.random.default_rng(1)
    real, fake = (0.3 + spread * rng.standard_normal(n) for n in (300, 1_200))
    found, se = slope(real, fake)
    assert (found, se) == (1, 0) if spread < 1e-10 else se > 2
