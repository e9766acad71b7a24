"""``ganprobe compare``: what goes in and out, and how it can end; the measuring itself is stood in for."""

from __future__ import annotations

import _thread
import contextlib
import dataclasses
import hashlib
import importlib
import json
import random
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from audits import audit, measurements
from sweeps import run, series

from ganprobe.cli import main
from ganprobe.plan import Plan
from ganprobe.record.audit import Audit
from ganprobe.record.headline import BatchRecord
from ganprobe.record.history import FailureRecord
from ganprobe.series import engines
from ganprobe.store import archive

STEPS = (100, 900, 1000)
VALUES = {100: 0.3, 900: 0.1, 1000: 0.2}


def answer(plan: Plan) -> Audit | FailureRecord:
    """As the name says, so is the estimate."""
    path = Path(plan.checkpoint)
    if path.read_bytes() == b"bad":
        return FailureRecord(plan.checkpoint, "not a checkpoint", "save it again")
    step = int(path.stem.removeprefix("g_"))
    value = VALUES[step]
    m = measurements(
        checkpoint__path=plan.checkpoint,
        checkpoint__sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        checkpoint__step=step,
        data__path=plan.data,
        js__nats=value,
        js__low=value - 0.01,
        js__high=value + 0.01,
    )
    rng = random.Random(step)
    shares = tuple(rng.gauss(0, 1e-4) for _ in range(200))
    found = audit(dataclasses.replace(m, batches=BatchRecord(shares, shares)))
    told = {"checkpoint": plan.checkpoint, "data": plan.data, "neighbours": [*plan.neighbours]}
    return dataclasses.replace(found, plan=told)


class Stand(Executor):
    """Answers at once; ``plans`` are those that were asked."""

    plans: ClassVar[list[Plan]]
    slots: ClassVar[list[int]]
    ends_after: int | None = None

    def __init__(self, slots: int) -> None:
        self.slots.append(slots)

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if self.ends_after is not None and len(self.plans) >= self.ends_after:
            raise KeyboardInterrupt
        self.plans.append(args[0])
        future.set_result(answer(args[0]))
        return future


@pytest.fixture
def stand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> type[Stand]:
    monkeypatch.setattr(Stand, "plans", [], raising=False)
    monkeypatch.setattr(Stand, "slots", [], raising=False)
    monkeypatch.setattr(engines, "LocalExecutor", Stand)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for step in STEPS:
        Path(f"g_{step}.pt").write_bytes(b"%d" % step)
    Path("d.npz").touch()
    return Stand


def compare(*options: str) -> int:
    return main(["compare", "g_1000.pt", "g_900.pt", "g_100.pt", "d.npz", "-q", *options])


def test_checkpoints_are_compared_in_natural_order(stand: type[Stand], capsys: pytest.CaptureFixture[str]) -> None:
    assert compare() == 0
    assert [plan.checkpoint for plan in stand.plans] == ["g_100.pt", "g_900.pt", "g_1000.pt"]
    assert {(plan.data, plan.threads) for plan in stand.plans} == {("d.npz", 1)}
    beside = [("g_900.pt",), ("g_100.pt", "g_1000.pt"), ("g_900.pt",)]
    assert [plan.neighbours for plan in stand.plans] == beside
    assert {"optimality", "views", "support", "smoothing", "distances", "gradients"} <= set(stand.plans[0].parts)
    assert all(plan.series for plan in stand.plans)
    out = capsys.readouterr().out
    assert "900: the least estimate of 3" in out
    assert out.index("\n   100 ") < out.index("\n   900 ") < out.index("\n  1000 ")


def test_json_is_a_line_a_checkpoint_and_one_about_all(stand: type[Stand], capsys: pytest.CaptureFixture[str]) -> None:
    assert compare("--json") == 0
    *audits, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert [line["checkpoint"]["step"] for line in audits] == [*STEPS]
    assert {line["schema"] for line in audits} == {"ganprobe/1"}
    assert last["schema"] == "ganprobe-history/1"
    assert last["best"]["step"] == 900
    assert len(last["differences"]) == 2
    assert last["trend"]["statistic"] == "js"


