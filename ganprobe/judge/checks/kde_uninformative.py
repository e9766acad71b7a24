"""GP305 Kernel densities cannot check the probe here."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements

CODE = "GP305"
TITLE = "kernel densities cannot check the probe here"
EXPLAIN = """
A kernel density estimate needs a number of samples that grows exponentially with the dimension. With 3,000 samples of
unit variance it agrees with a probe only for noise above .25 in 2 dimensions, .5 in 5, 1 in 10, 2 in 20 and 4 in 50.
Below that noise the kernel estimate is starved, and its low or negative value says nothing about the probe. Where no
bandwidth of the ladder is informative the cross-check neither supports nor contradicts the headline.
"""


def check(m: Measurements) -> Finding | None:
    """Information where no rung of the ladder could decide."""
    kde = m.kde
    if kde is None or kde.agreement != "not informative here":
        return None
    return Finding(
        CODE,
        "info",
        f"the kernel-density cross-check is not informative here ({len(kde.ladder)} bandwidths, {kde.space})",
        {"kde": kde.nats, "matched_probe": kde.matched_probe, "sigma": kde.sigma},
        "Nothing to do: it neither supports nor contradicts the probe.",
    )
