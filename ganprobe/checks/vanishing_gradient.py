"""GP501 The gradient of the saturating loss vanishes."""

from __future__ import annotations

from ganprobe.records import Finding, Measurements

CODE = "GP501"
TITLE = "the gradient of the saturating loss vanishes"
EXPLAIN = """
With the generator frozen and a fresh probe trained to convergence, the gradient of E log(1-D(G(z))) at the generator
falls as D becomes certain: |grad| < M e / (1 - e) where D is within e of a perfect discriminator (Arjovsky and Bottou
2017, theorem 2.4 and figure 2; five orders of magnitude in 4,000 steps at best). It is called vanishing where it kept
less than 1% of its largest value, JS is above .6 and it still falls. This describes the saturating loss against a
probe this good. It does not say that training is impossible: Fedus et al. (2018) show non-saturating GANs that learn
where JS is log 2, and a discriminator in training is rarely this good.
"""


def check(m: Measurements) -> Finding | None:
    """A warning where the gradient probe says so."""
    g = m.gradients
    if g is None or not g.vanishing:
        return None
    return Finding(
        CODE,
        "warn",
        f"against a well-trained discriminator the saturating loss keeps {g.retention:.1%} of its gradient; "
        f"the non-saturating loss has norm {g.non_saturating:.2g} at the same step",
        {"saturating": g.saturating, "non_saturating": g.non_saturating, "retention": g.retention},
        "Train with the non-saturating loss, with noise on the discriminator's inputs, or with a Wasserstein critic.",
    )
