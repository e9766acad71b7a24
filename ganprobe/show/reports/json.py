"""The whole record as one indented JSON object; a history as JSON lines."""

from __future__ import annotations

from ganprobe.record.audit import Audit
from ganprobe.record.history import History
from ganprobe.show.reports import Style
from ganprobe.store import archive

SUFFIX = ".json"


def render(audit: Audit | History, style: Style) -> str:
    """The archived record, which ``ganprobe report`` reads back; of a history, its lines."""
    if isinstance(audit, History):
        return archive.history_to_jsonl(audit)
    return f"{archive.to_json(audit, indent=2)}\n"
