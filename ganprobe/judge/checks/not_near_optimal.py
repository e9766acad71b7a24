"""GP201 The probe is not shown to be near-optimal."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements

CODE = "GP201"
TITLE = "the probe is not shown to be near-optimal"
EXPLAIN = """
For any discriminator D that never saw the test sample, log 2 + V(D)/2 is at most JS in expectation (Goodfellow et al.
2014), and the difference is E_m[kl(D* || D)], the distance of D from the optimal D* = p/(p+q). A high value therefore
proves distance, but a low one proves nothing until the probe is shown to be close to D*. That is argued by evidence,
since no distribution-free upper bound on JS exists: a second family finds nothing in the residual, more capacity
changes nothing, more data changes little, a planted signal is recovered, real against real gives 0.
"""

PARTS = ("js.near_optimal", "js.extrapolated", "js.gap")


def check(m: Measurements) -> Finding | None:
    """A warning unless near-optimality was shown, or JS is at its ceiling."""
    js = m.js
    if js is None or js.near_optimal is True or js.status == "saturated":
        return None
    reasons = {name: m.unmeasured[name] for name in PARTS if name in m.unmeasured}
    if js.near_optimal is None:
        why = reasons.get("js.near_optimal", "it was not measured").rstrip(".")
        title = f"near-optimality of the probe was not measured ({why}): a low number proves nothing"
    else:
        by = "" if js.gap is None else f" by an estimated {js.gap:.3f} nats"
        title = f"the probe is not near-optimal: JS may exceed what it demonstrates{by}"
    evidence = {"js": js.nats, "floor": js.floor, "near_optimal": js.near_optimal, "gap": js.gap}
    return Finding(
        CODE,
        "warn",
        title,
        evidence | reasons,
        "Read the floor as 'at least'. A larger --budget, more real samples or another --probe may raise it.",
    )
