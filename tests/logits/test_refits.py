"""A ladder climbed again with fewer reals: which ones it is left."""

from __future__ import annotations

import numpy as np
import pytest

from ganprobe.logits.refits import reduced
from ganprobe.samples.folds import split_sides


def test_thinning_keeps_rows_as_it_adds_more() -> None:
    folds = split_sides(np.arange(400, dtype=np.uint64), np.arange(400, dtype=np.uint64))
    quarter, half = (reduced(folds, share).folds[0].real.fit for share in (0.25, 0.5))
    assert set(quarter) < set(half) < set(folds.folds[0].real.fit)
    assert len(quarter) == pytest.approx(len(folds.folds[0].real.fit) / 4, abs=1)
    inner = reduced(folds, 0.25).folds[0].real.trained
    assert set(quarter) & set(inner)
    assert len(inner) == pytest.approx(80, abs=4)
