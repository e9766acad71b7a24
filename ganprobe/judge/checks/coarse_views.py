"""GP306 The difference shrinks when detail is removed."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements

CODE = "GP306"
TITLE = "the difference is in fine detail"
EXPLAIN = """
A view is a map applied to both sides: averaging blocks of pixels, adding noise, keeping a few statistics. By the
data-processing inequality JS through a view is at most JS, so a view that keeps most of it contains the difference,
and one that loses most of it shows where the difference is not. One conv generator on MNIST, after ten epochs:
.665 raw, .150 thresholded, .120 as thresholded 4x4 blocks, .037 under noise .3. Its raw JS calls it hopeless; the
views say that the shapes were learned and the grey levels were not.
"""

# A view counts as losing the difference when it keeps less than half of it...
KEEPS_AT_MOST = 0.5
# ...and the loss is more than the error of two estimates at a few thousand samples.
AND_LOSES = 0.05

# The whole, and views of a few numbers: that they lose something says nothing about detail.
NOT_COARSE = ("raw", "output_path", "lattice", "columns", "histogram", "statistics", "highpass", "features")
# As many as a sentence holds: those that keep most.
MOST = 3


def check(m: Measurements) -> Finding | None:
    """Information that lists the views through which little is left."""
    js = m.js
    if js is None:
        return None
    whole = js.nats
    lost = [
        v
        for v in m.views
        if v.name != m.headline_view
        and v.name.split("+")[-1] not in NOT_COARSE
        and v.js <= KEEPS_AT_MOST * whole
        and whole - v.js >= AND_LOSES
        and v.high < js.low
    ]
    if not lost:
        return None
    lost.sort(key=lambda v: -v.js)
    shown = ", ".join(f"{v.label} ({v.js:.3f})" for v in lost[:MOST])
    return Finding(
        CODE,
        "info",
        f"of {whole:.3f} nats less than half remains through {shown}: the difference is in what these views remove",
        {v.label: v.js for v in lost[:MOST]},
        "Compare generators through these views too: they show what was learned while JS is still high.",
    )
