"""GP104 Coordinates that never change on one side or on both."""

from __future__ import annotations

from ganprobe.judge import checks
from ganprobe.record.audit import Finding, Measurements

CODE = "GP104"
TITLE = "some coordinates are constant"
EXPLAIN = """
A coordinate that has one value on both sides carries no information about the difference and is harmless. One that is
constant on the real side and varies, however little, on the fake side separates the two perfectly: a law on a
hyperplane and a law with a density share no mass, so JS is log 2. The borders of centred digits are the usual case.
"""


def check(m: Measurements) -> Finding | None:
    """Information where the artefact was found."""
    found = checks.artefact(m, "constant")
    if found is None:
        return None
    return Finding(
        CODE,
        "info",
        found.summary,
        found.evidence,
        "If JS is high, look here first: a border or a column that the generator does not keep constant is enough.",
    )
