"""Tables that are in memory: pandas' own, and whatever gives its columns as a stream of Arrow's (polars, pyarrow).

None of their libraries is imported for it, but pyarrow where a table comes as such a stream.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import pandas as pd

from ganprobe.errors import InputError, UsageError
from ganprobe.family import did_you_mean
from ganprobe.inputs.datasets import IN_MEMORY, DataOptions
from ganprobe.inputs.datasets._frames import Frame, is_spread, kept_of, require_single

# Values of a column of objects that are looked at.
_LOOKED_AT = 1_000


def frame(samples: Any, options: DataOptions) -> Frame:
    """The rows of a table, or of one column of one, that are kept.

    Raises `InputError` for what holds no single values, `UsageError` where pyarrow is needed and not there.
    """
    if isinstance(samples, Mapping):
        named = [str(name) for name in samples][:2]
        what = f"{len(samples)} tables ({', '.join(named)}), and no word of how they belong together"
        raise UsageError(what, f"name the child and its key: child='{named[-1] if named else 'sessions'}:KEY'")
    if hasattr(samples, "collect"):
        raise UsageError("a table that is still to be computed", "give table.collect()")
    table = samples.to_frame() if hasattr(samples, "to_frame") else samples
    if not isinstance(table, pd.DataFrame):
        table = _of_arrow(table)
    odd = [str(table.columns[j]) for j in range(table.shape[1]) if _holds_many(table.iloc[:, j])]
    require_single(IN_MEMORY, odd)
    return kept_of(IN_MEMORY, table, options)


def both(samples: Any, name: str) -> tuple[Any, Any]:
    """The parent and the child called ``name`` of two tables in a mapping from their names."""
    if not isinstance(samples, Mapping) or len(samples) != 2:
        raise UsageError("child: both sides must be two tables", "give a dict: {'users': users, 'sessions': sessions}")
    if name not in samples:
        raise UsageError(f"child: no table is called {name!r}", did_you_mean(name, map(str, samples)))
    parent = next(table for key, table in samples.items() if key != name)
    return parent, samples[name]


def _of_arrow(samples: Any) -> pd.DataFrame:
    try:
        import pyarrow as pa
    except ImportError:
        what = f"a table of {type(samples).__module__.partition('.')[0]} is read by pyarrow, which is not there"
        raise UsageError(what, "pip install 'ganprobe[parquet]', or give it as a pandas DataFrame") from None
    table = pa.table(samples)
    require_single(IN_MEMORY, [field.name for field in table.schema if is_spread(field.type)])
    return cast(pd.DataFrame, table.to_pandas())


def _holds_many(column: pd.Series[Any]) -> bool:
    if pd.api.types.is_complex_dtype(column.dtype):
        raise InputError(f"column {str(column.name)[:60]!r} holds complex numbers", "give real and imaginary parts")
    if column.dtype != object:
        return False
    kinds = (list, tuple, set, dict, bytes, np.ndarray)
    return any(isinstance(value, kinds) for value in column.iloc[:_LOOKED_AT])
