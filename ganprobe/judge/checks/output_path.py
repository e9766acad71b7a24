"""GP106 What was done to which side before anything was measured."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements

CODE = "GP106"
TITLE = "what was done to each side before measuring"
EXPLAIN = """
Reals and fakes reach the probe through an output path: scaling to a common range, clipping, rounding to the grid of
the data, resizing once. Where the data is on a grid the fakes are brought onto the same one, because otherwise the
divergence measures the file format (GP101). The path is part of the result: another path is another pair of laws.
--range and --quantise control it.
"""


def check(m: Measurements) -> Finding | None:
    """Information that repeats the steps of the output path."""
    if not m.output_path:
        return None
    options = "--quantise" if m.data.kind == "table" else "--range or --quantise"
    return Finding(
        CODE,
        "info",
        "before measuring: " + "; ".join(step.rstrip(".") for step in m.output_path),
        {"steps": len(m.output_path)},
        f"If a step is not what your generator's users do, change it with {options}.",
    )
