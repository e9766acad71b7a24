"""What a reader sees: golden reports, raw digits for programs, and nothing that a file's name could do.

After a change that is meant, write the golden files anew: ``GANPROBE_GOLDEN=write pytest tests/show/reports``.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import os
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from audits import audit, measurements, troubled

from ganprobe.errors import UsageError
from ganprobe.record.audit import Audit, GateRecord, Verdict
from ganprobe.record.cells import Cell, Format
from ganprobe.show import cells, reports, tables
from ganprobe.show.reports import Style
from ganprobe.store import archive

GOLDEN = Path(__file__).parents[2] / "golden"
AUDITS = {"sound": audit(), "troubled": troubled()}
HOSTILE = "\x1b[31m\u202e[red]|`<b>\n::error::\r\x9b\x00\ud800"


@pytest.mark.parametrize("name", AUDITS)
@pytest.mark.parametrize("form", ["terminal", "markdown", "csv", "json", "junit", "github"])
def test_golden(name: str, form: str) -> None:
    path = GOLDEN / f"{name}{reports.MEMBERS[form].SUFFIX}"
    text = reports.render(AUDITS[name], form)
    if os.environ.get("GANPROBE_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", AUDITS)
@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_the_terminal_report_fits_and_is_plain_unless_asked(name: str, width: int) -> None:
    text = reports.render(AUDITS[name], "terminal", Style(width))
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= width
    assert text.endswith("\n")


@pytest.mark.parametrize("name", AUDITS)
def test_a_narrow_terminal_breaks_no_word_of_the_summary(name: str) -> None:
    lines = reports.render(AUDITS[name], "terminal", Style(40)).partition("\n\n")[0].splitlines()
    summary = " ".join(line.strip() for line in lines)
    js = AUDITS[name].measurements.js
    assert f"JS, estimate value {js.nats:.4f}, low {js.low:.4f}, high {js.high:.4f}, meaning nats, held out" in summary
    assert f"JS >= floor value {js.floor:.4f}" in summary


def test_colour_and_unicode_are_asked_for() -> None:
    text = reports.render(audit(), "terminal", Style(colour=True, unicode=True))
    assert "\x1b[" in text
    assert "─" in text


@pytest.mark.parametrize("name", AUDITS)
def test_the_first_screen_answers_judges_and_advises(name: str) -> None:
    """24 lines of 80 columns: the summary and the verdict whole, and the worst finding."""
    lines = reports.render(AUDITS[name], "terminal").splitlines()[:24]
    first = [line.split("  ")[1] for line in lines if line.startswith("  ")]
    order = ["JS, estimate", "JS >= floor", "near-optimal", "kernel densities", "reals reached", "fakes on target"]
    assert [label for label in first if label in order] == order
    worst = AUDITS[name].findings[0]
    assert [line.split()[0] for line in lines if line.startswith(f"  {AUDITS[name].verdict} ")]
    assert f"  {worst.severity} {worst.code}" in "\n".join(lines)


@pytest.mark.parametrize("name", AUDITS)
def test_no_line_of_the_summary_is_broken_at_80_columns(name: str) -> None:
    summary = reports.render(AUDITS[name], "terminal").partition("\n\n")[0]
    assert len(summary.splitlines()) == 3 + len(tables.tables(AUDITS[name])[0].rows)


@pytest.mark.parametrize("form", ["terminal", "markdown"])
@pytest.mark.parametrize("name", AUDITS)
def test_no_lower_bound_is_given_as_the_divergence(form: str, name: str) -> None:
    text = reports.render(AUDITS[name], form)
    assert "JS >= " in text
    assert not re.search(r"JS\s*=\s*[\d.-]", text)


@pytest.mark.parametrize("form", ["terminal", "markdown", "csv", "json", "jsonl", "junit", "github"])
def test_names_from_files_cannot_steer_the_reader(form: str) -> None:
    saved = audit(
        measurements(
            checkpoint__path=HOSTILE, checkpoint__notes=(HOSTILE,), data__path=HOSTILE, unmeasured={HOSTILE: HOSTILE}
        )
    )
    text = reports.render(saved, form)
    assert all(c.isprintable() or c == "\n" for c in text)
    commands = [line for line in text.splitlines() if line.startswith("::")]
    assert all(form == "github" and re.match(r"::(error|warning|notice) file=", line) for line in commands)
    if form == "markdown":
        assert "<b>" not in text
        assert re.search(r"(?<!\\)\[red", text) is None
        assert all(line.startswith(("| ", "## ")) for line in text.splitlines() if "error::" in line)


def test_csv_keeps_every_digit_and_defuses_formulas() -> None:
    formula = "=HYPERLINK(1)"
    saved = audit(measurements(js__nats=1 / 3, js__null=-1 / 3, js__null_se=1.0, checkpoint__path=formula))
    rows = list(csv.DictReader(io.StringIO(reports.render(saved, "csv"))))
    values = [row["value"] for row in rows]
    assert repr(1 / 3) in values
    assert repr(-1 / 3) in values
    assert f"'{formula}" in values
    assert formula not in values
    assert {row["table"] for row in rows} == {table.name for table in tables.tables(saved)}


def test_json_is_the_archive_and_jsonl_one_line_of_it() -> None:
    assert archive.from_json(reports.render(audit(), "json")) == audit()
    line = reports.render(audit(), "jsonl")
    assert line.count("\n") == 1
    assert json.loads(line) == json.loads(reports.render(audit(), "json"))


def held_to_gates(*outcomes: Verdict) -> Audit:
    gates = tuple(GateRecord(f"gate {i}", 0.1, outcome, "So it is.", "") for i, outcome in enumerate(outcomes))
    return dataclasses.replace(
        troubled(), gates=gates, verdict=max(outcomes, key=["PASS", "INCONCLUSIVE", "FAIL"].index)
    )


@pytest.mark.parametrize(
    ("saved", "failures", "skipped"),
    [
        (audit(), 0, 0),
        (troubled(), 2, 0),  # the verdict and an error
        (held_to_gates("PASS", "PASS"), 0, 0),  # gates alone decide
        (held_to_gates("PASS", "FAIL"), 2, 0),
        (held_to_gates("INCONCLUSIVE", "PASS"), 0, 2),
    ],
)
def test_junit_counts_what_it_holds(saved: Audit, failures: int, skipped: int) -> None:
    suites = ElementTree.fromstring(reports.render(saved, "junit"))
    (suite,) = suites
    assert (suites.tag, suite.tag) == ("testsuites", "testsuite")
    cases = suite.findall("testcase")
    assert len(cases) == 1 + len(saved.gates) + len(saved.findings) == int(suite.attrib["tests"])
    assert len(suite.findall("testcase/failure")) == failures == int(suite.attrib["failures"])
    assert len(suite.findall("testcase/skipped")) == skipped == int(suite.attrib["skipped"])
    assert len({(case.attrib["classname"], case.attrib["name"]) for case in cases}) == len(cases)
    assert float(suite.attrib["time"]) == saved.seconds
    numbers = {p.attrib["name"]: p.attrib["value"] for p in suite.findall("properties/property")}
    assert saved.measurements.js is not None
    assert float(numbers["JS >= floor"]) == saved.measurements.js.floor


def test_an_annotation_is_one_line_that_its_reader_takes_apart_again() -> None:
    path, note = "runs/a,b:c%0A.pt", "100% sure\n::error::no"
    text = reports.render(audit(measurements(checkpoint__path=path, checkpoint__notes=(note,))), "github")
    taken = [
        re.fullmatch(r"::(error|warning|notice) file=([^,:]*),title=([^,:]*)::(.*)", line) for line in text.splitlines()
    ]
    assert all(taken)
    assert {unescaped(match[2]) for match in taken if match} == {path}
    titles = [unescaped(match[3]) for match in taken if match]
    assert titles[0] == "ganprobe: PASS"
    assert titles[1:] == [f"ganprobe: {f.code}" for f in audit(measurements(checkpoint__notes=(note,))).findings]
    assert any(r"100% sure\n::error::no" in unescaped(match[4]) for match in taken if match)


def unescaped(text: str) -> str:
    for escape, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, character)
    return text


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("a.json", "json"),
        ("a.JSONL", "jsonl"),
        ("a.csv", "csv"),
        ("a.md", "markdown"),
        ("a.html", "html"),
        ("a.log", "terminal"),
    ],
)
def test_the_ending_of_a_file_implies_its_format(path: str, form: str) -> None:
    assert reports.format_of(Path(path)) == form


def test_an_unknown_format_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        reports.render(audit(), "markdwon")
    assert "markdown" in caught.value.hint


def test_what_was_not_measured_leaves_no_empty_table() -> None:
    parts = dict.fromkeys(("kde", "gradients", "labels", "memorisation", "smoothing", "tell"))
    bare = measurements(**parts, views=(), divergences=(), distances=())
    shown = {t.name for t in tables.tables(audit(bare))}
    assert shown == {
        *("summary", "verdict", "findings"),
        *("estimate", "probes", "optimality", "logits", "support", "extremes", "provenance"),
    }


def test_a_curve_is_drawn_on_a_log_scale_by_height_or_by_digit() -> None:
    decades = (1e-3, 1e-2, 1e-1, 1.0)
    assert cells.render_cell(decades, "curve", unicode=True) == "▁▃▆█"
    assert cells.render_cell(decades, "curve") == "1368"
    assert cells.render_cell((1.0, 1.1, 1.0), "curve") == "888", "what hardly moves looks level"
    assert cells.render_cell((0.0, 1e-4, 1.0), "curve") == "118"
    assert cells.render_cell((0.0, 0.0), "curve") == "11"


@pytest.mark.parametrize(
    ("cell", "form", "text"),
    [
        (None, "decimal", "-"),
        (True, "decimal", "yes"),
        (0.14349, "decimal", "0.1435"),
        (-0.00004, "decimal", "-4e-05"),
        (0.0, "decimal", "0.0000"),
        (0.14349, "nats", "0.1435"),
        (-0.00004, "nats", "0.0000"),
        (1e-7, "nats", "0.0000"),
        (1e-40, "decimal", "1e-40"),
        (1234.5, "number", "1.23e+03"),
        (64, "number", "64"),
        (12.34, "seconds", "12.3"),
        ("text", "decimal", "text"),
    ],
)
def test_cells(cell: Cell, form: Format, text: str) -> None:
    assert cells.render_cell(cell, form) == text


def test_samples_without_a_latent_have_no_row_for_it() -> None:
    saved = audit(measurements(checkpoint__latent=None, checkpoint__latent_law=None))
    (table,) = (t for t in tables.tables(saved) if t.name == "provenance")
    assert "latent" not in {row[0] for row in table.rows}
