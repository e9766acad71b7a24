"""The tables as GitHub-flavoured Markdown, for an issue, a pull request or a model card."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ganprobe import tables
from ganprobe.records import Audit
from ganprobe.reports import Style, safe
from ganprobe.tables import Table, render_cell

SUFFIX = ".md"


def render(audit: Audit, style: Style) -> str:
    """One section a table; texts from files cannot form markup."""
    sections = [f"## {_escape(table.title)}\n\n{_grid(table)}" for table in tables.tables(audit)]
    return "\n".join(sections)


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
