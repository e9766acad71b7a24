"""How an audit's rows are divided: what a budget pays for."""

import numpy as np
import pytest

from ganprobe.measures.study import divided
from ganprobe.plan import Budget
from ganprobe.samples.folds import row_hashes


@pytest.mark.parametrize(
    ("budget", "n", "folds"),
    [("fast", 3_000, 5), ("fast", 5_000, 3), ("fast", 10_000, 2), ("standard", 10_000, 3), ("thorough", 10_000, 5)],
)
def test_six_thousand_reals_are_tested_by_few_trainings(budget: Budget, n: int, folds: int) -> None:
    hashes = [row_hashes(np.random.default_rng(seed).normal(size=(n, 2)).astype(np.float32), 0) for seed in (0, 1)]
    found = divided(hashes[0], hashes[1], budget)
    assert len(found) == folds
    assert sum(len(fold.real.test) for fold in found) >= min(n, 6_000) - 5
