"""GP410 JS is stuck near its ceiling, but noise tells how far apart the sides are."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements

CODE = "GP410"
TITLE = "how much noise hides the difference"
EXPLAIN = """
Two laws without common mass have JS = log 2 whether they are far apart or nearly on top of one another; WGAN's paper
(Arjovsky et al. 2017) found JS uninformative for that reason. JS(sigma), with Gaussian noise of standard deviation
sigma on both sides, never rises with sigma, and the sigma that leaves half of log 2, the half-scale, says how far
apart they are: half a distance of two points, about. It orders checkpoints whose JS cannot. Noise of that size on the
inputs of the discriminator (instance noise: Sonderby et al. 2017; Roth et al. 2017 as a penalty) gives the laws common
mass and the generator a gradient; it is taken back as the half-scale shrinks.
"""

# Below it JS itself still orders checkpoints.
STUCK_ABOVE = 0.9


def check(m: Measurements) -> Finding | None:
    """Information where JS is near log 2 and the curve passes its half."""
    curve = m.smoothing
    if curve is None or curve.half_scale is None or m.js is None or m.js.nats < STUCK_ABOVE * m.js.ceiling:
        return None
    half = curve.half_scale
    unit = {"data": "of the data's units", "range": "of the full range", "sd": "standard deviations of each column"}
    return Finding(
        CODE,
        "info",
        f"JS is near log 2, but with noise of {half:.3g} {unit[curve.unit]} on both sides about half of it is left",
        {"half_scale": half, "effective_gap": curve.effective_gap, "unit": curve.unit},
        f"Order checkpoints by this half-scale, the smaller the better; noise of about {half:.2g} on the "
        "discriminator's inputs lets the generator learn.",
    )
