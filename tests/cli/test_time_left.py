"""How long a run will still take: said of each stage, growing less, and not before anything is known."""

from __future__ import annotations

import re

import pytest

from ganprobe.cli import _stderr, _sweep
from ganprobe.cli._time_left import with_share
from ganprobe.plan import Plan
from ganprobe.record.parts import MEASURED

# An audit of 10,000 digits of a convolutional generator through the view threshold, in seconds, and a saturated one.
OPEN = {
    "load": 1, "sample": 23, "inspect": 0.3, "probe: logistic": 3, "probe: boosting": 17, "probe: kde": 2.5,
    "probe: knn": 3.6, "probe: mlp": 5, "probe: conv": 17, "views that the probes have not seen": 11, "audits": 31,
    "optimality": 10.5, "views": 8, "kde": 2, "support": 5, "smoothing": 21, "distances": 3, "gradients": 12,
}  # fmt: skip
SATURATED = {
    "load": 1, "sample": 21, "inspect": 0.3, "probe: logistic": 2.4, "probe: boosting": 10.5, "probe: kde": 2.7,
    "probe: knn": 4.7, "null control": 0.5, "optimality": 2.7, "views": 35, "kde": 2, "support": 5, "smoothing": 18,
    "distances": 2, "gradients": 13,
}  # fmt: skip


def shares(took: dict[str, float], slower: float = 1.0, checkpoint: str = "g.pt") -> dict[str, tuple[float, float]]:
    """Of each stage, as it begins: the share of the time that is gone, and the share that is shown."""
    gone = 0.0
    shown: dict[str, float | None] = {}
    told = with_share(
        Plan(checkpoint, "d.npz", parts=MEASURED),
        lambda stage, share=None, stays=False: shown.update({stage: share}),
        lambda: slower * gone,
    )
    truth = {}
    for stage, seconds in took.items():
        told(stage)
        truth[stage] = gone / sum(took.values())
        gone += seconds
    return {stage: (truth[stage], share) for stage, share in shown.items() if share is not None}


@pytest.mark.parametrize("slower", [0.7, 1.5])
def test_what_is_left_is_right_within_a_third_after_the_first_quarter(slower: float) -> None:
    for truth, share in shares(OPEN, slower).values():
        if 0.25 < truth < 0.9:
            assert (1 - share) / share == pytest.approx((1 - truth) / truth, rel=0.35)


def test_samples_have_no_gradients_to_wait_for() -> None:
    of_weights, of_samples = (shares(SATURATED, checkpoint=name)["smoothing"][1] for name in ("g.pt", "fakes.npy"))
    assert of_samples > of_weights


def test_probes_that_were_left_out_are_neither_done_nor_left() -> None:
    found = shares(SATURATED)
    for stage in ("optimality", "smoothing"):
        truth, share = found[stage]
        assert (1 - share) / share == pytest.approx((1 - truth) / truth, rel=0.5)
    assert found["load"] == (0, 0)
    assert 0 < found["null control"][1] < found["optimality"][1]


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


@pytest.mark.parametrize(
    ("measured", "left", "slots", "expected"),
    [(1, 4, 1, 0.2), (1, 4, 2, 1 / 3), (2, 3, 2, 1 / 3), (3, 2, 2, 2 / 3), (5, 0, 2, 1.0), (0, 3, 2, 0.0)],
)
def test_checkpoints_that_run_side_by_side_end_together(measured: int, left: int, slots: int, expected: float) -> None:
    assert _sweep.share(measured, left, slots) == pytest.approx(expected)
