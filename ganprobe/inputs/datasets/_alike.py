"""Whether two data sets hold the same kind of sample."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

from ganprobe.errors import InputError
from ganprobe.samples.sides import Dataset, Kind


def fitted(path: Path, fake: Dataset, real: Dataset) -> Dataset:
    """``fake``, from ``path``, with samples in the shape of ``real``; raises `InputError` where they differ."""
    if (fake.kind == "table") != (real.kind == "table"):
        raise InputError(f"{path} is {_a(fake.kind)}, the data is {_a(real.kind)}", "give both in the same form")
    if fake.record.shape == real.record.shape:
        return replace(fake, kind=real.kind)
    if _core(fake.record.shape) != _core(real.record.shape) and fake.record.shape != (math.prod(real.record.shape),):
        raise InputError(
            f"{path}: a sample has shape {_times(fake.record.shape)}, in the data {_times(real.record.shape)}",
            "both sides must hold the same kind of sample",
        )
    values = fake.values.reshape(-1, *real.record.shape)
    note = f"reshaped from {_times(fake.record.shape)} to {_times(real.record.shape)}"
    record = replace(fake.record, kind=real.kind, shape=real.record.shape, notes=(*fake.record.notes, note))
    return replace(fake, values=values, kind=real.kind, record=record)


def _core(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(size for size in shape if size != 1)


def _times(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "1"


def _a(kind: Kind) -> str:
    return {"image": "pictures", "array": "an array", "table": "a table"}[kind]
