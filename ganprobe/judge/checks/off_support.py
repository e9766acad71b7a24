"""GP402 Part of the fakes lies where no real sample can be."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements

CODE = "GP402"
TITLE = "part of the fakes lies where no real sample can be"
EXPLAIN = """
E_P[(1-D)/D] estimates the share of the fakes inside the support of the reals. A share clearly below 1 means samples
that no real process gives: broken shapes, blends between modes, combinations of columns that the rules of the table
exclude. Together with GP401 it says on which side the mismatch lies: missing modes (reals not reached), invented
samples (fakes off support), or both.
"""

# The same tenth as for the reals (GP401): below it the bias of the odds is as large as the effect.
INSIDE_AT_LEAST = 0.9


def check(m: Measurements) -> Finding | None:
    """A warning where the whole interval of the covered share is below `INSIDE_AT_LEAST`."""
    s = m.support
    if s is None or not s.mismatch or s.fake_covered_high >= INSIDE_AT_LEAST:
        return None
    return Finding(
        CODE,
        "warn",
        f"only {s.fake_covered:.0%} of the fakes lie where reals can be "
        f"({s.fake_covered_low:.0%} to {s.fake_covered_high:.0%})",
        {"fake_covered": s.fake_covered, "low": s.fake_covered_low, "high": s.fake_covered_high},
        "Look at the fakes that the probe is surest about; they show what the generator invents."
        if m.tell is None
        else "The tell alone may put them there: look for what else is invented through a view blind to it (GP307).",
    )
