from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ganprobe.errors import InputError, ResourceError
from ganprobe.inputs import datasets
from ganprobe.inputs.datasets import DataOptions, tables
from ganprobe.inputs.datasets._columns import form
from ganprobe.plan import Plan
from ganprobe.samples.digits import whole_columns
from ganprobe.samples.sides import Array, Dataset, Pair

SHARED = Path(__file__).parents[4] / "shared" / "data"


def frame(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    days = rng.integers(0, 9000, n)
    return pd.DataFrame(
        {
            "age": np.where(rng.random(n) < 0.1, np.nan, rng.normal(40, 9, n)),
            "children": rng.integers(0, 5, n),
            "job": rng.choice(["clerk", "cook", "a,b"], n),
            "code": rng.choice(["007", "012", "A3"], n),
            "born": (pd.Timestamp("1990-01-01") + pd.to_timedelta(days, "D")).strftime("%Y-%m-%d"),
            "joined": (pd.Timestamp("1990-01-01") + pd.to_timedelta(days, "D")).strftime("%d/%m/%Y"),
            "id": [f"u{seed}-{i}" for i in range(n)],
            "smoker": rng.random(n) < 0.5,
            "score": ["?" if u < 0.02 else str(int(100 * u)) for u in rng.random(n)],
        }
    )


def load(path: Path, **options: object) -> Dataset:
    return datasets.load(path, DataOptions(**options))  # type: ignore[arg-type]


def column(dataset: Dataset, name: str) -> Array:
    return dataset.values[:, dataset.columns.index(name)]


@pytest.fixture
def real(tmp_path: Path) -> Dataset:
    frame(400, 1).to_csv(tmp_path / "real.csv", index=False)
    return load(tmp_path / "real.csv")


def test_each_type_is_encoded_as_it_should(real: Dataset) -> None:
    table = frame(400, 1)
    assert real.kind == "table"
    assert real.record.shape == (len(real.columns),)
    missing = table["age"].isna().to_numpy()
    np.testing.assert_allclose(column(real, "age")[~missing], table["age"][~missing], rtol=1e-6)
    np.testing.assert_allclose(column(real, "age")[missing], table["age"].median(), rtol=1e-6)
    np.testing.assert_array_equal(column(real, "age=missing"), missing)
    np.testing.assert_array_equal(column(real, "children"), table["children"])
    np.testing.assert_array_equal(column(real, "smoker"), table["smoker"])
    np.testing.assert_array_equal(column(real, "job=clerk"), table["job"] == "clerk")
    np.testing.assert_array_equal(column(real, "code=007"), table["code"] == "007")
    np.testing.assert_array_equal(column(real, "score=missing"), table["score"] == "?")
    assert "children=missing" not in real.columns
    days = (pd.to_datetime(table["born"]) - pd.Timestamp("1970-01-01")).dt.days
    np.testing.assert_array_equal(column(real, "born"), days)
    np.testing.assert_array_equal(column(real, "joined"), days)
    assert any("dates" in note and "born, joined" in note for note in real.record.notes)


def test_columns_that_only_count_or_name_the_rows_are_left_out_on_both_sides(tmp_path: Path) -> None:
    n = 300
    rows = pd.DataFrame({"number": range(17, 17 + n), "user_id": [f"u-{i}" for i in range(n)], "x": np.arange(n) % 7})
    rows.to_csv(tmp_path / "real.csv", index=False)
    rows.drop(columns=["number"]).assign(user_id="same").to_csv(tmp_path / "fake.csv", index=False)
    for options in (DataOptions(), DataOptions(limit=40)):
        real = datasets.load(tmp_path / "real.csv", options)
        assert real.columns == ("x",)
        assert "columns that only count or name the rows left out: number, user_id" in real.record.notes
        assert datasets.load_like(tmp_path / "fake.csv", real, DataOptions()).columns == ("x",)
    rows[["number"]].to_csv(tmp_path / "real.csv", index=False)
    with pytest.raises(InputError, match="only counts or names"):
        load(tmp_path / "real.csv")


def test_text_that_differs_in_each_row_is_read_by_its_form_and_said_to_be(tmp_path: Path) -> None:
    n = 60
    mail = [f"{'ann' if i % 2 else 'Robert'}.lee{i}@mail.com" for i in range(n)]
    pd.DataFrame({"mail": mail, "x": range(n)}).assign(x=1.5).to_csv(tmp_path / "real.csv", index=False)
    pd.DataFrame({"mail": [f"q{i:05}z" for i in range(n)], "x": 1.5}).to_csv(tmp_path / "fake.csv", index=False)
    real = load(tmp_path / "real.csv")
    assert any("by its form alone: mail" in note for note in real.record.notes)
    assert [(a.name, a.evidence) for a in real.found] == [("form", {"columns": ["mail"]})]
    both = tables.coded_together(real, datasets.load_like(tmp_path / "fake.csv", real, DataOptions()))
    told = {name: (a.mean(), b.mean()) for name, a, b in zip(both[0].columns, *(s.values.T for s in both), strict=True)}
    assert told["mail=x4"] == (0, 1)
    assert told["mail=a2.x4@a4.a2"][0] == pytest.approx(0.4, abs=0.1)


def test_text_that_seldom_repeats_has_its_first_and_its_last_letter(tmp_path: Path) -> None:
    """Where fakes are a table: a generator has no text to take them from. Words that repeat are counted whole."""
    names = [f"{'AbcD'[i % 4]}{i:04}{'xy'[i % 2]}" for i in range(600)]
    table = pd.DataFrame({"name": names, "job": ["clerk", "cook", "smith"] * 200})
    table.to_csv(tmp_path / "real.csv", index=False)
    table.assign(name=[f"A{name[1:]}" for name in names]).to_csv(tmp_path / "fake.csv", index=False)
    real = load(tmp_path / "real.csv")
    assert not any("[0]" in column for column in real.columns)
    both = tables.coded_together(real, datasets.load_like(tmp_path / "fake.csv", real, DataOptions()))
    letters = [i for i, name in enumerate(both[0].columns) if name.endswith("]=code")]
    assert [both[0].columns[i] for i in letters][:2] == ["name[0]=code", "name[-1]=code"]
    assert [[len(np.unique(side.values[:, i])) for side in both] for i in letters][:2] == [[4, 1], [2, 2]]


def test_codes_of_one_length_have_the_places_that_vary_least(tmp_path: Path) -> None:
    """The version of a UUID stands at its 15th place; marks between and places that any letter fills are none."""
    tokens = [f"{hashlib.sha256(str(i).encode()).hexdigest()[:13]}-4{i:04x}" for i in range(600)]
    pd.DataFrame({"token": tokens, "x": 1.5}).to_csv(tmp_path / "real.csv", index=False)
    any_version = [f"{token[:14]}{i % 16:x}{token[15:]}" for i, token in enumerate(tokens)]
    pd.DataFrame({"token": any_version, "x": 1.5}).to_csv(tmp_path / "fake.csv", index=False)
    real = load(tmp_path / "real.csv")
    both = tables.coded_together(real, datasets.load_like(tmp_path / "fake.csv", real, DataOptions()))
    place = both[0].columns.index("token[14]=code")
    assert [len(np.unique(side.values[:, place])) for side in both] == [1, 16]
    assert not any(name.startswith(("token[13]", "token[5]")) for name in both[0].columns)


def test_the_digits_of_references_are_one_whole_number(tmp_path: Path) -> None:
    """Exact beyond float32 and float64, also where one of the fakes has none, or too many."""
    number = 9_783_161_484_100_000_003 // 10 + np.arange(600)
    written = [f"{n // 10**15:03}-{n // 10**6 % 10**9}/{n % 10**6:06} X" for n in number]
    pd.DataFrame({"ref": written, "x": 1.5}).to_csv(tmp_path / "real.csv", index=False)
    pd.DataFrame({"ref": ["none", "9" * 30, *written[2:]], "x": 1.5}).to_csv(tmp_path / "fake.csv", index=False)
    real = load(tmp_path / "real.csv")
    both = tables.coded_together(real, datasets.load_like(tmp_path / "fake.csv", real, DataOptions()))
    place = both[0].columns.index("ref[digits]")
    assert real.schema is not None
    assert both[0].gauge is not None
    assert (np.diff(both[0].values[:, place].astype(np.float64)) == 1).all()
    assert (both[0].values[2:, place] == both[1].values[2:, place]).all()
    assert (both[1].values[:2, place] != both[0].values[:2, place]).all()


def test_a_place_that_some_fill_with_a_letter_is_two_digits_of_the_number(tmp_path: Path) -> None:
    written = [f"0-{n:04}-{n % 11 if n % 11 < 10 else 'X'}" for n in range(1_000, 1_600)]
    pd.DataFrame({"isbn": written, "x": 1.5}).to_csv(tmp_path / "real.csv", index=False)
    pd.DataFrame({"isbn": ["", "0-1234-?", *written[2:]], "x": 1.5}).to_csv(tmp_path / "fake.csv", index=False)
    real = load(tmp_path / "real.csv")
    both = tables.coded_together(real, datasets.load_like(tmp_path / "fake.csv", real, DataOptions()))
    place = both[0].columns.index("isbn[code]")
    codes = [100 * n + (33 if n % 11 == 10 else n % 11) for n in range(1_000, 1_600)]
    assert both[0].values[:, place].tolist() == codes
    assert both[1].values[:, place].tolist() == [0, 123_400, *codes[2:]]


def test_words_and_numbers_inside_text_have_columns(tmp_path: Path) -> None:
    """Hosts come again where addresses do not; a size holds two numbers; how long a text is, is one."""
    hosts = ["shop.example.de", "boutique.example.fr", "mise.example.co.jp"]
    table = pd.DataFrame(
        {
            "url": [f"https://{hosts[i % 3]}/p/{7 * i + 10_000}" for i in range(600)],
            "size": [f"{i % 90 + 10} x {i % 77 / 4 + 10:.2f} cm" for i in range(600)],
            "x": 1.5,
        }
    )
    table.to_csv(tmp_path / "real.csv", index=False)
    table.assign(size=["", "9" * 400 + " x 1.00 cm", *table["size"][2:]]).to_csv(tmp_path / "fake.csv", index=False)
    real = load(tmp_path / "real.csv")
    assert not any("[" in column for column in real.columns)
    both = tables.coded_together(real, datasets.load_like(tmp_path / "fake.csv", real, DataOptions()))
    assert len(np.unique(both[0].values[:, both[0].columns.index("url[word 2]=code")])) == 3
    assert not any(name.startswith("url[word 1]") for name in both[0].columns)
    for part, numbers in ((1, np.arange(600) % 90 + 10), (3, np.arange(600) % 77 / 4 + 10)):
        place = both[0].columns.index(f"size[part {part}]")
        held = both[0].values[:, place].astype(np.float64)
        np.testing.assert_allclose(held - held[0], numbers - numbers[0], atol=0.006)
        np.testing.assert_array_equal(both[1].values[2:, place], both[0].values[2:, place])
    length = both[0].columns.index("url[length]")
    assert len(np.unique(both[0].values[:, length])) == 3


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("ann.lee@mail.com", "a2.a2@a4.a2"),
        ("AB-1234 5678", "A2-94 94"),
        ("7c9e6679-7425-40de", "x8-94-x4"),
        ("", ""),
        ("The quick brown fox jumps over the lazy dog.", "8 words of 4, 1."),
    ],
)
def test_the_form_of_a_text(text: str, made: str) -> None:
    assert form(text) == made


