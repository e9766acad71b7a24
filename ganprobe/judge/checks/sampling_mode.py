"""GP111 Samples depend on whether the network is in evaluation or in training mode."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements

CODE = "GP111"
TITLE = "evaluation and training mode give different samples"
EXPLAIN = """
BatchNorm normalises with running averages in evaluation mode and with the batch's own statistics in training mode;
dropout is off in one and on in the other. Where the running averages are stale (few updates, weights averaged without
their statistics) or dropout is the only noise there is, the two modes are two generators, published numbers differ by
factors, and no file says which one is meant. Samples are drawn in evaluation mode unless --mode train is given. The
finding says how far the same latents move when the mode is changed, root mean square, in standard deviations.
"""
# Along one coordinate a shift of so many standard deviations is a JS of .05^2 / 8 = 3e-4: less than audits resolve.
_MATTERS = 0.05


def check(m: Measurements) -> Finding | None:
    """A warning where the other mode moves the samples by more than a little."""
    c = m.checkpoint
    if c.mode_gap is None or c.mode_gap <= _MATTERS:
        return None
    other = "eval" if c.mode == "train" else "train"
    return Finding(
        CODE,
        "warn",
        f"samples are drawn in {c.mode} mode; {other} mode moves them by {c.mode_gap:.2g} standard deviations",
        {"mode": c.mode, "mode_gap": c.mode_gap},
        f"Use the mode in which the generator is used: --mode {other} measures the other one.",
    )
