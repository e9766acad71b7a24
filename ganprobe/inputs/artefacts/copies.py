"""Fakes that equal a real bit for bit: memorised training rows, or the data itself given as fakes.

Where rows repeat by nature (tables of few categories) a fresh real would equal another real too; that share is what
copies are held against.
"""

from __future__ import annotations

import numpy as np

from ganprobe.inputs.artefacts import Inspected
from ganprobe.record.sources import Artefact
from ganprobe.samples.folds import row_hashes


def detect(inspected: Inspected) -> Artefact | None:
    """The share of fakes equal to some real, where it exceeds the share of reals equal to another real."""
    if inspected.real.shape[1:] != inspected.fake.shape[1:]:
        return None
    hashes, counts = np.unique(row_hashes(inspected.real, 0), return_counts=True)
    copied = float(np.isin(row_hashes(inspected.fake, 0), hashes).mean())
    natural = float(counts[counts > 1].sum() / counts.sum())
    spread = np.sqrt(natural * (1 - natural) * (1 / len(inspected.real) + 1 / len(inspected.fake)))
    if copied <= natural + 4 * spread:
        return None
    summary = f"{copied:.2%} of fakes equal a real row exactly"
    return Artefact("copies", "fake", summary, {"share": copied, "natural": natural})
