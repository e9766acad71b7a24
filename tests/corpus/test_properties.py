"""Whatever shapes, types and options are combined, a run is prepared or refused in words: it never ends as a bug."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd
import pytest
import torch
from corpus.builder import idx, npy, npz, parquet, torch_file
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ganprobe import flow
from ganprobe.cli import main
from ganprobe.errors import UsageError

QUICK = settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[*HealthCheck])
LONG = settings(QUICK, max_examples=600)


@pytest.fixture(autouse=True, scope="module")
def prepares_only() -> Iterator[None]:
    """Everything up to the first probe: reading, the output path, the folds, the inspection."""

    def enough(*arguments: object) -> NoReturn:
        raise UsageError("prepared", "nothing is measured here")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flow, "climb", enough)
        yield


def run(*arguments: str) -> str:
    """What stderr says, where the exit code is one of refused or prepared."""
    with redirect_stderr(io.StringIO()) as stderr:
        code = main([*arguments, "-q"])
    lines = stderr.getvalue().splitlines()
    assert code in (2, 3), "\n".join([str(arguments), *lines])
    assert len(lines) == 2
    return lines[0]


def one_of(*choices: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(choices)


DTYPES = one_of("u1", "i1", "<i2", ">i4", "i8", "u8", "?", "<f2", ">f4", "f8", "c8", "U3", "M8[s]", "S2")
SHAPES = st.tuples(one_of(0, 1, 19, 20, 21, 60), st.lists(one_of(0, 1, 2, 3, 4, 8, 16, 28), max_size=4)).map(
    lambda sizes: (sizes[0], *sizes[1])
)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "--range": one_of("auto", "-1,1", "0,1", "0,255", "none"),
        "--quantise": one_of("auto", "off"),
        "--num-real": one_of("1", "19", "20", "33", "1000000"),
        "--num-fake": one_of("1", "19", "20", "33", "1000000"),
        "--labels": one_of("data", "uniform", "nowhere.npy"),
        "--seed": one_of("0", "7", str(2**63)),
        "--set": one_of("datasets.arrays.name=x", "datasets.arrays.name=nothing", "datasets.idx.name=x", "views=1"),
        "--z-dim": one_of("3", "3x1x1", "0", "x"),
        "--budget": one_of("fast", "thorough"),
        "--device": one_of("cpu", "cuda:99", "tpu"),
    },
).map(lambda chosen: [word for pair in chosen.items() for word in pair])


@st.composite
def arrays(draw: st.DrawFn) -> np.ndarray[Any, Any]:
    """Numbers as files hold them: smooth, whole, constant, few levels, or with something that is no number."""
    shape, dtype = draw(SHAPES), np.dtype(draw(DTYPES))
    if np.prod(shape) > 60 * 28 * 28:
        shape = shape[:3]
    rng = np.random.default_rng(draw(st.integers(0, 9)))
    values = rng.normal(size=shape) * draw(one_of(0, 1e-30, 1, 100, 1e30)) + draw(one_of(0, 0.5, 128))
    if draw(st.booleans()):
        values = np.round(values)
    if values.size and draw(st.integers(0, 9)) == 0:
        values.flat[draw(st.integers(0, values.size - 1))] = draw(one_of(np.nan, np.inf, 1e300))
    with np.errstate(all="ignore"):
        return np.ascontiguousarray(
            values.astype("f8").clip(-9e15, 9e15).astype(dtype) if dtype.kind in "iuM" else values.astype(dtype)
        )


def saved(folder: Path, name: str, array: np.ndarray[Any, Any], form: str) -> str:
    """``array`` in a file of the format, or as .npy where that format cannot hold it."""
    path = folder / f"{name}.{form}"
    if form == "npz":
        path.write_bytes(npz(x=array, y=np.arange(len(array))))
    elif form == "pt" and array.dtype.kind in "biuf" and array.dtype.str[1:] != "u8":
        path.write_bytes(torch_file(torch.from_numpy(array.astype(array.dtype.newbyteorder("=")))))
    elif form == "idx" and 1 <= array.ndim <= 4 and array.dtype == np.uint8:
        path.write_bytes(idx(array.shape, array.tobytes()))
    elif form in ("csv", "parquet") and array.ndim == 2 and array.dtype.kind in "biufUM":
        frame = pd.DataFrame(array.astype(array.dtype.newbyteorder("="))).add_prefix("c")
        path.write_bytes(parquet(frame) if form == "parquet" else frame.to_csv(index=False).encode())
    else:
        path = folder / f"{name}.npy"
        path.write_bytes(npy(array))
    return str(path)


FORMS = one_of("npy", "npz", "pt", "idx", "csv", "parquet")


@given(arrays(), st.none() | arrays(), FORMS, FORMS, OPTIONS)
def any_two_arrays_with_any_options(
    real: np.ndarray[Any, Any], fake: np.ndarray[Any, Any] | None, form: str, fake_form: str, options: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [saved(Path(folder), "fake", real if fake is None else fake, fake_form)]
        paths.append(saved(Path(folder), "real", real, form))
        run("js", *paths, *options)


CELLS = one_of(
    "1", "2.5", "-3e4", "", "?", "nan", "inf", "cat", "ape", "007", "2020-01-02", "03/04/2021", "12:30", "a\0b", "é"
)
COLUMNS = st.lists(one_of("a", "b", "a", "=", "a=cat", "", "1", "\x1b[31m", "Unnamed: 0"), min_size=1, max_size=4)


@st.composite
def tables(draw: st.DrawFn) -> str:
    names, n = draw(COLUMNS), draw(one_of(0, 1, 25, 60))
    kinds = [draw(st.lists(CELLS, min_size=1, max_size=3)) for _ in names]
    rng = np.random.default_rng(draw(st.integers(0, 9)))
    rows = [",".join(str(rng.choice(kind)) for kind in kinds) for _ in range(n)]
    if rows and draw(st.integers(0, 9)) == 0:
        rows[-1] += ",1"
    return "\n".join([",".join(names), *rows])


@given(tables(), st.none() | tables(), OPTIONS)
def any_two_tables_with_any_options(real: str, fake: str | None, options: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "real.csv").write_text(real)
        Path(folder, "fake.csv").write_text(real if fake is None else fake)
        run("js", f"{folder}/fake.csv", f"{folder}/real.csv", *options)


@given(hnp.array_shapes(min_dims=2, max_dims=4, max_side=28), DTYPES, st.binary(max_size=40), FORMS)
def any_bytes_at_the_end(shape: tuple[int, ...], dtype: str, tail: bytes, form: str) -> None:
    """A whole file with its end replaced."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(saved(Path(folder), "real", np.zeros(shape, dtype), form))
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2] + tail)
        run("js", str(path), str(path))


PROPERTIES = (any_two_arrays_with_any_options, any_two_tables_with_any_options, any_bytes_at_the_end)


@pytest.mark.parametrize("holds", PROPERTIES)
def test_no_input_is_a_bug(holds: Callable[[], None]) -> None:
    QUICK(holds)()


@pytest.mark.slow
@pytest.mark.parametrize("holds", PROPERTIES)
def test_no_input_of_many_is_a_bug(holds: Callable[[], None]) -> None:
    LONG(holds)()


def test_good_arrays_are_prepared(tmp_path: Path) -> None:
    """The runs above are not all refused at the door."""
    rng = np.random.default_rng(0)
    for form in ("npy", "npz", "pt", "csv", "parquet"):
        paths = [saved(tmp_path, side, rng.normal(size=(60, 3)), form) for side in ("fake", "real")]
        assert run("js", *paths) == "ganprobe: prepared"