@pytest.mark.parametrize("name", ["x.csv", "x.parquet"])
def test_a_table_read_in_part(tmp_path: Path, name: str) -> None:
    n = 40_000
    table = pd.DataFrame({"x": np.arange(n) * 2.5, "y": np.arange(n) % 9, "s": [f"{i % 3}-" for i in range(n)]})
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
        table.to_parquet(tmp_path / name)
    else:
        table.to_csv(tmp_path / name, index=False)
    labels = np.arange(n)
    part = datasets.load(tmp_path / name, DataOptions(limit=900, seed=3, labels=labels))
    assert part.record.n == 900
    assert part.record.notes[0] == f"900 of {n} rows read, chosen at random"
    assert part.labels is not None
    np.testing.assert_array_equal(column(part, "x"), part.labels * np.float32(2.5))
    np.testing.assert_array_equal(column(part, "s=0-"), part.labels % 3 == 0)
    assert np.diff(part.labels).max() < 2 * n / 900 + 1
    with pytest.raises(InputError, match="40000 samples, but 7 labels"):
        datasets.load(tmp_path / name, DataOptions(labels=labels[:7]))


def test_parquet_text_is_held_once_and_refused_where_it_would_not_be(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    long = pd.DataFrame({"x": np.arange(60_000) % 5, "s": pd.Categorical.from_codes([0] * 60_000, ["z" * 100_000])})
    long.astype({"s": "category"}).to_parquet(tmp_path / "x.parquet")
    with pytest.raises(ResourceError, match="100000 characters in 60000 rows"):
        load(tmp_path / "x.parquet")


@pytest.mark.parametrize("name", ["fake.csv", "fake.tsv", "fake.parquet"])
def test_fakes_are_read_by_column_name_whatever_their_order_and_format(
    tmp_path: Path, real: Dataset, name: str
) -> None:
    same = frame(400, 1)
    same = same[same.columns[::-1]].assign(extra=1)
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
        same.assign(born=pd.to_datetime(same["born"])).to_parquet(tmp_path / name)
    else:
        same.to_csv(tmp_path / name, sep="\t" if name.endswith("tsv") else ",")
    fake = datasets.load_like(tmp_path / name, real, DataOptions())
    assert fake.columns == real.columns
    np.testing.assert_array_equal(fake.values, real.values)
    assert any(note.endswith("ignored: extra") for note in fake.record.notes)
    assert "columns put in the data's order, by name" in fake.record.notes


def test_what_only_fakes_do_stays_visible(tmp_path: Path, real: Dataset) -> None:
    odd = frame(400, 2).astype({"children": float})
    odd.loc[3, "children"] = np.nan
    odd.loc[4, "job"] = "pilot"
    odd.loc[5, "children"] = np.nan
    odd.loc[9:60, "job"] = " nurse"
    odd.loc[70:90, "joined"] = "never"
    odd.to_csv(tmp_path / "fake.csv", index=False)
    fake = datasets.load_like(tmp_path / "fake.csv", real, DataOptions())
    real, fake = datasets.coded_together(real, fake)
    assert real.columns == fake.columns
    assert np.isfinite(fake.values).all()
    np.testing.assert_array_equal(np.flatnonzero(column(fake, "children=missing")), [3, 5])
    np.testing.assert_array_equal(np.flatnonzero(column(fake, "job=other")), [4])
    np.testing.assert_array_equal(np.flatnonzero(column(fake, "job=nurse")), np.arange(9, 61))
    np.testing.assert_array_equal(np.flatnonzero(column(fake, "joined=never")), np.arange(70, 91))
    for name in ("children=missing", "job=other", "job=nurse", "joined=never"):
        assert not column(real, name).any()


def test_codes_stay_text_where_fakes_hold_only_digits(tmp_path: Path, real: Dataset) -> None:
    frame(50, 2).assign(code="007").to_csv(tmp_path / "fake.csv", index=False)
    fake = datasets.load_like(tmp_path / "fake.csv", real, DataOptions())
    assert (column(fake, "code=007") == 1).all()


def test_a_missing_column_is_named(tmp_path: Path, real: Dataset) -> None:
    frame(50, 2).drop(columns="job").to_csv(tmp_path / "fake.csv", index=False)
    with pytest.raises(InputError, match="no column 'job'"):
        datasets.load_like(tmp_path / "fake.csv", real, DataOptions())
    np.save(tmp_path / "fake.npy", np.zeros((9, len(real.columns))))
    with pytest.raises(InputError, match="an array, the data is a table"):
        datasets.load_like(tmp_path / "fake.npy", real, DataOptions())


def test_rare_levels_are_pooled(tmp_path: Path) -> None:
    levels = ["a"] * 50 + ["b"] * 30 + ["c"] * 9 + ["d"]
    pd.DataFrame({"x": [0.5, 2] * 45, "level": levels}).to_csv(tmp_path / "x.csv", index=False)
    dataset = load(tmp_path / "x.csv")
    assert dataset.columns == ("x", "level=a", "level=b", "level=other", "level=code")
    assert column(dataset, "level=other").sum() == 10
    assert len(np.unique(column(dataset, "level=code"))) == 4
    assert len(np.unique(dataset.values, axis=0)) == len(
        pd.DataFrame({"x": [0.5, 2] * 45, "l": levels}).drop_duplicates()
    )


def test_levels_chosen_on_both_sides_tell_equal_laws_apart_by_nothing(tmp_path: Path) -> None:
    """Of 100 equally frequent cities chance makes some frequent: chosen on the reals alone, these would be real."""
    excess = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        for side in ("real", "fake"):
            cities = [f"city {i}" for i in rng.integers(0, 100, 1_000)]
            pd.DataFrame({"city": cities}).to_csv(tmp_path / f"{side}.csv", index=False)
        real = load(tmp_path / "real.csv")
        real, fake = datasets.coded_together(real, datasets.load_like(tmp_path / "fake.csv", real, DataOptions()))
        excess.append(column(fake, "city=other").mean() - column(real, "city=other").mean())
    assert abs(np.mean(excess)) < 4 * np.sqrt(2 * 0.25 / 1_000 / 8)


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (["$12.30", "$1,205.00", "-$3.5"], [12.3, 1205, -3.5]),
        (["1.234,5", "12,25", "7"], [1234.5, 12.25, 7]),
        (["12 %", "7.5%", "100 %"], [12, 7.5, 100]),
        (["1,234", "56,789", "1"], [1234, 56789, 1]),
        (["(12)", "30 EUR", "\u22125"], [-12, 30, -5]),
        ([" 4 ", "5", "1 000 000"], [4, 5, 1_000_000]),
    ],
)
def test_numbers_written_as_text_are_numbers(tmp_path: Path, words: list[str], numbers: list[float]) -> None:
    pd.DataFrame({"price": words * 9, "x": range(27)}).to_csv(tmp_path / "x.csv", index=False)
    np.testing.assert_allclose(column(load(tmp_path / "x.csv"), "price"), numbers * 9)


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        (["08:30", "23:59", "0:00"], [30_600, 86_340, 0]),
        (["2:05:30 pm", "12:00 AM", "12:15 p.m."], [50_730, 0, 44_100]),
        (["100:00:00", "-1:30", "0:00:00.25"], [360_000, -5_400, 0.25]),
    ],
)
def test_times_written_as_text_are_seconds(tmp_path: Path, words: list[str], seconds: list[float]) -> None:
    times = [*words, *(f"7:{minute:02}" for minute in range(40))]
    pd.DataFrame({"at": times, "x": range(43)}).to_csv(tmp_path / "x.csv", index=False)
    read = load(tmp_path / "x.csv")
    np.testing.assert_allclose(column(read, "at"), [*seconds, *(25_200 + 60 * minute for minute in range(40))])
    assert any("read as seconds: at" in note for note in read.record.notes)


