"""Coordinates that never vary on one side: black borders, columns that the generator has given up."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ganprobe.inputs.artefacts import Inspected
from ganprobe.record.sources import Artefact
from ganprobe.samples.sides import Array


def detect(inspected: Inspected) -> Artefact | None:
    """How many coordinates are constant on each side, and in how many only one side is."""
    if inspected.real.shape[1:] != inspected.fake.shape[1:]:
        return None
    real, fake = _constant(inspected.real), _constant(inspected.fake)
    differs = real != fake
    if not differs.any():
        return None
    side = "both" if (differs & real).any() and (differs & fake).any() else "real" if (differs & real).any() else "fake"
    named = [inspected.named(int(j)) for j in np.flatnonzero(differs)] if inspected.kind == "table" else []
    what = ", ".join(named[:3]) + (", ..." if len(named) > 3 else "") if named else f"{differs.sum()} coordinates"
    return Artefact(
        "constant",
        side,
        f"constant on one side only: {what}",
        {"real": int(real.sum()), "fake": int(fake.sum()), "one_side": int(differs.sum()), "columns": named},
    )


def _constant(values: Array) -> npt.NDArray[np.bool_]:
    """Whether each coordinate holds a single value, ``[width]``."""
    rows = values.reshape(len(values), -1)
    return np.asarray(rows.min(0) == rows.max(0))
