"""Is the probe sound: does it know how sure it is, cover no more than there is, and read 0 where there is nothing?"""

from __future__ import annotations

from ganprobe.logits import bounds
from ganprobe.logits.calibration import by_chance, slope
from ganprobe.measures.optimality.gain import joined
from ganprobe.objective import js
from ganprobe.record.optimality import Evidence
from ganprobe.samples.folds import HeldOut
from ganprobe.seeds import Seeds

SLOPE_RANGE = (0.9, 1.1)
# What the right slope may gain, in nats, where chance is less: a fifth of what a near-optimal probe may miss.
_TO_GAIN = 0.002
# What reals against reals may show, in nats.
_TOLERATED = 0.001


def calibration(logits: HeldOut) -> Evidence:
    """The slope must be near 1, unless the right slope would gain next to nothing (where there is little to see).

    That is never below 0: logits of P = Q lie the wrong way round as often as not, and of folds that test what others
    were trained on more often, but no probe is used backwards.
    """
    real, fake = joined(logits.test_real), joined(logits.test_fake)
    found, se = slope(real, fake)
    low, high = SLOPE_RANGE
    right = max(0.0, found)
    gain = js(right * real, right * fake) - js(real, fake)
    tolerated = max(_TO_GAIN, by_chance(min(len(real), len(fake))))
    passed = low - 2 * se <= found <= high + 2 * se or gain < tolerated
    note = f"1 is calibrated; standard error {se:.2f}, the right slope would gain {gain:.4f}"
    return Evidence("calibration slope", found, high, passed, note)


# A covered mass this far above all there is, its whole interval, is no accident.
_TOO_MUCH = 1.05


def covered(logits: HeldOut, seeds: Seeds) -> Evidence:
    """Neither side may be covered by more than all of the other: the probe would be too sure of what it says."""
    real, fake = joined(logits.test_real), joined(logits.test_fake)
    found = {
        "reals": bounds.covered_mass(fake, real, seeds, "real"),
        "fakes": bounds.covered_mass(-real, -fake, seeds, "fake"),
    }
    side, (mass, low, high) = max(found.items(), key=lambda item: item[1][1])
    note = f"share of the {side} that the other side reaches, {low:.3f} to {high:.3f}; no more than all can be"
    return Evidence("covered mass", mass, _TOO_MUCH, low <= _TOO_MUCH, note)


def null(value: float, se: float, sees: float) -> Evidence:
    """Reals against reals show nothing; ``sees`` is the least that they would have shown."""
    limit = max(3 * se, _TOLERATED)
    note = f"reals against reals; 0 is the truth, and a difference below {sees:.3f} would not be noticed"
    return Evidence("null control", value, limit, value <= limit, note)
