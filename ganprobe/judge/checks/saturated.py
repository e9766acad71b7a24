"""GP303 JS is at its ceiling: the two sides can be told apart almost without error."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements

CODE = "GP303"
TITLE = "JS is at its ceiling"
EXPLAIN = """
JS cannot exceed log 2 = .6931 nats, and it is log 2 exactly where the two laws share no mass. Arjovsky and Bottou
(2017) show that this is the usual state of a generator whose samples lie on a surface of lower dimension. Here the
certified floor is above 99% of log 2: near-optimality needs no further evidence, since nothing is above. At the
ceiling JS no longer ranks generators: all that separate perfectly have the same value. The views, which remove detail
from both sides, and the support measures still tell how much was learned. The measurement itself is as reliable as can
be: the verdict, which speaks of it, is not FAIL, and a limit on JS (ganprobe check --max-js) is the reader's decision.
"""


def check(m: Measurements) -> Finding | None:
    """A warning where the floor leaves at most 1% of log 2 open."""
    js = m.js
    if js is None or js.status != "saturated":
        return None
    share = js.floor / js.ceiling
    return Finding(
        CODE,
        "warn",
        f"saturated: JS >= {js.floor:.3f} nats, {share:.1%} of log 2; almost every sample can be told real or fake",
        {"floor": js.floor, "ceiling": js.ceiling, "share": share},
        "Look at the findings about the data first (grid, range); then compare generators by the views, not by JS.",
    )
