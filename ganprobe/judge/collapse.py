"""Where a generator no longer reaches what it once reached."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

from ganprobe.record.audit import Audit

_LEVEL = 0.95


def onset(audits: Sequence[Audit]) -> int | None:
    """The first position from which to the end the whole interval of the covered share of the reals is below an
    earlier one's: what the generator once reached, it no longer does.

    The intervals are widened until all hold together, the k-th by its share 6 / (pi k)^2 of the error, so that they do
    at every look of a run that goes on. One that is above 1 comes from a probe that is too sure, and is
    nothing to fall short of.
    """
    first, most, fell = None, -math.inf, []
    for k, audit in enumerate(audits, 1):
        error = (1 - _LEVEL) / 2
        wider = NormalDist().inv_cdf(1 - error * 6 / (math.pi * k) ** 2) / NormalDist().inv_cdf(1 - error)
        support = audit.measurements.support
        if support is None:
            fell.append(False)
            continue
        low, share, high = support.real_covered_low, support.real_covered, support.real_covered_high
        fell.append(share + wider * (high - share) < most)
        least = share - wider * (share - low)
        most = max(most, least if least <= 1 else -math.inf)
    for position in reversed(range(len(audits))):
        if not fell[position]:
            break
        first = position
    return first
