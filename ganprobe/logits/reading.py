"""The one reading of a stack's held-out logits as JS: estimate, interval and certified floor."""

from __future__ import annotations

from ganprobe.logits import bounds, divergences
from ganprobe.record.bound import Bound
from ganprobe.samples.folds import HeldOut
from ganprobe.seeds import Seeds


def read(logits: HeldOut, seeds: Seeds) -> Bound:
    """What calibrated ``logits`` demonstrate on their test samples."""
    reading = divergences.MEMBERS["js"].estimate(logits, seeds)
    return Bound(reading.value, reading.low, reading.high, bounds.floor(logits))
