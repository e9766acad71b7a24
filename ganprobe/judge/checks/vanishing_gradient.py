"""GP501 The gradient of the saturating loss vanishes."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements
from ganprobe.record.gradients import GradientRecord

CODE = "GP501"
TITLE = "the gradient of the saturating loss vanishes"
EXPLAIN = """
With the generator frozen and a fresh probe trained to convergence, the gradient of E log(1-D(G(z))) at the generator
falls as D becomes certain: |grad| < M e / (1 - e) where D is within e of a perfect discriminator (Arjovsky and Bottou
2017, theorem 2.4 and figure 2; five orders of magnitude in 4,000 steps at best). It is called vanishing where it kept
less than 1% of its largest value, JS is above .6 and it still falls. All three are taken at the last step at which the
probe was about as good on held-out samples as it ever was. This describes the saturating loss against a probe this
good. It does not say that training is impossible: Fedus et al. (2018) show non-saturating GANs that learn where JS is
log 2, and a discriminator in training is rarely this good.

Three remedies, each measured here. The non-saturating loss -log D(G(z)) (Goodfellow et al. 2014) has a gradient that
grows as D becomes certain, and whose variance grows too (Arjovsky and Bottou 2017, figure 3). Noise on both of the
discriminator's inputs (Sonderby et al. 2016; Arjovsky and Bottou 2017, section 3) makes the supports meet: the least
sigma that was tried and keeps the gradient alive is the scale on which the two sides differ. A Wasserstein critic
(Arjovsky et al. 2017; Gulrajani et al. 2017) has a slope that cannot flatten. None is known to be the best: compare.
"""


def check(m: Measurements) -> Finding | None:
    """A warning where the gradient probe says so, with what each remedy would keep here."""
    g = m.gradients
    if g is None or not g.vanishing:
        return None
    return Finding(
        CODE,
        "warn",
        f"against a well-trained discriminator the saturating loss keeps {100 * g.retention:.2g}% of its gradient; "
        f"the non-saturating loss has norm {g.non_saturating:.2g} at the same step",
        {
            "saturating": g.saturating,
            "non_saturating": g.non_saturating,
            "critic": g.critic,
            "retention": g.retention,
            "alive_sigma": g.alive_sigma,
        },
        f"Train with the non-saturating loss (Goodfellow et al. 2014), {_noise(g)}, or with a Wasserstein critic "
        f"(Arjovsky et al. 2017; Gulrajani et al. 2017), which leaves norm {g.critic:.2g}.",
    )


def _noise(g: GradientRecord) -> str:
    source = "on the inputs of the discriminator (Sonderby et al. 2016; Arjovsky and Bottou 2017)"
    rung = next((rung for rung in g.noise if rung.sigma == g.alive_sigma), None)
    if rung is None:
        tried = f", more than the {g.noise[-1].sigma:g} that was tried here" if g.noise else ""
        return f"with noise {source}{tried}"
    return f"with noise of sigma {rung.sigma:g} {source}, which keeps {rung.retention:.0%} of the saturating gradient"
