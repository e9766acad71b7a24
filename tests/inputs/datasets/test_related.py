"""Two tables by a key: what there is of each parent's children, whatever order they stand in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ganprobe.errors import InputError, UsageError
from ganprobe.inputs import datasets
from ganprobe.inputs.datasets import DataOptions
from ganprobe.samples.sides import Array, Dataset

BY_USER = DataOptions(child="visits.csv:user")
USERS = pd.DataFrame({"user": [*"abcdefghijkl"], "age": np.arange(20.0, 32.0)})


def visits(seed: int = 0, n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "user": rng.choice([*"abcdefghijk"], n),  # nobody visits as l
            "paid": rng.integers(0, 50, n) + 2**40,
            "by": rng.choice(["foot", "bus"], n),
            "day": [f"2024-01-{day:02}" for day in rng.integers(1, 29, n)],
        }
    )


def write(folder: Path, users: pd.DataFrame, theirs: pd.DataFrame) -> Path:
    folder.mkdir()
    users.to_csv(folder / "users.csv", index=False)
    theirs.to_csv(folder / "visits.csv", index=False)
    return folder / "users.csv"


def column(data: Dataset, name: str) -> Array:
    return data.values[:, data.columns.index(name)]


@pytest.fixture
def real(tmp_path: Path) -> Dataset:
    return datasets.load(write(tmp_path / "real", USERS, visits()), BY_USER)


def test_of_each_parent_numbers_spread_and_words_have_shares(real: Dataset) -> None:
    assert real.record.n == len(USERS)
    assert real.gauge is not None
    filed = dict(zip(real.columns, real.gauge.filed(real.values).T, strict=True))
    groups = visits().groupby("user")
    some = [*groups.groups]
    at = [[*USERS["user"]].index(user) for user in some]
    for name, statistic in {"mean": "mean", "least": "min", "greatest": "max"}.items():
        np.testing.assert_allclose(filed[f"{name} visits.paid"][at], groups["paid"].agg(statistic), atol=1e-3)
    np.testing.assert_allclose(filed["sd visits.paid"][at], groups["paid"].std(ddof=0), rtol=1e-5)
    np.testing.assert_array_equal(filed["visits rows"][at], groups.size())
    np.testing.assert_allclose(
        filed["share of visits.by bus"][at], groups["by"].agg(lambda by: (by == "bus").mean()), rtol=1e-6
    )
    assert "user" not in real.columns


def test_who_has_no_children_has_the_median_of_all_and_no_spread(real: Dataset) -> None:
    lonely = len(USERS) - 1
    assert column(real, "visits rows")[lonely] == 0
    assert column(real, "sd visits.paid")[lonely] == 0
    assert real.gauge is not None
    mean = real.gauge.filed(real.values)[lonely, real.columns.index("mean visits.paid")]
    assert mean == pytest.approx(visits()["paid"].median(), abs=1)


def test_the_order_of_the_rows_says_nothing(tmp_path: Path) -> None:
    rare = visits(n=300).assign(city=[f"city {i}" for i in np.random.default_rng(1).integers(0, 200, 300)])
    one, other = (
        datasets.load(write(tmp_path / str(seed), USERS, rare.sample(frac=1, random_state=seed)), BY_USER)
        for seed in (0, 1)
    )
    assert "visits.city=code" in one.columns
    np.testing.assert_allclose(one.values, other.values, rtol=1e-6)


def test_words_of_both_sides_are_coded_together(tmp_path: Path, real: Dataset) -> None:
    path = write(tmp_path / "fake", USERS, visits(1).assign(by="train"))
    again, fake = datasets.coded_together(real, datasets.load_like(path, real, BY_USER))
    assert again.columns == fake.columns
    assert not column(again, "share of visits.by train").any()
    assert set(column(fake, "share of visits.by train")) == {0, 1}
    np.testing.assert_array_equal(column(again, "age"), column(real, "age"))


def test_keys_may_be_called_differently_and_rows_without_a_parent_are_said(tmp_path: Path) -> None:
    theirs = visits().rename(columns={"user": "who"}).assign(who=lambda t: t["who"].where(t.index > 5, "nobody"))
    path = write(tmp_path / "real", USERS, theirs)
    data = datasets.load(path, DataOptions(child="visits.csv:user=who"))
    assert column(data, "visits rows").sum() == 54
    (changed,) = [artefact for artefact in data.found if artefact.name == "changed"]
    assert changed.evidence["share"] == pytest.approx(0.1)


def test_a_table_of_keys_alone_still_counts(tmp_path: Path) -> None:
    data = datasets.load(write(tmp_path / "real", USERS, visits()[["user"]]), BY_USER)
    assert data.columns == ("age", "visits rows")


def test_a_limit_is_one_on_parents(tmp_path: Path) -> None:
    path = write(tmp_path / "real", USERS, visits())
    whole, few = (datasets.load(path, DataOptions(child="visits.csv:user", limit=n)) for n in (None, 5))
    assert few.rows is not None
    np.testing.assert_array_equal(column(few, "visits rows"), column(whole, "visits rows")[few.rows])


@pytest.mark.parametrize(
    ("child", "error", "says"),
    [
        ("visits.csv", UsageError, "not of the form TABLE:KEY"),
        ("vists.csv:user", UsageError, "no file .*vists.csv"),
        ("visits.csv:usr", UsageError, "no column 'usr' in the data"),
        ("visits.csv:user=who", UsageError, "no column 'who' in visits.csv"),
        ("visits.csv:user=by", InputError, "no row of visits.csv .* names a user"),
        ("visits.csv:age=by", InputError, "no row of visits.csv"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, child: str, error: type[Exception], says: str) -> None:
    path = write(tmp_path / "real", USERS, visits())
    with pytest.raises(error, match=says):
        datasets.load(path, DataOptions(child=child))


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "real", pd.concat([USERS, USERS[:1]]), visits())
    with pytest.raises(InputError, match="stands twice"):
        datasets.load(path, BY_USER)


def test_ignored_columns_are_of_either_table(tmp_path: Path) -> None:
    path = write(tmp_path / "real", USERS, visits())
    data = datasets.load(path, DataOptions(child="visits.csv:user", ignore=("age", "paid")))
    assert not any("age" in name or "paid" in name for name in data.columns)
    with pytest.raises(UsageError, match="no such column"):
        datasets.load(path, DataOptions(child="visits.csv:user", ignore=("height",)))
