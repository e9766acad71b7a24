"""Henze-Penrose divergence H = E_m (2 D* - 1)^2, read as 1 - 4 times the Brier score.

It brackets JS without a logarithm, H/2 <= JS <= H log 2, and so cannot be spoilt by a few confident mistakes.
"""

from __future__ import annotations

from ganprobe.logits.divergences import Reading, read
from ganprobe.objective import sigmoid
from ganprobe.samples.folds import HeldOut
from ganprobe.seeds import Seeds


def estimate(logits: HeldOut, seeds: Seeds) -> Reading:
    """Henze-Penrose divergence, in [0, 1]."""
    return read(
        tuple(1 - 4 * sigmoid(-f) ** 2 for f in logits.test_real),
        tuple(1 - 4 * sigmoid(f) ** 2 for f in logits.test_fake),
    )
