"""The whole record on one line, to append to others."""

from __future__ import annotations

from ganprobe.record.audit import Audit
from ganprobe.record.history import History
from ganprobe.show.reports import Style
from ganprobe.store import archive

SUFFIX = ".jsonl"


def render(audit: Audit | History, style: Style) -> str:
    """The archived record without a line end inside; a history has a line for each audit and one for itself."""
    return archive.history_to_jsonl(audit) if isinstance(audit, History) else f"{archive.to_json(audit)}\n"
