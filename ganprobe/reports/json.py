"""The whole record as one indented JSON object; a history as JSON lines."""

from __future__ import annotations

from ganprobe import archive
from ganprobe.records import Audit, History
from ganprobe.reports import Style

SUFFIX = ".json"


def render(audit: Audit | History, style: Style) -> str:
    """The archived record, which ``ganprobe report`` reads back; of a history, its lines."""
    if isinstance(audit, History):
        return archive.history_to_jsonl(audit)
    return f"{archive.to_json(audit, indent=2)}\n"
