from __future__ import annotations

from dataclasses import replace
from typing import Any

from audits import MEASUREMENTS, measurements, troubled

from ganprobe.record import headline
from ganprobe.record.cells import Cell


def rows(**changes: Any) -> dict[Cell, tuple[Cell, ...]]:
    (table,) = headline.tables(measurements(**changes))
    return {row[0]: row[1:] for row in table.rows}


def test_a_p_value_that_underflowed_is_not_shown_as_certainty() -> None:
    assert rows(js__p_value=1e-300)["p-value of P = Q"][3] == "below 1e-300; ranks of held-out logits"
    assert rows(js__p_value=1e-30)["p-value of P = Q"][3] == "ranks of held-out logits"


def test_rounding_is_left_to_the_formats() -> None:
    summary = headline.summary(measurements(js__floor=0.123456789))
    assert ("JS >= floor", 0.123456789) in {row[:2] for row in summary}


def test_the_detection_score_is_the_area_upside_down() -> None:
    shown = rows(js__auc=0.75, js__auc_low=0.7, js__auc_high=0.8)["detection score"]
    assert [round(float(str(value)), 9) for value in shown[:3]] == [0.5, 0.4, 0.6]
    assert rows(js__auc=0.4, js__auc_low=0.3, js__auc_high=0.45)["detection score"][0] == 1, "blind, and no worse"


def test_what_is_not_known_has_no_row() -> None:
    unknown = rows(js__auc=None, js__extrapolated=None, js__null=None)
    assert set(rows()) - set(unknown) == {"AUC of the stack", "detection score", "unlimited data", "real against real"}


def test_near_optimality_is_said_in_words() -> None:
    assert headline.summary(MEASUREMENTS)[2] == ("near-optimal", True, None, None, "0.006 nats may still be missing")
    assert headline.summary(troubled().measurements)[2][4] == "at the ceiling there is no better"
    found = replace(MEASUREMENTS, js=replace(MEASUREMENTS.js, gap=None, near_optimal=False))
    assert headline.summary(found)[2][4] == "a better one exists"
