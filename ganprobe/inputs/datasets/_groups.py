"""Rows that depend on each other: what says so is a column of a table, which is no part of the samples, or a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ganprobe.errors import InputError, UsageError
from ganprobe.family import did_you_mean
from ganprobe.samples.sides import Dataset, Indices

if TYPE_CHECKING:
    import pandas as pd

    from ganprobe.inputs.datasets import DataOptions


def apart(path: Path, frame: pd.DataFrame, options: DataOptions) -> tuple[pd.DataFrame, Indices | None]:
    """The columns that are samples, and the number of each row's group; a row that names none is one of its own.

    `UsageError` where the data has no such column; of the fakes none is asked.
    """
    column = options.group_column
    if column is None or (column not in frame and options.like is not None):
        return frame, None
    if column not in frame:
        raise UsageError(f"--group {column}: no such column in {path}", did_you_mean(column, map(str, frame)))
    import pandas as pd

    codes = pd.factorize(frame[column])[0].astype(np.int64)
    codes[codes < 0] = -1 - np.arange(int((codes < 0).sum()))
    return frame.drop(columns=column), codes


def completed(path: Path, dataset: Dataset, options: DataOptions) -> Dataset:
    """``dataset`` with the groups of the rows that were read, where a file names them.

    `InputError` where it names more or fewer than there are.
    """
    if options.groups is None or dataset.rows is None:
        return dataset
    n, most = len(options.groups), int(dataset.rows.max()) + 1
    if n < most or (len(dataset.rows) == most < n):
        hint = "give one whole number for each sample, in its order"
        raise InputError(f"{path}: --group names {n} rows, and there are {most}", hint)
    return replace(dataset, groups=options.groups[dataset.rows])