def test_what_only_looks_like_times_stays_words(tmp_path: Path) -> None:
    scores = [f"{ours}:{theirs}" for ours in range(6) for theirs in range(60, 67)]
    pd.DataFrame({"score": scores * 12, "x": range(len(scores) * 12)}).to_csv(tmp_path / "x.csv", index=False)
    assert column(load(tmp_path / "x.csv"), "score=3:61").sum() == 12


@pytest.mark.parametrize("spelling", ["%d/%m/%Y", "%m/%d/%Y", "%d %b %Y", "%Y%m%dT%H%M"])
def test_dates_in_another_spelling_are_read_and_said(tmp_path: Path, real: Dataset, spelling: str) -> None:
    same = frame(400, 1)
    same.assign(born=pd.to_datetime(same["born"]).dt.strftime(spelling)).to_csv(tmp_path / "fake.csv", index=False)
    fake = datasets.load_like(tmp_path / "fake.csv", real, DataOptions())
    np.testing.assert_array_equal(column(fake, "born"), column(real, "born"))
    assert spelling == "%Y%m%dT%H%M" or any("born: written as" in note for note in fake.record.notes)


def test_spaces_and_names_of_nothing_make_no_difference(tmp_path: Path, real: Dataset) -> None:
    frame(400, 1).to_csv(tmp_path / "x.csv", index=False, na_rep="n/a")
    text = (tmp_path / "x.csv").read_text().replace(",", " , ")
    (tmp_path / "fake.csv").write_text(text.replace('"a , b"', '"a,b"'))
    fake = datasets.load_like(tmp_path / "fake.csv", real, DataOptions())
    np.testing.assert_array_equal(fake.values, real.values)


