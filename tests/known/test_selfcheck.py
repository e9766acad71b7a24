"""The self-check: the whole estimator on a few small known truths, and how it is shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ganprobe.cli import main
from ganprobe.errors import UsageError
from ganprobe.known import selfcheck
from ganprobe.objective import shift_js
from ganprobe.plan import Plan
from ganprobe.record.selfcheck import Case, Selfcheck, tables, to_json
from ganprobe.show.reports import Style, terminal

# Without views, which would find what the probe does not.
FAST = Plan("", "", budget="fast", threads=1, probes=("logistic",), parts=("optimality",))


def silent(stage: str) -> None:
    pass


@pytest.fixture(scope="module")
def check(hastily: Callable[[], AbstractContextManager[None]]) -> Selfcheck:
    with hastily():
        return selfcheck.run(FAST, 400, 3, ("shift", "same", "rounded"), silent)


def case(check: Selfcheck, name: str) -> Case:
    return next(c for c in check.cases if c.name == name)


def test_the_cases_are_those_asked_for_in_the_order_of_the_suite(check: Selfcheck) -> None:
    assert [c.name for c in check.cases] == ["same", "shift", "rounded"]
    assert {(c.shape, c.n_real, c.n_fake) for c in check.cases} == {((3,), 400, 400)}


def test_errors_are_against_the_truth(check: Selfcheck) -> None:
    for c in check.cases:
        assert c.error == c.estimate - c.truth
        assert c.floor <= max(0.0, c.estimate)
    assert case(check, "shift").truth == shift_js(1.0)
    assert abs(case(check, "shift").error) < 0.05
    assert case(check, "shift").ratio == abs(case(check, "shift").error / case(check, "shift").oracle_error)
    assert case(check, "same").oracle_error == 0
    assert case(check, "same").ratio is None


def test_what_a_linear_probe_cannot_see_is_missed(check: Selfcheck) -> None:
    """A lattice is no matter for logistic regression: the check must say so, not hide it."""
    rounded = case(check, "rounded")
    assert rounded.error < -0.6
    assert rounded.hard is not None
    assert (check.worst, check.worst_error) == ("rounded", rounded.error)


def test_means_leave_the_hard_cases_out(check: Selfcheck) -> None:
    sizes = {c.name: abs(c.error) for c in check.cases}
    assert check.mean_error == pytest.approx((sizes["same"] + sizes["shift"]) / 2)
    assert check.mean_error_of_all == pytest.approx(sum(sizes.values()) / 3)
    assert check.floors_above == 0


def test_what_is_told_from_0_is_a_small_multiple_of_1_over_n(check: Selfcheck) -> None:
    found = check.resolution
    assert found.js is not None
    assert 2 / 400 <= found.js <= 32 / 400
    assert found.detected >= 4


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch, check: Selfcheck) -> None:
    """What is told from 0 is not asked again."""
    monkeypatch.setattr(selfcheck, "_resolution", lambda *_: check.resolution)


@pytest.mark.usefixtures("resolved")
def test_a_case_has_the_same_numbers_whatever_else_is_asked(check: Selfcheck) -> None:
    alone = selfcheck.run(FAST, 400, 3, ("same",), silent)
    assert replace(alone.cases[0], seconds=0.0) == replace(case(check, "same"), seconds=0.0)


def test_the_table_fits_and_ends_with_what_is_told(check: Selfcheck) -> None:
    text = terminal.lay_out(tables(check), Style(80))
    assert max(map(len, text.splitlines())) <= 80
    for c in check.cases:
        assert any(line.split()[:1] == [c.name] for line in text.splitlines())
    last = " ".join(text.split("What is told from 0")[1].split())
    assert last.startswith("On this machine, at n = 400 and d = 3, budget fast, the smallest JS that this estimator")


def test_a_difference_that_is_never_seen_is_said(check: Selfcheck) -> None:
    blind = replace(check, resolution=replace(check.resolution, js=None))
    assert "no difference that was tried" in " ".join(terminal.lay_out(tables(blind), Style(80)).split())


def test_json(check: Selfcheck) -> None:
    document = json.loads(to_json(check))
    assert document["schema"] == "ganprobe-selfcheck/1"
    assert document["cases"][1]["truth"] == shift_js(1.0)
    assert document["resolution"]["js"] == check.resolution.js


@pytest.mark.usefixtures("resolved")
def test_like_data(tmp_path: Path) -> None:
    np.save(tmp_path / "data.npy", np.random.default_rng(0).standard_normal((600, 4)).astype(np.float32))
    plan = replace(FAST, data=str(tmp_path / "data.npy"))
    check = selfcheck.run(plan, None, None, ("moved",), silent)
    assert (check.n, check.d) == (300, 4)
    assert case(check, "moved").truth == pytest.approx(0.0749, abs=1e-3)
    assert "samples like those of" in tables(check)[-1].rows[0][0]  # type: ignore[operator]
    with pytest.raises(UsageError, match="--d"):
        selfcheck.run(plan, None, 4, (), silent)
    with pytest.raises(UsageError, match="300 samples"):
        selfcheck.run(plan, 301, None, (), silent)


def test_an_unknown_case_names_the_nearest() -> None:
    with pytest.raises(UsageError) as error:
        selfcheck.run(FAST, 200, 2, ("shfit",), silent)
    assert error.value.hint == "did you mean shift?"


def test_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], check: Selfcheck, tmp_path: Path
) -> None:
    asked = []

    def run(plan: Plan, *options: object) -> Selfcheck:
        asked.append((plan, *options[:-1]))
        return check

    monkeypatch.setattr(selfcheck, "run", run)
    assert main(["selfcheck", "--n", "400", "--d", "3", "--case", "shift", "--threads", "1", "--json", "-q"]) == 0
    assert asked == [(Plan("", "", budget="fast", threads=1), 400, 3, ("shift",))]
    out, err = capsys.readouterr()
    assert (out, err) == (to_json(check), "")
    assert main(["selfcheck", "-o", str(tmp_path / "check.txt"), "-q"]) == 0
    assert (tmp_path / "check.txt").read_text() == terminal.lay_out(tables(check), Style())
    assert main(["selfcheck", "--like", "none.npy"]) == 2
    assert "none.npy does not exist" in capsys.readouterr().err
