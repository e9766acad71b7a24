"""Verdict, gates and findings as annotations of a GitHub workflow: printed by a step, they appear on its summary page.

A workflow command is one line, ``::warning file=...,title=...::message``; a runner acts on any such line that it sees,
so texts from files are escaped twice: control characters first, then the characters that end a property.
"""

from __future__ import annotations

from ganprobe.record.audit import Audit
from ganprobe.show.escapes import safe
from ganprobe.show.reports import Style

SUFFIX = ".annotations"

_LEVELS = {"error": "error", "warn": "warning", "info": "notice"}
_VERDICTS = {"FAIL": "error", "INCONCLUSIVE": "warning", "PASS": "notice"}


def render(audit: Audit, style: Style) -> str:
    """A line for the verdict, one for each gate and one for each finding, the worst first."""
    path = audit.measurements.checkpoint.path
    lines = [_command(_VERDICTS[audit.verdict], path, f"ganprobe: {audit.verdict}", audit.verdict_reason)]
    for gate in audit.gates:
        lines.append(_command(_VERDICTS[gate.outcome], path, f"ganprobe: {gate.name}", f"{gate.reason} {gate.advice}"))
    for finding in audit.findings:
        title = f"ganprobe: {finding.code}"
        lines.append(_command(_LEVELS[finding.severity], path, title, f"{finding.title}. {finding.advice}"))
    return "".join(f"{line}\n" for line in lines)


def _command(level: str, path: str, title: str, message: str) -> str:
    return f"::{level} file={_property(path)},title={_property(title)}::{_message(message)}"


def _message(text: str) -> str:
    return safe(text).replace("%", "%25")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
