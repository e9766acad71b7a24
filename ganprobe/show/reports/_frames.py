"""Audits as pandas DataFrames, for notebooks.

A column is called as the path of its value in the JSON record: ``js.nats``, ``support.real_covered``. So whatever the
record has, a frame has, and nothing is said twice. pandas is imported when a frame is asked for, and not before.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Literal, get_args

from ganprobe.errors import UsageError
from ganprobe.family import did_you_mean
from ganprobe.record.audit import Audit
from ganprobe.record.history import History
from ganprobe.store import archive

if TYPE_CHECKING:
    from pandas import DataFrame

Rows = Literal["checkpoints", "probes", "views", "findings", "distances", "divergences", "differences"]

# What every row of a part says of the audit that it is from.
_FROM = (("checkpoint", "path"), ("checkpoint", "step"))


def frame(source: Audit | History | Sequence[Audit], rows: Rows = "checkpoints") -> DataFrame:
    """What ``source`` says as a DataFrame of the record's plain values, those that were not measured missing.

    ``rows`` says what a row is: a checkpoint, or one of its probes, views, findings, distances or divergences, beside
    ``checkpoint.path`` and ``checkpoint.step``; or one of the differences of a history, whose ``before`` and ``now``
    are positions among its checkpoints. Views have their whole name with settings as ``label``. Raises `UsageError`
    where there are no such rows.
    """
    import pandas as pd

    if rows not in get_args(Rows):
        raise UsageError(f"no frame has the rows {rows!r}", did_you_mean(rows, get_args(Rows)))
    if rows == "differences":
        if not isinstance(source, History):
            raise UsageError("only a history has differences", "ganprobe.compare(audits) makes one")
        return pd.DataFrame([asdict(change) for change in source.record.differences])
    audits = source.audits if isinstance(source, History) else (source,) if isinstance(source, Audit) else source
    documents = [json.loads(archive.to_json(audit)) for audit in audits]
    if rows == "checkpoints":
        return _plain(pd.json_normalize(documents))
    for audit, document in zip(audits, documents, strict=True):
        for view, row in zip(audit.measurements.views, document["views"], strict=True):
            row["label"] = view.label
    return _plain(pd.json_normalize(documents, rows, [[*path] for path in _FROM]))


def _plain(wide: DataFrame) -> DataFrame:
    """Without lists, and without the name of a part where its values stand beside it."""

    def keep(name: str) -> bool:
        listed = wide[name].map(lambda cell: isinstance(cell, list)).any()
        return not listed and not any(other.startswith(f"{name}.") for other in wide.columns)

    return wide[[name for name in wide.columns if keep(name)]]
