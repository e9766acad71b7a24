"""Frames hold what the record holds, under the names that it has there."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import pytest
from audits import audit, measurements, troubled

import ganprobe
from ganprobe.errors import UsageError
from ganprobe.record.audit import Audit
from ganprobe.record.bound import Bounded
from ganprobe.record.headline import BatchRecord

BATCHED = BatchRecord((0.001, -0.001) * 100, (-0.001, 0.001) * 100)


def at_step(step: int, js: float) -> Audit:
    return audit(measurements(checkpoint__step=step, js__nats=js, js__floor=js - 0.01, batches=BATCHED))


TRAINING = ganprobe.compare([at_step(step, js) for step, js in ((1000, 0.3), (2000, 0.1), (3000, 0.2))])


def test_a_row_is_a_checkpoint() -> None:
    frame = ganprobe.frame(TRAINING)
    assert frame["checkpoint.step"].tolist() == [1000, 2000, 3000]
    assert frame["js.nats"].tolist() == [0.3, 0.1, 0.2]
    m = TRAINING.audits[0].measurements
    assert frame["support.dimension.real"][0] == m.support.dimension.real
    assert frame["verdict"].tolist() == [a.verdict for a in TRAINING.audits]
    assert not any(isinstance(cell, list | dict) for name in frame for cell in frame[name])


def test_what_was_not_measured_is_missing() -> None:
    bare = audit(measurements(kde=None))
    frame = ganprobe.frame([audit(), bare])
    assert frame["kde.nats"].isna().tolist() == [False, True]
    assert "kde" not in frame.columns
    assert "kde.nats" not in ganprobe.frame(bare).columns


@pytest.mark.parametrize("rows", ["probes", "views", "findings", "distances", "divergences"])
def test_a_row_is_a_part_of_an_audit(rows: str) -> None:
    frame = ganprobe.frame(TRAINING, rows)
    one = TRAINING.audits[0]
    parts = one.findings if rows == "findings" else getattr(one.measurements, rows)
    assert len(frame) == 3 * len(parts)
    assert frame["checkpoint.step"].tolist() == [step for step in (1000, 2000, 3000) for _ in parts]
    named = "code" if rows == "findings" else "name"
    assert frame[named].tolist() == [getattr(part, named) for part in parts] * 3
    known = {field.name for field in dataclasses.fields(parts[0])} - {"settings", "evidence", "bound"}
    assert known | ({"js", "low", "high", "floor"} if isinstance(parts[0], Bounded) else set()) <= set(frame.columns)


def test_views_are_told_apart_by_their_label() -> None:
    frame = ganprobe.frame(troubled(), "views")
    assert frame.set_index("label")["js"].to_dict() == {v.label: v.js for v in troubled().measurements.views}


def test_a_row_is_a_difference() -> None:
    frame = ganprobe.frame(TRAINING, "differences")
    assert frame["rise"].tolist() == [change.rise for change in TRAINING.record.differences]


def test_rows_that_are_not_there_are_refused() -> None:
    with pytest.raises(UsageError) as raised:
        ganprobe.frame(TRAINING, "probe")  # type: ignore[arg-type]
    assert "probes" in raised.value.hint
    with pytest.raises(UsageError, match="only a history"):
        ganprobe.frame(audit(), "differences")


def test_reports_do_without_pandas_until_a_frame_is_asked_for() -> None:
    program = "import sys, ganprobe; ganprobe.render; ganprobe.frame; assert 'pandas' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)
