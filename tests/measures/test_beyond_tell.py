"""What is left where the tell is not seen: pictures with a grey tell and a known difference of shapes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from ganprobe.measures import beyond_tell
from ganprobe.measures.localise import Row
from ganprobe.objective import LOG2
from ganprobe.record.beyond_tell import BeyondRecord
from ganprobe.record.bound import Bound
from ganprobe.record.unmeasured import Unmeasured
from ganprobe.record.views import ViewRecord
from ganprobe.views import MEMBERS, Chain


def row(val: float, *steps: tuple[str, dict[str, Any]]) -> Row:
    chain = Chain(tuple((name, MEMBERS[name].Settings(**changes)) for name, changes in steps))
    return Row(chain, ViewRecord(chain.name, Bound(val, val - 0.01, val + 0.01, val - 0.02), chain.settings), val)


HEADLINE = row(0.69)
HISTOGRAM, THRESHOLD = row(0.688, ("histogram", {})), row(0.2, ("threshold", {}))
COARSE = row(0.15, ("threshold", {}), ("blocks", {"size": 4}))
PICTURES = (HISTOGRAM, THRESHOLD, COARSE, row(0.1, ("noise", {"sigma": 0.3})))
ONE, DROP = row(0.68, ("columns", {"keep": "age"})), row(0.3, ("columns", {"drop": "age"}))
MORE, OTHER = row(0.1, ("columns", {"drop": "age,income"})), row(0.6, ("columns", {"drop": "income"}))
TABLE = (ONE, DROP, MORE, OTHER)


def blind(told: Row | None, rows: tuple[Row, ...], kind: str, saturated: bool = True) -> list[str]:
    return [r.record.label for r in beyond_tell.blind(told, rows, kind, saturated=saturated)]


def test_a_threshold_is_blind_to_greys_and_a_table_without_the_column_to_it() -> None:
    assert blind(HISTOGRAM, PICTURES, "image") == [THRESHOLD.record.label, COARSE.record.label]
    assert blind(COARSE, PICTURES, "image") == [THRESHOLD.record.label]
    assert blind(ONE, TABLE, "table") == [DROP.record.label, MORE.record.label]
    assert blind(None, PICTURES, "image", saturated=False) == []
    assert blind(None, PICTURES, "image") == [THRESHOLD.record.label, COARSE.record.label]
    assert blind(None, (row(0.2, ("noise", {"sigma": 0.3})),), "array") == ["noise sigma=0.3"]
    assert blind(HISTOGRAM, (row(0.2, ("noise", {"sigma": 0.3})),), "array") == []


def test_the_finest_that_is_neither_touched_nor_saturated_by_the_val_part_is_taken() -> None:
    assert beyond_tell.chosen(HEADLINE, (THRESHOLD, COARSE)) is THRESHOLD
    assert beyond_tell.chosen(HEADLINE, (row(0.67, ("threshold", {})), COARSE)) is COARSE
    assert beyond_tell.chosen(row(0.3), (row(0.29, ("threshold", {})), COARSE)) is COARSE
    assert beyond_tell.chosen(HEADLINE, (row(0.67, ("threshold", {})),)) is None


def study(saturated: bool) -> Any:
    plan = SimpleNamespace(series=True, parts=("views",))
    return SimpleNamespace(plan=plan, ladder=SimpleNamespace(saturated=saturated))


def test_without_a_tell_below_the_ceiling_the_headline_says_it_all() -> None:
    found = beyond_tell.measure(study(False), HEADLINE, None, ())
    assert isinstance(found, Unmeasured)
    assert "says it all" in found.why
    found = beyond_tell.measure(study(True), HEADLINE, HISTOGRAM, ())
    assert isinstance(found, Unmeasured)
    found = beyond_tell.measure(study(True), HEADLINE, HISTOGRAM, (THRESHOLD, COARSE))
    assert isinstance(found, BeyondRecord)
    assert (found.view, found.js, found.near_optimal) == (THRESHOLD.record.label, 0.2, None)


@pytest.mark.slow
def test_a_grey_tell_is_looked_past_to_the_shapes() -> None:
    """Bars, upright in 3 of 4 reals and in 1 of 4 fakes, on a black background that is nearly black in the fakes."""
    from ganprobe.flow import audit
    from ganprobe.plan import Plan

    rng = np.random.default_rng(0)

    def bars(n: int, upright: float) -> np.ndarray[Any, Any]:
        pictures = np.zeros((n, 16, 16), np.uint8)
        places = rng.integers(0, 14, n)
        for picture, place, up in zip(pictures, places, rng.random(n) < upright, strict=True):
            (picture if up else picture.T)[:, place : place + 2] = rng.integers(200, 256, (16, 2))
        return pictures

    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        real, fake = Path(folder) / "real.npy", Path(folder) / "fake.npy"
        np.save(real, bars(700, 0.75))
        told = bars(700, 0.25)
        np.save(fake, np.where(told == 0, rng.integers(0, 6, told.shape), told).astype(np.uint8))
        parts = ("optimality", "views")
        measured = audit(
            Plan(str(fake), str(real), budget="fast", threads=1, parts=parts, probes=("boosting",))
        ).measurements
    assert measured.js is not None
    assert measured.js.nats > 0.98 * LOG2
    beyond = measured.beyond_tell
    assert beyond is not None
    assert "threshold" in beyond.view
    # 3 of 4 against 1 of 4: JS = .1308.
    assert beyond.low < 0.1308 < beyond.high + 0.05
    assert beyond.floor > 0.03
