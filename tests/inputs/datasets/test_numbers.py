from __future__ import annotations

import gzip
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from ganprobe.errors import InputError, ResourceError, UsageError
from ganprobe.inputs import datasets
from ganprobe.inputs.datasets import DataOptions
from ganprobe.plan import Plan
from ganprobe.samples.digits import whole_columns
from ganprobe.samples.sides import Dataset, Pair

RNG = np.random.default_rng(0)
SHARED = Path(__file__).parents[4] / "shared" / "data"


def load(path: Path, **options: object) -> Dataset:
    return datasets.load(path, DataOptions(**options))  # type: ignore[arg-type]


def named(name: str) -> Callable[[str, Any], Any]:
    return Plan("", "", settings={"datasets.arrays.name": name}).override


def saved(folder: Path, array: npt.ArrayLike, name: str = "x.npy") -> Path:
    np.save(folder / name, np.asarray(array))
    return folder / name


@pytest.mark.parametrize(
    ("array", "kind", "shape", "full_range"),
    [
        (RNG.integers(0, 256, (5, 9, 7), dtype=np.uint8), "image", (1, 9, 7), (0, 255)),
        (RNG.integers(0, 256, (5, 9, 7, 3), dtype=np.uint8), "image", (3, 9, 7), (0, 255)),
        (RNG.integers(0, 256, (5, 3, 9, 7), dtype=np.uint8), "image", (3, 9, 7), (0, 255)),
        (RNG.random((5, 1, 9, 7)), "image", (1, 9, 7), (0, 1)),
        (2 * RNG.random((5, 9, 7, 3)) - 1, "image", (3, 9, 7), (-1, 1)),
        (255 * RNG.random((5, 20, 20)), "image", (1, 20, 20), (0, 255)),
        (RNG.normal(0, 3, (5, 20, 20)), "image", (1, 20, 20), None),
        (RNG.integers(0, 2, (5, 28, 28), dtype=np.uint8), "image", (1, 28, 28), (0, 1)),
        (RNG.random((5, 64, 2)), "array", (64, 2), None),
        (RNG.random((5, 8, 8)), "array", (8, 8), None),
        (RNG.random((5, 9, 7, 2)), "array", (9, 7, 2), None),
        (RNG.random(5), "array", (1,), None),
        (RNG.random((5, 4)), "array", (4,), None),
        (RNG.random((5, 2, 2, 2, 2)), "array", (2, 2, 2, 2), None),
    ],
)
def test_pictures_are_told_from_other_arrays(
    tmp_path: Path,
    array: npt.NDArray[np.float64],
    kind: str,
    shape: tuple[int, ...],
    full_range: tuple[int, int] | None,
) -> None:
    dataset = load(saved(tmp_path, array))
    assert (dataset.kind, dataset.record.shape, dataset.full_range) == (kind, shape, full_range)
    assert dataset.values.shape == (5, *shape)
    assert dataset.values.dtype == (np.uint8 if array.dtype == np.uint8 else np.float32)


def test_channels_that_come_last_are_moved_and_said(tmp_path: Path) -> None:
    array = RNG.integers(0, 256, (5, 9, 7, 3), dtype=np.uint8)
    dataset = load(saved(tmp_path, array))
    np.testing.assert_array_equal(dataset.values, np.moveaxis(array, 3, 1))
    assert dataset.record.notes == ("channels were last; moved first",)


