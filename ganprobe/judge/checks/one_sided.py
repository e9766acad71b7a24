"""GP114 Reading changed one side only."""

from __future__ import annotations

from ganprobe.judge import checks
from ganprobe.record.audit import Finding, Measurements

CODE = "GP114"
TITLE = "one side only was resized, cut or converted"
EXPLAIN = """
Pictures of another size than the other side's are resized once, with Lanczos' filter; grey ones become colour, sounds
are cut or padded. Done to one side only, that is a difference between the sides that neither the data nor the generator
has: a filter leaves a trace in the finest detail that a probe sees before it sees the pictures. The number is then one
of the two together, and no PASS stands beside it. Give both sides in one size, the reals as training saw them; or name
the filter that training used with --set datasets.images.filter=NAME, which makes the resize yours.
"""
TAKES_PASS = True


def check(m: Measurements) -> Finding | None:
    """A warning where one side was changed and the other was not."""
    found = checks.artefact(m, "changed")
    if found is None or found.side == "both":
        return None
    who = {"real": "of the reals", "fake": "of the fakes"}[found.side]
    title = f"{who}, and of that side only, {found.summary}"
    return Finding(CODE, "warn", title, found.evidence, f"{found.evidence['advice']}.")
