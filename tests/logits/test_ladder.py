"""What the ladder says about itself."""

from __future__ import annotations

import numpy as np
import pytest
from heldout import gaussian, of_parts

from ganprobe import probes
from ganprobe.known import truths
from ganprobe.logits import ladder
from ganprobe.objective import delta_of, js, js_se


def test_what_the_null_control_says_it_notices_it_does() -> None:
    """With the optimal probe: nearly always at that size, and not at a tenth of it."""
    n = 600
    shares = []
    for js_ in (ladder.noticed(n), ladder.noticed(n) / 10):
        truth = truths.shift(2, delta_of(js_))
        read = [[truth.logit(side.astype(float)) for side in truth.draw(n, seed)] for seed in range(80)]
        shares.append(np.mean([js(*logits) > 3 * js_se(*logits) for logits in read]))
    assert shares[0] > 0.87
    assert shares[1] < 0.2


def certain(n: int) -> list[ladder.TrainedProbe]:
    """A probe that makes no mistake on ``n`` samples of either side."""
    side = np.full(n, 9.0)
    logits = of_parts((side, -side), (side, -side))
    return [ladder.TrainedProbe("logistic", None, None, logits, logits, 0.0, 0.0)]


@pytest.mark.parametrize(("n", "needed"), [(8_000, False), (400, True)])
def test_a_cheap_probe_is_needless_once_the_ceiling_is_certified_and_where_that_is_asked(n: int, needed: bool) -> None:
    cheap, costly = (probes.MEMBERS[name] for name in ("boosting", "mlp"))
    assert ladder._needless(cheap, certain(n), certified=True) != needed
    assert not ladder._needless(cheap, certain(n), certified=False)
    for certified in (True, False):
        assert ladder._needless(costly, certain(n), certified=certified)
        assert not ladder._needless(costly, [], certified=certified)


def test_below_the_ceiling_no_probe_is_needless() -> None:
    logits = gaussian(3.0, 8_000, 0)
    trained = [ladder.TrainedProbe("logistic", None, None, logits, logits, 0.0, 0.0)]
    assert not any(ladder._needless(probes.MEMBERS[name], trained, certified=True) for name in ("boosting", "mlp"))
