"""One self-contained page: the answer in words, then every table with its plots; no script, nothing to fetch.

The first screen says how far, how sure, why and what next. The page follows the reader's choice of light or dark, fits
a telephone, prints, and can be read aloud. Texts that come from files are escaped, and a policy in the page forbids
scripts and connections besides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePath

from ganprobe.record import parts
from ganprobe.record.audit import Audit
from ganprobe.record.cells import Cell, Column, Table
from ganprobe.record.history import History, trend_figures
from ganprobe.record.plots import Figure
from ganprobe.show import first_screen, tables
from ganprobe.show.cells import render_cell
from ganprobe.show.reports import Style, sections
from ganprobe.show.reports._figures import element
from ganprobe.show.reports._sheet import SHEET
from ganprobe.show.reports._svg import clean, strip
from ganprobe.show.trends import checkpoint_name
from ganprobe.show.words import Answer, answers

SUFFIX = ".html"

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
# Columns that a table may have and still stand beside a plot.
_MOST_BESIDE = 6
# What the first screen says already.
_ON_TOP = ("summary", "verdict")


def render(audit: Audit | History, style: Style) -> str:
    """The whole page as text; that of a history lets its reader go from checkpoint to checkpoint."""
    if isinstance(audit, History):
        return _of_history(audit)
    m = audit.measurements
    title = f"{PurePath(m.checkpoint.path).name} against {PurePath(m.data.path).name}"
    below = [table for table in sections(audit) if table.name not in _ON_TOP]
    drawn = (_section(table, parts.figures(m, table.name)) for table in below)
    return _page("audit", title, "\n".join((_answers(audit), _contents(below), *drawn)), audit)


def _of_history(history: History) -> str:
    names = [checkpoint_name(audit) for audit in history.audits]
    title = f"{len(names)} checkpoints against {PurePath(history.audits[0].measurements.data.path).name}"
    first, *below = sections(history)
    first = replace(first, rows=(*first.rows, first_screen.verdicts(history)))
    drawn = [_section(table, tuple(trend_figures(history)) if table.name == "trend" else ()) for table in below]
    best = history.record.best.position
    inputs, panels = [], []
    for position, (name, audit) in enumerate(zip(names, history.audits, strict=True)):
        checked = " checked" if position == best else ""
        inputs.append(
            f'<input type="radio" name="checkpoint" id="checkpoint-{position}"{checked}>'
            f'<label for="checkpoint-{position}">{clean(name)}</label>'
        )
        findings = "".join(_notes(table) for table in tables.tables(audit) if table.name == "findings")
        panels.append(f'<div class="panel"><h3>{clean(name)}</h3>{_answers(audit)}{findings}</div>')
    # The arrow keys move a radio button as they move a slider, and no script is needed.
    shown = ", ".join(
        f".slider input:nth-of-type({k}):checked ~ .panel:nth-of-type({k})" for k in range(1, len(names) + 1)
    )
    slider = (
        f'<section id="slider"><h2>One checkpoint</h2>'
        f'<div class="slider" role="radiogroup" aria-label="Checkpoint">{"".join((*inputs, *panels))}</div></section>'
    )
    answer = f'<section><h2 class="unseen">The answer</h2>{_notes(first)}</section>'
    steps = "".join(_section(table, ()) for table in first_screen.tables(history) if table.name == "next")
    body = (answer, steps, _contents(below), drawn[0] if drawn else "", slider, *drawn[1:])
    return _page("history", title, "\n".join(body), history.audits[-1], f"{shown} {{ display: block; }}\n")


def _page(what: str, title: str, body: str, audit: Audit, more_style: str = "") -> str:
    parts = (
        "<!doctype html>",
        '<html lang="en">',
        f'<head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{clean(title)} - ganprobe</title><style>{SHEET}{more_style}</style></head>",
        '<body><a class="skip" href="#contents">Skip to the contents</a>',
        f"<header><p>ganprobe {what}</p><h1>{clean(title)}</h1></header>",
        f"<main>{body}</main>",
        f"<footer><p>ganprobe {clean(audit.version)}: <code>{clean(' '.join(audit.command))}</code></p></footer>",
        "</body></html>",
    )
    return "\n".join(parts) + "\n"


def _answers(audit: Audit) -> str:
    m = audit.measurements
    judged = "Gates" if audit.gates else "Measurement"
    verdict = f'<p class="verdict {audit.verdict.lower()}">{judged}: <strong>{audit.verdict}</strong></p>'
    if not audit.gates:
        # Without this a green PASS above a JS of log 2 reads as praise for the generator.
        verdict += '<p class="key">Whether the number can be relied on, not whether the generator is good.</p>'
    line = ""
    if (js := m.js) is not None:
        drawing = strip(js.floor, js.low, js.nats, js.high, js.ceiling, js.extrapolated)
        said = (
            f"From 0 to log 2: certified up to {js.floor:.3f}, estimate {js.nats:.3f} ({js.low:.3f} to {js.high:.3f})."
        )
        line = f'<div class="strip">{drawing.svg("Jensen-Shannon divergence, nats", said)}</div>'
        line += '<p class="key"><span class="swatch"></span>certified <span class="dot"></span>estimate, interval'
        line += "</p>" if js.extrapolated is None else ' <span class="dash"></span>guess for unlimited data</p>'
    cards = "".join(_card(answer) for answer in answers(audit))
    numbers = "".join(
        f'<h3 class="later">In numbers</h3>{_grid(table)}' for table in tables.tables(audit) if table.name == "summary"
    )
    return (
        f'<section><h2 class="unseen">The answer</h2>{verdict}{line}<div class="cards">{cards}</div>{numbers}</section>'
    )


def _card(answer: Answer) -> str:
    sentences = "".join(f"<p>{clean(sentence)}</p>" for sentence in answer.sentences)
    return f'<div class="card"><h3>{clean(answer.question)}</h3>{sentences}</div>'


def _contents(below: Iterable[Table]) -> str:
    below = tuple(below)
    shorts = [_short(table.title) for table in below]
    # Two tables of one kind are told apart by their whole titles.
    names = (table.title if shorts.count(s) > 1 else s for table, s in zip(below, shorts, strict=True))
    links = "".join(
        f'<li><a href="#{table.name}">{clean(name)}</a></li>' for table, name in zip(below, names, strict=True)
    )
    return f'<nav id="contents" aria-label="Contents"><ul>{links}</ul></nav>'


def _short(title: str) -> str:
    return title.partition(":")[0].partition(" (")[0].partition("?")[0]


def _section(table: Table, drawn: tuple[Figure, ...]) -> str:
    body = _notes(table) if table.layout == "notes" else _grid(table)
    if drawn:
        plots = "".join(_figure(figure) for figure in drawn)
        beside = len(drawn) % 2 == 1 and len(table.columns) <= _MOST_BESIDE
        body = f'<div class="plots">{plots}{body}</div>' if beside else f'<div class="plots">{plots}</div>{body}'
    title = f"<h2>{clean(table.title)}</h2>"
    return f'<section id="{table.name}">{title}{body}</section>'


def _figure(figure: Figure) -> str:
    said = f"<figcaption>{clean(figure.caption)}</figcaption>"
    return f"<figure><h3>{clean(figure.title)}</h3>{element(figure)}{said}</figure>"


def _notes(table: Table) -> str:
    items = []
    marks = sum(column.format == "mark" for column in table.columns)
    for row in table.rows:
        shown = [clean(render_cell(cell, "text")) for cell in row if cell is not None]
        severity, names, (first, *rest) = "".join(shown[:marks][:1]), shown[1:marks], shown[marks:]
        marked = [f'<strong class="mark-word">{severity}</strong>'] if severity else []
        marked += [f"<code>{name}</code>" for name in names]
        said = "".join(f"<p>{text}</p>" for text in rest)
        items.append(f'<li class="{severity.lower()}"><p>{" ".join((*marked, first))}</p>{said}</li>')
    return f'<ul class="notes">{"".join(items)}</ul>'


def _grid(table: Table) -> str:
    heads = "".join(f'<th scope="col"{_align(column)}>{clean(column.name)}</th>' for column in table.columns)
    rows = "".join(_row(table.columns, row) for row in table.rows)
    inside = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    # It scrolls where the screen is narrow, and a keyboard must be able to get there.
    return f'<div class="scroll" role="region" tabindex="0" aria-label="Table: {clean(table.title)}">{inside}</div>'


def _row(columns: tuple[Column, ...], row: tuple[Cell, ...]) -> str:
    cells = []
    for number, (cell, column) in enumerate(zip(row, columns, strict=True)):
        text = "" if cell is None else clean(render_cell(cell, column.format, unicode=True))
        tag = ('th scope="row"', "th") if number == 0 else ("td", "td")
        cells.append(f"<{tag[0]}{_align(column)}>{text}</{tag[1]}>")
    return f"<tr>{''.join(cells)}</tr>"


def _align(column: Column) -> str:
    return "" if column.format in ("text", "mark") else ' class="number"'
