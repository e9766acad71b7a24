"""Where a data set holds something that is no number."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ganprobe.errors import InputError
from ganprobe.samples.sides import Indices, Stored


def require(path: Path, samples: Stored, rows: Indices, columns: tuple[str, ...]) -> None:
    """That all of ``samples`` ``[n, *shape]`` is finite; `InputError` with the first of ``rows`` that is not."""
    flat = samples.reshape(len(samples), -1)
    step = max(1, 2**20 // flat.shape[1])
    count, first = 0, None
    for start in range(0, len(flat), step):
        odd = ~np.isfinite(flat[start : start + step])
        if odd.any():
            count += int(odd.sum())
            if first is None:
                row, column = np.argwhere(odd)[0]
                first = f"row {rows[start + row]}, column {columns[column] if columns else column}"
    if first is not None:
        values = "1 value is" if count == 1 else f"{count} values are"
        raise InputError(
            f"{path}: {values} NaN, infinite or beyond float32; the first is {first} (counted from 0)",
            "remove or repair those rows",
        )
