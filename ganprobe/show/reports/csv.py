"""The tables in long form, one cell a line with all its digits, for spreadsheets."""

from __future__ import annotations

import csv
import io

from ganprobe.record.audit import Audit
from ganprobe.record.cells import Cell
from ganprobe.record.history import History
from ganprobe.show.escapes import safe
from ganprobe.show.reports import Style, sections

SUFFIX = ".csv"


def render(audit: Audit | History, style: Style) -> str:
    """Lines ``table,row,column,value``; rows count from 0, and what was not measured is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("table", "row", "column", "value"))
    for table in sections(audit):
        for number, row in enumerate(table.rows):
            for column, cell in zip(table.columns, row, strict=True):
                writer.writerow((table.name, number, column.name, _raw(cell)))
    return text.getvalue()


def _raw(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, tuple):
        return " ".join(map(repr, cell))
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, str):
        # A spreadsheet would run such a text as a formula; numbers are not texts and keep their minus sign.
        return f"'{safe(cell)}" if cell.lstrip().startswith(("=", "+", "-", "@")) else safe(cell)
    return repr(cell)
