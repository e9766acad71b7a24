"""Tables in memory are read as the same tables in files are, whatever library holds them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import ganprobe
from ganprobe.errors import GanprobeError, InputError, UsageError
from ganprobe.inputs import datasets
from ganprobe.inputs.datasets import IN_MEMORY, DataOptions
from ganprobe.samples.sides import Dataset

PLAIN = DataOptions()


def table(n: int, seed: int) -> pd.DataFrame:
    """Levels, rare levels, dates, dressed numbers, large ones, missing ones."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "age": np.where(rng.random(n) < 0.1, np.nan, rng.normal(40, 9, n)),
            "job": rng.choice(["clerk", "cook", "a,b"], n),
            "city": [f"city {i}" for i in rng.integers(0, 100, n)],
            "born": pd.Timestamp("1990-01-01") + pd.to_timedelta(rng.integers(0, 9000, n), "D"),
            "smoker": rng.random(n) < 0.5,
            "stamp": 1_700_000_000_000 + rng.integers(0, 10**6, n),
            "paid": ["?" if u < 0.02 else f"${u:.2f}" for u in rng.random(n)],
        }
    )


class Streamed:
    """What any library that speaks Arrow gives, polars too."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.table = pa.Table.from_pandas(frame)

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        return self.table.__arrow_c_stream__(requested_schema)


def polars(frame: pd.DataFrame) -> Any:
    return pytest.importorskip("polars").from_pandas(frame)


HELD = {
    "pandas": lambda frame: frame,
    "pandas, its own types": lambda frame: frame.convert_dtypes(),
    "pandas, categories": lambda frame: frame.astype({"job": "category", "city": "category"}),
    "pandas, another index": lambda frame: frame.set_axis(np.arange(len(frame)) * 3 + 7),
    "Arrow": pa.Table.from_pandas,
    "Arrow, a batch": pa.RecordBatch.from_pandas,
    "a stream of Arrow's": Streamed,
    "polars": polars,
}


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, Dataset]:
    folder = tmp_path_factory.mktemp("files")
    for name, seed in (("real", 0), ("fake", 1)):
        table(300, seed).to_parquet(folder / f"{name}.parquet")
    real = datasets.load(folder / "real.parquet", PLAIN)
    return datasets.coded_together(real, datasets.load_like(folder / "fake.parquet", real, PLAIN))


@pytest.mark.parametrize("how", HELD)
def test_a_table_is_read_as_its_file_is(filed: tuple[Dataset, Dataset], how: str) -> None:
    real = datasets.of_memory(HELD[how](table(300, 0)), PLAIN)
    sides = datasets.coded_together(real, datasets.load_like(IN_MEMORY, real, PLAIN, HELD[how](table(300, 1))))
    for held, file in zip(sides, filed, strict=True):
        assert held.columns == file.columns
        np.testing.assert_array_equal(held.values, file.values)
        assert held.record.content_hash == file.record.content_hash
        assert held.record.notes == file.record.notes


def test_two_tables_are_a_dict_of_them(tmp_path: Path) -> None:
    users = table(60, 0).assign(user=np.arange(60))
    visits = table(200, 1).assign(user=np.arange(200) % 60)
    for name, frame in (("users", users), ("visits", visits)):
        frame.to_parquet(tmp_path / f"{name}.parquet")
    held = datasets.of_memory({"users": users, "visits": visits}, DataOptions(child="visits:user"))
    file = datasets.load(tmp_path / "users.parquet", DataOptions(child="visits.parquet:user"))
    assert held.columns == file.columns
    np.testing.assert_array_equal(held.values, file.values)


def test_samples_of_both_sides_are_audited() -> None:
    """Levels of one side that the other never has are seen, and the record says where they came from."""
    real, fake = (
        pd.DataFrame({"x": np.arange(60) % 7, "city": [f"{side}{i % 3}" for i in range(60)]}) for side in "ab"
    )
    found = ganprobe.between(fake, real, budget="fast", probes=("logistic",), parts=("labels",))
    assert found.measurements.js is not None
    assert found.measurements.js.nats > 0.6
    assert found.measurements.data.path == found.measurements.checkpoint.path == str(IN_MEMORY)


LISTS = pd.DataFrame({"a": [[1], [2]] * 30})


@pytest.mark.parametrize(
    ("samples", "error", "says"),
    [
        (LISTS, InputError, "'a' holds lists"),
        (pa.Table.from_pandas(LISTS), InputError, "'a' holds lists"),
        (pd.DataFrame({"a": [1j] * 40}), InputError, "complex"),
        (pd.DataFrame({"a": []}), InputError, "no rows"),
        (pd.DataFrame(np.zeros((40, 2)), columns=["a", "a "]), InputError, "two columns are called 'a'"),
        ({"users": LISTS, "visits": LISTS}, UsageError, "no word of how they belong together"),
        (object(), InputError, "type object"),
    ],
    ids=["lists", "lists of Arrow", "complex", "no rows", "equal names", "two tables", "an object"],
)
def test_what_cannot_be_read_is_said(samples: Any, error: type[GanprobeError], says: str) -> None:
    with pytest.raises(error, match=says):
        datasets.of_memory(samples, PLAIN)


def test_without_pyarrow_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Streamed(table(40, 0))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match="is read by pyarrow") as caught:
        datasets.of_memory(stream, PLAIN)
    assert "pip install" in str(caught.value.hint)
    assert datasets.of_memory(np.zeros((40, 2)) + np.arange(2), PLAIN).kind == "array"
