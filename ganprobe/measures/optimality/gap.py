r"""How much the probe may have missed: a calibrated number.

What is missing, JS of D* on the same samples less ``nats``, cannot be bounded without knowing the law. It can be
*predicted*, as a doctor predicts from signs: on hundreds of known laws of many families and sizes the whole procedure
was run, the signs below were written down, and what was really missing beside them. ``gap`` is the 95 % quantile of
what is missing given the signs: w_0 + sum_i w_i s_i with weights w_i >= 0 of least pinball loss, so that a worse sign
never makes a better gap. Of laws with signs like these, 95 % missed less than ``gap``. Whether that holds for laws of a
kind that had no part in it is tested by leaving out one family at a time. The weights are data in this package,
``gap.json``, made again by ``ganprobe selfcheck --calibrate FILE``. A difference that no sign points to, because no
probe of the run sees its kind, is beyond this as beyond all else: the planted signals say which kinds are seen.

Signs, all in nats or a share and none below 0: what the last audits and twice the capacity gained, and the noise of
that (*audit*, *audit_noise*, *capacity*); what the learning curve brought last and has still to bring at most (*last*,
*most*); how much more the stack shows than its best member (*spread*); what of a planted signal did not come back
(*unrecovered*); the standard error of the estimate (*se*), its distance from both ends (*room*: JS (1 - JS / log 2))
alone and over the root of the reals (*slow*); one over the reals, the unit of what chance hides (*few*); and the root
of the standard error over the reals (*faint*): the less is seen, the less of it is known.

The dimension is no sign. By the dimension alone no picture of a thousand reals could be near-optimal, and by the root
of standard error times dimension many equal ones were not. Once fine waves were seen, which had been missed whole
in thousands of dimensions, *faint* without it lost the least on families that had no part in the fit.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from importlib import resources

import numpy as np
from scipy.optimize import linprog

from ganprobe.objective import LOG2
from ganprobe.samples.sides import Floats

LEVEL = 0.95
SIGNS = (
    *("audit", "audit_noise", "capacity", "last", "most", "spread", "unrecovered", "se", "room"),
    *("slow", "few", "faint"),
)


def predicted(signs: Mapping[str, float]) -> float:
    """The most that is missing in 95 % of laws with these ``signs``; NaN is the worst of signs."""
    weights = _weights()
    total = weights["intercept"] + sum(weights[name] * signs[name] for name in SIGNS)
    return min(max(total, 0.0), LOG2) if math.isfinite(total) else LOG2


@cache
def _weights() -> Mapping[str, float]:
    text = resources.files(__package__).joinpath("gap.json").read_text(encoding="utf-8")
    weights: Mapping[str, float] = json.loads(text)["weights"]
    return weights


def fit(signs: Floats, missed: Floats) -> dict[str, float]:
    """The weights of least pinball loss at `LEVEL`, none below 0: a linear programme. ``signs`` ``[n, len(SIGNS)]``."""
    n, p = signs.shape
    design = np.concatenate((np.ones((n, 1)), signs), 1)
    # Unknowns: p + 1 weights, then what is above and what is below the plane.
    cost = np.concatenate((np.full(p + 1, 1e-9), np.full(n, LEVEL), np.full(n, 1 - LEVEL)))
    equal = np.concatenate((design, np.eye(n), -np.eye(n)), 1)
    found = linprog(cost, A_eq=equal, b_eq=missed, bounds=(0, None), method="highs")
    weights = np.asarray(found.x, np.float64)[: p + 1]
    return dict(zip(("intercept", *SIGNS), map(float, weights), strict=True))