def test_whole_numbers_above_2_to_the_53_and_timestamps_keep_their_digits(tmp_path: Path) -> None:
    steps = np.random.default_rng(0).integers(0, 9, 300)
    for side, plus in (("real", 0), ("fake", 3)):
        columns = {"key": 2**60 + steps + plus, "ms": 1_700_000_000_000 + steps + plus}
        pd.DataFrame(columns).to_csv(tmp_path / f"{side}.csv", index=False)
    real = load(tmp_path / "real.csv")
    fake = datasets.load_like(tmp_path / "fake.csv", real, DataOptions())
    np.testing.assert_array_equal(fake.values - real.values, 3)
    assert real.gauge is not None
    assert real.gauge.text(1, float(real.values[0, 1]), 6) == str(1_700_000_000_000 + steps[0])


def test_a_first_line_that_may_be_a_row_is_said(tmp_path: Path) -> None:
    rows = pd.DataFrame({"age": [39, 50, 38, 53] * 9, "job": ["clerk", "cook", "cook", "clerk"] * 9})
    rows.to_csv(tmp_path / "x.csv", index=False, header=False)
    headless = load(tmp_path / "x.csv")
    assert headless.record.n == 36
    assert [artefact.name for artefact in headless.found] == ["guessed"]
    said = Plan("", "", settings={"datasets.tables.header": "no"}).override
    assert load(tmp_path / "x.csv", override=said).found == ()
    rows.to_csv(tmp_path / "x.csv", index=False)
    assert load(tmp_path / "x.csv").found == ()


