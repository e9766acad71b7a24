"""``ganprobe sample``: what goes in and out, and that js takes what comes out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from ganprobe.cli import main
from ganprobe.inputs import datasets


@pytest.fixture(autouse=True)
def checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("model.py").write_text("import torch\nG = lambda: torch.nn.Linear(3, 2)\n")
    torch.save(torch.nn.Linear(3, 2).state_dict(), "g.pt")


def sample(*options: str) -> int:
    return main(["sample", "g.pt", "-m", "model.py:G", "-q", *options])


def test_the_file_is_the_same_each_time_and_is_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert sample("-n", "70", "-o", "a.npz") == 0
    assert sample("-n", "70", "-o", "b.npz") == 0
    assert sample("-n", "70", "-o", "c.npz", "--seed", "1") == 0
    assert capsys.readouterr() == ("", "")
    first, second, third = (Path(name).read_bytes() for name in ("a.npz", "b.npz", "c.npz"))
    assert first == second != third
    data = datasets.load(Path("a.npz"), datasets.DataOptions())
    assert data.values.shape == (70, 2)
    with np.load("a.npz") as file:
        assert sorted(map(tuple, file["samples"])) == sorted(map(tuple, data.values))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("-n", "5", "-o", "f.npy"), "samples are kept as .npz"),
        (("-n", "5", "-o", "no/f.npz"), "there is no folder"),
        (("-n", "5", "-o", "f.npz", "--labels", "model.py"), "--labels FILE needs the data"),
        (("-n", "5", "-o", "f.npz", "--ema", "both"), "--ema both gives two audits"),
        (("-n", "0", "-o", "f.npz"), "-n"),
        (("-n", "5"), "-o"),
    ],
)
def test_what_cannot_be_is_said_before_the_work(
    capsys: pytest.CaptureFixture[str], options: tuple[str, ...], said: str
) -> None:
    assert sample(*options) == 2
    assert said in capsys.readouterr().err
    assert not [*Path().glob("f.np*")]


def test_samples_are_no_checkpoint(capsys: pytest.CaptureFixture[str]) -> None:
    np.save("made.npy", np.zeros((30, 2), np.float32))
    assert main(["sample", "made.npy", "-n", "5", "-o", "f.npz", "-q"]) == 2
    assert "holds samples already" in capsys.readouterr().err
