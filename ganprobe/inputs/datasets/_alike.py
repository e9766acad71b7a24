"""Whether two data sets hold the same kind of sample, and two tables the same columns."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ganprobe.errors import InputError
from ganprobe.samples.sides import Dataset, Kind

if TYPE_CHECKING:
    import pandas as pd

    from ganprobe.inputs.datasets._schema import Part


def fitted(path: Path, fake: Dataset, real: Dataset) -> Dataset:
    """``fake``, from ``path``, with samples in the shape of ``real``; raises `InputError` where they differ."""
    if (fake.kind == "table") != (real.kind == "table"):
        raise InputError(f"{path} is {_a(fake.kind)}, the data is {_a(real.kind)}", "give both in the same form")
    if fake.record.shape == real.record.shape:
        return replace(fake, kind=real.kind)
    if _core(fake.record.shape) != _core(real.record.shape) and fake.record.shape != (math.prod(real.record.shape),):
        turned = (fake.record.n,) == real.record.shape and len(fake.record.shape) == 1
        raise InputError(
            f"{path}: a sample has shape {_times(fake.record.shape)}, in the data {_times(real.record.shape)}",
            "samples lie along the second axis: save x.T" if turned else "both sides must hold the same kind of sample",
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


def columns(path: Path, table: pd.DataFrame, like: Part) -> tuple[str, ...]:
    """What is to be said of the columns beside those of the reals, all of which must be there."""
    own = [name for name, reader in like.readers.items() if not reader.beside]
    missing = [name for name in own if name not in table]
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        shown = ", ".join(repr(name[:60]) for name in missing[:3])
        raise InputError(f"{path}: no column {shown}{more}", _mending(table, like, missing))
    notes: list[str] = []
    extra = [str(name) for name in table if name not in like.readers and name not in like.ignored]
    if extra:
        notes.append(f"columns that the data lacks were ignored: {listed(extra)}")
    empty = [name for name in own if table[name].isna().all()]
    if empty:
        notes.append(f"columns without a value: {listed(empty)}")
    if [name for name in table if name in own] != own:
        notes.append("columns put in the data's order, by name")
    return tuple(notes)


def _mending(table: pd.DataFrame, like: Part, missing: list[str]) -> str:
    """What to do about columns of the data that a table lacks."""
    if [*table] == [str(i) for i in range(table.shape[1])]:
        return f"it has no header, and the data has: write {','.join(like.readers)[:60]} above its first line"
    if [*like.readers] == [str(i) for i in range(len(like.readers))]:
        return "the data has no header: write the names of the columns above its first line"
    if len(missing) < len(like.readers):
        return f"the data has it: write it in the fakes too, or leave it out: --ignore {missing[0][:60]}"
    return "the data has it: name the columns alike, in the first line of both files"


def listed(names: list[str]) -> str:
    """At most five names, and how many more there are."""
    shown = ", ".join(name[:40] for name in names[:5])
    return shown + (f" and {len(names) - 5} more" if len(names) > 5 else "")
