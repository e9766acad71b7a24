"""The whole record as one indented JSON object."""

from __future__ import annotations

from ganprobe import archive
from ganprobe.records import Audit
from ganprobe.reports import Style

SUFFIX = ".json"


def render(audit: Audit, style: Style) -> str:
    """The archived record; ``ganprobe report`` reads it back."""
    return archive.to_json(audit, indent=2) + "\n"
