"""GP406 The generator repeats what it was trained on."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements

CODE = "GP406"
TITLE = "the fakes are nearer to the training data than to held-out reals"
EXPLAIN = """
Given the training data beside held-out reals, each fake has its nearest neighbour among both. A generator that learned
the law treats both alike, and the share that falls to the training data is one half where both are as many, whatever
the quality of the fakes; z counts standard errors from there, those of exchanging the two kinds of real at random. C_T
(Meehan, Chaudhuri and Dasgupta 2020) compares the distances to the training data: below -3 fakes are closer to it than
fresh reals are, which alone may be smoothness. Reals of another law than the training data have the same effect as
memorising: both must be drawn from one.
"""

Z_ABOVE = 4.0


def check(m: Measurements) -> Finding | None:
    """A warning where the share of fakes that are nearer to a training sample exceeds one half beyond chance."""
    r = m.memorisation
    if r is None or r.nearer_z < Z_ABOVE:
        return None
    return Finding(
        CODE,
        "warn",
        f"{r.nearer:.0%} of the fakes are nearer to a training sample than to a held-out real, 50% is none remembered "
        f"(z = {r.nearer_z:.1f})",
        {
            "nearer": r.nearer,
            "z": r.nearer_z,
            "c_t": r.c_t,
            "js_train": r.js_train,
            "js_held_out": r.js_held_out,
            "js_se": r.js_se,
        },
        "Judge by the JS against held-out reals. More data, augmentation, or an earlier checkpoint remember less.",
    )
