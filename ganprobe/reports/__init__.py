"""Formats: an audit as text for a terminal, a page, a spreadsheet or a program.

A format for people renders `ganprobe.tables`, a format for programs the archived record; none of them knows what a
number means. Names that come from files (paths, columns, notes) are untrusted: they pass through `safe` here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Protocol, cast

from ganprobe.family import Family
from ganprobe.records import Audit

MEMBERS = Family(
    "ganprobe.reports", "format", ("terminal", "json", "jsonl", "csv", "markdown", "html", "junit", "github")
)


@dataclass(frozen=True, slots=True)
class Style:
    """What the reader's screen can show; formats for programs take no notice."""

    width: int = 80
    colour: bool = False
    unicode: bool = False


class Report(Protocol):
    """What a module of this family provides. ``SUFFIX`` is the ending of file names that imply the format."""

    SUFFIX: str

    def render(self, audit: Audit, style: Style) -> str:
        """The whole report, ending in a new line."""


def render(audit: Audit, name: str, style: Style | None = None) -> str:
    """``audit`` in the format called ``name``; an unknown name is a `UsageError`."""
    return _report(name).render(audit, style or Style())


def format_of(path: PurePath) -> str:
    """The format that the ending of ``path`` implies; what implies none is for people to read."""
    return next((name for name in MEMBERS if path.suffix.lower() == _report(name).SUFFIX), "terminal")


def safe(text: str) -> str:
    """``text`` with everything that could steer a terminal, a log or a reader's eye written as an escape.

    Control characters, line ends, text-direction marks and lone surrogates become ``\\x1b`` and the like.
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def _report(name: str) -> Report:
    return cast(Report, MEMBERS[name])
