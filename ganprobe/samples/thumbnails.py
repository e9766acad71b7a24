"""A sample as a reader can look at it: a small picture, or a few named numbers.

The record keeps these for the samples that the probe is surest about, so that a report made later, on a machine without
the data, can still show them.
"""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from ganprobe.samples import sketch
from ganprobe.samples.digits import OURS
from ganprobe.samples.sides import Array, Pair, Stored

# Longest side of a picture, in pixels, and the most numbers of a row: a dozen of either keep a record small.
_LONGEST = 64
_MOST_NUMBERS = 12


def picture(sample: Array) -> str:
    """``[channels, height, width]`` in [0, 1] as the data URI of a PNG; larger ones are made smaller."""
    levels = np.clip(np.rint(sample * 255), 0, 255).astype(np.uint8)
    image = Image.fromarray(levels[0] if len(levels) != 3 else np.moveaxis(levels, 0, -1))
    image.thumbnail((_LONGEST, _LONGEST), Image.Resampling.BOX)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"


def numbers(sample: Stored, columns: tuple[str, ...]) -> dict[str, float]:
    """The first coordinates by name, six digits each; of a column's levels only the one that the row has."""
    flat = sample.reshape(-1)
    names = columns if len(columns) == len(flat) else tuple(f"x{i}" for i in range(len(flat)))
    pairs = zip(names, flat.tolist(), strict=True)
    told = [(name, _rounded(value)) for name, value in pairs if name.partition("=")[2] not in OURS]
    # A number that a level stands in for (age=missing) is none of the file, and neither is a level's code.
    instead = {name.partition("=")[0] for name, value in told if "=" in name and value}
    kept = [(name, value) for name, value in told if (name not in instead if "=" not in name else value)]
    return dict(kept[:_MOST_NUMBERS])


def _rounded(value: float) -> float:
    """Six digits, and all before the point."""
    return float(f"{value:.6g}") if abs(value) < 1e6 else float(round(value, 3))


def shown(side: Array, row: int, pair: Pair) -> tuple[str | None, dict[str, float]]:
    """``row`` of a ``side`` of ``pair``: its picture where it is one, else its numbers."""
    if sketch.is_pictures(pair):
        return picture(sketch.full(side)(slice(row, row + 1))[0]), {}
    sample = side[row] if pair.gauge is None else pair.gauge.filed(side[row])
    return None, numbers(sample, pair.columns)
