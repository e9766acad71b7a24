"""The whole record on one line, to append to others."""

from __future__ import annotations

from ganprobe import archive
from ganprobe.records import Audit
from ganprobe.reports import Style

SUFFIX = ".jsonl"


def render(audit: Audit, style: Style) -> str:
    """The archived record without a line end inside."""
    return archive.to_json(audit) + "\n"
