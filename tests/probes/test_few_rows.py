"""Few rows, cross-validated: nearly all that they can tell, nothing of P = Q, and no tested row takes part."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ganprobe import probes
from ganprobe.known import truths
from ganprobe.objective import js
from ganprobe.probes import Probe, logistic
from ganprobe.samples.folds import Folds, HeldOut, row_hashes, split_sides
from ganprobe.samples.sides import Pair
from ganprobe.seeds import Seeds


def drawn(truth: truths.Truth, n: int, seed: int) -> tuple[Pair, Folds]:
    real, fake = truth.draw(n, seed)
    return Pair(real, fake, truth.kind), split_sides(row_hashes(real, 0), row_hashes(fake, 0))


def fitted(pair: Pair, folds: Folds) -> Probe:
    return logistic.fit(pair, folds, logistic.settings("standard", pair), Seeds(0), "cpu")


def shown(logits: HeldOut) -> float:
    return js(np.concatenate(logits.test_real), np.concatenate(logits.test_fake))


def test_nearly_all_that_few_rows_can_tell() -> None:
    truth = truths.shift(4, 1.0)
    missed = []
    for seed in range(2):
        pair, folds = drawn(truth, 200, seed)
        missed.append(truth.oracle(pair.real, pair.fake) - shown(probes.score(fitted(pair, folds), pair, folds)))
    # By the fit part alone, as plenty of rows are fitted, .019.
    assert np.mean(missed) < 0.012


@pytest.mark.parametrize("n", [40, 200])
def test_of_equal_laws_nothing(n: int) -> None:
    pair, folds = drawn(truths.same(4), n, 1)
    assert -0.03 < shown(probes.score(fitted(pair, folds), pair, folds)) < 0.01


def test_a_tested_row_takes_no_part() -> None:
    pair, folds = drawn(truths.shift(3, 1.0), 100, 0)
    real, fake = pair.real.copy(), pair.fake.copy()
    real[folds.folds[0].real.test] = 7.0
    fake[folds.folds[0].fake.test] = -7.0
    other, seen = replace(pair, real=real, fake=fake), pair.real[:20]
    before, after = fitted(pair, folds), fitted(other, folds)
    np.testing.assert_array_equal(before.tested(0, seen), after.tested(0, seen))
    assert np.ptp(before.tested(1, seen) - after.tested(1, seen)) > 0


def test_val_is_scored_by_the_fit_part_alone() -> None:
    pair, folds = drawn(truths.shift(3, 1.0), 100, 0)
    probe = fitted(pair, folds)
    assert np.ptp(probe.logit(0, pair.real[:20]) - probe.tested(0, pair.real[:20])) > 0
    held = probes.score(probe, pair, folds)
    np.testing.assert_array_equal(held.val_real[0], probe.logit(0, pair.real[folds.folds[0].real.val]))
    assert held.calibrated


@pytest.mark.parametrize(("n", "d"), [(1_000, 3), (100, 400)])
def test_plenty_of_rows_and_wide_ones_are_calibrated_elsewhere(n: int, d: int) -> None:
    pair, folds = drawn(truths.same(d), n, 0)
    assert not fitted(pair, folds).calibrated


def test_a_side_that_is_plenty_is_not_trained_on_as_a_whole() -> None:
    truth = truths.shift(2, 1.0)
    real, _ = truth.draw(60, 0)
    _, fake = truth.draw(3_000, 1)
    pair = Pair(real, fake, truth.kind)
    folds = split_sides(row_hashes(real, 0), row_hashes(fake, 0))
    logits = probes.score(fitted(pair, folds), pair, folds)
    assert 0.02 < shown(logits) < 0.25
