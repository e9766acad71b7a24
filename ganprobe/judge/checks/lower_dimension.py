"""GP403 The fakes fill fewer dimensions than the reals."""

from __future__ import annotations

import math

from ganprobe.record.audit import Finding, Measurements

CODE = "GP403"
TITLE = "the fakes fill fewer dimensions than the reals"
EXPLAIN = """
A generator maps its latent smoothly, so its samples lie on a surface of at most the latent's dimension. If that is
below the intrinsic dimension of the data, the two laws are singular and JS is log 2 however well the generator is
trained (Arjovsky and Bottou 2017, theorem 2.2). The intrinsic dimension is estimated from the ratio of the distances
to the two nearest neighbours (TwoNN, Facco et al. 2017) and to the ten nearest (Levina and Bickel 2005). Both are
biased low above about 16 dimensions, on both sides alike, and noise raises them, so the comparison of the two sides
says more than either number. A difference counts where it is a fifth and three standard errors by both estimators.
"""

FEWER = 0.8
_ERRORS = 3.0


def check(m: Measurements) -> Finding | None:
    """Information where the fakes' dimension, or the size of the latent, is clearly below the reals' dimension."""
    if m.support is None:
        return None
    d = m.support.dimension
    thinner = _fewer((d.fake, d.fake_se), (d.real, d.real_se)) and _fewer(
        (d.fake_mle, d.fake_mle_se), (d.real_mle, d.real_mle_se)
    )
    cramped = _fewer((d.latent, 0.0), (d.real, d.real_se)) and _fewer((d.latent, 0.0), (d.real_mle, d.real_mle_se))
    if not thinner and not cramped:
        return None
    said = [f"the fakes fill about {d.fake:.1f}"] if thinner else []
    said += [f"the latent has {d.latent}"] if cramped else []
    return Finding(
        CODE,
        "info",
        f"the reals fill about {d.real:.1f} dimensions, {', '.join(said)}",
        {"real": d.real, "fake": d.fake, "latent": d.latent},
        "Use a larger latent." if cramped else "Expect low diversity: look for modes or directions that never vary.",
    )


def _fewer(few: tuple[float | None, float | None], many: tuple[float | None, float | None]) -> bool:
    """Whether the first, with its standard error, is `FEWER` of the second at most and clearly below it."""
    (a, a_se), (b, b_se) = few, many
    if a is None or a_se is None or b is None or b_se is None:
        return False
    return a < FEWER * b and b - a > _ERRORS * math.hypot(a_se, b_se)
