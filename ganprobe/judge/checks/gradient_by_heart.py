"""GP503 The gradient's probe knows its training samples by heart."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements

CODE = "GP503"
TITLE = "the probe of the gradient came to know its training samples by heart"
EXPLAIN = """
The gradient that a generator would see is followed while a probe trains on some of the reals. Where these are few the
probe ends by telling each of them from the fakes, and JS on them goes to log 2 whatever the two laws are, while JS on
the reals held out falls. The gradient of such a probe is about these samples, not about the distribution, so the
verdict is taken at the last step whose probe was about as good on held-out samples as the best one. A discriminator in
training on few reals does the same: augmentation is the usual remedy (Karras et al. 2020).
"""

# In nats; less is what any probe learns beyond its law.
_PARTED = 0.1


def check(m: Measurements) -> Finding | None:
    """Information where JS in training and JS on held-out samples part, and the verdict is of an earlier step."""
    g = m.gradients
    if g is None or g.judged_step == g.steps[-1] or g.training_js_curve[-1] - g.js_curve[-1] < _PARTED:
        return None
    return Finding(
        CODE,
        "info",
        f"from step {g.judged_step} on the gradient's probe learns its samples by heart: "
        f"at step {g.steps[-1]} JS is {g.training_js_curve[-1]:.2f} on those and {g.js_curve[-1]:.2f} on held-out ones",
        {"judged_step": g.judged_step, "training_js": g.training_js_curve[-1], "held_out_js": g.js_curve[-1]},
        "The gradients are judged at that step; give more reals to see further.",
    )
