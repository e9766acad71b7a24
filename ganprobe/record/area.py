"""The area under JS under noise: what ranks generators whose JS is at its ceiling.

    A = integral of JS(sigma) / log 2 over log sigma

on a ladder of noise. Of a curve that falls from log 2 to 0 in one step it is the log of where, over the least sigma.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def weights(sigmas: Sequence[float]) -> list[float]:
    """What JS at each rung of a rising ladder adds to the area, by the trapezoidal rule."""
    logs = [math.log(sigma) for sigma in sigmas]
    ends = (logs[:1] + logs[:-1], logs[1:] + logs[-1:])
    return [(after - before) / (2 * math.log(2)) for before, after in zip(*ends, strict=True)]


def area(sigmas: Sequence[float], js: Sequence[float]) -> float:
    """Under the line through ``js`` at ``sigmas``."""
    return sum(weight * rung for weight, rung in zip(weights(sigmas), js, strict=True))
