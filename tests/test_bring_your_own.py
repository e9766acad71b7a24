"""docs/bring-your-own.md: each network is written, saved and loaded by the command that stands below it."""

from __future__ import annotations

import re
import runpy
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from audits import audit
from recordings import sound

from ganprobe import flow
from ganprobe.cli import main
from ganprobe.record.audit import Audit
from ganprobe.samples.sides import Source

PAGE = (Path(__file__).parent.parent / "docs" / "bring-your-own.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
COMMANDS = [line.removeprefix("$ ") for kind, text in BLOCKS if kind == "console" for line in text.splitlines()]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for kind, text in BLOCKS:
        if kind == "python":
            name = text.splitlines()[0].removeprefix("# ")
            assert re.fullmatch(r"\w+\.py", name)
            (tmp_path / name).write_text(text)
    data(np.random.default_rng(0))
    return tmp_path


def data(rng: np.random.Generator) -> None:
    """What the commands name, in the working directory."""
    rows = rng.standard_normal((60, 4)).astype(np.float32)
    np.save("data.npy", rows)
    np.save("samples.npy", rows[:40])
    np.savez("data.npz", x=rows, y=np.arange(60) % 3)
    np.save("series.npy", rng.standard_normal((60, 12, 2)).cumsum(1))
    for name in ("long.csv", "made_long.csv"):
        long = pd.DataFrame({"person": np.repeat(np.arange(60), 5), "day": np.tile(np.arange(5), 60)})
        long.assign(steps=rng.poisson(90, 300)).to_csv(name, index=False)
    columns = {"person": np.arange(60), "age": rng.integers(18, 66, 60), "site": rng.choice(["n", "s"], 60)}
    people = pd.DataFrame(columns)
    for name in ("people.csv", "synthetic.csv", "kept/people.csv", "made/people.csv"):
        Path(name).parent.mkdir(exist_ok=True)
        people.to_csv(name, index=False)
    visits = pd.DataFrame({"person": rng.integers(0, 60, 200), "minutes": rng.exponential(20, 200).round()})
    for folder in ("kept", "made"):
        visits.to_csv(Path(folder) / "visits.csv", index=False)
    for folder in ("sounds", "made_sounds"):
        Path(folder).mkdir()
        for i in range(60):
            (Path(folder) / f"{i}.wav").write_bytes(sound(rng.uniform(-0.3, 0.3, 64)))


def test_every_block_is_of_a_kind_that_is_tested_here() -> None:
    assert {kind for kind, _ in BLOCKS} == {"python", "console"}
    assert len(COMMANDS) == 16


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_loads_what_the_page_defines(files: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """All of it but the measuring."""
    _, _, checkpoint, _, *options = words = shlex.split(command)
    if "-m" in options:
        source, _, name = options[options.index("-m") + 1].partition(":")
        torch.save(runpy.run_path(source)[name]().state_dict(), checkpoint)
    sources: list[Source] = []

    def loaded(plan: Any, **rest: Any) -> Audit:
        data, source = flow.load(plan, "cpu")
        assert source.record.doubts == ()
        assert not hasattr(source, "draw") or source.draw(30, 0).shape[1:] == data.values.shape[1:]
        sources.append(source)
        return audit()

    monkeypatch.setattr(flow, "audit", loaded)
    assert main([*words[1:], "-q"]) == 0
    assert len(sources) == 1
    without = [word for at, word in enumerate(words) if "--call" not in words[max(0, at - 1) : at + 1]]
    if without == words:
        return
    # What stands on the page is needed: without it the network does not load, or is doubted.
    monkeypatch.setattr(flow, "audit", lambda plan, **rest: (sources.append(flow.load(plan, "cpu")[1]), audit())[1])
    assert main([*without[1:], "-q"]) in (2, 3) or sources[-1].record.doubts


def test_tables_of_python_are_audited_as_the_page_says(
    files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    read: list[int] = []
    monkeypatch.setattr(flow, "audit", lambda plan, inputs: (read.append(inputs(plan, "cpu")[0].record.n), audit())[1])
    runpy.run_path("frames.py")
    assert read == [60]
    assert float(capsys.readouterr().out) > 0
