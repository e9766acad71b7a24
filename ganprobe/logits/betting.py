"""A lower confidence bound of a mean by betting on it: Waudby-Smith and Ramdas (2024)."""

from __future__ import annotations

import math

import numpy as np

from ganprobe.samples.sides import Floats


def betting_floor(scores: Floats, least: float, most: float, alpha: float) -> float:
    """A lower confidence bound of the mean of independent scores in [least, most], valid at every sample size.

    The capital of a gambler who bets that the mean exceeds ``m`` is prod(1 + lambda_i (x_i - m)), with bets that depend
    on the past only; were the mean at most ``m``, it would reach 1/alpha with probability at most alpha (Ville). The
    bound is the largest ``m`` that is refuted. Bets: the predictable plug-in of Waudby-Smith and Ramdas (2024, sec. 4).
    """
    x = np.clip((np.asarray(scores, np.float64) - least) / (most - least), 0.0, 1.0)
    n = len(x)
    past = np.arange(1, n + 1)
    mean = (0.5 + np.cumsum(x)) / (past + 1)
    variance = (0.25 + np.cumsum((x - mean) ** 2)) / (past + 1)
    previous = np.concatenate(([0.25], variance[:-1]))
    bets = np.sqrt(2 * math.log(1 / alpha) / (n * previous))

    def refuted(m: float) -> bool:
        capital = np.cumsum(np.log1p(np.minimum(bets, 0.75 / max(m, 1e-12)) * (x - m)))
        return bool(capital.max(initial=0.0) >= math.log(1 / alpha))

    low, high = 0.0, float(x.mean())
    if not refuted(low):
        return least
    # The capital falls as m grows, so the refuted means are an interval from 0: bisect its upper end.
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if refuted(middle) else (low, middle)
    return least + low * (most - least)
