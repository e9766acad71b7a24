"""What the ladder says about itself."""

from __future__ import annotations

import numpy as np

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
