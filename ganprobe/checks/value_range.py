"""GP102 The fakes leave the range of the reals, or have another one."""

from __future__ import annotations

from ganprobe import checks
from ganprobe.records import Finding, Measurements

CODE = "GP102"
TITLE = "the two sides have different ranges"
EXPLAIN = """
A generator that ends in tanh gives values in [-1, 1], one that ends in a sigmoid gives [0, 1], pictures on disk hold
0 to 255. Compared as they are, such sides are told apart by their mean alone and JS is log 2 for a reason that has
nothing to do with learning. With --range auto the range is inferred and both sides are brought to common units: this
finding then says what was found, and the output path (GP106) what was done. Where nothing was done it is a warning:
the sides are in different units, or some fakes lie where no real value can.
"""


def check(m: Measurements) -> Finding | None:
    """Information where an output path took care of it, else a warning."""
    found = checks.artefact(m, "range")
    if found is None:
        return None
    return Finding(
        CODE,
        "info" if m.output_path else "warn",
        found.summary,
        found.evidence,
        "If the inferred range is wrong, say it: --range -1,1 or 0,1 or 0,255; --range none compares as it is.",
    )
