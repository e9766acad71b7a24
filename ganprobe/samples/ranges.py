"""The ranges in which values are stored: [0, 1], [-1, 1], bytes, or what the data has of its own."""

from __future__ import annotations

from ganprobe.errors import UsageError
from ganprobe.samples.affine import Range
from ganprobe.samples.sides import Array, Dataset

UNIT: Range = (0.0, 1.0)
_SIGNED: Range = (-1.0, 1.0)
_BYTES: Range = (0.0, 255.0)
_OPTIONS = {"-1,1": _SIGNED, "0,1": UNIT, "0,255": _BYTES}


def of_reals(real: Dataset, option: str) -> Range | None:
    """The range of which the data's values are a part; None where there is none to speak of."""
    if real.full_range is not None:
        return real.full_range
    if real.kind == "table":
        if option in _OPTIONS:
            raise UsageError(f"--range {option} does not apply to a table", "leave it out: columns keep their units")
        return None
    if real.kind == "array" and option not in _OPTIONS:
        return None
    low, high = float(real.values.min()), float(real.values.max())
    fits = (r for r in (UNIT, _SIGNED, _BYTES) if r[0] <= low and high <= r[1])
    return next(fits, (low, high) if low < high else (low, low + 1))


def of_fakes(real_range: Range, sample: Array, implied: Range | None, option: str) -> Range:
    """The range that fakes like ``sample`` are in, where the data is in ``real_range``.

    As ``option`` says, as their file implied, or as their values show.
    """
    if option in _OPTIONS:
        return _OPTIONS[option]
    if option == "none":
        return real_range
    if implied is not None:
        return implied
    if real_range not in (UNIT, _SIGNED, _BYTES):
        # Units of the data's own (standardised, 16-bit): a generator trained on them is presumably in them too.
        return real_range
    low, high = float(sample.min()), float(sample.max())
    if high > 16:
        return _BYTES
    if low < -0.05:
        return _SIGNED
    return _BYTES if high > 2 else UNIT
