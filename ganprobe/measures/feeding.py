"""Views feed the stack: where the val part shows that a view knows more than all probes, its quick probes join them.

A view is a kernel on both sides, so what shows through it is a lower bound of the whole as well, and a headline below
one of its own views would be too low. Which views join is decided on val alone; the stack weighs them.
"""

from __future__ import annotations

import time

from ganprobe.logits.calibration import stack
from ganprobe.logits.ladder import Ladder, joined
from ganprobe.measures import localise
from ganprobe.measures.localise import Looks
from ganprobe.measures.optimality.growth import gain, tells
from ganprobe.samples.folds import Folds, HeldOut
from ganprobe.samples.sides import Floats, Pair
from ganprobe.seeds import Seeds

# The most views that join.
_MOST = 2


def feed(looks: Looks, pair: Pair, folds: Folds, ladder: Ladder, seeds: Seeds) -> Ladder:
    """The ladder with the views that show what it does not, by ``looks`` at some rows of ``pair``."""
    start = time.perf_counter()
    before = _of_rows(ladder.logits, looks.folds)
    gains = {}
    for chain, look in looks.through.items():
        after = stack([before, look.logits])[0]
        if tells(before, after, len(looks.through)):
            gains[chain] = gain(before, after)
    best = sorted(gains, key=lambda chain: -gains[chain])[:_MOST]
    found = {
        f"view: {chain.words}": localise.quick(chain.apply(pair, folds.folds[0], seeds), folds, seeds) for chain in best
    }
    return joined(ladder, found, seeds, time.perf_counter() - start) if found else ladder


def _of_rows(logits: HeldOut, few: Folds) -> HeldOut:
    """The logits of an excerpt, which has the first rows of each part."""

    def cut(parts: tuple[Floats, ...], side: str, part: str) -> tuple[Floats, ...]:
        return tuple(f[: len(getattr(getattr(fold, side), part))] for f, fold in zip(parts, few, strict=False))

    return HeldOut(
        cut(logits.val_real, "real", "val"),
        cut(logits.val_fake, "fake", "val"),
        cut(logits.test_real, "real", "test"),
        cut(logits.test_fake, "fake", "test"),
        apart=few.apart,
    )
