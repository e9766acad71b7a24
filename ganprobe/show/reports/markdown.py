"""The tables as GitHub-flavoured Markdown, for an issue, a pull request or a model card."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ganprobe.record.audit import Audit
from ganprobe.record.cells import Table
from ganprobe.record.history import History
from ganprobe.show.cells import render_cell
from ganprobe.show.escapes import safe
from ganprobe.show.reports import Style, sections

SUFFIX = ".md"


def render(audit: Audit | History, style: Style) -> str:
    """One section a table; texts from files cannot form markup."""
    written = [f"## {_escape(table.title)}\n\n{_grid(table)}" for table in sections(audit)]
    return "\n".join(written)


def _grid(table: Table) -> str:
    heads = [_escape(column.name) for column in table.columns]
    rules = ["---" if column.format in ("text", "mark") else "---:" for column in table.columns]
    rows = [
        [_escape(render_cell(cell, column.format)) for cell, column in zip(row, table.columns, strict=True)]
        for row in table.rows
    ]
    return "".join(_line(cells) for cells in (heads, rules, *rows))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _escape(text: str) -> str:
    text = safe(text).replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([\\`*\[\]|~])", r"\\\1", text)
