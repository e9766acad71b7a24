"""A probe of the user's own is a row like any other, and what is wrong with it is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ganprobe import flow
from ganprobe.cli import main
from ganprobe.errors import InputError, UsageError
from ganprobe.plan import Plan
from ganprobe.record.audit import Measurements

SOUND = """
import torch

def mean(real, fake):
    assert real.dtype == torch.float32 and real.shape[1:] == fake.shape[1:] == (2,)
    direction = real.mean(0) - fake.mean(0)
    return lambda x: x @ direction

def random(real, fake):
    return lambda x: torch.randn(len(x))
"""


def measured(folder: Path, code: str, *probes: str) -> Measurements:
    rng = np.random.default_rng(0)
    real, fake = rng.normal(0, 1, (400, 2)), rng.normal(1, 1, (400, 2))
    np.save(folder / "real.npy", real)
    np.save(folder / "fake.npy", fake)
    (folder / "mine.py").write_text(code)
    asked = tuple(f"{folder / 'mine.py'}:{probe}" if ":" not in probe else probe.lstrip(":") for probe in probes)
    plan = Plan(
        str(folder / "fake.npy"), str(folder / "real.npy"), probes=asked, budget="fast", threads=1, parts=("support",)
    )
    return flow.audit(plan).measurements


def test_it_is_calibrated_stacked_and_read_like_the_others(tmp_path: Path) -> None:
    rows = {row.name.rpartition(":")[2]: row for row in measured(tmp_path, SOUND, ":knn", "mean", "random").probes}
    assert [*rows] == ["stack", "mean", "random", "knn"]
    # JS of a shift by sqrt(2) in the plane is .19.
    assert rows["mean"].floor < 0.19
    assert rows["mean"].js == pytest.approx(0.19, abs=0.05)
    assert rows["random"].js == pytest.approx(0, abs=0.02)
    assert rows["mean"].settings == {"source": str(tmp_path / "mine.py:mean")}


def test_what_is_random_in_it_is_repeated(tmp_path: Path) -> None:
    first, second = (measured(tmp_path, SOUND, "random").probes[1].js for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise ValueError('no such thing')", "no such thing"),
        ("return 3", "gives int"),
        ("return lambda x: x", "by 80x2"),
        ("return lambda x: x[:, 0] / 0", "not finite"),
        ("return lambda x: ['a'] * len(x)", "no numbers"),
        ("raise SystemExit(0)", "sys.exit"),
    ],
)
def test_what_it_does_wrong_is_said(tmp_path: Path, body: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as raised:
        measured(tmp_path, f"def f(real, fake):\n    {body}\n", "f")
    assert raised.value.hint


def test_code_that_is_not_there_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    for probe in ("nowhere.py:f", f"{tmp_path / 'mine.py'}:missing"):
        (tmp_path / "mine.py").write_text(SOUND)
        with pytest.raises(UsageError):
            flow.audit(Plan(str(tmp_path / "none.npy"), str(tmp_path / "none.npy"), probes=(probe,)))


def test_the_command_line_takes_it_and_no_other_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(tmp_path / "x.npy", np.random.default_rng(0).normal(size=(60, 2)))
    (tmp_path / "mine.py").write_text(SOUND)
    command = ["js", str(tmp_path / "x.npy"), str(tmp_path / "x.npy"), "-q", "--probe"]
    assert main([*command, "mean"]) == 2
    assert "boosting" in capsys.readouterr().err
    assert main([*command, f"{tmp_path / 'mine.py'}:mena"]) == 2
    assert "mean" in capsys.readouterr().err
