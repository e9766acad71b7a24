"""GP502 There are no gradients to measure."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements

CODE = "GP502"
TITLE = "gradients were not measured"
EXPLAIN = """
The gradient that a discriminator gives to a generator needs the generator: a file of samples has none, and so has a
network whose output cannot be differentiated. All other numbers are unaffected.
"""


def check(m: Measurements) -> Finding | None:
    """Information with the reason."""
    if "gradients" not in m.unmeasured:
        return None
    why = m.unmeasured["gradients"].rstrip(".")
    return Finding(
        CODE,
        "info",
        f"gradients were not measured: {why}",
        {},
        "Give the checkpoint and -m instead of exported samples to measure them.",
    )
