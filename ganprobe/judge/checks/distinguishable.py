"""GP301 Reals and fakes can be told apart."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements
from ganprobe.record.headline import LEAST_P

CODE = "GP301"
TITLE = "reals and fakes can be told apart"
EXPLAIN = """
The floor is a certified lower bound: with the stated confidence the Jensen-Shannon divergence is at least that large,
whatever the probe missed. The estimate is what the probe demonstrates on samples that it never saw; it too estimates
a lower bound, and nothing but log 2 is above. In words: JS <= TV log 2 (Lin 1991), so the total variation is at least
floor / log 2, and the best possible observer who sees one sample, real or fake with equal odds, is right at least
(1 + floor / log 2) / 2 of the time. The p-value tests that both sides have one law, by ranks of held-out logits.
"""


def check(m: Measurements) -> Finding | None:
    """A warning where the two sides differ beyond doubt and JS is below its ceiling."""
    js = m.js
    if js is None or js.status != "distinguishable":
        return None
    accuracy = (1 + max(js.floor, 0.0) / js.ceiling) / 2
    p_value = f"p {'=' if js.p_value > LEAST_P else '<'} {js.p_value:.1g}"
    estimate = f"estimate {js.nats:.3f}, {js.low:.3f} to {js.high:.3f}; {p_value}"
    title = (
        f"JS >= {js.floor:.3f} nats, certified at {js.level:.0%}: shown one sample, the best observer tells real from "
        f"fake at least {accuracy:.0%} of the time ({estimate})"
        if js.floor > 0
        else f"reals rank above fakes by more than chance, though no JS is certified ({estimate})"
    )
    return Finding(
        CODE,
        "warn",
        title,
        {
            "floor": js.floor,
            "nats": js.nats,
            "low": js.low,
            "high": js.high,
            "p_value": js.p_value,
            "best_accuracy_at_least": accuracy,
        },
        "The views say in what kind of detail the two differ, the support says which side lacks what.",
    )
