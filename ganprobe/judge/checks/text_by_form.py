"""GP117 A column of text is compared by its form alone."""

from __future__ import annotations

from ganprobe.judge import checks
from ganprobe.record.audit import Finding, Measurements

CODE = "GP117"
TITLE = "text is compared by its form alone"
EXPLAIN = """
Names, addresses and references differ in nearly every row, so that no word of them can be counted. What is compared is
their form: runs of letters, of digits and of both with their lengths, capitals and marks, in their order; and their
length, first and last letters, numbers, words that repeat at the first and last places, and the places of codes that
vary least, by themselves and beside the other columns. Random letters against e-mail addresses show; one set of
plausible names against another does not, and neither does what a text says. A number near 0 is therefore one of the
form, and no PASS stands beside it. Leave the column out with --ignore where it only names the rows, or give features of
the text as columns of their own.
"""
TAKES_PASS = True


def check(m: Measurements) -> Finding | None:
    """A warning that names the columns."""
    found = checks.artefact(m, "form")
    if found is None:
        return None
    columns = " ".join(f"--ignore {name}" for name in found.evidence["columns"][:3])
    return Finding(CODE, "warn", found.summary, found.evidence, f"Leave out what only names the rows: {columns}.")