@pytest.mark.parametrize("separator", [";", "|", "\t"])
def test_other_separators_are_found(tmp_path: Path, real: Dataset, separator: str) -> None:
    frame(400, 1).to_csv(tmp_path / "x.csv", index=False, sep=separator)
    again = load(tmp_path / "x.csv")
    np.testing.assert_array_equal(again.values, real.values)
    assert f"fields separated by {separator!r}" in again.record.notes


def test_a_parquet_file_that_decodes_to_hundreds_of_times_its_size_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    pd.DataFrame({"x": np.zeros(40_000_000, np.int8)}).to_parquet(tmp_path / "x.parquet")
    with pytest.raises(ResourceError, match="times its size"):
        load(tmp_path / "x.parquet")


CELLS = st.one_of(
    st.none(),
    st.text(max_size=6),
    st.sampled_from(["", " ", "NaN", "1,5", "$3", "2020-01-01", "01/02/2020", "1e400", "-", "(", "%", "0"]),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=True, allow_infinity=False),
)


@settings(max_examples=8, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(CELLS, CELLS, st.just(0)), min_size=1, max_size=14))
def test_no_column_is_a_bug(tmp_path: Path, rows: list[tuple[object, ...]]) -> None:
    table = pd.DataFrame(rows, columns=["a", "b", "c"])
    with contextlib.suppress(UnicodeEncodeError):
        table.to_csv(tmp_path / "x.csv", index=False)
        try:
            real = load(tmp_path / "x.csv")
            fake = datasets.load_like(tmp_path / "x.csv", real, DataOptions())
        except InputError:
            return
        again, fake = datasets.coded_together(real, fake)
        np.testing.assert_array_equal(again.values, fake.values)


