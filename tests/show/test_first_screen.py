"""The first screen: whatever was measured, it fits 40 lines of 80 columns, and nothing that decides is left out of it.

After a change that is meant, write the golden files anew: ``GANPROBE_GOLDEN=write pytest tests/show``.
"""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest
from audits import audit, measurements, troubled

from ganprobe.judge import history
from ganprobe.record.audit import Audit, Finding, GateRecord
from ganprobe.record.headline import BatchRecord
from ganprobe.record.history import History
from ganprobe.show import first_screen, reports
from ganprobe.show.reports import Style

GOLDEN = Path(__file__).parents[1] / "golden"
REST = "ganprobe report --full\nas a page: ganprobe report -o audit.html"
SCREEN = Style(rest=REST)
BATCHED = BatchRecord((0.001, -0.001) * 100, (-0.001, 0.001) * 100)


def training(falls: int) -> History:
    """JS falls for so many checkpoints, and rises at the last."""
    values = [0.6 * 0.9**step for step in range(falls)] + [0.6]
    return history.compare(
        [
            audit(
                measurements(
                    checkpoint__path=f"runs/g_{step}.pt",
                    checkpoint__step=step,
                    js__nats=js,
                    js__floor=js - 0.01,
                    js__low=js - 0.005,
                    js__high=js + 0.005,
                    batches=BATCHED,
                )
            )
            for step, js in enumerate(values)
        ]
    )


SHOWN: dict[str, Audit | History] = {"sound": audit(), "troubled": troubled(), "training": training(5)}


@pytest.mark.parametrize("name", SHOWN)
def test_golden(name: str) -> None:
    path = GOLDEN / f"{name}.screen"
    text = reports.render(SHOWN[name], "terminal", SCREEN)
    if os.environ.get("GANPROBE_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def crowded() -> Audit:
    """More findings and gates than fit, in long sentences about a long path."""
    findings = [Finding("GP101", "warn", "a long sentence " * 20, {}, "some advice " * 30)] * 30
    gates = [GateRecord(f"--fail-on {i}", None, "FAIL", "another long sentence " * 8, "") for i in range(12)]
    bare = audit(measurements(checkpoint__path="/".join(["deep"] * 100), tell="everything " * 200))
    return dataclasses.replace(bare, findings=tuple(findings), gates=tuple(gates), verdict_reason="because " * 300)


@pytest.mark.parametrize("name", [*SHOWN, "crowded", "long"])
def test_it_fits_and_ends_with_where_the_rest_is(name: str) -> None:
    shown = {**SHOWN, "crowded": crowded(), "long": training(200)}[name]
    lines = reports.render(shown, "terminal", SCREEN).splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 80
    assert " more table" in lines[-2]
    assert lines[-2].endswith(": ganprobe report --full")
    assert lines[-1] == "as a page: ganprobe report -o audit.html"


@pytest.mark.parametrize("name", ["sound", "troubled"])
def test_it_says_how_far_how_sure_why_and_what_next(name: str) -> None:
    shown = SHOWN[name]
    assert isinstance(shown, Audit)
    text = " ".join(reports.render(shown, "terminal", SCREEN).split())
    assert f"JS >= floor {shown.measurements.js.floor:.4f}" in text  # type: ignore[union-attr]
    assert f"{shown.verdict} {shown.verdict_reason}" in text
    for finding in shown.findings:
        assert (f"{finding.severity} {finding.code} {finding.title}" in text) == (finding.severity != "info")
    worst = next(f for f in shown.findings if f.severity != "info")
    assert worst.advice in text


def test_of_a_long_training_the_telling_checkpoints_stay() -> None:
    shown = training(200)
    rows = next(t for t in first_screen.tables(shown, 6) if t.name == "trend").rows
    names = [str(row[0]) for row in rows]
    assert len(names) == 6
    assert names == sorted(names, key=int)
    assert {"0", "199", "200"} <= set(names), "the first, the best, and the last, which is worse"
    assert next(t for t in first_screen.tables(training(5), 6) if t.name == "trend").rows[3][0] == "3"
