"""A sweep that is killed, interrupted, short of disk or not alone: nothing is lost, and no number is another's."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sweeps import cluster, run, series, without_times

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="signals")]

SHIFTS = (1.7, 1.5, 1.3, 1.1, 0.9, 0.7, 0.5, 0.1, 0.3, 0.6, 0.8, 1.0)
KILLS = 20


@dataclass
class Whole:
    """A sweep that nothing befell: its results in ``cache`` below ``folder``, and how long it took."""

    folder: Path
    arguments: list[str]
    history: list[dict[str, Any]]
    seconds: float


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder, start = tmp_path_factory.mktemp("faults"), time.monotonic()
    arguments = [*series(folder, SHIFTS, 100), "--json"]
    out, err, code = ended(run(folder, [*arguments, "--jobs", "1", "--cache-dir", "cache"]))
    assert (err, code) == ("", 0)
    return Whole(folder, arguments, without_times(out), time.monotonic() - start)


def ended(process: subprocess.Popen[str]) -> tuple[str, str, int]:
    with process:
        out, err = process.communicate(timeout=3600)
    return out, err, process.returncode


def kept(cache: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in cache.glob("*.audit")}


def until_kept(cache: Path, number: int) -> None:
    deadline = time.monotonic() + 3600
    while len(kept(cache)) < number:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def of(lines: list[dict[str, Any]], names: set[str]) -> list[dict[str, Any]]:
    """The audits among ``lines`` of the checkpoints ``names``."""
    return [line for line in lines if "checkpoint" in line and line["checkpoint"]["path"] in names]


def test_kills_at_twenty_moments_lose_what_is_in_flight(whole: Whole) -> None:
    cache, moments, kills = whole.folder / "killed", random.Random(0), 0
    arguments = [*(word for word in whole.arguments if word != "-q"), "--cache-dir", cache.name]
    before: dict[str, bytes] = {}
    while kills < KILLS:
        with run(whole.folder, [*arguments, "--jobs", "2"]) as process:
            try:
                out = process.communicate(timeout=moments.uniform(0, whole.seconds / 5))[0]
            except subprocess.TimeoutExpired:
                process.kill()
                said = re.findall(rf"(\d+) of {len(SHIFTS)} checkpoints", process.communicate()[1])
                now = kept(cache)
                assert before.items() <= now.items(), "what was kept stays as it was"
                assert len(now) >= max(map(int, said), default=0), "what was reported as done is kept"
                before, kills = now, kills + 1
                continue
        assert without_times(out) == whole.history
        shutil.rmtree(cache)
        before = {}
    out, _, code = ended(run(whole.folder, arguments))
    assert code == 0
    assert without_times(out) == whole.history
    assert before.items() <= kept(cache).items(), "and none of it was measured again"


def test_two_sweeps_share_a_cache(whole: Whole) -> None:
    arguments = [*whole.arguments, "--jobs", "1", "--cache-dir", "shared"]
    both = [run(whole.folder, arguments) for _ in range(2)]
    for out, err, code in map(ended, both):
        assert (err, code) == ("", 0)
        assert without_times(out) == whole.history
    assert len(kept(whole.folder / "shared")) == len(SHIFTS)
    assert [path.name for path in (whole.folder / "shared").rglob("*") if path.suffix in (".tmp", ".damaged")] == []


def test_one_of_twelve_is_corrupt(whole: Whole, tmp_path: Path) -> None:
    for path in whole.folder.iterdir():
        if path.is_file():
            shutil.copy(path, tmp_path)
    bad = tmp_path / "g_500.pt"
    bad.write_bytes(bad.read_bytes()[:-200])
    out, err, code = ended(run(tmp_path, [*whole.arguments, "--cache-dir", str(whole.folder / "cache")]))
    assert (err, code) == ("", 3)
    *audits, history = without_times(out)
    measured = [line["checkpoint"]["path"] for line in audits]
    assert measured == [name for name in whole.arguments if name.startswith("g_") and name != bad.name]
    assert [failure["path"] for failure in history["failed"]] == [bad.name]
    far = {*measured} - {"g_400.pt", "g_600.pt"}  # the probes of these two could not be tried on it
    assert of(audits, far) == of(whole.history, far)


FULL = """
mount -t tmpfs -o size=64k none full && echo old > full/old.jsonl || exit 99
cat /dev/zero > full/filler 2> /dev/null
"$@"
code=$?
[ "$(cat full/old.jsonl; ls -A full)" = "$(printf 'old\\nfiller\\nold.jsonl')" ] || echo changed >&2
exit $code
"""


def on_a_full_disk(whole: Whole, arguments: list[str]) -> tuple[str, str, int]:
    """What `run` gives where the folder ``full`` is a file system with no room left, and ``old.jsonl`` in it."""
    (whole.folder / "full").mkdir(exist_ok=True)
    apart = ["unshare", "--user", "--map-root-user", "--mount"]
    if shutil.which("unshare") is None or subprocess.run([*apart, "true"], check=False).returncode:
        pytest.skip("no file system may be mounted here")
    found = ended(run(whole.folder, arguments, [*apart, "sh", "-c", FULL, "sh"]))
    if found[2] == 99:
        pytest.skip("no file system may be mounted here")
    return found


def test_a_full_disk_leaves_the_old_history(whole: Whole) -> None:
    options = ["--cache-dir", "cache", "-o", "full/old.jsonl"]
    _, err, code = on_a_full_disk(whole, [*whole.arguments, *options])
    assert code == 3
    assert err.startswith("ganprobe: full/old.jsonl could not be written: No space left on device\nhint: ")
    assert "changed" not in err


def test_a_full_cache_is_no_cache(whole: Whole) -> None:
    names = ("g_100.pt", "g_200.pt")
    arguments = [word for word in whole.arguments if not word.startswith("g_") or word in names]
    out, err, code = on_a_full_disk(whole, [*arguments, "--cache-dir", "full"])
    assert code == 0
    assert [line for line in err.splitlines() if "results are not kept: " in line and "No space left" in line]
    first = {names[0]}  # the other one has another neighbour beside it in the whole
    assert of(without_times(out), first) == of(whole.history, first) != []


@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.parametrize("after", [0, 1])
def test_ctrl_c_reaches_every_process_and_one_answers(whole: Whole, after: int) -> None:
    cache = whole.folder / f"interrupted{after}"
    with run(whole.folder, [*whole.arguments, "--jobs", "2", "--cache-dir", cache.name]) as process:
        if after:
            until_kept(cache, after)
        else:
            time.sleep(4)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "ganprobe: interrupted\nhint: nothing is left half-written\n"
    if after:
        *audits, history = without_times(out)
        done = {line["checkpoint"]["path"] for line in audits}
        assert audits == of(whole.history, done)
        assert len(done) + len(history["failed"]) == len(SHIFTS)
        assert {failure["message"] for failure in history["failed"]} == {"not measured: the run was ended"}


def test_a_killed_process_costs_nothing_but_time(whole: Whole) -> None:
    cache = whole.folder / "robbed"
    with run(whole.folder, [*whole.arguments, "--jobs", "2", "--cache-dir", cache.name]) as process:
        until_kept(cache, 3)
        threads = Path(f"/proc/{process.pid}/task").glob("*/children")
        children = [int(pid) for file in threads for pid in file.read_text().split()]
        workers = [pid for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        assert len(workers) == 2
        os.kill(workers[0], signal.SIGKILL)
        out, err = process.communicate(timeout=3600)
    assert (process.returncode, err) == (0, "")
    assert without_times(out) == whole.history


def test_dask_gives_the_same_history_though_a_worker_is_killed(whole: Whole) -> None:
    pytest.importorskip("distributed")
    cache = whole.folder / "elsewhere"
    with cluster(whole.folder, 2) as (file, workers):
        options = ["--engine", "dask", "--address", f"file:{file}", "--cache-dir", cache.name]
        with run(whole.folder, [*whole.arguments, *options]) as process:
            until_kept(cache, 4)
            workers[0].kill()
            out = process.communicate(timeout=3600)[0]
        assert process.returncode == 0
        assert workers[1].poll() is None
    assert without_times(out) == whole.history
