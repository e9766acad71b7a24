"""GP205 One family of probes sees what the others do not."""

from __future__ import annotations

from statistics import median

from ganprobe.record.audit import Finding, Measurements

CODE = "GP205"
TITLE = "one family of probes sees far more than the others"
EXPLAIN = """
Every probe gives a lower bound, so a probe that sees little is no evidence against one that sees much; the headline
is the stack, weighted on validation samples. Their disagreement tells what kind of difference there is. Boosting far
above nets: axis-aligned facts such as exact zeros, integer coding, rare values. A convolutional net far above
boosting: local texture. Kernel or neighbour methods far above both: a net that did not train. On one real MNIST
generator a small MLP said .09, a convolutional net .57 and boosting on six pixel statistics .69.
"""

STACK = "stack"
# A seventh of the range of JS: well beyond the spread between seeds (.004 at 1,000 samples) and between sound families.
AHEAD = 0.1


def check(m: Measurements) -> Finding | None:
    """Information where the best single probe leads the median of the others by `AHEAD`."""
    singles = sorted((p for p in m.probes if p.name != STACK), key=lambda p: p.js, reverse=True)
    if len(singles) < 2:
        return None
    best, others = singles[0], median(p.js for p in singles[1:])
    if best.js - others < AHEAD:
        return None
    return Finding(
        CODE,
        "info",
        f"only {best.name} saw most of it: {best.js:.3f} nats against a median of {others:.3f} for the other probes",
        {"best": best.js, "median_of_others": others},
        f"Ask what {best.name} can see and the others cannot; ganprobe explain {CODE} lists the usual causes.",
    )
