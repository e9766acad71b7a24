"""A ladder climbed again with fewer reals: which ones it is left."""

from __future__ import annotations

import numpy as np
import pytest

from ganprobe.known import truths
from ganprobe.logits import ladder
from ganprobe.logits.refits import Refits, reduced
from ganprobe.plan import Plan
from ganprobe.samples.folds import row_hashes, split_sides
from ganprobe.samples.sides import Pair
from ganprobe.seeds import Seeds


def test_thinning_keeps_rows_as_it_adds_more() -> None:
    folds = split_sides(np.arange(400, dtype=np.uint64), np.arange(400, dtype=np.uint64))
    quarter, half = (reduced(folds, share).folds[0].real.fit for share in (0.25, 0.5))
    assert set(quarter) < set(half) < set(folds.folds[0].real.fit)
    assert len(quarter) == pytest.approx(len(folds.folds[0].real.fit) / 4, abs=1)
    inner = reduced(folds, 0.25).folds[0].real.trained
    assert set(quarter) & set(inner)
    assert len(inner) == pytest.approx(80, abs=4)


@pytest.mark.parametrize("n", [200, 1_200])
def test_none_left_out_is_the_ladder_of_the_fit_part(n: int) -> None:
    """Whatever probes make of val at last, the curve compares trainings on known shares of the same rows."""
    pair, seeds = Pair(*truths.shift(4, 1.0).draw(n, 0), "array"), Seeds(0)
    folds = split_sides(row_hashes(pair.real, 0), row_hashes(pair.fake, 0)).testing(2)
    plan = Plan("", "", probes=("logistic", "mixtures"))
    climbed = ladder.climb(plan, pair, folds, seeds, "cpu", lambda stage: None)
    refits = Refits(climbed, pair, seeds, "cpu", "standard")
    for whole, same in zip(refits.all(folds), refits.fewer(folds, 1.0), strict=True):
        np.testing.assert_allclose(np.concatenate(whole.test_real), np.concatenate(same.test_real), atol=1e-9)
