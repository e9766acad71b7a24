"""GP302 No difference was seen, at this power."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements

CODE = "GP302"
TITLE = "no difference was seen, at this power"
EXPLAIN = """
The probe found nothing that it could show on held-out samples. That is not equality: a divergence below about the
half-width of the interval, or its upper end where that is more, would go unseen at this number of samples, and a
difference of a kind that no probe in the ladder looks for would go unseen at any number. The estimate may be slightly
negative; it is not clamped, because clamping would hide a badly calibrated probe.
"""


def check(m: Measurements) -> Finding | None:
    """Information with the smallest difference that this sample could have shown."""
    js = m.js
    if js is None or js.status != "indistinguishable":
        return None
    unseen = max((js.high - js.low) / 2, js.high)
    return Finding(
        CODE,
        "info",
        f"no difference was seen; one below about {unseen:.3f} nats could not have been",
        {"nats": js.nats, "minimum_detectable": unseen, "p_value": js.p_value},
        "Say 'not told apart by these probes at this size', not 'equal'; four times the samples halve the limit.",
    )
