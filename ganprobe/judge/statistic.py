r"""What a series is ranked by, and each of its audits read by that.

Where JS is at its ceiling, log 2, throughout, it ranks nothing. Then the statistic is the area under JS under noise,

    A = integral of JS(sigma) / log 2 over log sigma,

which falls as the two sides approach each other even where they never overlap, and is there for every curve. On one
ladder that begins at sigma_0, a curve that drops from log 2 to 0 at s has A = log s - log sigma_0: the same order as by
the noise that hides the difference, and where half of it is hidden already by the least noise A goes on ranking.
Curves on different ladders are read on what these have in common.

Where only some are at the ceiling JS ranks the others, which are better than these, and A ranks these.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ganprobe.errors import UsageError
from ganprobe.judge import differences
from ganprobe.plan import Select
from ganprobe.record import area
from ganprobe.record.audit import Audit
from ganprobe.record.headline import Estimate
from ganprobe.record.history import Statistic
from ganprobe.record.smoothing import SmoothingRecord

# Above this share of log 2 the interval cannot tell JS from its ceiling.
_AT_CEILING = 0.99
# A ladder of this many rungs, at least, is made of what different ones have in common.
_RUNGS = 12


@dataclass(frozen=True, slots=True)
class Reading:
    """The statistic of one checkpoint with its interval."""

    value: float
    low: float
    high: float


def choose(audits: Sequence[Audit], select: Select) -> tuple[Statistic, str]:
    """What ``audits`` are ranked by, and why.

    Raises `UsageError` where ``select`` asks for what one of them does not hold.
    """
    if any(audit.measurements.js is None for audit in audits):
        raise UsageError("an audit holds no estimate of JS", "give audits that ganprobe js or compare made")
    if select == "js":
        return "js", "as asked"
    window = common_window(audits)
    if select == "area":
        if window is None:
            said = "the audits hold no JS under noise of common sizes to rank by"
            raise UsageError(said, "measure them again, or use --select js")
        return "area", "as asked"
    saturated = sum(at_ceiling(differences.estimate(audit)) for audit in audits)
    if saturated < len(audits):
        return "js", f"{len(audits) - saturated} of {len(audits)} are below the ceiling of JS"
    if window is None:
        return "js", "JS is at its ceiling throughout and ranks nothing, but JS under noise was not measured"
    return "area", "JS is at its ceiling, log 2, throughout and ranks nothing: ranked by how much of it noise leaves"


def at_ceiling(js: Estimate) -> bool:
    """Whether the interval of ``js`` cannot tell it from log 2."""
    return js.status == "saturated" or js.high > _AT_CEILING * js.ceiling


def common_window(audits: Sequence[Audit]) -> tuple[float, ...] | None:
    """The noise at which all curves are read: their ladder, or one between the ends of all; None where there is none"""
    curves = [audit.measurements.smoothing for audit in audits]
    if any(curve is None for curve in curves) or len({curve.unit for curve in curves if curve}) > 1:
        return None
    ladders = {curve.sigma for curve in curves if curve}
    if len(ladders) == 1:
        (ladder,) = ladders
        return ladder
    low, high = max(ladder[0] for ladder in ladders), min(ladder[-1] for ladder in ladders)
    if not low < high:
        return None
    step = math.log(high / low) / (_RUNGS - 1)
    return tuple(low * math.exp(i * step) for i in range(_RUNGS))


def of_js(audit: Audit) -> Reading:
    """The estimate of JS."""
    js = differences.estimate(audit)
    return Reading(js.nats, js.low, js.high)


def of_area(curve: SmoothingRecord, window: Sequence[float]) -> Reading:
    """The area under ``curve`` on ``window``, which is within its ladder.

    Its interval is by its batches where the window is its own ladder, else as if all its rungs erred together.
    """
    value, low, high = (
        area.area(window, [on_ladder(curve, rungs, sigma) for sigma in window])
        for rungs in (curve.js, curve.low, curve.high)
    )
    if curve.batches is None or tuple(window) != curve.sigma:
        return Reading(value, low, high)
    margin = differences.TWO_SIDED * differences.deviation(curve.batches)
    return Reading(value, value - margin, value + margin)


def on_ladder(curve: SmoothingRecord, rungs: Sequence[float], sigma: float) -> float:
    """``rungs`` of ``curve`` at ``sigma``, on a line in log sigma between two of them; those at the ends go on."""
    at = next((i for i, other in enumerate(curve.sigma) if other >= sigma), len(curve.sigma) - 1)
    if at == 0 or curve.sigma[at] <= sigma:
        return rungs[at]
    near, far = curve.sigma[at - 1], curve.sigma[at]
    share = math.log(sigma / near) / math.log(far / near)
    return rungs[at - 1] + share * (rungs[at] - rungs[at - 1])
