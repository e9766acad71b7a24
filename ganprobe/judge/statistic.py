"""What a series is ranked by, and each of its audits read by that.

Where JS is at its ceiling, log 2, throughout, it ranks nothing. Then the statistic is the half-scale, the noise that
takes JS to log 2 / 2, which falls as the two sides approach each other even where they never overlap. It is read off
bounds as well, and nobody measured what those miss: it orders checkpoints and demonstrates no difference.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ganprobe.errors import UsageError
from ganprobe.judge import differences
from ganprobe.plan import Select
from ganprobe.record.audit import Audit
from ganprobe.record.headline import Estimate
from ganprobe.record.history import Statistic
from ganprobe.record.smoothing import SmoothingRecord

# Above this share of log 2 the interval cannot tell JS from its ceiling.
_AT_CEILING = 0.99


@dataclass(frozen=True, slots=True)
class Reading:
    """The statistic of one checkpoint with its interval; ``value`` is None above the noise that was tried."""

    value: float | None
    low: float | None
    high: float | None


def choose(audits: Sequence[Audit], select: Select) -> tuple[Statistic, str]:
    """What ``audits`` are ranked by, and why.

    Raises `UsageError` where ``select`` asks for what one of them does not hold.
    """
    if any(audit.measurements.js is None for audit in audits):
        raise UsageError("an audit holds no estimate of JS", "give audits that ganprobe js or compare made")
    ranked = [audit.measurements.smoothing is not None for audit in audits]
    if select == "js":
        return "js", "as asked"
    if select == "half_scale":
        if not all(ranked):
            raise UsageError("an audit holds no JS under noise to rank by", "measure it again, or use --select js")
        return "half_scale", "as asked"
    saturated = sum(at_ceiling(differences.estimate(audit)) for audit in audits)
    if saturated < len(audits):
        return "js", f"{len(audits) - saturated} of {len(audits)} are below the ceiling of JS"
    if not all(ranked):
        return "js", "JS is at its ceiling throughout and ranks nothing, but JS under noise was not measured"
    return "half_scale", "JS is at its ceiling, log 2, throughout and ranks nothing: ranked by the noise that halves it"


def at_ceiling(js: Estimate) -> bool:
    """Whether the interval of ``js`` cannot tell it from log 2."""
    return js.status == "saturated" or js.high > _AT_CEILING * js.ceiling


def read(audit: Audit, statistic: Statistic) -> Reading:
    """The ``statistic`` of one checkpoint."""
    js, curve = differences.estimate(audit), audit.measurements.smoothing
    if statistic == "js" or curve is None:
        return Reading(js.nats, js.low, js.high)
    half = js.ceiling / 2
    if js.nats <= half:  # without any noise
        return Reading(0.0, 0.0, 0.0)
    if (value := curve.half_scale) is None:
        return Reading(None, None, None)
    low, high = (_crossing(curve, rungs, half) for rungs in (curve.low, curve.high))
    return Reading(value, min(value, low or value), None if high is None else max(value, high))


def _crossing(curve: SmoothingRecord, rungs: Sequence[float], half: float) -> float | None:
    """The sigma at which ``rungs`` fall to ``half``, between rungs in log sigma; None where they stay above."""
    steps = sorted(zip(curve.sigma, rungs, strict=True))
    if steps[0][1] <= half:
        return steps[0][0]
    for (near, above), (far, below) in pairwise(steps):
        if below <= half:
            share = (above - half) / (above - below)
            return math.exp(math.log(near) + share * (math.log(far) - math.log(near)))
    return None
