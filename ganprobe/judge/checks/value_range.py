"""GP102 The fakes leave the range of the reals, or have another one."""

from __future__ import annotations

from ganprobe.judge import checks
from ganprobe.record.audit import Finding, Measurements

CODE = "GP102"
TITLE = "the two sides have different ranges"
EXPLAIN = """
A generator that ends in tanh gives values in [-1, 1], one that ends in a sigmoid gives [0, 1], pictures on disk hold
0 to 255. Compared as they are, such sides are told apart by their mean alone and JS is log 2 for a reason that has
nothing to do with learning. For pictures --range auto infers the range and brings both sides to common units: this
finding then says what was found, and the output path (GP106) what was done. Where the fakes were left in their units,
as those of arrays and tables are, it is a warning: the sides are in different units, or some fakes lie where no real
value does.
"""


def check(m: Measurements) -> Finding | None:
    """Information where the output path took care of it, else a warning."""
    found = checks.artefact(m, "range")
    if found is None:
        return None
    if found.evidence.get("rescaled"):
        advice = "If the inferred range is wrong, say it: --range -1,1 or 0,1 or 0,255; --range none compares as it is."
        return Finding(CODE, "info", found.summary, found.evidence, advice)
    units = "save both in the same units" if m.data.kind == "table" else "say the fakes' range: --range -1,1 or 0,1"
    advice = f"If the sides are in different units, {units}; else the generator leaves the range of the reals."
    return Finding(CODE, "warn", found.summary, found.evidence, advice)
