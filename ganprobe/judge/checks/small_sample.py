"""GP105 Too few real samples to resolve the divergence."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements

CODE = "GP105"
TITLE = "few real samples"
EXPLAIN = """
The number of real samples limits everything: the probe is trained on some of them and scored on the others. The
spread of one pair's score is about sqrt(JS) where JS is small, so an interval of +-.005 nats takes 757 pairs at
JS = .005, about 7,000 at .05 and 24,000 at .3. Below a few hundred the normal interval is also too narrow: at
JS = .633 it covers 88% with 200 samples and 77% with 50 where 95% is claimed. The floor does not rest on it.
"""

# Below this the normal interval covers too little, and a tenth of the reals is too few rows to calibrate on.
FEW = 500


def check(m: Measurements) -> Finding | None:
    """A warning below `FEW` real samples."""
    js = m.js
    if js is None or js.n_real >= FEW:
        return None
    half_width = (js.high - js.low) / 2
    return Finding(
        CODE,
        "warn",
        f"only {js.n_real} real samples: differences below about {half_width:.3f} nats cannot be resolved",
        {"n_real": js.n_real, "half_width": half_width},
        "Give more real samples; four times as many halve the interval.",
    )
