"""Long tables: rows of one key are one sample, and how many there are is a part of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ganprobe.errors import UsageError
from ganprobe.inputs import datasets
from ganprobe.inputs.datasets import DataOptions
from ganprobe.samples.sides import Dataset

BY_USER = DataOptions(sequence_key="user,day")


def long(lengths: list[int], seed: int = 0) -> pd.DataFrame:
    """One row a day of each user, shuffled."""
    rng = np.random.default_rng(seed)
    rows = [(f"u{u}", day, 100 * u + day, "ab"[day % 2]) for u, n in enumerate(lengths) for day in range(n)]
    table = pd.DataFrame(rows, columns=["user", "day", "amount", "kind"])
    return table.sample(frac=1, random_state=int(rng.integers(99)))


def read(path: Path, table: pd.DataFrame, like: Dataset | None = None) -> Dataset:
    table.to_csv(path, index=False)
    return datasets.load(path, BY_USER) if like is None else datasets.load_like(path, like, BY_USER)


def test_rows_of_a_key_are_one_sample_in_order_and_lengths_are_seen(tmp_path: Path) -> None:
    lengths = [3, 5, 4, 5, 1, 2, 5, 5]
    data = read(tmp_path / "x.csv", long(lengths))
    assert (data.kind, data.values.shape) == ("array", (8, 5, 4))
    np.testing.assert_array_equal(data.values[:, :, -1].sum(1), lengths)
    for u, n in enumerate(lengths):
        np.testing.assert_array_equal(data.values[u, :n, 0], 100 * u + np.arange(n))
        assert (data.values[u, n:] == 0).all()
    assert data.record.notes[0] == "8 sequences of 1 to 5 rows"
    assert any("amount, kind=a, kind=b, whether there is a row" in note for note in data.record.notes)


def test_fakes_are_as_long_as_the_reals_can_be(tmp_path: Path) -> None:
    real = read(tmp_path / "x.csv", long([3, 5, 4] * 3))
    fake = read(tmp_path / "y.csv", long([2, 8]), real)
    assert fake.values.shape == (2, 5, 4)
    assert [(artefact.name, artefact.side) for artefact in fake.found] == [("changed", "fake")]


def test_timestamps_within_sequences_keep_their_digits(tmp_path: Path) -> None:
    table = long([4] * 6)
    data = read(tmp_path / "x.csv", table.assign(amount=table["amount"] + 2**60))
    assert data.gauge is not None
    assert len(np.unique(data.values[:, :, 0])) == 24


def test_a_limit_is_one_on_sequences(tmp_path: Path) -> None:
    long([3] * 40).to_csv(tmp_path / "x.csv", index=False)
    data = datasets.load(tmp_path / "x.csv", DataOptions(sequence_key="user,day", limit=7))
    assert data.values.shape == (7, 3, 4)
    assert (data.values[:, :, -1] == 1).all()


def test_columns_that_are_not_there(tmp_path: Path) -> None:
    long([3] * 9).to_csv(tmp_path / "x.csv", index=False)
    np.save(tmp_path / "x.npy", np.zeros((9, 2)))
    for name, options in (
        ("x.csv", DataOptions(sequence_key="usr")),
        ("x.csv", DataOptions(ignore=("amuont",))),
        ("x.npy", BY_USER),
        ("x.npy", DataOptions(ignore=("user",))),
    ):
        with pytest.raises(UsageError):
            datasets.load(tmp_path / name, options)
    kept = datasets.load(tmp_path / "x.csv", DataOptions(ignore=("user", "kind")))
    assert kept.columns == ("day", "amount")


def test_words_of_both_sides_are_coded_together(tmp_path: Path) -> None:
    real = read(tmp_path / "x.csv", long([4] * 12))
    fake = read(tmp_path / "y.csv", long([4] * 12, 1).replace("b", "c"), real)
    real, fake = datasets.coded_together(real, fake)
    assert real.values.shape == fake.values.shape == real.values.shape[:1] + real.record.shape
    assert any("kind=a, kind=b, kind=c, whether" in note for note in real.record.notes)
    assert not np.array_equal(real.values[:, :, 2:4], fake.values[:, :, 2:4])


def test_groups_are_those_of_sequences(tmp_path: Path) -> None:
    table = long([3] * 8)
    table.assign(team=table["user"].str[1:].astype(int) // 2).to_csv(tmp_path / "x.csv", index=False)
    data = datasets.load(tmp_path / "x.csv", DataOptions(sequence_key="user,day", group_column="team"))
    assert data.groups is not None
    np.testing.assert_array_equal(np.diff(data.groups) != 0, [False, True] * 3 + [False])
    assert not any("team" in note for note in data.record.notes)
