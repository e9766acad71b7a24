"""A view that shows what no probe saw joins the stack; one that does not stays out."""

from __future__ import annotations

import numpy as np
import pytest

from ganprobe.logits import ladder
from ganprobe.measures.feeding import feed
from ganprobe.measures.localise import look
from ganprobe.plan import Plan
from ganprobe.samples.folds import row_hashes, split_sides
from ganprobe.samples.sides import Pair
from ganprobe.seeds import Seeds


@pytest.mark.parametrize("smaller", [0.5, 1.0])
def test_a_view_joins_where_it_tells(smaller: float) -> None:
    """Noise between neighbouring columns is halved: a linear probe sees nothing of it, its square does."""
    rng = np.random.default_rng(0)
    real, fake = rng.standard_normal((2, 400, 3)).astype(np.float32)
    fake[:, 1] *= smaller
    pair, seeds = Pair(real, fake, "array"), Seeds(0)
    folds = split_sides(row_hashes(real, 1), row_hashes(fake, 1))
    plan = Plan("f", "r", budget="fast", probes=("logistic",), settings={"probes.logistic.degree": 1})
    climbed = ladder.climb(plan, pair, folds, seeds, "cpu", lambda stage: None)
    fed = feed(look(plan, pair, folds, seeds), pair, folds, climbed, seeds)
    if smaller == 1:
        assert fed is climbed
    else:
        assert fed.rows[0].js > climbed.rows[0].js + 0.03
        assert fed.rows[-1].name.startswith("view: ")
