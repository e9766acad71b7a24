"""Ranges that differ: fakes in [-1, 1] against data in 0..255, or fakes where no real value lies."""

from __future__ import annotations

import numpy as np

from ganprobe.inputs.artefacts import Inspected
from ganprobe.record.sources import Artefact
from ganprobe.samples.sides import Array, Floats

# Of m fakes of the reals' own law about 2m / (n + 1) lie outside n reals; a hundredth more is not chance.
_TOLERATED = 0.01
# Nor are ten rows more.
_ROWS = 10
# Fakes that span less than this share of the reals' span are in other units, not merely less varied.
_OTHER_UNITS = 0.25


def detect(inspected: Inspected) -> Artefact | None:
    """The share of fake values outside the range of the reals, and of one range in the other."""
    return _of_columns(inspected) if inspected.kind == "table" else _of_all(inspected)


def _of_all(inspected: Inspected) -> Artefact | None:
    real, fake = inspected.real, inspected.fake
    low, high = inspected.real_range or (float(real.min()), float(real.max()))
    fake_low, fake_high = float(fake.min()), float(fake.max())
    outside = float(((fake < low) | (fake > high)).mean())
    narrow = fake_high - fake_low < _OTHER_UNITS * (high - low)
    # Where tails are heavy one law's samples end far apart, but few rows are in between.
    narrow = narrow and _rows_outside(real, fake_low, fake_high) > _ROWS / len(fake)
    # Between values of many coordinates, chance outside the reals is far below one sample's worth.
    if outside <= _TOLERATED and not narrow:
        return None
    digits = 4
    if inspected.gauge is not None:  # the ends of what stands in the files
        digits, sides = 10, (inspected.gauge.filed(real), inspected.gauge.filed(fake))
        (low, high), (fake_low, fake_high) = ((float(side.min()), float(side.max())) for side in sides)
    return Artefact(
        "range",
        "fake",
        f"the data is in [{low:.{digits}g}, {high:.{digits}g}], "
        f"fakes are in [{fake_low:.{digits}g}, {fake_high:.{digits}g}]",
        {"real": [low, high], "fake": [fake_low, fake_high], "outside": outside, "rescaled": inspected.rescaled},
    )


def _rows_outside(values: Array, low: float, high: float) -> float:
    """The share of rows with a value outside."""
    return float(((values < low) | (values > high)).reshape(len(values), -1).any(1).mean())


def _of_columns(inspected: Inspected) -> Artefact | None:
    outside = np.where(inspected.is_level, 0.0, _outside(inspected.real, inspected.fake))
    beyond = np.flatnonzero(outside > _TOLERATED + _ROWS / len(inspected.real))
    if not len(beyond):
        return None
    worst = beyond[np.argmax(outside[beyond])]
    return Artefact(
        "range",
        "fake",
        f"{outside[worst]:.1%} of the fakes are outside the reals' range of {inspected.named(int(worst))}",
        {"columns": [inspected.named(int(j)) for j in beyond], "outside": [float(outside[j]) for j in beyond]},
    )


def _outside(real: Array, fake: Array) -> Floats:
    return np.asarray(((fake < real.min(0)) | (fake > real.max(0))).mean(0), np.float64)
