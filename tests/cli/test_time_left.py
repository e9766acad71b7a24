"""How long a run will still take: said of each stage, growing less, and not before anything is known."""

from __future__ import annotations

import re

import pytest

from ganprobe.cli import _stderr, _sweep
from ganprobe.cli._time_left import with_share
from ganprobe.plan import Plan
from ganprobe.record.parts import MEASURED

STAGES = ("load", "sample", "inspect", "probe: logistic", "null control", "probe: mlp", *MEASURED)


def test_each_stage_begins_where_the_one_before_it_ended() -> None:
    shown: list[tuple[str, float | None]] = []
    told = with_share(
        Plan("g.pt", "d.npz", parts=MEASURED), lambda stage, share=None, stays=False: shown.append((stage, share))
    )
    for stage in STAGES:
        told(stage)
    assert [stage for stage, _ in shown] == [*STAGES]
    assert dict(shown)["null control"] == dict(shown)["probe: logistic"]
    shares = [share for _, share in shown if share is not None]
    assert shares[0] == 0
    assert shares == sorted(shares)
    assert 0.85 < shares[-1] < 1
    assert dict(shown)["optimality"] > dict(shown)["probe: mlp"], "what comes later"  # type: ignore[operator]


@pytest.mark.parametrize(
    ("elapsed", "share", "said"),
    [
        (10.0, None, ""),
        (10.0, 0.0, ""),
        (10.0, 0.01, ""),
        (10.0, 0.5, ", about 10 s left"),
        (60.0, 0.25, ", about 3 min left"),
        (3600.0, 0.1, ", about 9 h left"),
        (10.0, 1.0, ""),
    ],
)
def test_in_words(elapsed: float, share: float | None, said: str) -> None:
    assert _stderr._left(elapsed, share) == said


def test_a_line_a_stage_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter((0.0, 5.0, 10.0, 15.0))
    monkeypatch.setattr(_stderr.time, "monotonic", lambda: next(clock))
    with _stderr.progress(quiet=False) as show:
        show("load", 0.0)
        show("views", 0.25)
        show("views", 0.3)
        show("control")
    assert re.findall(r"^ +([\d.]+) s  (.+)$", capsys.readouterr().err, re.MULTILINE) == [
        ("5.0", "load"),
        ("10.0", "views, about 30 s left"),
        ("15.0", "control"),
    ]


def test_probes_that_were_left_out_are_neither_done_nor_left() -> None:
    shares: dict[str, float | None] = {}
    told = with_share(
        Plan("g.pt", "d.npz", parts=MEASURED), lambda stage, share=None, stays=False: shares.update({stage: share})
    )
    for stage in ("load", "sample", "inspect", "probe: logistic", "probe: periods", "audits"):
        told(stage)
    assert shares["audits"] is not None
    assert shares["audits"] < 0.15, "the costly probes were skipped, and took no time"


@pytest.mark.parametrize(
    ("measured", "left", "slots", "expected"),
    [(1, 4, 1, 0.2), (1, 4, 2, 1 / 3), (2, 3, 2, 1 / 3), (3, 2, 2, 2 / 3), (5, 0, 2, 1.0), (0, 3, 2, 0.0)],
)
def test_checkpoints_that_run_side_by_side_end_together(measured: int, left: int, slots: int, expected: float) -> None:
    assert _sweep.share(measured, left, slots) == pytest.approx(expected)
