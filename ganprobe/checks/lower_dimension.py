"""GP403 The fakes fill fewer dimensions than the reals."""

from __future__ import annotations

from ganprobe.records import Finding, Measurements

CODE = "GP403"
TITLE = "the fakes fill fewer dimensions than the reals"
EXPLAIN = """
A generator maps its latent smoothly, so its samples lie on a surface of at most the latent's dimension. If that is
below the intrinsic dimension of the data, the two laws are singular and JS is log 2 however well the generator is
trained (Arjovsky and Bottou 2017, theorem 2.2). The intrinsic dimension is estimated from the ratio of the distances
to the two nearest neighbours (TwoNN, Facco et al. 2017); it is biased low above about 16 dimensions, on both sides
alike, and noise raises it, so the comparison of the two sides says more than either number.
"""

# TwoNN varies by about a tenth between samples of a few thousand; twice that is a difference.
FEWER = 0.8


def check(m: Measurements) -> Finding | None:
    """Information where the fakes' dimension is below `FEWER` of the reals', or the latent is smaller than the data."""
    d = None if m.support is None else m.support.dimension
    if d is None or d.real is None:
        return None
    thinner = d.fake is not None and d.fake < FEWER * d.real
    cramped = d.latent is not None and d.latent < d.real
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
