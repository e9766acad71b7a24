"""GP103 Rows repeat within one side."""

from __future__ import annotations

from ganprobe.judge import checks
from ganprobe.record.audit import Finding, Measurements

CODE = "GP103"
TITLE = "rows repeat within one side"
EXPLAIN = """
A row that occurs both where the probe is trained and where it is tested lets the probe recognise it instead of
learning the difference. With 30% repeated rows and a memorising probe, a split by position raised false alarms
between equal laws from 5% to 70%. Folds are therefore made by a hash of each row's bytes, so that equal rows share
a fold and the estimate stays a lower bound. What remains: repeated rows carry less information than their number
suggests, so intervals are somewhat too narrow, and repeated fakes can mean that the generator returns few samples.
Near-duplicates (re-saved or augmented pictures) are not recognised. Values that both sides have are not counted: those
of a discrete law repeat by nature.
"""

# The share of rows that repeat an earlier one; below it, folds by hash leave nothing to notice.
MANY = 0.01


def check(m: Measurements) -> Finding | None:
    """A warning from `MANY` repeated rows on a side, information below."""
    found = checks.artefact(m, "duplicates")
    if found is None:
        return None
    return Finding(
        CODE,
        "warn" if max(found.evidence["real"], found.evidence["fake"]) >= MANY else "info",
        found.summary,
        found.evidence,
        "Remove repeated rows, unless the population itself repeats; then read the intervals as too narrow.",
    )
