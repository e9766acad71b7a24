"""What batches keep gives back the standard error, and of two audits the standard error of their difference."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ganprobe import objective
from ganprobe.judge.differences import _variance
from ganprobe.logits.batch_means import BATCHES, batches
from ganprobe.record.headline import BatchRecord
from ganprobe.samples.folds import Fold, Folds, HeldOut, Split
from ganprobe.samples.sides import Floats

N = 4_000
NONE = np.arange(0)
FOLDS = Folds((Fold(Split(NONE, NONE, np.arange(N)), Split(NONE, NONE, np.arange(N))),))


def kept(real: Floats, fake: Floats, rows: np.ndarray) -> BatchRecord:
    empty = (np.zeros(0),)
    return batches(HeldOut(empty, empty, (real,), (fake,)), FOLDS, rows.astype(np.float32), np.arange(N))


def logits(x: Floats, delta: float) -> Floats:
    """Of N(delta/2, 1) against N(-delta/2, 1)."""
    return delta * x


def spread(one: BatchRecord, other: BatchRecord) -> float:
    return math.sqrt(_variance(one.real, other.real) + _variance(one.fake, other.fake))


def test_the_variance_between_batches_is_that_of_the_estimate() -> None:
    rng = np.random.default_rng(0)
    real, fake = rng.normal(0.5, 1, N), rng.normal(-0.5, 1, N)
    record = kept(logits(real, 1), logits(fake, 1), real[:, None])
    assert sum(record.real) == pytest.approx(0, abs=1e-6)
    nothing = BatchRecord((0.0,) * BATCHES, (0.0,) * BATCHES)
    # The variance of 200 batches is known to 10 %, its root to 5 %.
    assert spread(record, nothing) == pytest.approx(objective.js_se(logits(real, 1), logits(fake, 1)), rel=0.15)


def test_what_two_audits_share_is_taken_out() -> None:
    rng = np.random.default_rng(1)
    real, z = rng.normal(0, 1, N), rng.normal(0, 1, N)
    rows = real[:, None]
    one = kept(logits(real, 1.0), logits(z - 1.0, 1.0), rows)
    near = kept(logits(real, 1.05), logits(z - 1.05, 1.05), rows)
    alone = spread(one, BatchRecord((0.0,) * BATCHES, (0.0,) * BATCHES))
    assert spread(one, one) == 0
    assert spread(one, near) < alone / 5


def test_copies_of_a_row_count_once() -> None:
    rng = np.random.default_rng(2)
    few = rng.normal(0, 1, N // 10)
    real, fake = np.repeat(few, 10), rng.normal(-1, 1, N)
    record = kept(logits(real, 1), logits(fake, 1), real[:, None])
    same = BatchRecord(record.real, (0.0,) * BATCHES), BatchRecord((0.0,) * BATCHES, (0.0,) * BATCHES)
    once = objective.real_scores(logits(few, 1)).std() / 2 / math.sqrt(len(few))
    assert spread(*same) == pytest.approx(once, rel=0.2)


def test_intervals_of_differences_cover_as_often_as_they_say() -> None:
    """One-sided 95 % limits of the rise from delta 1 to 1.1, with common and with independent samples."""
    truth = {delta: _value(delta) for delta in (1.0, 1.1)}
    rise = truth[1.1] - truth[1.0]
    rng = np.random.default_rng(3)
    for common in (True, False):
        below = 0
        for _ in range(300):
            x, z = rng.normal(0, 1, (2, N))
            other = (x, z) if common else rng.normal(0, 1, (2, N))
            sides = [(1.0, x, z), (1.1, *other)]
            pair = [(logits(a + d / 2, d), logits(b - d / 2, d)) for d, a, b in sides]
            records = [kept(*p, s[1][:, None]) for p, s in zip(pair, sides, strict=True)]
            found = objective.js(*pair[1]) - objective.js(*pair[0])
            below += found - 1.645 * spread(*records) <= rise
        assert 273 <= below <= 297  # 285 expected, three standard errors each way


def _value(delta: float) -> float:
    """JS of the Gaussian shift by quadrature."""
    x, weight = np.polynomial.hermite_e.hermegauss(80)
    real, fake = logits(x + delta / 2, delta), logits(x - delta / 2, delta)
    scores = objective.real_scores(real) + objective.fake_scores(fake)
    return float(weight @ scores / weight.sum() / 2)
