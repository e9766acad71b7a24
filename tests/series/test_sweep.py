"""Whatever ends a sweep, what was done is kept; what is kept is what was asked for, or nothing."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import sys
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from audits import audit, measurements

from ganprobe.errors import InputError, UsageError
from ganprobe.plan import Plan
from ganprobe.record.audit import Audit
from ganprobe.record.history import FailureRecord
from ganprobe.series import sweep


class Here(Executor):
    """Runs each task at once, in this thread, and counts them."""

    def __init__(self, work: Callable[[Plan], Any]) -> None:
        self.work = work
        self.asked: list[str] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        assert fn is sweep.measure
        plan = args[0]
        self.asked.append(Path(plan.checkpoint).name)
        future: Future[Any] = Future()
        try:
            future.set_result(self.work(plan))
        except BaseException as error:  # noqa: BLE001
            future.set_exception(error)
        return future


def measured(plan: Plan) -> Audit:
    path = Path(plan.checkpoint)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    found = audit(measurements(checkpoint__path=str(path), checkpoint__sha256=digest, data__path=plan.data))
    told = {"checkpoint": plan.checkpoint, "data": plan.data, "neighbours": [*plan.neighbours]}
    return dataclasses.replace(found, plan=told)


@pytest.fixture
def plans(tmp_path: Path) -> list[Plan]:
    (tmp_path / "data.npy").write_bytes(b"reals")
    for step in (100, 900, 1000):
        (tmp_path / f"g_{step}.pt").write_bytes(b"weights %d" % step)
    return [Plan(str(tmp_path / f"g_{step}.pt"), str(tmp_path / "data.npy")) for step in (100, 900, 1000)]


@pytest.fixture
def kept(tmp_path: Path) -> sweep.Kept:
    return sweep.Kept(tmp_path / "cache" / "rows")


def test_a_second_sweep_measures_nothing_and_says_the_same(plans: list[Plan], kept: sweep.Kept) -> None:
    first, second = Here(measured), Here(measured)
    results = sweep.run(plans, first, kept)
    before = sweep.in_order([result for result in results if isinstance(result, Audit)])
    assert first.asked == ["g_100.pt", "g_900.pt", "g_1000.pt"]
    assert list(sweep.run(plans, second, kept)) == before
    assert second.asked == []


def test_what_ends_a_sweep_leaves_what_was_done(plans: list[Plan], kept: sweep.Kept) -> None:
    run = sweep.run(plans, Here(measured), kept)
    next(run)
    run.close()
    rest = Here(measured)
    assert len(list(sweep.run(plans, rest, kept))) == 3
    assert len(rest.asked) == 2


@pytest.mark.parametrize("change", ["checkpoint", "data", "model", "features", "probe", "budget", "name"])
def test_whatever_a_result_depends_on_is_in_its_key(plans: list[Plan], tmp_path: Path, change: str) -> None:
    source = {name: tmp_path / f"{name}.py" for name in ("model", "features", "probe")}
    for path in source.values():
        path.write_text("class G: ...")
    model, features, probe = (f"{path}:G" for path in source.values())
    plan = dataclasses.replace(plans[0], model=model, features=features, probes=("knn", probe))
    before = sweep.key(plan, sweep.content)
    if change in ("checkpoint", "data"):
        Path(getattr(plan, change)).write_bytes(b"other")
    elif change in source:
        source[change].write_text("class G: pass")
    elif change == "budget":
        plan = dataclasses.replace(plan, budget="fast")
    else:
        plan = dataclasses.replace(plan, checkpoint=str(Path(plan.checkpoint).rename(tmp_path / "g_200.pt")))
    assert sweep.key(plan, sweep.content) != before


def test_neighbours_are_in_the_key_by_their_content(plans: list[Plan], tmp_path: Path, kept: sweep.Kept) -> None:
    before, plan, _ = plans
    alone, beside = plan, dataclasses.replace(plan, neighbours=(before.checkpoint,))
    assert sweep.key(alone, sweep.content) != sweep.key(beside, sweep.content)
    list(sweep.run([beside], Here(measured), kept))
    moved = str(Path(before.checkpoint).rename(tmp_path / "elsewhere.pt"))
    gone, executor = sweep.key(beside, sweep.content), Here(measured)
    (found,) = sweep.run([dataclasses.replace(beside, neighbours=(moved,))], executor, kept)
    assert executor.asked == []
    assert isinstance(found, Audit)
    assert found.plan["neighbours"] == [moved]
    Path(moved).write_bytes(b"other")
    changed = sweep.key(dataclasses.replace(beside, neighbours=(moved,)), sweep.content)
    assert len({gone, changed, sweep.key(alone, sweep.content)}) == 3


def test_where_inputs_lie_is_not_in_the_key(plans: list[Plan], tmp_path: Path, kept: sweep.Kept) -> None:
    list(sweep.run(plans[:1], Here(measured), kept))
    (tmp_path / "moved").mkdir()
    moved = [Path(path).rename(tmp_path / "moved" / Path(path).name) for path in (plans[0].checkpoint, plans[0].data)]
    executor = Here(measured)
    (found,) = sweep.run([Plan(*map(str, moved))], executor, kept)
    assert executor.asked == []
    assert isinstance(found, Audit)
    assert found.measurements.checkpoint.path == str(moved[0])
    assert found.measurements.data.path == str(moved[1])


def test_a_folder_counts_by_all_that_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "1.png").write_bytes(b"1")
    before = sweep.content(tmp_path / "a")
    (tmp_path / "a" / "b" / "1.png").rename(tmp_path / "a" / "b" / "2.png")
    assert sweep.content(tmp_path / "a") != before


def test_damage_is_set_aside_and_measured_again(plans: list[Plan], kept: sweep.Kept) -> None:
    plan, name = plans[0], sweep.key(plans[0], sweep.content)
    list(sweep.run([plan], Here(measured), kept))
    path = kept.folder / f"{name}.audit"
    whole = path.read_bytes()
    for position in range(0, len(whole), 997):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        assert kept.read(name) is None, position
        assert path.with_suffix(".damaged").exists()
        path.write_bytes(whole[:position])
        assert kept.read(name) is None, position
    path.write_bytes(whole)
    assert kept.read(name) is not None
    other = kept.folder / f"{'0' * 64}.audit"
    other.write_bytes(whole)
    assert kept.read("0" * 64) is None, "another's result under this name"


def test_a_checkpoint_that_fails_ends_nothing(plans: list[Plan], kept: sweep.Kept) -> None:
    def work(plan: Plan) -> Audit | FailureRecord:
        if plan.checkpoint.endswith("900.pt"):
            return FailureRecord(plan.checkpoint, "the file is empty", "copy it again")
        return measured(plan)

    results = list(sweep.run(plans, Here(work), kept))
    assert [type(result) for result in results].count(Audit) == 2
    again = Here(work)
    list(sweep.run(plans, again, kept))
    assert again.asked == ["g_900.pt"]


def test_what_changed_meanwhile_is_not_kept(plans: list[Plan], kept: sweep.Kept) -> None:
    def work(plan: Plan) -> Audit:
        Path(plan.checkpoint).write_bytes(b"written anew")
        return measured(plan)

    (result,) = sweep.run(plans[:1], Here(work), kept)
    assert isinstance(result, FailureRecord)
    assert "changed while" in result.message
    assert not kept.folder.exists()


def test_a_checkpoint_that_vanished_is_a_failure(plans: list[Plan], kept: sweep.Kept) -> None:
    Path(plans[1].checkpoint).unlink()
    results = list(sweep.run(plans, Here(measured), kept))
    assert [r.path for r in results if isinstance(r, FailureRecord)] == [plans[1].checkpoint]
    assert len(results) == 3


def test_a_cache_that_cannot_be_written_is_said_once(plans: list[Plan], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said: list[str] = []
    results = list(sweep.run(plans, Here(measured), sweep.Kept(tmp_path / "file" / "rows"), warn=said.append))
    assert all(isinstance(result, Audit) for result in results)
    assert len(said) == 1
    assert said[0].startswith("results are not kept: ")


def test_whatever_goes_wrong_in_a_task_is_its_result(monkeypatch: pytest.MonkeyPatch, plans: list[Plan]) -> None:
    from ganprobe import flow

    cases = (
        (InputError("damaged", "copy it"), "damaged", False),
        (UsageError("no -m", "say it"), "no -m", True),
        (MemoryError(), "out of memory", False),
        (SystemExit(0), "the model code ended the program (exit 0)", False),
        (KeyError("z"), "KeyError: 'z'", False),
    )
    for error, message, usage in cases:

        def fail(*_: Any, error: BaseException = error) -> None:
            raise error

        monkeypatch.setattr(flow, "audit", fail)
        result = sweep.measure(plans[0], ())
        assert isinstance(result, FailureRecord)
        assert (result.message, result.usage) == (message, usage)


def test_what_model_code_prints_goes_to_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], plans: list[Plan]
) -> None:
    from ganprobe import flow

    monkeypatch.setattr(flow, "audit", lambda *_: sys.stdout.write("hello\n"))
    sweep.measure(plans[0], ())
    assert capsys.readouterr() == ("", "hello\n")


def test_contents_are_hashed_once(plans: list[Plan]) -> None:
    asked: list[Path] = []

    def content(path: Path) -> str:
        asked.append(path)
        return sweep.content(path)

    contents = cache(content)
    for plan in plans:
        sweep.key(plan, contents)
    assert len(asked) == len(set(asked)) == 4


def test_order_is_that_of_training() -> None:
    names = ["g_1000.pt", "g_900.pt", "g_99b.pt", "a.pt", "g_900.PT", "10/g.pt", "9/g.pt"]
    assert sorted(names, key=sweep.natural)[:3] == ["9/g.pt", "10/g.pt", "a.pt"]
    ordered = sorted(names, key=sweep.natural)
    assert ordered.index("g_99b.pt") < ordered.index("g_900.pt") < ordered.index("g_1000.pt")
    files = ("z.pt", 100), ("b.pt", 900), ("a.pt", 1000), ("c.pt", 900)
    stepped = [audit(measurements(checkpoint__path=path, checkpoint__step=step)) for path, step in files]
    assert [a.measurements.checkpoint.path for a in sweep.in_order(stepped)] == ["z.pt", "b.pt", "c.pt", "a.pt"]
    without = [*stepped, audit(measurements(checkpoint__path="y.pt", checkpoint__step=None))]
    assert [a.measurements.checkpoint.path[0] for a in sweep.in_order(without)] == ["a", "b", "c", "y", "z"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root reads everything")
def test_a_cache_that_cannot_be_read_is_no_cache(plans: list[Plan], kept: sweep.Kept) -> None:
    list(sweep.run(plans[:1], Here(measured), kept))
    for path in kept.folder.iterdir():
        path.chmod(0)
    assert isinstance(next(sweep.run(plans[:1], Here(measured), kept)), Audit)
