"""Files that a training writes: handed out once each, whole, whatever the writer does meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ganprobe.series.watch import arrivals


class Writer:
    """Does the next of its steps whenever the watcher sleeps; time is what it slept."""

    def __init__(self, folder: Path, where: str, steps: list[Callable[[], object]], until_idle: float = 5.0) -> None:
        self.time, self._steps = 0.0, iter(steps)
        self._found = arrivals(where or str(folder), 1.0, until_idle, self._sleep, lambda: self.time)

    def _sleep(self, seconds: float) -> None:
        self.time += seconds
        next(self._steps, lambda: None)()

    def __iter__(self) -> Iterator[list[str]]:
        return ([os.path.basename(path) for path in paths] for paths in self._found)  # noqa: PTH119


def append(path: Path, data: bytes) -> Callable[[], object]:
    def step() -> None:
        with path.open("ab") as file:
            file.write(data)

    return step


def wait() -> None:
    """Nothing is written."""


def test_a_file_is_handed_out_when_it_has_stopped_growing(tmp_path: Path) -> None:
    slow = tmp_path / "g_1.pt"
    writer = Writer(tmp_path, "", [append(slow, b"half"), append(slow, b"more"), append(slow, b"rest"), wait])
    found = iter(writer)
    assert next(found) == ["g_1.pt"]
    assert slow.read_bytes() == b"halfmorerest"
    assert writer.time == 4
    assert [*found] == []


def test_what_is_there_comes_at_once_and_once(tmp_path: Path) -> None:
    for step in (1, 2, 10):
        (tmp_path / f"g_{step}.pt").write_bytes(b"weights")
    new = tmp_path / "g_11.pt"
    first, second = Writer(tmp_path, "", [wait, wait, append(new, b"weights")])
    assert sorted(first) == ["g_1.pt", "g_10.pt", "g_2.pt"]
    assert second == ["g_11.pt"]


def test_a_file_put_in_place_by_renaming_is_whole(tmp_path: Path) -> None:
    unfinished, name = tmp_path / "g_1.pt.tmp", tmp_path / "g_1.pt"
    steps = [append(unfinished, b"half"), wait, wait, append(unfinished, b"rest"), lambda: unfinished.rename(name)]
    (found,) = Writer(tmp_path, "", steps)
    assert found == ["g_1.pt"]
    assert name.read_bytes() == b"halfrest"


def test_a_file_that_is_written_anew_comes_again(tmp_path: Path) -> None:
    """In place, and by renaming another file of the same size and time over it."""
    path, other = tmp_path / "latest.pt", tmp_path / ".new"
    path.write_bytes(b"one")
    other.write_bytes(b"two")
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    steps = [wait, wait, lambda: other.rename(path), wait, wait, append(path, b"three"), wait]
    assert [*Writer(tmp_path, "", steps)] == [["latest.pt"]] * 3


def test_a_pause_in_the_middle_gives_two_and_a_folder_that_goes_none(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "g_1.pt"
    path.parent.mkdir()
    gone: list[Callable[[], object]] = [path.unlink, path.parent.rmdir, wait]
    steps = [append(path, b"half"), wait, wait, append(path, b"rest"), wait, *gone]
    assert [*Writer(tmp_path, str(path.parent), steps)] == [["g_1.pt"], ["g_1.pt"]]


def test_other_files_are_left_out(tmp_path: Path) -> None:
    for name in ("g.pt", "g.safetensors", "log.txt", ".hidden.pt", "g.pt.tmp", "d.npz", "events.out"):
        (tmp_path / name).write_bytes(b"bytes")
    (tmp_path / "folder.pt").mkdir()
    (tmp_path / "latest.pt").symlink_to(tmp_path / "g.pt")
    (found,) = Writer(tmp_path, "", [])
    assert sorted(found) == ["g.pt", "g.safetensors"]
    (found,) = Writer(tmp_path, str(tmp_path / "g*"), [])
    assert sorted(found) == ["g.pt", "g.pt.tmp", "g.safetensors"]


def test_a_pattern_may_wait_for_its_folder(tmp_path: Path) -> None:
    late = tmp_path / "late"
    steps = [wait, late.mkdir, append(late / "g_1.pt", b"weights"), append(late / "d_1.pt", b"weights")]
    assert [*Writer(tmp_path, str(late / "g_*.pt"), steps)] == [["g_1.pt"]]


@pytest.mark.parametrize("until_idle", [0.0, 3.0])
def test_it_ends_when_nothing_has_changed_for_long(tmp_path: Path, until_idle: float) -> None:
    path = tmp_path / "g.pt"
    writer = Writer(tmp_path, "", [append(path, b"more")] * 4, until_idle)
    found = [*writer]
    if until_idle:
        assert found == [["g.pt"]]
        assert writer.time == 5 + until_idle, "growing is not idle"
    else:
        assert found == []
