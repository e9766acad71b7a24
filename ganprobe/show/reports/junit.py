"""The verdict, the gates and the findings as a JUnit test suite, which every continuous integration shows.

What fails is a failure, what is inconclusive is skipped. Without gates an error among the findings is a failure too;
with gates they alone decide, and the findings pass and say what they found. The numbers are properties of the suite.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ganprobe.record.audit import Audit
from ganprobe.record.audit import Verdict as Outcome
from ganprobe.show import tables
from ganprobe.show.escapes import safe
from ganprobe.show.reports import Style

SUFFIX = ".xml"

_ELEMENTS = {"FAIL": "failure", "INCONCLUSIVE": "skipped"}


@dataclass(frozen=True, slots=True)
class _Case:
    suite: str
    name: str
    outcome: Outcome
    said: str
    advice: str = ""


def render(audit: Audit, style: Style) -> str:
    """One ``testsuite`` with a ``testcase`` for the verdict, for each gate and for each finding."""
    cases = [*_cases(audit)]
    root = Element("testsuites")
    counts = {element: sum(case.outcome == outcome for case in cases) for outcome, element in _ELEMENTS.items()}
    suite = SubElement(
        root,
        "testsuite",
        name="ganprobe",
        tests=str(len(cases)),
        failures=str(counts["failure"]),
        errors="0",
        skipped=str(counts["skipped"]),
        time=f"{audit.seconds:.3f}",
    )
    _properties(suite, audit)
    for case in cases:
        element = SubElement(suite, "testcase", classname=case.suite, name=safe(case.name))
        if case.outcome == "PASS":
            SubElement(element, "system-out").text = safe(f"{case.said} {case.advice}".strip())
        else:
            SubElement(element, _ELEMENTS[case.outcome], message=safe(case.said)).text = safe(case.advice)
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _cases(audit: Audit) -> Iterator[_Case]:
    yield _Case("ganprobe", "verdict", audit.verdict, audit.verdict_reason)
    for gate in audit.gates:
        yield _Case("ganprobe.judge.gates", gate.name, gate.outcome, gate.reason, gate.advice)
    for finding in audit.findings:
        outcome: Outcome = "FAIL" if finding.severity == "error" and not audit.gates else "PASS"
        said = f"{finding.severity}: {finding.title}."
        yield _Case("ganprobe.findings", finding.code, outcome, said, finding.advice)


def _properties(suite: Element, audit: Audit) -> None:
    m = audit.measurements
    named = [("checkpoint", m.checkpoint.path), ("data", m.data.path), ("version", audit.version)]
    rows = [row for table in tables.tables(audit) if table.name == "summary" for row in table.rows]
    named += [(str(row[0]), repr(row[1])) for row in rows if isinstance(row[1], float)]
    properties = SubElement(suite, "properties")
    for name, value in named:
        SubElement(properties, "property", name=name, value=safe(value))
