"""A probe that claims more than it knows is found out, one that does not is not."""

from __future__ import annotations

import pytest

from ganprobe.known import truths
from ganprobe.measures.optimality import soundness
from ganprobe.samples.folds import HeldOut
from ganprobe.seeds import Seeds


@pytest.mark.parametrize(("overstated", "passes"), [(1.0, True), (0.7, True), (2.0, False)])
def test_logits_that_claim_too_much_cover_more_than_there_is(overstated: float, passes: bool) -> None:
    """E_Q[p/q] = 1; with twice the logit it is E_Q[(p/q)^2] = e for a shift by 1, before odds are capped."""
    truth = truths.shift(2, 1.0)
    real, fake = (overstated * truth.logit(side.astype(float)) for side in truth.draw(5_000, 9))
    assert soundness.covered(HeldOut((), (), (real,), (fake,)), Seeds(0)).passed is passes
