"""GP407 What the bound is about: the reals that were given."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements

CODE = "GP407"
TITLE = "the bound is about the data given"
EXPLAIN = """
Every number compares the generator with the law that the given reals are drawn from. If the generator was trained on
these very reals, it may repeat them, and then looks better than it is: what is held out from the probe was not held out
from the generator. Give reals that the generator never saw as DATA and what it was trained on as --train-data; the
report then says whether fakes are nearer to the training samples than to the others.
"""


def check(m: Measurements) -> Finding | None:
    """Information where a support was measured and nothing was said of what the generator was trained on."""
    if m.support is None or m.memorisation is not None:
        return None
    return Finding(
        CODE,
        "info",
        "the bound is about the data given: whether the generator was trained on it, and repeats it, is not known",
        {"data": m.data.path},
        "Give held-out reals as DATA and the training data as --train-data to test for memorisation.",
    )
