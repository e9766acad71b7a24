"""Processes that are killed, and what that costs: one task, and nothing of its neighbours."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from ganprobe.errors import ResourceError, UsageError
from ganprobe.series import engines
from ganprobe.series.engines import LocalExecutor


def square(x: int) -> tuple[int, int]:
    return x * x, os.getpid()


def refuse(x: int) -> int:
    raise ValueError(f"not {x}")


def die_once(mark: Path) -> str:
    if mark.exists():
        return "survived"
    mark.touch()
    os.kill(os.getpid(), signal.SIGKILL)
    return "never"


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_tasks_run_elsewhere_and_raise_here() -> None:
    with LocalExecutor(1) as executor:
        answers = [executor.submit(square, x) for x in range(4)]
        assert [future.result()[0] for future in answers] == [0, 1, 4, 9]
        pids = {future.result()[1] for future in answers}
        assert len(pids) == 1
        assert pids != {os.getpid()}
        with pytest.raises(ValueError, match="not 3"):
            executor.submit(refuse, 3).result()


def test_only_the_task_that_lost_its_process_is_run_again(tmp_path: Path) -> None:
    with LocalExecutor(2) as executor:
        killed = executor.submit(die_once, tmp_path / "mark")
        lost = executor.submit(die)
        others = [executor.submit(square, x) for x in range(4)]
        assert killed.result() == "survived"
        with pytest.raises(BrokenExecutor, match="killed 2 times"):
            lost.result()
        assert [future.result()[0] for future in others] == [0, 1, 4, 9]


def test_an_error_outside_ends_everything_at_once() -> None:
    start = time.monotonic()
    executor = LocalExecutor(1)
    futures = [executor.submit(time.sleep, 60) for _ in range(2)]
    time.sleep(0.3)
    executor.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert time.monotonic() - start < 20
    assert isinstance(futures[0].exception(), BrokenExecutor)
    assert futures[1].cancelled()


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_ctrl_c_does_not_reach_a_process_that_is_starting(capfd: pytest.CaptureFixture[str]) -> None:
    with LocalExecutor(1) as executor:
        future = executor.submit(square, 3)
        while not future.done():
            for child in multiprocessing.active_children():
                with suppress(ProcessLookupError):
                    os.kill(child.pid, signal.SIGINT)  # type: ignore[arg-type]
            time.sleep(0.01)
        assert future.result()[0] == 9
    assert capfd.readouterr().err == ""


PARENT = """
import time
from concurrent.futures import wait
from ganprobe.series.engines import LocalExecutor
from test_engines import square
if __name__ == "__main__":
    executor = LocalExecutor(1)
    print(executor.submit(square, 1).result()[1], flush=True)
    executor.submit(time.sleep, 600)
    time.sleep(600)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_no_process_outlives_a_parent_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    paths = os.pathsep.join(map(str, (Path(__file__).parent, *Path(__file__).parents[1:3])))
    command, environment = [sys.executable, str(script)], {**os.environ, "PYTHONPATH": paths}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 10
    while _alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(child)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.slow
def test_dask_runs_the_task_of_a_killed_worker_elsewhere(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    from sweeps import cluster  # which needs torch, and processes that run a function of this file do not

    with cluster(tmp_path, 2) as (file, _), engines.dask(f"file:{file}", gpu=False) as executor:
        killed = executor.submit(die_once, tmp_path / "mark")
        others = [executor.submit(square, x) for x in range(4)]
        assert killed.result(timeout=120) == "survived"
        assert [future.result()[0] for future in others] == [0, 1, 4, 9]


def test_no_scheduler_and_no_package_are_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match="needs the package"), engines.dask("tcp://127.0.0.1:1", gpu=False):
        pass
    monkeypatch.undo()
    pytest.importorskip("distributed")
    monkeypatch.setattr(engines, "_SCHEDULER_TIMEOUT", "1s")
    with pytest.raises(ResourceError, match="no Dask scheduler"), engines.dask("tcp://127.0.0.1:1", gpu=False):
        pass
