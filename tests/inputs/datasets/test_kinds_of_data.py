"""The ways in which people's data differ: ranges and types, folders of pictures, tables.

Whatever the form, both sides must reach the probe as they would have from the plainest one.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import torch
from PIL import Image
from studies import drawn

from ganprobe.inputs import datasets
from ganprobe.inputs.datasets import DataOptions
from ganprobe.measures.study import Drawn
from ganprobe.plan import Plan
from ganprobe.samples.sides import Array, Dataset

SOURCE = """
import torch
from torch import nn


class Tanh(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Linear(4, 256)

    def forward(self, z):
        return torch.tanh(self.net(z)).reshape(-1, 1, 16, 16)


class Sigmoid(Tanh):
    def forward(self, z):
        return (super().forward(z) + 1) / 2


class Bytes(Tanh):
    def forward(self, z):
        return (super().forward(z) + 1) * 127.5
"""
PICTURES = np.random.default_rng(0).integers(0, 256, (40, 16, 16), dtype=np.uint8)


def prepared(plan: Plan) -> tuple[Dataset, Drawn]:
    study = drawn(plan)
    return study.data, study.drawn


def with_network(folder: Path, data: Path, network: str = "Tanh") -> tuple[Dataset, Drawn]:
    (folder / "model.py").write_text(SOURCE)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        torch.save({"net.weight": torch.randn(256, 4), "net.bias": torch.randn(256)}, folder / "g.pt")
    return prepared(Plan(str(folder / "g.pt"), str(data), model=f"{folder / 'model.py'}:{network}"))


def in_order(rows: Array) -> Array:
    flat = rows.reshape(len(rows), -1)
    return flat[np.lexsort(np.rint(255 * flat).T)]


def saved(folder: Path, form: str) -> Path:
    path = folder / "data"
    if form.startswith("png"):
        path.mkdir()
        for i, picture in enumerate(PICTURES):
            image = Image.fromarray(picture)
            (image.convert("RGB") if form == "png in colour" else image).save(path / f"{i:02}.png")
        return path
    if form == "idx":
        path.write_bytes(struct.pack(">4B3I", 0, 0, 8, 3, *PICTURES.shape) + PICTURES.tobytes())
        return path
    unit = PICTURES.astype(np.float32) / 255
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "bytes": PICTURES,
        "channels last": PICTURES[..., None],
        "0 to 255 as floats": PICTURES.astype(np.float64),
        "0 to 1": unit,
        "-1 to 1": 2 * unit - 1,
    }
    np.save(path.with_suffix(".npy"), arrays[form])
    return path.with_suffix(".npy")


@pytest.mark.parametrize("network", ["Tanh", "Sigmoid", "Bytes"])
@pytest.mark.parametrize(
    "form", ["png", "png in colour", "idx", "bytes", "channels last", "0 to 255 as floats", "0 to 1", "-1 to 1"]
)
def test_any_range_on_either_side_is_the_same_pair(tmp_path: Path, form: str, network: str) -> None:
    _, sampled = with_network(tmp_path, saved(tmp_path, form), network)
    _, plain = with_network(tmp_path, saved(tmp_path, "bytes"))
    np.testing.assert_allclose(in_order(sampled.pair.real), in_order(plain.pair.real), atol=1e-6)
    apart = np.abs(sampled.pair.fake - plain.pair.fake)
    assert apart.max() < 1.01 / 255
    assert (apart > 1e-6).mean() < 1e-3  # a value halfway between two levels may go either way


def test_a_folder_of_everything_comes_to_the_generators_size_and_says_how(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    for i in range(24):
        folder = tmp_path / "data" / ("cat" if i % 2 else "dog")
        folder.mkdir(parents=True, exist_ok=True)
        size = (16, 16) if i < 12 else (24, 20)
        grey = Image.fromarray(rng.integers(0, 256, size, dtype=np.uint8))
        mode, suffix = [("L", "png"), ("RGB", "jpg"), ("RGBA", "png"), ("P", "png")][i % 4]
        grey.convert(mode).save(folder / f"{i}.{suffix}")
    (tmp_path / "data" / "notes.txt").write_text("not a picture")
    data, sampled = with_network(tmp_path, tmp_path / "data")
    assert data.values.shape == (24, 1, 16, 16)
    assert data.labels is not None
    assert np.bincount(data.labels).tolist() == [12, 12]
    assert data.record.notes == (
        "labels are the folders cat, dog",
        "12 of 24 pictures resized to 16x16 (height x width, Lanczos)",
        "12 of 24 pictures converted to grey",
        "6 of 24 pictures are JPEG, whose losses a probe can see",
        "1 other file ignored",
    )
    assert sampled.path.steps == ("data: [0, 255] -> [0, 1]", "fakes: [-1, 1] -> [0, 1], clipped, rounded to 8 bits")


def test_a_table_saved_by_a_synthesizer_comes_back_as_the_rows_it_was(tmp_path: Path) -> None:
    """Columns in another order, rows sorted, whole numbers as decimals, a number for each row, another name for NaN."""
    rng = np.random.default_rng(2)
    n = 80
    real = pd.DataFrame(
        {
            "age": rng.integers(18, 90, n),
            "income": np.where(rng.random(n) < 0.1, np.nan, 100.0 * rng.integers(1, 10**4, n)),
            "job": rng.choice(["clerk", "cook", "a,b"], n),
            "born": (pd.Timestamp("1990-01-01") + pd.to_timedelta(rng.integers(0, 9000, n), "D")).strftime("%Y-%m-%d"),
            "share": rng.integers(0, 1000, n) / 1000,
        }
    )
    real.to_csv(tmp_path / "real.csv", index=False)
    fake = real.assign(
        age=real["age"] + rng.uniform(-0.4, 0.4, n),
        income=real["income"] + rng.uniform(-30, 30, n),
        share=real["share"] + rng.uniform(-4e-4, 4e-4, n),
    ).sort_values("age")
    fake[fake.columns[::-1]].to_csv(tmp_path / "fake.csv", na_rep="?")
    data, sampled = prepared(Plan(str(tmp_path / "fake.csv"), str(tmp_path / "real.csv")))
    assert {"age", "income", "born", "share", "job=cook"} <= set(data.columns)
    sides = (sampled.pair.real, sampled.pair.fake)
    real_rows, fake_rows = (side[np.lexsort(side.T)] for side in sides)
    np.testing.assert_array_equal(fake_rows, real_rows)
    assert any("columns rounded to the data's steps" in step for step in sampled.path.steps)


@pytest.mark.parametrize("name", ["x.csv", "x.txt", "x.data"])
def test_fields_may_be_separated_by_spaces(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("age job\n" + "".join(f"{7 * i % 50}   {'ab'[i % 2]}\n" for i in range(5, 45)))
    data = datasets.load(tmp_path / name, DataOptions())
    assert data.columns == ("age", "job=a", "job=b")
    assert "fields separated by spaces" in data.record.notes


def test_words_of_one_column_are_no_fields(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("name\n" + "New York\nRome\n" * 20)
    assert datasets.load(tmp_path / "x.csv", DataOptions()).columns == ("name=New York", "name=Rome")
