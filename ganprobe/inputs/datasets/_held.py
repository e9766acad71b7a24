"""Numbers of any type as float32, by the gauge of the reals; what is lost all the same is said."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from ganprobe.inputs.datasets import DataOptions, Rows
from ganprobe.record.sources import Artefact
from ganprobe.samples.gauge import Gauge, gauge_of, merged
from ganprobe.samples.sides import Kind, Stored

# Numbers that are converted at once.
_BLOCK = 2**22
# Rows, and columns, in which values are looked for that become equal.
_ROWS, _COLUMNS = 5_000, 512
# Of the distinct values of a column, more than chance brings together in 24 bits.
_MOST_MERGED = 0.01


def hold(
    path: Path, samples: Stored, rows: Rows, kind: Kind, options: DataOptions
) -> tuple[Stored, Gauge | None, tuple[str, ...], tuple[Artefact, ...]]:
    """The kept rows of ``samples`` ``[n, *shape]`` as bytes or float32, their gauge, what to say of it, what was lost.

    Reals get the gauge that they need, what is read like them theirs.
    """
    few = _few(samples, rows)
    if options.like is None:
        gauge = gauge_of(few, one_for_all=kind == "image")
    else:
        gauge = _theirs(options.like.gauge, samples.shape[1:])
    values = np.empty((len(rows.kept), *samples.shape[1:]), np.uint8 if samples.dtype == np.uint8 else np.float32)
    step = max(1, _BLOCK // max(1, few[0].size))
    with np.errstate(over="ignore"):  # what float32 cannot hold is infinite, and refused with its place
        for start in range(0, len(values), step):
            # Mapped anew for each block: pages that were read would otherwise stay, and add up to the whole file.
            source = np.load(path, mmap_mode="r", allow_pickle=False) if isinstance(samples, np.memmap) else samples
            block = source[rows.kept[start : start + step]]
            values[start : start + step] = block if gauge is None else gauge.held(block)
    side = "real" if options.like is None else "fake"
    return values, gauge, said(gauge, ()), losses(few, gauge, side, ())


def _theirs(gauge: Gauge | None, shape: tuple[int, ...]) -> Gauge | None:
    """The gauge of the reals for samples of ``shape``; of another size they are refused later, by their shape."""
    return gauge.shaped(shape) if gauge is not None and gauge.zero.size in (1, math.prod(shape)) else None


def said(gauge: Gauge | None, columns: tuple[str, ...]) -> tuple[str, ...]:
    """In words, what a gauge does."""
    if gauge is None:
        return ()
    notes = []
    moved = np.flatnonzero(gauge.zero.reshape(-1))
    if len(moved):
        where = (
            ", ".join(columns[j] for j in moved[:3]) if columns else f"{len(moved)} of {gauge.zero.size} coordinates"
        )
        notes.append(f"a middle value subtracted in float64, or float32 would lose digits: {where}")
    if (gauge.unit != 1).any():
        units = ", ".join(f"{unit:g}" for unit in np.unique(gauge.unit[gauge.unit != 1])[:3])
        notes.append(f"divided by {units}, whose squares float32 does not hold: noise and distances are in that unit")
    return tuple(notes)


def losses(values: Stored, gauge: Gauge | None, side: str, columns: tuple[str, ...]) -> tuple[Artefact, ...]:
    """The columns of ``values`` ``[n, *shape]`` whose distinct values become equal by being held, if there are any."""
    if values.dtype.itemsize < 4 or not np.isfinite(values).all():
        return ()
    width = values[0].size
    step = max(1, width // _COLUMNS)
    with np.errstate(over="ignore"):
        held = (values if gauge is None else gauge.held(values)).astype(np.float32)
    shares = merged(values.reshape(len(values), -1)[:, ::step], held.reshape(len(values), -1)[:, ::step])
    lossy = np.flatnonzero(shares > _MOST_MERGED)
    if not len(lossy):
        return ()
    worst = int(lossy[np.argmax(shares[lossy])])
    name = columns[worst] if columns else f"coordinate {worst * step + 1}"
    summary = (
        f"{shares[worst]:.0%} of the distinct values of {name} become equal in float32, in which both sides are held"
    )
    evidence = {"columns": [columns[j] if columns else int(j) * step for j in lossy], "share": float(shares[worst])}
    return (Artefact("merged", side, summary, evidence),)


def _few(samples: Stored, rows: Rows) -> Stored:
    """Enough rows to read a gauge from, and to look for losses in; evenly spaced among those that are kept."""
    width = max(1, int(np.prod(samples.shape[1:])))
    n = max(200, min(_ROWS, _BLOCK // width))
    return np.asarray(samples[rows.kept[:: max(1, len(rows.kept) // n)]])
