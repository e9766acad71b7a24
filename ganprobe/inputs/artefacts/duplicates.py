"""Rows that repeat.

A real row on both sides of a split lets a probe remember instead of learn; fakes that repeat are a mode collapsed to a
point.
"""

from __future__ import annotations

import numpy as np

from ganprobe.inputs.artefacts import Inspected
from ganprobe.record.sources import Artefact
from ganprobe.samples.folds import row_hashes
from ganprobe.samples.sides import Array


def detect(inspected: Inspected) -> Artefact | None:
    """The share of each side's rows that repeat an earlier row."""
    real, fake = _repeated(inspected.real), _repeated(inspected.fake)
    if not real and not fake:
        return None
    side = "both" if real and fake else "real" if real else "fake"
    summary = f"repeated rows: {real:.2%} of reals, {fake:.2%} of fakes"
    return Artefact("duplicates", side, summary, {"real": real, "fake": fake})


def _repeated(values: Array) -> float:
    return 1 - len(np.unique(row_hashes(values, 0))) / len(values)
