"""GP401 Part of the reals is out of the generator's reach."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements

CODE = "GP401"
TITLE = "part of the reals is out of the generator's reach"
EXPLAIN = """
E_Q[D/(1-D)] estimates the share of the real law inside the support of the generator: with 8, 7, 5 and 2 of 8 equal
modes it measured 1.02, .89, .60 and .25. A share clearly below 1 means that some reals can never be produced:
modes were dropped, or the fakes lie on a thinner set. It is said only where the log odds of the reals leave a gap:
where they thin out gradually, as between two Gaussians, what is rare among the fakes cannot be told from what is
absent, and the interval goes up to 1. More samples or another latent seed do not help. Or a tell that every fake has,
such as a background that is nearly black, keeps all of them from the reals: then no mode need be missing, and only a
view that is blind to the tell can say.
"""

# A tenth of the reals: smaller gaps are within the bias of the odds of a sound but imperfect probe.
REACHED_AT_LEAST = 0.9


def check(m: Measurements) -> Finding | None:
    """A warning where the whole interval of the covered share is below `REACHED_AT_LEAST`."""
    s = m.support
    if s is None or not s.mismatch or s.real_covered_high >= REACHED_AT_LEAST:
        return None
    return Finding(
        CODE,
        "warn",
        f"the fakes reach only {s.real_covered:.0%} of the reals "
        f"({s.real_covered_low:.0%} to {s.real_covered_high:.0%})",
        {"real_covered": s.real_covered, "low": s.real_covered_low, "high": s.real_covered_high},
        "Look for dropped modes: classes, clusters or column values that never appear among the fakes."
        if m.tell is None
        else "The tell alone may put them out of reach: look for dropped modes through a view blind to it (GP307).",
    )
