"""Rows that repeat.

A real row on both sides of a split lets a probe remember instead of learn; fakes that repeat are a mode collapsed to a
point. Values of a discrete law repeat by nature: those that both sides have are no duplicates.
"""

from __future__ import annotations

import numpy as np

from ganprobe.inputs.artefacts import Inspected
from ganprobe.record.sources import Artefact
from ganprobe.samples.folds import discrete, row_hashes
from ganprobe.samples.sides import Hashes


def detect(inspected: Inspected) -> Artefact | None:
    """The share of each side's rows that repeat an earlier row, which the other side has not."""
    hashes = row_hashes(inspected.real, 0), row_hashes(inspected.fake, 0)
    if all(map(discrete, hashes)):
        return None
    real, fake = _repeated(*hashes), _repeated(*reversed(hashes))
    if not real and not fake:
        return None
    side = "both" if real and fake else "real" if real else "fake"
    summary = f"repeated rows: {real:.2%} of reals, {fake:.2%} of fakes"
    return Artefact("duplicates", side, summary, {"real": real, "fake": fake})


def _repeated(own: Hashes, other: Hashes) -> float:
    alone = own[~np.isin(own, other)]
    return (len(alone) - len(np.unique(alone))) / len(own)
