"""GP206 A view shows more than the probes found in the whole."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements

CODE = "GP206"
TITLE = "a view shows more than the whole"
EXPLAIN = """
A view takes something away from both sides, so through it JS can only be smaller. Where a view is nevertheless
certified to show more than the upper limit of the estimate, the probes missed something in the whole samples that is
plain in the view: the estimate is too low, whatever else was said for the probes. The floor of that view is a lower
bound of the raw JS too.
"""


def check(m: Measurements) -> Finding | None:
    """A warning that names the view with the highest floor, where that is above the estimate's interval."""
    js = m.js
    seen = [v for v in m.views if v.name not in ("raw", "output_path", m.headline_view)]
    best = max(seen, key=lambda v: v.floor, default=None)
    if js is None or best is None or best.floor <= max(js.high, 0.0):
        return None
    return Finding(
        CODE,
        "warn",
        f"through {best.label} JS >= {best.floor:.3f}, above the estimate of the whole ({js.nats:.3f})",
        {"view": best.label, "floor": best.floor, "estimate": js.nats},
        f"The probes missed it: take {best.floor:.3f} as the floor, and try --budget thorough.",
    )
