"""GP202 The probe claims more certainty than it has."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements

CODE = "GP202"
TITLE = "the probe is over-confident"
EXPLAIN = """
For the optimal discriminator E_Q[D/(1-D)] is the share of the reals that the generator can reach, and E_P[(1-D)/D]
the share of the fakes inside the support of the reals. Both are at most 1. An estimate above 1 by more than its
interval means that D is over-confident: its odds are too large where it errs. The held-out JS then lies below what
the same probe would give after calibration, and the covered shares cannot be read as shares.
"""

# A share is at most 1; five points above leave room for the heavy tail of the odds, whose interval is optimistic.
ABOVE = 1.05


def check(m: Measurements) -> Finding | None:
    """A warning where the lower limit of a covered share exceeds `ABOVE`."""
    s = m.support
    if s is None or max(s.real_covered_low, s.fake_covered_low) <= ABOVE:
        return None
    worst = max(s.real_covered, s.fake_covered)
    return Finding(
        CODE,
        "warn",
        f"the probe is over-confident: its odds say that {worst:.0%} of a side is covered, at most 100% is possible",
        {
            "real_covered": s.real_covered,
            "real_covered_low": s.real_covered_low,
            "fake_covered": s.fake_covered,
            "fake_covered_low": s.fake_covered_low,
        },
        "Do not read the covered shares as shares. More real samples give calibration more to work with.",
    )
