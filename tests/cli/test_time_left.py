"""How long a run will still take: said of each stage, growing less, and not before anything is known."""

from __future__ import annotations

import re

import pytest

from ganprobe.cli import _stderr, _sweep
from ganprobe.cli._time_left import with_share
from ganprobe.plan import Plan
from ganprobe.record.parts import MEASURED

# CPU seconds of audits at ``fast``: 1,000 pictures of 64 x 64 x 3; 10,000 digits, and as many at ``standard``, and
# against a DCGAN whose JS is at its ceiling; 10,000 rows of 12 columns.
OPEN = {
    "load": 0.6, "sample": 3.9, "inspect": 0.3, "probe: logistic": 2.2, "probe: boosting": 3.4, "probe: cosines": 1.4,
    "probe: kde": 1.6, "probe: mlp": 11.2, "probe: conv": 33.1, "probe: knn": 1.7,
    "views that the probes have not seen": 8.5, "audits": 7.5, "optimality": 12.5, "views": 0.2, "kde": 1.2,
    "support": 2.1, "smoothing": 17.7, "distances": 3.1,
}  # fmt: skip
DIGITS = {
    "load": 0.2, "sample": 2.5, "inspect": 0.2, "probe: logistic": 1.5, "probe: boosting": 6.5, "probe: texture": 1.3,
    "probe: cosines": 0.5, "probe: kde": 1.6, "probe: mlp": 2.6, "probe: conv": 9.0, "probe: knn": 1.9,
    "views that the probes have not seen": 6.4, "audits": 8.5, "optimality": 5.5, "views": 0.7, "kde": 1.5,
    "support": 2.5, "smoothing": 6.6, "distances": 2.1,
}  # fmt: skip
STANDARD = {
    "load": 0.2, "sample": 2.8, "inspect": 0.3, "probe: logistic": 6.0, "probe: boosting": 27.1, "probe: texture": 3.3,
    "probe: cosines": 1.3, "probe: kde": 2.6, "probe: mlp": 10.1, "probe: conv": 62.7, "probe: knn": 3.8,
    "views that the probes have not seen": 14.0, "audits": 17.3, "optimality": 71.5, "views": 0.9, "kde": 5.1,
    "support": 6.4, "smoothing": 39.8, "distances": 9.4,
}  # fmt: skip
SATURATED = {
    "load": 0.9, "sample": 11.0, "inspect": 0.3, "probe: logistic": 1.1, "probe: boosting": 4.8, "probe: texture": 2.1,
    "probe: cosines": 0.9, "probe: kde": 2.7, "null control": 0.5,
    "optimality": 1.7, "views": 21.1, "kde": 2.3, "support": 3.3, "smoothing": 2.2, "distances": 3.3, "gradients": 12.1,
}  # fmt: skip
TABLE = {
    "load": 0.1, "sample": 0.4, "inspect": 0.1, "probe: logistic": 0.3, "probe: boosting": 1.0, "probe: kde": 0.9,
    "probe: whitened": 1.9, "probe: mlp": 1.3, "probe: knn": 1.6, "views that the probes have not seen": 3.4,
    "audits": 1.4, "optimality": 2.1, "views": 0.1, "kde": 1.4, "support": 1.5, "smoothing": 2.2, "distances": 1.6,
}  # fmt: skip


def shares(took: dict[str, float], slower: float = 1.0, checkpoint: str = "g.pt") -> dict[str, tuple[float, float]]:
    """Of each stage, as it begins: the share of the time that is gone, and the share that is shown."""
    gone = 0.0
    shown: dict[str, float | None] = {}
    told = with_share(
        Plan(checkpoint, "d.npz", parts=MEASURED, budget="standard" if took is STANDARD else "fast"),
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
@pytest.mark.parametrize(
    ("took", "checkpoint"),
    [(OPEN, "f.npy"), (DIGITS, "f.npy"), (STANDARD, "f.npy"), (SATURATED, "g.pt"), (TABLE, "f.csv")],
)
def test_what_is_left_is_right_within_a_third_after_the_first_quarter(
    took: dict[str, float], checkpoint: str, slower: float
) -> None:
    # That JS is at its ceiling, and what will be left out for it, shows when the cheap probes are done.
    known = 0.35 if took is SATURATED else 0.25
    for truth, share in shares(took, slower, checkpoint).values():
        if known < truth < 0.9:
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
