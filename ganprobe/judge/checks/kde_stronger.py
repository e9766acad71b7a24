"""GP304 Kernel densities see more than the probe."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements

CODE = "GP304"
TITLE = "kernel densities see more than the probe"
EXPLAIN = """
A kernel density estimate with bandwidth s is compared with a probe trained on the same samples with noise s; both
estimate JS of the two laws blurred by s (the argument of Sinn and Rawat 2018), so they must agree. The kernel
estimate is held out, never evaluated on the points it was made from, where it would be far too high (.61 instead of 0
between equal laws in ten dimensions). If it still exceeds the probe by more than its error, the difference is there
and the probe missed it: it is under-trained or of the wrong family, and so is not near-optimal. Where JS is certified
to be at its ceiling nothing can have been missed, whatever the probe of the noisy samples says.
"""


def check(m: Measurements) -> Finding | None:
    """An error where the cross-check says that the probe is weaker."""
    kde = m.kde
    if kde is None or kde.agreement != "probe weaker than KDE" or (m.js and m.js.status == "saturated"):
        return None
    return Finding(
        CODE,
        "error",
        f"at noise {kde.sigma:.3g} a kernel density sees {kde.nats:.3f} nats, the probe only {kde.matched_probe:.3f}",
        {"kde": kde.nats, "matched_probe": kde.matched_probe, "sigma": kde.sigma},
        "The probe missed a difference: use a larger --budget, or add a --probe of another kind.",
    )
