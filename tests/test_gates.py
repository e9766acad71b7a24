"""A gate closes on what was demonstrated, opens on what was shown to hold, and otherwise says that it cannot say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from audits import audit, measurements

from ganprobe import archive, gates
from ganprobe.config import Limits
from ganprobe.errors import UsageError
from ganprobe.records import Audit, BatchRecord

# The hand-written audit: floor .137, estimate .143 in [.135, .151], extrapolated .149, 93 % of the reals reached.


def held(limits: Limits, baseline: Audit | None = None, **changes: Any) -> Audit:
    return gates.hold(audit(measurements(**changes)), limits, baseline)


@pytest.mark.parametrize(
    ("limit", "changes", "outcome", "says"),
    [
        (0.2, {}, "PASS", "at most 0.151"),
        (0.13, {}, "FAIL", "at least 0.137 nats"),
        (0.137, {}, "INCONCLUSIVE", "between the floor 0.137"),
        (0.14, {}, "INCONCLUSIVE", "0.151"),
        (0.151, {}, "PASS", "0.151"),
        (0.152, {"js__extrapolated": 0.16}, "INCONCLUSIVE", "0.160"),
        (0.2, {"js__near_optimal": False}, "INCONCLUSIVE", "not near-optimal"),
        (0.2, {"js__near_optimal": None}, "INCONCLUSIVE", "not near-optimal"),
        (0.13, {"js__near_optimal": False}, "FAIL", "at least"),
        (0.2, {"js__status": "underpowered"}, "INCONCLUSIVE", "too few"),
        (0.2, {"js": None}, "INCONCLUSIVE", "not measured"),
    ],
)
def test_max_js(limit: float, changes: dict[str, Any], outcome: str, says: str) -> None:
    result = held(Limits(max_js=limit), **changes)
    gate = result.gates[0]
    assert (gate.name, gate.outcome, result.verdict) == ("max-js", outcome, outcome)
    assert says in gate.reason
    assert gate.advice or outcome == "PASS"


@pytest.mark.parametrize(
    ("low", "high", "outcome"), [(0.8, 0.9, "PASS"), (0.7, 0.9, "INCONCLUSIVE"), (0.6, 0.7, "FAIL")]
)
def test_min_covered(low: float, high: float, outcome: str) -> None:
    result = held(Limits(min_covered=0.8), support__real_covered_low=low, support__real_covered_high=high)
    assert result.gates[0].outcome == result.verdict == outcome


def test_gates_are_saved_with_the_audit() -> None:
    result = held(Limits(max_js=0.2, min_covered=0.9))
    assert archive.from_json(archive.to_json(result)) == result


def before(nats: float, gap: float | None = 0.001, se: float = 0.002) -> Audit:
    """An audit of the same data whose difference to the present one has the standard error ``se``."""
    spread = se / 2**0.5
    batch = BatchRecord((spread, -spread), (0.0, 0.0))
    return audit(measurements(js__nats=nats, js__gap=gap, batches=batch))


NOW = {"batches": BatchRecord((0.0, 0.0), (0.0, 0.0))}


@pytest.mark.parametrize(
    ("base", "outcome"),
    [
        (before(0.143), "PASS"),
        (before(0.16), "PASS"),
        (before(0.11), "FAIL"),
        (before(0.13), "INCONCLUSIVE"),  # a rise of .013, give or take .0047
        (before(0.11, gap=0.04), "INCONCLUSIVE"),
        (before(0.11, gap=None), "INCONCLUSIVE"),
    ],
)
def test_baseline(base: Audit, outcome: str) -> None:
    result = held(Limits(), base, **NOW)
    assert result.gates[0].outcome == result.verdict == outcome
    assert f"{0.143 - base.measurements.js.nats:+.4f}" in result.gates[0].reason  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "changes", [{"data__content_hash": "0"}, {"headline_view": "noise"}, {"js": None}, {"batches": None}]
)
def test_another_baseline_is_refused(changes: dict[str, Any]) -> None:
    base = before(0.143)
    base = replace(base, measurements=measurements(**{"batches": base.measurements.batches, **changes}))
    with pytest.raises(UsageError):
        held(Limits(), base, **NOW)


@pytest.mark.parametrize(
    ("fail_on", "outcome"),
    [(("error",), "PASS"), (("warn",), "FAIL"), (("GP301",), "FAIL"), (("gp301",), "FAIL"), (("GP303",), "PASS")],
)
def test_findings(fail_on: tuple[str, ...], outcome: str) -> None:
    assert held(Limits(fail_on=fail_on)).verdict == outcome


def test_saturation_fails_unless_told_otherwise() -> None:
    saturated = {"js__status": "saturated", "js__floor": 0.69}
    assert held(Limits(), **saturated).verdict == "FAIL"
    assert held(Limits(max_js=0.6931, fail_on=("never",)), **saturated, js__high=0.6931).verdict == "PASS"


def test_without_limits_an_unreliable_measurement_does_not_pass() -> None:
    result = held(Limits(), js__near_optimal=False)
    assert result.verdict == "INCONCLUSIVE"
    assert result.gates[0].name == "measurement"


def test_a_finding_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UsageError, match="GP999"):
        gates.check_limits(Limits(fail_on=("GP999",)))
    gates.check_limits(Limits(fail_on=("warn", "gp301")))