@pytest.mark.parametrize("form", ["terminal", "json", "jsonl", "csv", "markdown"])
def test_a_saved_history_is_shown_in_any_format(
    stand: type[Stand], capsys: pytest.CaptureFixture[str], form: str
) -> None:
    assert compare("-o", "h.jsonl") == 0
    assert capsys.readouterr().out == ""
    assert compare("--format", form, "--full") == 0
    direct = capsys.readouterr().out
    assert main(["report", "h.jsonl", "--format", form, "--full"]) == 0
    assert capsys.readouterr().out == direct


def test_what_is_done_is_not_done_again(stand: type[Stand]) -> None:
    assert compare("-o", "first.jsonl") == 0
    assert compare("-o", "second.jsonl") == 0
    assert len(stand.plans) == 3
    assert Path("first.jsonl").read_bytes() == Path("second.jsonl").read_bytes()
    assert compare("--no-cache") == 0
    assert compare("--cache-dir", "elsewhere") == 0
    assert compare("--budget", "fast") == 0
    assert len(stand.plans) == 12


def test_one_that_cannot_be_measured_is_reported(stand: type[Stand], capsys: pytest.CaptureFixture[str]) -> None:
    Path("g_900.pt").write_bytes(b"bad")
    assert compare("--full") == 3
    assert "g_900.pt  not a checkpoint" in capsys.readouterr().out
    assert compare("--json") == 3
    assert len(stand.plans) == 4
    for step in STEPS:
        Path(f"g_{step}.pt").write_bytes(b"bad")
    assert compare() == 3
    assert capsys.readouterr().err.splitlines() == [
        "ganprobe: not a checkpoint (and so for all 3)",
        "hint: save it again",
    ]


def test_a_regression_fails_only_where_that_is_asked_for(stand: type[Stand]) -> None:
    assert compare("--fail-on-regression") == 1
    assert main(["compare", "g_100.pt", "g_900.pt", "d.npz", "-q", "--fail-on-regression"]) == 0
    Path("g_100.pt").write_bytes(b"bad")
    assert compare("--fail-on-regression") == 3, "part of it failed, which comes before"


def test_shards_are_measured_apart_and_gathered(stand: type[Stand]) -> None:
    assert compare("--shard", "0/2", "-o", "0.jsonl") == 0
    assert compare("--shard", "1/2", "-o", "1.jsonl") == 0
    assert [Path(plan.checkpoint).stem for plan in stand.plans] == ["g_100", "g_1000", "g_900"]
    assert compare("-o", "all.jsonl") == 0
    assert len(stand.plans) == 3
    assert [a.measurements.checkpoint.step for a in archive.read_any(Path("all.jsonl")).audits] == [*STEPS]  # type: ignore[union-attr]