def test_words_that_resemble_dates_stay_words(tmp_path: Path) -> None:
    words = pd.DataFrame(
        {"month": ["May", "June"] * 20, "day": ["Monday", "Friday"] * 20, "clock": ["12:30", "09:15"] * 20}
    )
    words.to_csv(tmp_path / "x.csv", index=False)
    columns = load(tmp_path / "x.csv").columns
    assert columns == ("month=June", "month=May", "day=Friday", "day=Monday", "clock=09:15", "clock=12:30")


def test_row_numbers_and_missing_headers(tmp_path: Path) -> None:
    rows = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 2)), columns=["a", "b"])
    rows.to_csv(tmp_path / "x.csv")
    assert load(tmp_path / "x.csv").columns == ("a", "b")
    rows.to_csv(tmp_path / "x.csv", header=False, index=False)
    assert load(tmp_path / "x.csv").values.shape == (30, 2)
    pd.DataFrame(rows.to_numpy()).to_csv(tmp_path / "x.csv", index=False)
    assert load(tmp_path / "x.csv").values.shape == (30, 2)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("a,b\n1,2\n3,inf\n", r"row 1, column b"),
        ("a,a \n1,2\n3,4\n", "two columns are called 'a'"),
        ("a,b\n1,2,3\n4,5,6\n", "cannot be read"),
        ("a,b\n", "no rows"),
        ('a,b\n1,"2\n', "cannot be read"),
        (",".join(f"c{i}" for i in range(5000)) + "\n", "5000 columns"),
        ("a,b\n\xff\xfe\n", "not text in UTF-8"),
    ],
)
def test_files_that_would_be_misread_are_refused(tmp_path: Path, text: str, match: str) -> None:
    (tmp_path / "x.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=match):
        load(tmp_path / "x.csv")


def test_lists_in_parquet_are_refused(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    pd.DataFrame({"a": [1, 2], "list": [[1], [2, 3]]}).to_parquet(tmp_path / "x.parquet")
    with pytest.raises(InputError, match="'list' holds lists"):
        load(tmp_path / "x.parquet")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data sets are not here")
def test_adult_and_its_synthetic_rows() -> None:
    real = load(SHARED / "adult" / "Adult_real.csv")
    fake = datasets.load_like(SHARED / "adult" / "Adult_fake_0.csv", real, DataOptions())
    assert fake.columns == real.columns
    assert real.record.n == 48_842
    assert real.columns[0] == "age"


def test_whole_numbers_keep_the_digits_that_float32_rounds_off(tmp_path: Path) -> None:
    """Of the reals alone nothing is added: a network that makes such rows has to know what to make."""
    rng = np.random.default_rng(0)
    cards = rng.integers(10**15, 9 * 10**15, (2, 200))
    for side, card in zip(("real", "fake"), cards, strict=True):
        text = ["" if i == 3 else str(number) for i, number in enumerate(card)]
        pd.DataFrame({"card": text, "age": rng.integers(20, 60, 200)}).to_csv(tmp_path / f"{side}.csv", index=False)
    alone = load(tmp_path / "real.csv")
    assert alone.columns == ("card", "card=missing", "age")
    fake = datasets.load_like(tmp_path / "fake.csv", alone, DataOptions())
    real, fake = datasets.coded_together(alone, fake)
    assert real.columns == ("card", "card=last digits", "card=middle digits", "card=missing", "age")
    card, _ = whole_columns(Pair(real.values, fake.values, "table", real.columns, real.gauge), ())
    known = np.arange(200) != 3
    np.testing.assert_array_equal(card(fake.values)[known], cards[1][known])