@pytest.mark.parametrize("dtype", ["<f2", ">f4", "<f8", "<i8", ">i2", "u1", "?"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_any_real_dtype_and_layout(tmp_path: Path, dtype: str, order: str) -> None:
    array = np.asarray(RNG.integers(0, 2, (6, 4)), dtype=dtype, order=order)  # type: ignore[call-overload]
    values = load(saved(tmp_path, array)).values
    np.testing.assert_array_equal(values, array.astype(np.float32))
    assert values.flags["C_CONTIGUOUS"]
    values[0, 0] = 7


@pytest.mark.parametrize("offset", [1e8, 2**60])
def test_an_offset_changes_nothing_that_is_held(tmp_path: Path, offset: float) -> None:
    """The reals' zero is subtracted from both sides before any cast: integers above 2^53 exactly."""
    steps = RNG.integers(-9, 9, (2, 400, 3))
    plain, moved = steps, steps + (int(offset) if offset > 1e9 else offset)
    sides = []
    for name, (real, fake) in (("plain", plain), ("moved", moved)):
        data = load(saved(tmp_path, real, f"{name}.npy"))
        sides.append((data, datasets.load_like(saved(tmp_path, fake, f"{name}-fake.npy"), data, DataOptions())))
    (_, fake), (moved_real, moved_fake) = sides
    assert moved_real.gauge is not None
    assert not moved_real.found
    for held, step in ((moved_real.values, steps[0]), (moved_fake.values, steps[1])):
        shift = held - step
        np.testing.assert_array_equal(shift, np.broadcast_to(shift[0], shift.shape))
    assert np.abs(moved_fake.values - fake.values).max() < 20


def test_values_that_become_equal_are_said(tmp_path: Path) -> None:
    mixed = np.where(RNG.random((500, 2)) < 0.9, RNG.normal(size=(500, 2)), 1e12 + RNG.normal(size=(500, 2)))
    (lost,) = load(saved(tmp_path, mixed)).found
    assert lost.name == "merged"
    assert "of the distinct values of coordinate" in lost.summary


@pytest.mark.parametrize("dtype", [np.int64, np.float64])
def test_whole_numbers_keep_the_digits_that_float32_rounds_off(tmp_path: Path, dtype: type) -> None:
    """Where both sides are samples; a network gives the columns that it gives."""
    card, small = RNG.integers(10**12, 10**13, (2, 300)), RNG.integers(0, 99, (2, 300))
    files = [saved(tmp_path, np.stack((card[i], small[i]), 1).astype(dtype), f"{i}.npy") for i in (0, 1)]
    alone = load(files[0])
    assert (alone.kind, alone.record.shape) == ("array", (2,))
    real, fake = datasets.coded_together(alone, datasets.load_like(files[1], alone, DataOptions()))
    assert real.columns == fake.columns == ("[0]", "[1]", "[0]=last digits", "[0]=middle digits")
    assert (real.kind, real.record.shape) == ("table", (4,))
    (column, ordinary) = whole_columns(Pair(real.values, fake.values, "table", real.columns, real.gauge), ())
    np.testing.assert_array_equal(column(fake.values), card[1])
    np.testing.assert_array_equal(ordinary(real.values), small[0])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_the_first_value_that_is_not_finite_is_named(tmp_path: Path, bad: float) -> None:
    array = RNG.random((60, 5))
    array[41, 3] = array[50, 0] = bad
    with pytest.raises(InputError, match=r"2 values are NaN, .* the first is row 41, column 3"):
        load(saved(tmp_path, array))


@pytest.mark.parametrize(
    "array", [np.zeros(4, complex), np.array(["a", "b"]), np.zeros(3, [("a", "f4")]), np.zeros((0, 3)), 5.0]
)
def test_what_is_not_rows_of_real_numbers_is_refused(tmp_path: Path, array: npt.ArrayLike) -> None:
    with pytest.raises(InputError):
        load(saved(tmp_path, array))


class Payload:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.target}",)


@pytest.mark.parametrize("name", ["x.npy", "x.npz"])
def test_objects_in_arrays_are_not_run(tmp_path: Path, name: str) -> None:
    array = np.array([Payload(tmp_path / "executed")], dtype=object)
    if name.endswith("npy"):
        np.save(tmp_path / name, array, allow_pickle=True)
    else:
        np.savez(tmp_path / name, x=array)
    with pytest.raises(InputError):
        load(tmp_path / name)
    assert not (tmp_path / "executed").exists()


def test_a_file_cut_short(tmp_path: Path) -> None:
    path = saved(tmp_path, RNG.random((60, 5)))
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(InputError, match="cannot be read"):
        load(path)


@pytest.mark.parametrize("name", ["x.npy", "x.npz", "x.pt", "x-idx2.gz"])
def test_a_part_of_the_rows_is_spread_over_the_file_and_keeps_its_labels(tmp_path: Path, name: str) -> None:
    n = 5_000
    array = np.stack((np.arange(n), np.arange(n) % 10), 1).astype(np.int32)
    if name.endswith("npy"):
        saved(tmp_path, array, name)
    elif name.endswith("npz"):
        np.savez_compressed(tmp_path / name, x=array)
    elif name.endswith("pt"):
        torch.save(torch.from_numpy(array), tmp_path / name)
    else:
        idx(tmp_path / name, array.astype(">i4"), 0x0C)
    part = load(tmp_path / name, limit=700, labels=np.arange(n) % 10)
    assert part.record.notes[0] == "700 of 5000 rows read, chosen at random"
    assert part.labels is not None
    np.testing.assert_array_equal(part.values[:, 1], part.labels)
    np.testing.assert_array_equal(part.values[:, 0], part.rows)
    gaps = np.diff(part.values[:, 0])
    assert gaps.min() >= 1
    assert gaps.max() <= 2 * n / 700 + 1
    again, other = (load(tmp_path / name, limit=700, seed=seed).record.content_hash for seed in (0, 1))
    assert part.record.content_hash == again != other


def test_no_more_is_held_than_is_asked_for(tmp_path: Path) -> None:
    """A sparse file of 2 GB: 5e7 numbers of it are read, unless more are asked for; what is too much is said."""
    wide = np.lib.format.open_memmap(tmp_path / "x.npy", "w+", np.uint8, (2**10, 2**21))
    del wide
    assert load(tmp_path / "x.npy", limit=3).record.n == 3
    with pytest.raises(ResourceError, match="more than are read at once"):
        load(tmp_path / "x.npy")
    assert DataOptions().rows(tmp_path, 10**9, 20).notes == ("2500000 of 1000000000 rows read, chosen at random",)


def test_a_value_that_is_not_finite_is_named_by_its_row_in_the_file(tmp_path: Path) -> None:
    row = DataOptions(limit=1).rows(tmp_path, 9_000, 2).kept[0]
    assert row > 0
    with pytest.raises(InputError, match=f"the first is row {row}, column 0"):
        load(saved(tmp_path, np.full((9_000, 2), np.nan)), limit=1)


def test_npz_names(tmp_path: Path) -> None:
    rows, labels = RNG.random((6, 3)), np.arange(6)
    for names in [{"anything": rows}, {"images": rows, "labels": labels}, {"x": rows, "y": labels, "meta": rows[:1]}]:
        np.savez(tmp_path / "x.npz", **names)  # type: ignore[arg-type]
        dataset = load(tmp_path / "x.npz", limit=4)
        assert dataset.values.shape == (4, 3)
        assert (dataset.labels is not None) == (len(names) > 1)
        if dataset.labels is not None:
            np.testing.assert_array_equal(dataset.values, rows[dataset.labels].astype(np.float32))
    np.savez(tmp_path / "x.npz", one=rows, two=rows)
    with pytest.raises(InputError, match=r"one, two"):
        load(tmp_path / "x.npz")
    chosen = load(tmp_path / "x.npz", override=named("two"))
    np.testing.assert_array_equal(chosen.values, rows.astype(np.float32))
    assert chosen.record.notes == ("samples from two (of one, two)",)
    with pytest.raises(UsageError, match="no array is called 'tow'"):
        load(tmp_path / "x.npz", override=named("tow"))
    np.savez(tmp_path / "x.npz", one=rows)
    assert load(tmp_path / "x.npz", override=named("two")).record.notes == ()


def test_torch_files(tmp_path: Path) -> None:
    rows, labels = torch.randn(6, 3, generator=torch.Generator().manual_seed(0)), torch.arange(6)
    for content in (rows, rows.bfloat16().float(), (rows, labels), {"data": rows, "targets": labels}):
        torch.save(content, tmp_path / "x.pt")
        dataset = load(tmp_path / "x.pt")
        assert dataset.values.shape == (6, 3)
        assert (dataset.labels is not None) == isinstance(content, (tuple, dict))
    torch.save({"0.weight": rows, "0.bias": rows[0]}, tmp_path / "x.pt")
    with pytest.raises(InputError, match="weights"):
        load(tmp_path / "x.pt")
    torch.save(torch.zeros(1).expand(2**40, 1), tmp_path / "x.pt")
    with pytest.raises(InputError, match="claims more"):
        load(tmp_path / "x.pt")


def idx(path: Path, array: npt.NDArray[np.generic], code: int) -> Path:
    content = bytes([0, 0, code, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize(
    ("code", "dtype"), [(0x08, "u1"), (0x09, "i1"), (0x0B, ">i2"), (0x0C, ">i4"), (0x0D, ">f4"), (0x0E, ">f8")]
)
def test_idx_of_every_type(tmp_path: Path, suffix: str, code: int, dtype: str) -> None:
    array = RNG.integers(0, 100, (5, 16, 16)).astype(dtype)
    dataset = load(idx(tmp_path / f"x-images-idx3-ubyte{suffix}", array, code))
    np.testing.assert_array_equal(dataset.values, array[:, None].astype(np.float32))
    assert dataset.kind == "image"
    assert dataset.labels is None


def test_a_folder_of_a_data_set_says_which_file_to_name(tmp_path: Path) -> None:
    pictures = idx(tmp_path / "t10k-images-idx3-ubyte", RNG.integers(0, 256, (5, 4, 4), dtype=np.uint8), 8)
    idx(tmp_path / "t10k-labels-idx1-ubyte.gz", np.array([3, 1, 4, 1, 5], np.uint8), 8)
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError, match=r"no pictures .* in this folder") as caught:
        load(tmp_path)
    assert caught.value.hint == f"name the file: {pictures}"


def test_idx_labels_beside_the_pictures(tmp_path: Path) -> None:
    path = idx(tmp_path / "t10k-images-idx3-ubyte", RNG.integers(0, 256, (5, 4, 4), dtype=np.uint8), 8)
    idx(tmp_path / "t10k-labels-idx1-ubyte.gz", np.array([3, 1, 4, 1, 5], np.uint8), 8)
    labels = load(path).labels
    assert labels is not None
    assert labels.tolist() == [3, 1, 4, 1, 5]
    idx(tmp_path / "t10k-labels-idx1-ubyte.gz", np.array([3, 1], np.uint8), 8)
    unlabelled = load(path)
    assert unlabelled.labels is None
    assert unlabelled.record.notes == ("t10k-labels-idx1-ubyte.gz ignored: 2 labels for 5 samples",)


def test_idx_of_the_wrong_length(tmp_path: Path) -> None:
    path = idx(tmp_path / "x-idx3", RNG.integers(0, 256, (5, 4, 4), dtype=np.uint8), 8)
    whole = path.read_bytes()
    for content, word in [(whole[:-1], "fewer"), (whole + b"\0", "more")]:
        path.write_bytes(content)
        with pytest.raises(InputError, match=word):
            load(path)


def test_fakes_must_have_the_shape_of_the_reals(tmp_path: Path) -> None:
    real = load(saved(tmp_path, RNG.integers(0, 256, (5, 16, 16), dtype=np.uint8), "real.npy"))
    flat = datasets.load_like(saved(tmp_path, RNG.random((4, 256))), real, DataOptions())
    assert flat.values.shape == (4, 1, 16, 16)
    assert flat.kind == "image"
    assert "reshaped from 256 to 1x16x16" in flat.record.notes
    last = datasets.load_like(saved(tmp_path, RNG.random((4, 16, 16, 1))), real, DataOptions())
    assert last.values.shape == (4, 1, 16, 16)
    with pytest.raises(InputError, match="1x16x17, in the data 1x16x16"):
        datasets.load_like(saved(tmp_path, RNG.random((4, 1, 16, 17))), real, DataOptions())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x08",
        b"\x08\x01\x12",
        b"version https://git-lfs.github.com/spec/v1\n",
        b"<html>",
        b"\x80\x04K\x01.",
        b"\x93NUMPY",
    ],
)
@pytest.mark.parametrize("name", ["x.npy", "x.csv", "x.parquet", "x"])
def test_impostors_are_refused_under_any_name(tmp_path: Path, content: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError):
        load(tmp_path / name)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data sets are not here")
def test_mnist_with_its_labels() -> None:
    dataset = load(SHARED / "mnist" / "t10k-images-idx3-ubyte.gz")
    assert dataset.values.shape == (10_000, 1, 28, 28)
    assert dataset.labels is not None
    assert dataset.labels[:5].tolist() == [7, 2, 1, 0, 4]


def test_a_gzip_file_that_breaks_off_early(tmp_path: Path) -> None:
    path = idx(tmp_path / "x-idx3.gz", RNG.integers(0, 256, (5, 4, 4), dtype=np.uint8), 8)
    whole = path.read_bytes()
    for content in (whole[:12], whole[:10] + b"\xff" * 20, whole[:-9]):
        path.write_bytes(content)
        with pytest.raises(InputError):
            load(path)
