"""GP113 The form of the data was guessed, and another guess would give another number."""

from __future__ import annotations

from ganprobe.judge import checks
from ganprobe.record.audit import Finding, Measurements

CODE = "GP113"
TITLE = "the form of the data was guessed"
EXPLAIN = """
A file does not always say what it holds. A square of numbers may be a picture or a sequence of vectors, and the probes
for the one are blind to what tells the other apart; the first line of a table may be its header or its first row. A
guess was made, and is named with the option that settles it. Until it is settled no PASS stands beside the number: it
may be one of something else than was meant. Saying what was guessed right costs nothing and takes the doubt away.
"""
TAKES_PASS = True


def check(m: Measurements) -> Finding | None:
    """A warning with the guess and the option."""
    found = checks.artefact(m, "guessed")
    if found is None:
        return None
    return Finding(CODE, "warn", found.summary, found.evidence, f"Say which it is: {found.evidence['option']}.")
