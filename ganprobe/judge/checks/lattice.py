"""GP101 One side lies on a grid that the other does not."""

from __future__ import annotations

from ganprobe.judge import checks
from ganprobe.record.audit import Finding, Measurements

CODE = "GP101"
TITLE = "one side lies on a grid that the other does not"
EXPLAIN = """
Pictures are stored in 256 levels and tables often in few decimals; a network's output is not. Where one side lies on
such a grid and the other does not, the two laws share no mass and their Jensen-Shannon divergence is log 2 exactly,
however good the pictures look. A smooth probe does not see it (an MLP says 0), a single feature such as the distance
to the nearest grid point does (.69). That number is about file formats, not about the generator, so by default the
fakes are brought through the same output path as the data (range, clip, round) and the headline is measured after it.
Both numbers are given: the raw one is what a reader of the raw files would face. A kernel that acts on both sides can
only lower JS (data-processing inequality), so each of the two is a valid lower bound of its own pair.
"""


def check(m: Measurements) -> Finding | None:
    """A warning with the number before and after the output path, where each was measured."""
    found = checks.artefact(m, "lattice")
    if found is None:
        return None
    numbers = {"raw": checks.view(m, "raw"), m.headline_view: checks.view(m, m.headline_view)}
    known = {name: row.js for name, row in numbers.items() if row is not None}
    said = ", ".join(f"{js:.3f} nats {_through(name)}" for name, js in known.items())
    return Finding(
        CODE,
        "warn",
        f"{found.summary.rstrip('.')}" + (f": JS is estimated at {said}" if said else ""),
        {**found.evidence, **{f"js_{name}": js for name, js in known.items()}},
        _ROUND if "output_path" in known else _LEFT,
    )


_ROUND = "Judge the generator by the number after the output path, and round its output the same way where it is used."
_LEFT = "The fakes were rounded to steps of their own: if that is not how they are used, round them as the data is."


def _through(view: str) -> str:
    return "as they are" if view == "raw" else f"through {view}"
