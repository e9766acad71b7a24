"""GP405 Fakes that are closer to a real than reals are to each other."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements

CODE = "GP405"
TITLE = "some fakes are near copies of real samples"
EXPLAIN = """
A near copy is a fake closer to one real than all but one in a thousand of fresh reals are to theirs, in the distance to
the fifth nearest: fakes that crowd where the reals lie dense are close to all five. One fake in a thousand may be that
by chance; here there are ten times as many and more, and p says how rarely fresh reals would give so many. The
generator repeats samples that it was trained on, or the reals are in its training data in another guise.
"""

# Times the share that chance explains: less is a matter of density.
EXCESS = 10.0
P_BELOW = 0.001


def check(m: Measurements) -> Finding | None:
    """A warning where near copies are far more than chance explains; of the training data where that was given."""
    remembered = m.memorisation is not None
    held = m.memorisation or m.support
    copies = None if held is None else held.copies
    if copies is None or copies.p_value >= P_BELOW or copies.share < EXCESS * copies.expected:
        return None
    nearest = "; ".join(f"fake {pair.fake_row} and row {pair.real_row}" for pair in copies.pairs[:3])
    return Finding(
        CODE,
        "warn",
        f"{copies.share:.1%} of the fakes are near copies of a {'training' if remembered else 'real'} sample, "
        f"{copies.expected:.1%} would be by chance: {nearest}",
        {"share": copies.share, "expected": copies.expected, "p_value": copies.p_value},
        "Look at the pairs. Where they are copies: more data, augmentation, or an earlier checkpoint."
        if remembered
        else "Look at the pairs, and give --train-data to measure what the generator remembers of it.",
    )
