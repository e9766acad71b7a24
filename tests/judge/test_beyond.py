"""Gates and histories by the second headline: the same view for all, saturated in none."""

from __future__ import annotations

import dataclasses
import math

import pytest
from audits import audit, measurements

from ganprobe.errors import UsageError
from ganprobe.judge import beyond, gates, history
from ganprobe.plan import Limits
from ganprobe.record.audit import Audit
from ganprobe.record.beyond_tell import BeyondRecord
from ganprobe.record.bound import Bound
from ganprobe.record.headline import BatchRecord
from ganprobe.record.views import ViewRecord
from ganprobe.show import reports
from ganprobe.store import archive

SHARES = (1e-5, -1e-5) * 100
BATCHES = BatchRecord(SHARES, SHARES)


def around(value: float) -> Bound:
    return Bound(value, value - 0.01, value + 0.01, value - 0.015)


def view(name: str, value: float, *, blind: bool = True) -> ViewRecord:
    return ViewRecord(name, around(value), {}, 0.0, blind, value, BATCHES)


def saturated(step: int, *views: ViewRecord, told: BeyondRecord | None = None) -> Audit:
    m = measurements(
        checkpoint__step=step,
        js__nats=0.69,
        js__low=0.689,
        js__high=math.log(2),
        js__floor=0.689,
        js__status="saturated",
    )
    m = dataclasses.replace(m, views=views, beyond_tell=told, batches=BATCHES, smoothing=None)
    return audit(m)


def series() -> list[Audit]:
    values = ((0.68, 0.4), (0.5, 0.2), (0.3, 0.1))
    return [
        saturated(step, view("histogram", 0.69, blind=False), view("threshold", a), view("threshold+blocks", b))
        for step, (a, b) in enumerate(values)
    ]


def test_a_series_is_read_by_the_finest_view_that_none_of_it_saturates() -> None:
    audits = series()
    assert beyond.common(audits) == "threshold + blocks"
    assert beyond.common(audits[1:]) == "threshold"
    trend = history.compare(audits).record.beyond_tell
    assert trend is not None
    assert (trend.values, trend.order) == ((0.4, 0.2, 0.1), (2, 1, 0))
    assert beyond.common([audits[0], saturated(9, view("threshold", 0.2))]) is None
    assert history.compare([saturated(1)]).record.beyond_tell is None


def test_a_history_may_be_ranked_beyond_the_tell() -> None:
    audits = series()
    whole = history.compare(audits, beyond_tell=True)
    assert whole.record.trend.statistic == "js"
    assert whole.record.trend.values == (0.4, 0.2, 0.1)
    assert whole.record.trend.order == (2, 1, 0)
    assert whole.record.trend.reason.endswith("through threshold + blocks")
    assert whole.audits == tuple(audits)
    text = reports.render(whole, "terminal")
    assert "Beyond the tell, through threshold + blocks" in text
    assert archive.history_from_jsonl(archive.history_to_jsonl(whole)) == whole
    with pytest.raises(UsageError, match="no view is blind"):
        history.compare([saturated(1)], beyond_tell=True)


def test_a_gate_holds_what_is_beyond_the_tell() -> None:
    told = BeyondRecord("threshold", around(0.2), True, 0.003, "a threshold", "threshold", {}, BATCHES)
    one = saturated(1, view("threshold", 0.2), told=told)
    read = beyond.as_headline(one)
    assert read.measurements.js is not None
    assert (read.measurements.js.nats, read.measurements.js.status) == (0.2, "distinguishable")

    def outcome(one: Audit, limit: float) -> str:
        held = gates.hold(one, Limits(max_js=limit, fail_on=("never",)), None)
        return next(gate.outcome for gate in held.gates if gate.name == "max-js")

    assert outcome(one, 0.3) == "FAIL"
    assert outcome(read, 0.3) == "PASS"
    assert outcome(read, 0.1) == "FAIL"
    unsure = dataclasses.replace(told, near_optimal=None)
    m = dataclasses.replace(one.measurements, beyond_tell=unsure)
    assert outcome(beyond.as_headline(dataclasses.replace(one, measurements=m)), 0.3) == "INCONCLUSIVE"
    plain = saturated(1)
    assert beyond.as_headline(plain) is plain


def test_baselines_beyond_the_tell_must_be_through_the_same_view() -> None:
    def read(name: str, value: float) -> Audit:
        told = BeyondRecord(name, around(value), True, 0.003, name, name, {}, BATCHES)
        return beyond.as_headline(saturated(1, told=told))

    limits = Limits(baseline="last.json", fail_on=("never",))
    rise = gates.hold(read("threshold", 0.3), limits, read("threshold", 0.2))
    assert "rose by +0.1000" in next(gate.reason for gate in rise.gates if gate.name == "baseline")
    with pytest.raises(UsageError, match="is JS through"):
        gates.hold(read("threshold", 0.3), limits, read("pca", 0.2))
