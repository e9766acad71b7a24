"""What one set of held-out logits shows more of than another on the same samples, and what of that is luck."""

from __future__ import annotations

import math

import numpy as np

from ganprobe.objective import fake_scores, js, real_scores
from ganprobe.record.optimality import Evidence
from ganprobe.samples.folds import HeldOut
from ganprobe.samples.sides import Floats


def joined(parts: tuple[Floats, ...]) -> Floats:
    """The folds' parts as one."""
    return np.concatenate(parts)


def shown(logits: HeldOut) -> float:
    """JS that the test logits demonstrate, in nats."""
    return js(joined(logits.test_real), joined(logits.test_fake))


def paired_se(before: HeldOut, after: HeldOut) -> float:
    """The standard error of the difference in JS that both show on the same test samples."""
    real = real_scores(joined(after.test_real)) - real_scores(joined(before.test_real))
    fake = fake_scores(joined(after.test_fake)) - fake_scores(joined(before.test_fake))
    return math.sqrt(float(real.var()) / len(real) + float(fake.var()) / len(fake)) / 2


def gained(name: str, before: HeldOut, after: HeldOut, limit: float, how: str) -> Evidence:
    """What ``after`` shows more of the same test samples: a shortfall if it is neither negligible nor luck."""
    gain = shown(after) - shown(before)
    se = paired_se(before, after)
    note = f"gained {how}; z = {gain / se:.1f}" if se > 0 else f"gained nothing {how}"
    return Evidence(name, gain, max(limit, 2 * se), gain <= max(limit, 2 * se), note)
