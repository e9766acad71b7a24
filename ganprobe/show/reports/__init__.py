"""Formats: an audit, or the history of a training, as text for a terminal, a page, a spreadsheet or a program.

A format for people renders the tables of `sections`, a format for programs the archived record; none of them knows what
a number means. Names that come from files (paths, columns, notes) are untrusted: they pass through
`ganprobe.show.escapes.safe`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Protocol, cast

from ganprobe.errors import UsageError
from ganprobe.family import Family
from ganprobe.record.audit import Audit
from ganprobe.record.cells import Table
from ganprobe.record.history import History
from ganprobe.show import tables, trends
from ganprobe.show.reports._frames import frame as frame

MEMBERS = Family(
    "ganprobe.show.reports", "format", ("terminal", "json", "jsonl", "csv", "markdown", "html", "junit", "github")
)
# Those that show a history too; the others are about one checkpoint.
OF_HISTORIES = ("terminal", "json", "jsonl", "csv", "markdown", "html")


@dataclass(frozen=True, slots=True)
class Style:
    """What the reader's screen can show; formats for programs take no notice.

    With ``rest``, which says where the rest is, a terminal gets the first screen only.
    """

    width: int = 80
    colour: bool = False
    unicode: bool = False
    rest: str | None = None


class Report(Protocol):
    """What a module of this family provides. ``SUFFIX`` is the ending of file names that imply the format.

    Those of `OF_HISTORIES` are given histories as well.
    """

    SUFFIX: str

    def render(self, audit: Any, style: Style) -> str:
        """The whole report, ending in a new line."""


def render(audit: Audit | History, name: str, style: Style | None = None) -> str:
    """``audit`` in the format called ``name``; an unknown name, or one that shows no history, is a `UsageError`."""
    report = _report(name)
    if isinstance(audit, History) and name not in OF_HISTORIES:
        raise UsageError(f"{name} shows one audit, no history", f"choose from {', '.join(OF_HISTORIES)}")
    return report.render(audit, style or Style())


def sections(audit: Audit | History) -> tuple[Table, ...]:
    """What a reader sees, in order."""
    return trends.tables(audit) if isinstance(audit, History) else tables.tables(audit)


def format_of(path: PurePath) -> str:
    """The format that the ending of ``path`` implies; what implies none is for people to read."""
    others = (name for name in MEMBERS if name != "terminal")  # which alone takes time to import
    return next((name for name in others if path.suffix.lower() == _report(name).SUFFIX), "terminal")


def _report(name: str) -> Report:
    return cast(Report, MEMBERS[name])
