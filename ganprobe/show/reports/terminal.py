"""The tables for a terminal of 80 columns: the answer on the first screen, what it rests on below.

Where fewer than `_SIDE_BY_SIDE` columns leave no room for cells beside each other, a row's cells follow its name.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterable

from rich.box import SIMPLE_HEAD, Box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from ganprobe.record.audit import Audit
from ganprobe.record.cells import Cell, Column, Table
from ganprobe.record.history import History
from ganprobe.show import first_screen
from ganprobe.show.cells import render_cell
from ganprobe.show.escapes import safe
from ganprobe.show.reports import Style, sections

SUFFIX = ".txt"

# Columns of the screen that a table needs.
_SIDE_BY_SIDE = 60
_ASCII_HEAD = Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)
_MARKS = {
    "error": "bold red",
    "warn": "yellow",
    "info": "cyan",
    "FAIL": "bold red",
    "INCONCLUSIVE": "yellow",
    "PASS": "green",
}


def render(audit: Audit | History, style: Style) -> str:
    """Every table under its title, or the first screen, at most ``style.width`` columns wide."""
    whole = sections(audit)
    return lay_out(whole, style) if style.rest is None else _first_screen(audit, whole, style)


def _first_screen(audit: Audit | History, whole: tuple[Table, ...], style: Style) -> str:
    """As much as fits; a sentence too long for that is cut, and the last line still says where the rest is."""
    for room in range(first_screen.ROOM, -1, -1):
        shown = first_screen.tables(audit, room)
        last = f"{first_screen.left_out(audit, whole, shown)}: {style.rest}"
        rest = [
            line
            for part in last.splitlines()
            for line in textwrap.wrap(safe(part), style.width, subsequent_indent="  ", break_on_hyphens=False)
        ]
        lines = lay_out(shown, style).splitlines()
        if len(lines) + len(rest) < first_screen.LINES:
            break
    return "\n".join((*lines[: first_screen.LINES - len(rest) - 1], "", *rest)) + "\n"


def lay_out(shown: Iterable[Table], style: Style) -> str:
    """The same for any tables."""
    console = Console(
        file=io.StringIO(),
        width=style.width,
        force_terminal=style.colour,
        color_system="standard" if style.colour else None,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},
    )
    with console.capture() as capture:
        for table in shown:
            console.print(Text(safe(table.title), style="bold"))
            console.print(_body(table, style))
            console.print()
    lines = (line.rstrip() for line in capture.get().rstrip().splitlines())
    return "\n".join(lines) + "\n"


def _body(table: Table, style: Style) -> RenderableType:
    if table.layout == "notes":
        return _notes(table)
    return _grid(table, style.unicode) if style.width >= _SIDE_BY_SIDE else _stacked(table, style.unicode)


def _stacked(table: Table, unicode: bool) -> RenderableType:
    rows: list[RenderableType] = []
    first, *others = table.columns
    for head, *cells in table.rows:
        # A number says nothing without the name of its column.
        start = _text(head, first, unicode) if first.format == "text" else _named(head, first, unicode)
        rest = [_named(cell, column, unicode) for cell, column in zip(cells, others, strict=True) if cell is not None]
        rows += [Padding(start, (0, 0, 0, 2)), Padding(Text(", ").join(rest), (0, 0, 0, 4))]
    return Group(*rows)


def _named(cell: Cell, column: Column, unicode: bool) -> Text:
    return Text.assemble((f"{safe(column.name)} ", "dim"), _text(cell, column, unicode))


def _grid(table: Table, unicode: bool) -> RenderableType:
    box = SIMPLE_HEAD if unicode else _ASCII_HEAD
    grid = Grid(box=box, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    for column in table.columns:
        numeric = column.format != "text"
        grid.add_column(safe(column.name), justify="right" if numeric else "left", no_wrap=numeric, overflow="fold")
    for row in table.rows:
        grid.add_row(*(_text(cell, column, unicode) for cell, column in zip(row, table.columns, strict=True)))
    return Padding(grid, (0, 0, 0, 2))


def _text(cell: Cell, column: Column, unicode: bool) -> Text:
    return Text("" if cell is None else safe(render_cell(cell, column.format, unicode)))


def _notes(table: Table) -> RenderableType:
    grid = Grid.grid(padding=(0, 2, 0, 0))
    marks = sum(column.format == "mark" for column in table.columns)
    for row in table.rows:
        shown = [safe(render_cell(cell, "text")) for cell in row if cell is not None]
        first, *rest = shown[marks:]
        body = Text(first, overflow="fold")
        for line in rest:
            body.append(f"\n{line}", style="dim")
        grid.add_row(Text(" ".join(shown[:marks]), style=_MARKS.get(shown[0], "")), body)
    return Padding(grid, (0, 0, 0, 2))
