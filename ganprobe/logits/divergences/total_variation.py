"""Total variation as seen by the threshold at D = 1/2: P(f > 0) - Q(f > 0), which is 1 - 2 times the error."""

from __future__ import annotations

import numpy as np

from ganprobe.logits.divergences import Reading, read
from ganprobe.samples.folds import HeldOut
from ganprobe.seeds import Seeds


def estimate(logits: HeldOut, seeds: Seeds) -> Reading:
    """Total variation, in [0, 1]."""
    return read(
        tuple(np.where(f > 0, 1.0, -1.0) for f in logits.test_real),
        tuple(np.where(f > 0, -1.0, 1.0) for f in logits.test_fake),
    )
