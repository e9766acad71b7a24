"""Every program in examples/ runs, and says what it promises."""

from __future__ import annotations

import math
import os
import re
import runpy
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import pytest
import torch
from audits import audit, measurements

from ganprobe.judge import history
from ganprobe.record.headline import BatchRecord
from ganprobe.store import archive

EXAMPLES = Path(__file__).parent.parent / "examples"


Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """What an example prints, run in this process: what it imports is there already."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(EXAMPLES)

    def run(name: str, *arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", [name, *arguments])
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
        out, err = capsys.readouterr()
        assert err == ""
        return out

    return run


def started(name: str, folder: Path, *arguments: str) -> str:
    """The same in a process of its own, for those that start others."""
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(EXAMPLES.parent)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_every_example_is_run() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.rglob("test_*.py"))
    assert [path.name for path in EXAMPLES.glob("*.py") if f'"{path.name}"' not in tests] == []


LONG = ["arjovsky_figures", "benchmark_alarm", "benchmark_peers", "benchmark_pictures", "published_cases"]


@pytest.mark.parametrize("name", [*LONG, "trainings_compared"])
def test_those_that_take_long_find_what_they_import(run: Run, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        run(f"{name}.py", "--help")
    assert capsys.readouterr().out.startswith(f"usage: {name}.py ")


def test_audit_in_python(run: Run, little_measured: Callable[..., AbstractContextManager[None]]) -> None:
    with little_measured("views"):
        out = run("audit_in_python.py")
    found = re.search(r"JS >= ([\d.]+) nats", out)
    assert found is not None
    assert float(found[1]) > 0.5, "blur is easily seen"
    assert "GP301" in out
    assert re.search(r"through blocks +-?0\.0", out), "and hardly seen in the means of large blocks"


@pytest.mark.slow
def test_benchmark_peers(tmp_path: Path) -> None:
    arguments = ("--n", "80", "--d", "2", "--cases", "lines", "--peers", "logistic", "kde", "--time-limit", "60")
    out = started("benchmark_peers.py", tmp_path, *arguments)
    head, _, *rows = out.splitlines()[1:]
    assert head.split() == ["method", "error", "bias", "worst", "on", "s", "answers", "none"]
    found = {row.split()[0]: row.split()[1:] for row in rows[:5]}
    assert [*found] == ["D*", "ganprobe", "extrapolated", "logistic", "kde"]
    assert found["kde"][-2:] == ["0", "1"], "a density of what fills no volume"
    assert re.search(r"kde +LinAlgError: ", out)
    for method in ("D*", "ganprobe", "extrapolated", "logistic"):
        error, bias, worst, case, _, answers, none = found[method]
        assert float(error) == abs(float(bias)) == abs(float(worst)) < math.log(2)
        assert (case, answers, none) == ("lines", "1", "0")
    assert float(found["D*"][0]) == 0


@pytest.mark.slow
def test_benchmark_pictures(tmp_path: Path) -> None:
    title, head, row = started(
        "benchmark_pictures.py", tmp_path, "--n", "40", "--sizes", "32", "--shown", "4"
    ).splitlines()
    assert title == "40 + 40 pictures, fast, one thread"
    assert head.split()[:2] == ["pixels", "JS"]
    size, js, audit, network, times, *peaks = map(float, row.split())
    assert size == 32
    assert 0.2 < js < math.log(2), "a blur is seen in few pictures"
    assert times == pytest.approx(audit / network, abs=0.01)
    assert all(0.2 < peak < 8 for peak in peaks)


def test_the_network_beside_the_pictures_is_of_the_size_of_inception(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(EXAMPLES)
    from benchmark_pictures import LAYERS, SIDE

    side, multiplications = SIDE, 0
    for channels_in, channels_out, stride in LAYERS:
        side = -(-side // stride)
        multiplications += 9 * channels_in * channels_out * side**2
    assert multiplications == pytest.approx(5.7e9, rel=0.02)


def test_a_peer_that_hangs_dies_or_raises_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(EXAMPLES)
    from benchmark_peers import limited

    assert limited(partial(time.sleep, 60), 0.1) == (None, 0.1, "over 0.1 s")
    assert limited(partial(os._exit, 1), 60) == (None, 0.0, "its process died")
    value, _, failure = limited(partial(int, "many"), 60)
    assert value is None
    assert failure is not None
    assert failure.startswith("ValueError: ")
    assert limited(partial(int, "7"), None)[::2] == (7, None)


@pytest.mark.slow
def test_benchmark_hook(run: Run) -> None:
    said = re.search(
        r"5 steps .*, 1 pairs; its calls ([\d.]+)%", run("benchmark_hook.py", "--pairs", "1", "--steps", "5")
    )
    assert said is not None
    assert float(said[1]) < 2


@pytest.mark.slow
def test_benchmark_alarm(run: Run) -> None:
    given = ("benchmark_alarm.py", "--steps", "200", "--only", "collapsing-0", "healthy-0")
    head, *rows, ours, theirs, _ = run(*given).splitlines()
    assert head.split()[-7:] == ["ganprobe", "FID", "x", "1.5", "FID", "x", "1.25"]
    assert [row.split()[0] for row in rows] == ["collapsing-0", "healthy-0"]
    assert [row.split()[3:] for row in rows] == [["-"] * 4] * 2, "both are sound for 600 steps"
    assert ours == "ganprobe: two checkpoints before 0 of 0 collapses, false in 0 of 2 others"
    assert theirs == "FID x 1.5: two checkpoints before 0 of 0 collapses, false in 0 of 2 others"
    assert run(*given).splitlines()[1:3] == rows, "kept trainings are not repeated"


@pytest.mark.slow
def test_published_cases(run: Run) -> None:
    head, rule, row = run("published_cases.py", "--case", "mixture", "--share", "0.05").splitlines()
    cells = [cell.strip() for cell in row.split("|")[1:-1]]
    kept = (EXAMPLES.parent / "docs" / "published.md").read_text(encoding="utf-8").splitlines()
    assert {head, rule} <= set(kept)
    assert any(line.startswith(" | ".join(("| 2-D mixture", *cells[1:4]))) for line in kept)
    assert head.count("|") == rule.count("|") == row.count("|")
    assert cells[:3] == ["2-D mixture", "bits", "0.4221"]
    optimal, ours, floor = map(float, cells[4:7])
    assert floor < min(0.4221, ours)
    assert (cells[7] == "ok") == (min(abs(ours - optimal), abs(ours - 0.4221)) <= 0.01)


def test_benchmark_probe(run: Run) -> None:
    arguments = ("--probe", "boosting", "--n", "500", "--budget", "fast", "--cases", "shift", "scale")
    shown = run("benchmark_probe.py", *arguments, "--variant", "iterations=1")
    title, head, _, default, fewer = shown.splitlines()
    assert "n = 500" in title
    assert head.split() == ["variant", "shift", "0.1114", "scale", "0.2374", "gain", "se", "times", "a", "second"]
    before, after = (
        [float(x) for x in row.removeprefix(name).split()]
        for row, name in ((default, "  default"), (fewer, "  iterations 1"))
    )
    gain, se, times, _ = after[2:]
    assert gain == pytest.approx((after[0] + after[1] - before[0] - before[1]) / 2, abs=1e-4)
    assert gain < -2 * se < 0, "one tree sees less than many"
    assert times < 1


@pytest.mark.slow
def test_arjovsky_figures(run: Run, tmp_path: Path) -> None:
    arguments = ("--network", "mlp", "--steps", "1", "--budget", "fast", "--folder", "drawn")
    out = run("arjovsky_figures.py", *arguments)
    row = next(line.split() for line in out.splitlines() if line.startswith("       1 "))
    held_out, distance, kept, alive, fate = float(row[2]), float(row[3]), float(row[4]), row[5], row[6]
    assert 0.6 < held_out <= math.log(2), "an untrained generator is told apart at once"
    assert distance > 1
    assert kept < 0.1
    assert (fate == "vanishes") == (alive != "0.0")
    assert out.splitlines()[-3].split()[0] == "300", "the last step of the fresh probe"
    for name in ("wgan_4", "arjovsky_2", "arjovsky_3"):
        drawing = ElementTree.parse(tmp_path / "drawn" / f"{name}.svg").getroot()
        assert len(drawing.findall("{http://www.w3.org/2000/svg}path")) >= 2, "axes and a curve"


@pytest.mark.slow
def test_trainings_compared(tmp_path: Path) -> None:
    arguments = ("--run", "diverging", "--steps", "10", "--checkpoints", "1", "--jobs", "1")
    command, *report = started(
        "trainings_compared.py", tmp_path, *arguments, "--probe", "logistic", "--num-real", "60", "--no-cache", "-q"
    ).splitlines()
    saved = "trainings/diverging/conv_00010.pt"
    assert saved in shlex.split(command)
    assert (tmp_path / saved).is_file()
    assert report[0] == "1 checkpoints against trainings/diverging/digits.npy"
    assert {line.split()[0] for line in report if re.match(r" +\d+ ", line)} == {"10"}


@pytest.mark.parametrize("name", ["diverging", "collapsing"])
def test_trainings_are_one_until_something_goes_wrong(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.syspath_prepend(EXAMPLES)
    monkeypatch.chdir(tmp_path)
    import trainings_compared

    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess((), 0))
    saved = []
    for trained in ("dcgan", name):
        monkeypatch.setattr(sys, "argv", ["", "--run", trained, "--steps", "10"])
        with pytest.raises(SystemExit, match="0"):
            trainings_compared.main()
        saved.append([torch.load(path) for path in sorted(Path("trainings", trained).glob("*.pt"))])
    assert [[checkpoint["step"] for checkpoint in run] for run in saved] == [[*range(1, 11)]] * 2
    equal = [torch.equal(*(c["generator"]["first.weight"] for c in pair)) for pair in zip(*saved, strict=True)]
    assert equal == [True] * 7 + [False] * 3


def test_probe_in_training(run: Run, little_measured: Callable[..., AbstractContextManager[None]]) -> None:
    arguments = ("--steps", "200", "--every", "100", "--probe", "boosting")
    with little_measured("support"):
        *steps, last = run("probe_in_training.py", *arguments).splitlines()
    found = [re.fullmatch(r"step (\d+): JS >= ([\d.]+), estimate ([\d.]+), reals reached \d+%", line) for line in steps]
    assert [int(match[1]) for match in found if match] == [100, 200]
    assert all(float(match[2]) <= float(match[3]) < math.log(2) for match in found if match)
    assert re.match(r"best: step (100|200), the least estimate of 2", last)


def test_custom_probe(run: Run) -> None:
    rows = [
        re.fullmatch(r"(\w+) +JS >= ([\d.]+), estimate (-?[\d.]+)", line)
        for line in run("custom_probe.py").splitlines()
    ]
    seen = {row[1]: (float(row[2]), float(row[3])) for row in rows if row}
    assert [*seen] == ["stack", "boosting", "spectrum", "knn"]
    assert seen["spectrum"][0] > max(seen["boosting"][1], seen["knn"][1]), "it knows where to look"
    assert seen["stack"][1] > 0.8 * seen["spectrum"][1]


def test_custom_data(run: Run) -> None:
    head, *labels = run("custom_data.py").splitlines()
    assert float(re.match(r"JS >= ([\d.]+) nats", head)[1]) > 0.4  # type: ignore[index]
    assert [int(line.split(":")[0]) for line in labels][-1] == 3, "a mirror leaves the others alike"


def test_tabular_synthesizer(run: Run) -> None:
    head, tell, *_ = run("tabular_synthesizer.py", "--rows", "2000").splitlines()
    assert float(re.match(r"JS >= ([\d.]+) nats", head)[1]) > 0.05  # type: ignore[index]
    assert tell.startswith("Through columns hours and contract alone")


def test_history_in_pandas(run: Run, tmp_path: Path) -> None:
    batches = BatchRecord((0.001, -0.001) * 100, (-0.001, 0.001) * 100)
    audits = [
        audit(measurements(checkpoint__step=step, js__nats=js, js__floor=js - 0.01, batches=batches))
        for step, js in ((1000, 0.3), (2000, 0.1), (3000, 0.2))
    ]
    path = tmp_path / "history.jsonl"
    path.write_text(archive.history_to_jsonl(history.compare(audits)), encoding="utf-8")
    steps, views, changes = run("history_in_pandas.py", str(path)).split("\n\n")
    assert [line.split()[:3] for line in steps.splitlines()[1:]] == [
        ["1000", "0.29", "0.3"],
        ["2000", "0.09", "0.1"],
        ["3000", "0.19", "0.2"],
    ]
    assert views.splitlines()[0].split()[-3:] == ["1000", "2000", "3000"]
    assert {line.split()[-1] for line in changes.splitlines()[1:]} <= {"better", "worse", "unresolved"}


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU: the benchmark would run")
def test_benchmark_gpu_says_that_there_is_no_gpu(run: Run) -> None:
    with pytest.raises(SystemExit, match="there is no GPU here, and so nothing to compare"):
        run("benchmark_gpu.py")