def test_ctrl_c_leaves_a_report_of_what_was_done(
    stand: type[Stand], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare("--shard", "0/3") == 0
    monkeypatch.setattr(stand, "ends_after", 1)
    capsys.readouterr()
    assert compare("--full") == 130
    out, err = capsys.readouterr()
    assert "1 checkpoints against" in out
    assert out.count("not measured: the run was ended") == 2
    assert err.startswith("ganprobe: interrupted\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("g_100.pt",), "there is one path only"),
        (("g_7.pt", "d.npz"), "g_7.pt does not exist"),
        (("g_100.pt", "nothing.npz"), "nothing.npz does not exist"),
        (("g_100.pt", "d.npz", "--format", "junit"), "junit shows one audit"),
        (("g_100.pt", "d.npz", "--shard", "2/2"), "--shard 2/2: not of the form I/N"),
        (("g_100.pt", "d.npz", "--shard", "1/2"), "there are only 1 checkpoints"),
        (("g_100.pt", "d.npz", "--shard", "0/2", "--no-cache"), "would keep nothing"),
        (("g_100.pt", "d.npz", "--engine", "dask"), "--engine dask and --address go together"),
        (("g_100.pt", "d.npz", "--address", "tcp://127.0.0.1:1"), "--engine dask and --address go together"),
        (("g_100.pt", "d.npz", "--engine", "dask", "--address", "tcp://h:1", "-j", "2"), "--jobs is for this machine"),
        (("g_100.pt", "d.npz", "--ema", "both"), "--ema both gives two audits"),
        (("g_100.pt", "d.npz", "-o", "no/h.jsonl"), "there is no folder"),
        (("g_100.pt", "d.npz", "--select", "fid"), "'fid' is not one of"),
    ],
)
def test_what_cannot_be_is_said_before_the_work(
    stand: type[Stand], capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    assert main(["compare", "-q", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert stand.plans == []


def test_patterns_that_no_shell_expanded_are(stand: type[Stand]) -> None:
    assert main(["compare", "-q", "g_*.pt", "g_100.pt", "d.npz", "--jobs", "2"]) == 0
    assert [Path(plan.checkpoint).stem for plan in stand.plans] == ["g_100", "g_900", "g_1000"]
    assert stand.slots == [2]


# -- watching ------------------------------------------------------------------


@pytest.fixture
def watched(stand: type[Stand], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder that nothing has been written to, looked at twenty times a second."""
    monkeypatch.setattr(importlib.import_module("ganprobe.cli._series"), "_LOOK_EVERY", 0.05)
    (tmp_path / "runs").mkdir()
    return tmp_path / "runs"


def in_parts(path: Path, data: bytes) -> None:
    """Written as slowly as a disk may be, never idle for two looks."""
    with path.open("wb", buffering=0) as file:
        for byte in data:
            file.write(bytes([byte]))
            time.sleep(0.02)


def once(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        time.sleep(0.02)
    raise TimeoutError


@contextlib.contextmanager
def beside(work: Callable[[], object]) -> Iterator[None]:
    """``work`` goes on in another thread."""
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        yield
        future.result()


@pytest.mark.usefixtures("ctrl_c")
def test_a_training_is_watched_until_ctrl_c(
    stand: type[Stand], watched: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown: list[bytes] = []

    def training() -> None:
        try:
            in_parts(watched / "g_100.pt", b"weights of 100")
            once(lambda: len(stand.plans) == 1)
            in_parts(watched / "g_900.pt.tmp", b"weights of 900")
            (watched / "g_900.pt.tmp").rename(watched / "g_900.pt")
            once(lambda: len(stand.plans) == 2 and Path("h.jsonl").exists())
            shown.append(Path("h.jsonl").read_bytes())
            (watched / "log.txt").write_text("loss 0.1")
            in_parts(watched / "g_1000.pt", b"weights of 1000")
            once(lambda: len(stand.plans) == 3)
            time.sleep(0.2)
        finally:
            _thread.interrupt_main()

    with beside(training):
        assert main(["compare", "--watch", "runs", "d.npz", "-o", "h.jsonl"]) == 130
    assert [(plan.checkpoint, plan.neighbours) for plan in stand.plans] == [
        ("runs/g_100.pt", ()),
        ("runs/g_900.pt", ("runs/g_100.pt",)),
        ("runs/g_1000.pt", ("runs/g_900.pt",)),
    ]
    out, err = capsys.readouterr()
    assert out == ""
    assert "100: estimate 0.3000 nats, at least 0.1370; the best so far\n" in err
    assert "900: estimate 0.1000 nats, at least 0.1370; the best so far\n" in err
    assert "1000: estimate 0.2000 nats, at least 0.1370, demonstrably worse than the best before" in err
    assert "ganprobe: interrupted\n" in err
    assert len(archive.history_from_jsonl(shown[0].decode()).audits) < 3, "it was written as each came"
    whole = archive.read_any(Path("h.jsonl"))
    assert [a.measurements.checkpoint.step for a in whole.audits] == [*STEPS]  # type: ignore[union-attr]


def test_a_watch_that_is_started_anew_measures_what_is_new(stand: type[Stand], watched: Path) -> None:
    for step in (100, 900):
        (watched / f"g_{step}.pt").write_bytes(b"%d" % step)
    command = ["compare", "--watch", "runs/g_*.pt", "d.npz", "-q", "--until-idle", "0.2"]
    assert main([*command, "-o", "first.jsonl"]) == 0
    (watched / "g_1000.pt").write_bytes(b"1000")
    assert main([*command, "-o", "second.jsonl"]) == 0
    assert [Path(plan.checkpoint).stem for plan in stand.plans] == ["g_100", "g_900", "g_1000"]
    assert main([*command, "--fail-on-regression"]) == 1


def test_what_cannot_be_read_yet_is_tried_again_when_it_changes(
    stand: type[Stand], watched: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A writer that pauses in the middle, for long."""
    path = watched / "g_900.pt"
    (watched / "g_100.pt").write_bytes(b"100")
    path.write_bytes(b"bad")

    def training() -> None:
        once(lambda: len(stand.plans) == 2)
        time.sleep(0.2)
        path.write_bytes(b"good")

    command = ["compare", "--watch", "runs", "d.npz"]
    with beside(training):
        assert main([*command, "--until-idle", "2"]) == 0
    assert [Path(plan.checkpoint).stem for plan in stand.plans] == ["g_100", "g_900", "g_900"]
    out, err = capsys.readouterr()
    assert "runs/g_900.pt: not a checkpoint; it is tried again when it changes\n" in err
    assert "could not be measured" not in out
    assert "2 checkpoints against" in out
    path.write_bytes(b"bad")
    assert main([*command, "--until-idle", "0.2"]) == 3
    assert "could not be measured" in capsys.readouterr().out


def test_where_none_came_there_is_nothing_to_compare(
    stand: type[Stand], watched: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("d.npz").rename("runs/d.pt")
    assert main(["compare", "--watch", "runs", "runs/d.pt", "-q", "--until-idle", "0.2"]) == 3
    assert capsys.readouterr().err.startswith("ganprobe: no checkpoint came: runs\n")
    assert stand.plans == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--watch", "runs", "g_1.pt", "d.npz"), "with --watch the only path is DATA"),
        (("--watch", "nowhere", "d.npz"), "nowhere does not exist"),
        (("--watch", "runs", "nothing.npz"), "nothing.npz does not exist"),
        (("--watch", "runs", "d.npz", "--shard", "0/2"), "--watch and --shard exclude each other"),
        (("g_100.pt", "d.npz", "--until-idle", "9"), "--until-idle is for --watch"),
        (("g_100.pt", "d.npz", "--stop-file", "stop"), "--stop-file is for --watch"),
    ],
)
def test_what_cannot_be_watched_is_said_before_the_work(
    stand: type[Stand], watched: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    assert main(["compare", "-q", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert stand.plans == []


# -- with real processes -------------------------------------------------------


@pytest.mark.slow
def test_a_small_sweep_from_files_to_lines(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    np.save(tmp_path / "real.npy", rng.normal(0, 1, (60, 2)).astype(np.float32))
    np.save(tmp_path / "g_100.npy", rng.normal(2, 1, (60, 2)).astype(np.float32))
    (tmp_path / "g_50.pt").write_bytes(b"no checkpoint")
    options = ("--budget", "fast", "--probe", "logistic", "-q", "--json")
    with run(tmp_path, ["g_50.pt", "g_100.npy", "real.npy", *options]) as process:
        out, err = process.communicate(timeout=300)
    assert (process.returncode, err) == (3, "")
    whole = archive.history_from_jsonl(out)
    assert [a.measurements.checkpoint.path for a in whole.audits] == ["g_100.npy"]
    assert "not a checkpoint" in whole.record.failed[0].message


@pytest.mark.slow
@pytest.mark.usefixtures("ctrl_c")
def test_a_training_that_is_watched_in_earnest(tmp_path: Path) -> None:
    """Checkpoints come in parts, one with a pause in which it cannot be read; Ctrl-C leaves the whole history."""
    *checkpoints, data = series(tmp_path, (1.5, 1.0, 0.5), 200)[:4]
    arguments = [data, "-m", "model.py:G", "--budget", "fast", "--probe", "logistic", "--json"]
    written = [(tmp_path / name).read_bytes() for name in checkpoints]
    for name in checkpoints:
        (tmp_path / name).unlink()
    folder = tmp_path / "runs"
    folder.mkdir()
    with run(tmp_path, ["--watch", "runs", *arguments]) as process:
        assert process.stderr is not None
        for name, data, pause in zip(checkpoints, written, (0.5, 8.0, 0.5), strict=True):
            with (folder / name).open("wb") as file:
                for part in (data[: len(data) // 2], data[len(data) // 2 :]):
                    file.write(part)
                    file.flush()
                    time.sleep(pause)
            step = name.removeprefix("g_").removesuffix(".pt")
            said = next(line for line in process.stderr if f" {step}: estimate" in line or "ganprobe:" in line)
            assert "estimate" in said
        process.send_signal(signal.SIGINT)
        out = process.stdout.read() if process.stdout else ""
    assert process.returncode == 130
    whole = archive.history_from_jsonl(out)
    assert [audit.measurements.checkpoint.step for audit in whole.audits] == [100, 200, 300]
    assert whole.record.failed == ()
    assert [len(audit.measurements.crossed) for audit in whole.audits] == [0, 1, 1]
