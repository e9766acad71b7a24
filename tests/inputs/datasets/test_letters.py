"""What text that seldom repeats is made of: bytes in base 16, and letters that stand side by side."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ganprobe.inputs import datasets
from ganprobe.inputs.datasets import DataOptions, tables
from ganprobe.samples.sides import Floats

RNG = np.random.default_rng(0)


def columns(tmp_path: Path, real: list[str], fake: list[str]) -> dict[str, tuple[Floats, Floats]]:
    """What a column ``text`` becomes on both sides."""
    for name, side in (("real", real), ("fake", fake)):
        pd.DataFrame({"text": side, "x": 1.5}).to_csv(tmp_path / f"{name}.csv", index=False)
    first = datasets.load(tmp_path / "real.csv", DataOptions())
    both = tables.coded_together(first, datasets.load_like(tmp_path / "fake.csv", first, DataOptions()))
    values = [side.values.astype(np.float64) for side in both]
    # As they are held: less the centre of the reals.
    return {name: (values[0][:, j], values[1][:, j]) for j, name in enumerate(both[0].columns)}


@pytest.mark.parametrize("written", ["#{:02x}{:02x}{:02x}", "0x{:02X}{:02X}{:02X}", "{:02x}:{:02x}:{:02x}"])
def test_bytes_in_base_16(tmp_path: Path, written: str) -> None:
    colours = RNG.integers(0, 256, (300, 3))
    said = [written.format(*colour) for colour in colours]
    found = columns(tmp_path, said, ["", "#zz0101", *said[2:]])
    for place in range(3):
        real, fake = found[f"text[byte {place + 1}]"]
        np.testing.assert_array_equal(np.diff(real), np.diff(colours[:, place]))
        np.testing.assert_array_equal(fake[2:], real[2:])


@pytest.mark.parametrize(
    "said",
    [[f"{i:06d}" for i in range(300)], [f"{'abcdef'[i % 6]}{'fedcba'[i // 6 % 6]}cade{i:x}z" for i in range(300)]],
)
def test_digits_and_words_are_no_bytes(tmp_path: Path, said: list[str]) -> None:
    assert not any("byte" in name or "nibble" in name for name in columns(tmp_path, said, said))


def test_letters_side_by_side(tmp_path: Path) -> None:
    reads = ["".join(RNG.choice([*"ACGT"], 20)) for _ in range(300)]
    found = columns(tmp_path, reads, ["", "aaaa", *reads[2:]])
    pairs = np.array([sum(read[i : i + 2] == "CG" for i in range(19)) for read in reads])
    again = np.array([sum(read[i] == read[i + 2] for i in range(18)) for read in reads])
    for what, counts in (("pair cg", pairs), ("same 2", again)):
        real, fake = found[f"text[{what}]"]
        np.testing.assert_array_equal(np.diff(real), np.diff(counts))
        np.testing.assert_array_equal(fake[2:], real[2:])
    aa = found["text[pair aa]"][1]
    assert aa[1] - aa[0] == 3


def test_of_many_letters_their_kinds_are_counted(tmp_path: Path) -> None:
    names = [f"Ann{'aeo'[i % 3] * (i % 4)}b {i:03d}" for i in range(300)]
    found = columns(tmp_path, names, names)
    assert len(np.unique(found["text[at 3]=code"][0])) == len({name.lower()[3:5] for name in names})
    real, _ = found["text[kinds vv]"]
    np.testing.assert_array_equal(np.diff(real), np.diff([max(0, i % 4 - 1) for i in range(300)]))


def test_more_digits_than_a_number_holds_are_two(tmp_path: Path) -> None:
    accounts = [f"DE{i:02d}{RNG.integers(10**8, 10**9)}{RNG.integers(10**8, 10**9)}" for i in range(1, 90)]
    found = columns(tmp_path, accounts, accounts)
    first = found["text[first digits]"][0]
    np.testing.assert_array_equal(np.diff(first), np.diff([int(account[2:7]) for account in accounts]))
    assert {"text[last digits]", "text[last digits]=last digits", "text[last digits]=middle digits"} <= found.keys()
