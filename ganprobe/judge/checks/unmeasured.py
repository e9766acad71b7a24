"""GP204 Parts of the record that were not measured."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements

CODE = "GP204"
TITLE = "some parts were not measured"
EXPLAIN = """
A part of the record that is null was not measured, and null is never a good result. The reason is given for each
part: the input does not allow it (samples without a generator have no gradients), the sample is too small, or the
budget leaves it out. Near-optimality, gradients and memorisation have findings of their own: GP201, GP502 and GP407.
That there are no labels to go by is no finding.
"""

_HAVE_THEIR_OWN = {"js.near_optimal", "js.extrapolated", "js.gap", "gradients", "memorisation", "labels"}


def check(m: Measurements) -> Finding | None:
    """Information that lists each part with its reason."""
    parts = {name: why for name, why in m.unmeasured.items() if name not in _HAVE_THEIR_OWN}
    if not parts:
        return None
    return Finding(
        CODE,
        "info",
        "not measured: " + "; ".join(f"{name} ({why.rstrip('.')})" for name, why in sorted(parts.items())),
        dict(sorted(parts.items())),
        "Do not read an absent part as a good one.",
    )
