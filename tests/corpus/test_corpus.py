"""Every broken or hostile file ends in two lines and the exit code that it is promised: soon, and in little memory."""

from __future__ import annotations

import contextlib
import gzip
import re
import time
from pathlib import Path
from typing import NoReturn

import numpy as np
import pandas as pd
import pytest
import torch
from corpus.builder import ENTRIES as BUILT
from corpus.builder import (
    ESCAPE,
    LABELS,
    PIXELS,
    ROWS,
    Build,
    Entry,
    file,
    folder_of,
    idx,
    npy,
    npz,
    parquet,
    png,
    torch_file,
    zipped,
)
from corpus.containers import ENTRIES as CONTAINED
from corpus.containers import member, sounds, tar, wav, wav_header

from ganprobe import flow
from ganprobe.cli import main
from ganprobe.inputs import datasets
from ganprobe.inputs.datasets import DataOptions

ENTRIES = [*BUILT, *CONTAINED]
SECONDS = 10
MEGABYTES = 1_000


class AcceptedError(Exception):
    """The file went through: nothing is to be measured here."""


@pytest.fixture
def reads_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def accepted(*arguments: object) -> NoReturn:
        raise AcceptedError

    monkeypatch.setattr(flow, "draw", accepted)


def memory(field: str) -> float:
    """``VmHWM``, the most that this process ever held, or ``VmRSS``, what it holds, in MB; 0 where no one counts."""
    status = Path("/proc/self/status")
    found = re.search(rf"{field}:\s+(\d+) kB", status.read_text()) if status.is_file() else None
    return int(found[1]) / 1000 if found else 0.0


def forget_the_most() -> None:
    if (counter := Path("/proc/self/clear_refs")).is_file():
        counter.write_text("5")


def arguments(entry: Entry, folder: Path, path: str) -> list[str]:
    (folder / "good").mkdir(exist_ok=True)
    fake, real = folder / "good" / "fake.npy", folder / "good" / "real.npy"
    np.save(fake, ROWS)
    np.save(real, ROWS + 1)
    checkpoint = path if entry.role == "checkpoint" else str(fake)
    data = path if entry.role == "data" else str(real)
    return ["js", checkpoint, data, "-q", *(["--labels", path] if entry.role == "labels" else [])]


def test_there_are_many_and_no_two_alike() -> None:
    assert len({entry.name for entry in ENTRIES}) == len(ENTRIES) >= 60


@pytest.mark.usefixtures("reads_only")
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_what_is_broken_ends_in_two_lines(
    entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    given = arguments(entry, tmp_path, str(entry.build(tmp_path)))
    before = set(tmp_path.rglob("*"))
    forget_the_most()
    held, start = memory("VmRSS"), time.perf_counter()
    code = main(given)
    seconds, grown = time.perf_counter() - start, memory("VmHWM") - held
    out, err = capsys.readouterr()
    assert code == entry.code, err
    assert out == ""
    message, hint = err.splitlines()
    assert message.startswith("ganprobe: ")
    assert hint.startswith("hint: ")
    assert any(word in message + hint for word in entry.says.split("|")), err
    assert (message + hint).isprintable()
    assert len(message) < 300 + len(str(tmp_path))
    assert seconds < SECONDS
    assert grown < MEGABYTES
    assert set(tmp_path.rglob("*")) == before, "something was written"
    assert not list(tmp_path.parent.parent.glob("executed*"))


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e.fires], ids=lambda entry: entry.name)
def test_payloads_would_have_run(entry: Entry, tmp_path: Path) -> None:
    path = Path(entry.build(tmp_path))
    assert not (tmp_path / "executed").exists()
    with contextlib.suppress(Exception):  # what it left behind counts
        entry.fires(path)  # type: ignore[misc]
    assert (tmp_path / "executed").exists()


GOOD: dict[str, Build] = {
    "npy": file("x.npy", npy(ROWS)),
    "npy, bytes": file("x.npy", npy(PIXELS)),
    "npz": file("x.npz", npz(x=ROWS, y=LABELS)),
    "pt": file("x.pt", torch_file(torch.from_numpy(ROWS))),
    "pt, with labels": file("x.pt", torch_file((torch.from_numpy(ROWS), torch.from_numpy(LABELS)))),
    "pt, old format": file("x.pt", torch_file({"x": torch.ones(40, 3)}, _use_new_zipfile_serialization=False)),
    "idx": file("x-idx3", idx((40, 8, 8), PIXELS.tobytes())),
    "idx.gz": file("x.gz", gzip.compress(idx((40, 8, 8), PIXELS.tobytes()))),
    "folder": folder_of(**{f"{i}_png": png(PIXELS[i]) for i in range(40)}),
    "sounds, one of no length": sounds(wav()[:44]),
    "sounds, one of 65 thousand channels": sounds(wav_header(channels=65_535)),
    "tar": tar(*(member(f"{i}.png", png(PIXELS[i])) for i in range(40))),
    "folder of sounds": folder_of(**{f"{i}_wav": wav() for i in range(40)}),
    "tar of sounds": tar(*(member(f"{i}.wav", wav()) for i in range(40))),
    "zip": file("x.zip", zipped(*((f"{i}.png", png(PIXELS[i])) for i in range(40)))),
    "csv": file("x.csv", "a,b\n" + "1,2\n3,5\n" * 20),
    "csv, names that steer": file("x.csv", f"{ESCAPE},b\n" + "1,2\n3,5\n" * 20),
    "csv, zero bytes in words": file("x.csv", "a,b\n" + "1,x\0y\n2,z\n" * 20),
    "tsv": file("x.tsv", "a\tb\n" + "1\t2\n3\t5\n" * 20),
    "parquet": file("x.parquet", lambda f: parquet(pd.DataFrame(ROWS, columns=[*"abc"]))),
    "parquet, a million rows in a kilobyte": file("x.parquet", lambda f: parquet(pd.DataFrame({"a": np.ones(10**6)}))),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_whole_is_read(name: str, tmp_path: Path) -> None:
    assert datasets.load(Path(GOOD[name](tmp_path)), DataOptions()).record.n >= 40
