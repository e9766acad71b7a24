"""GP112 Distinct values of the files are equal in what was measured."""

from __future__ import annotations

from ganprobe.judge import checks
from ganprobe.record.audit import Finding, Measurements

CODE = "GP112"
TITLE = "distinct values became equal before they were measured"
EXPLAIN = """
Probes work on float32, 24 bits of a number. What the values of a column have in common is subtracted in float64 first,
so that unix seconds or ids above 2^53 keep what tells them apart; where a column mixes sizes (zeros among timestamps,
1e-9 beside 1e9) that is not enough, and some values that differ in the file are equal afterwards. Whatever told the
sides apart below that is lost, so the number is a bound for the rounded files only and no PASS stands beside it. Save
the column as its own difference from a date or a base, or in two columns, or leave it out with --ignore.
"""
TAKES_PASS = True


def check(m: Measurements) -> Finding | None:
    """A warning that names the worst column."""
    found = checks.artefact(m, "merged")
    if found is None:
        return None
    advice = "Save the column as a difference from a base, or as two columns; or leave it out: --ignore COLUMN."
    return Finding(CODE, "warn", found.summary, found.evidence, advice)
