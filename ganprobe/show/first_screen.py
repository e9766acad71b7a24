"""The first screen: how far, how sure, why, and what next, in so few lines that nothing of it scrolls away.

The whole report has a table for everything that was measured. A decision rests on the headline, the verdict, what gives
the fakes away, and the findings that are more than information; `tables` gives these, less of them for less ``room``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ganprobe.record.audit import Audit
from ganprobe.record.cells import Cell, Column, Table
from ganprobe.record.history import History, HistoryRecord
from ganprobe.show import tables as audit_tables
from ganprobe.show import trends, words

LINES = 40
# So much room there is to start with: findings, and rows of a plot.
ROOM = 12
_MOST_ADVICE = 3


def tables(shown: Audit | History, room: int = ROOM) -> tuple[Table, ...]:
    """What ``shown`` comes to; with ``room`` 0 the headline and the verdict alone."""
    chosen = _of_history(shown, room) if isinstance(shown, History) else _of_audit(shown, room)
    return tuple(table for table in chosen if table.rows)


def left_out(shown: Audit | History, whole: Sequence[Table], first: Sequence[Table]) -> str:
    """How much more the ``whole`` report has than the ``first`` screen, in words."""
    names = {table.name for table in first}
    more = sum(table.name not in names and table.name != "findings" for table in whole)
    count = f"{more} more table{'s' if more != 1 else ''}"
    if isinstance(shown, History):
        return count
    said = sum(len(table.rows) for table in first if table.name == _DECISIVE)
    findings = len(shown.findings) - said
    return f"{findings} more finding{'s' if findings != 1 else ''}, {count}" if findings else count


_DECISIVE = "decisive"


def _of_audit(audit: Audit, room: int) -> Iterator[Table]:
    whole = {table.name: table for table in audit_tables.tables(audit)}
    yield from (whole[name] for name in ("summary",) if name in whole)
    # Without these words a green PASS beside a JS of log 2 reads as praise for the generator.
    title = "The gates together" if audit.gates else "Can the number be relied on?"
    yield replace(whole["verdict"], title=title)
    yield from (whole[name] for name in ("gates", "tell") if name in whole and (room or name == "gates"))
    decisive = [f for f in audit.findings if f.severity != "info"]
    cut = f" ({room} of {len(decisive)})" if room < len(decisive) else ""
    columns = (Column("severity", "mark"), Column("code", "mark"), Column("finding"))
    rows = tuple((f.severity, f.code, f.title) for f in decisive[:room])
    yield Table(_DECISIVE, f"Findings that change a decision{cut}", columns, rows, "notes")
    yield _next(list(words.next_steps(audit))[: min(room, _MOST_ADVICE)])


def _next(steps: Sequence[str]) -> Table:
    return Table("next", "What next", (Column("text"),), tuple((step,) for step in steps), "notes")


def _of_history(history: History, room: int) -> Iterator[Table]:
    whole = {table.name: table for table in trends.tables(history)}
    answer = whole["history"]
    # What to do about each stands under "What next" here.
    rows = tuple((what, said, detail if what == "best" else None) for what, said, detail in answer.rows)
    yield Table(answer.name, answer.title, answer.columns, (*rows, verdicts(history)), "notes")
    if (plot := whole.get("trend")) is not None:
        yield _thinned(plot, history.record, room)
    yield _next(list(_advice(history))[: min(room, _MOST_ADVICE)])


def verdicts(history: History) -> tuple[Cell, ...]:
    """A row of the answer: how many measurements can be relied on."""
    given = [audit.verdict for audit in history.audits]
    counted = ", ".join(f"{given.count(v)} {v}" for v in dict.fromkeys(given))
    return "verdicts", f"{counted}: whether each measurement can be relied on", None


def _thinned(plot: Table, record: HistoryRecord, room: int) -> Table:
    """The best, the last, the first, the regressions, and of the others, evenly spaced, as many as have room."""
    if len(plot.rows) <= room:
        return plot
    last = len(plot.rows) - 1
    named = dict.fromkeys((record.best.position, last, 0, *record.trend.regressed))
    spaced = (round(i * last / max(room - 1, 1)) for i in range(room))
    kept = sorted([*dict.fromkeys((*named, *spaced))][:room])
    title = f"{plot.title} ({len(kept)} of {len(plot.rows)})"
    return Table(plot.name, title, plot.columns, tuple(plot.rows[position] for position in kept), plot.layout)


def _advice(history: History) -> Iterator[str]:
    record = history.record
    best = history.audits[record.best.position]
    if record.failed:
        yield "Run the same command again: it measures what failed, and only that."
    if record.trend.collapse is not None:
        lost = history.audits[record.trend.collapse].measurements.checkpoint.path
        yield f"Go back before the collapse; ganprobe support {lost} DATA says what was lost."
    elif record.trend.fall is not None:
        before = trends.checkpoint_name(history.audits[record.trend.fall.best])
        yield f"Stop, or go back to checkpoint {before}: what both laws share is falling."
    if record.trend.regressed:
        yield f"Go on from {best.measurements.checkpoint.path}, or change what is trained."
    if any(raised.under_trained for raised in record.raised):
        yield "Train the probes longer before small differences are believed: --budget standard or thorough."
    if record.trend.plateau is not None:
        yield "Stop, or change what is trained; more samples would resolve smaller differences."
    yield from words.next_steps(best)
