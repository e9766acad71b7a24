"""What a reader sees of a training: a `History` as tables of raw cells, by the rules of `ganprobe.show.tables`.

The first table answers: which checkpoint is best and why, and what became of the others. Their plot follows, the
numbers of each, and the paired differences.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePath

from ganprobe.record.audit import Audit
from ganprobe.record.cells import Cell, Column, Table
from ganprobe.record.history import (
    BestRecord,
    BeyondTrendRecord,
    ChangeRecord,
    FallRecord,
    History,
    HistoryRecord,
    RaisedRecord,
    TrendRecord,
)

_STATISTICS = {"js": "JS, estimate, nats", "area": "area under JS under noise"}


def tables(history: History) -> tuple[Table, ...]:
    """Every table that has a row, in reading order."""
    names = [checkpoint_name(audit) for audit in history.audits]
    record = history.record
    every = (
        _answer(history, names),
        _plot(record.trend, record.best, names),
        _checkpoints(history, names),
        _beyond(record.beyond_tell, names),
        _raised(record, names),
        _others(history.audits, names),
        _differences(record.differences, names),
        _failed(record),
    )
    return tuple(table for table in every if table.rows)


def news(history: History, audit: Audit) -> str:
    """What ``audit``, one of the history's, adds to it, in a line."""
    record, best = history.record, history.record.best.position
    position = next(i for i, one in enumerate(history.audits) if one is audit)
    shown = next((r for r in record.raised if r.position == position), audit.measurements.js)
    said = "" if shown is None else f": estimate {shown.nats:.4f} nats, at least {shown.floor:.4f}"
    worse = ", demonstrably worse than the best before" if position in record.trend.regressed else ""
    place = "the best so far" if position == best else f"the best so far is {checkpoint_name(history.audits[best])}"
    return f"{checkpoint_name(audit)}{said}{worse}; {place}"


def alarm(history: History) -> str | None:
    """What a training should stop for, in a line; None where there is nothing."""
    trend, names = history.record.trend, [checkpoint_name(audit) for audit in history.audits]
    if trend.collapse is not None:
        since = names[trend.collapse]
        return f"covered mass is falling, out of its band since step {since}: the generator loses reals that it reached"
    if trend.fall is not None:
        since = names[trend.fall.since]
        return f"overlap with the reals is falling, out of its band since step {since}: {_fall(trend.fall, history)}"
    return None


def _fall(fall: FallRecord, history: History) -> str:
    """From where to where the overlap fell, and when none of it is left at that rate."""
    best, last = (history.audits[position].measurements.checkpoint.step for position in (fall.best, -1))
    names = [checkpoint_name(history.audits[position]) for position in (fall.best, -1)]
    by = {"js": "", "area": " by what noise leaves"}.get(fall.by, f" by the probe {fall.by}")
    said = f"{fall.at_best:.2f} at {names[0]}, {fall.now:.2f} at {names[1]}{by}"
    if best is None or last is None or last <= best:
        return said
    return f"{said}; at this rate none is left by {best + round((last - best) / (1 - fall.now / fall.at_best))}"


def checkpoint_name(audit: Audit) -> str:
    """The step of its checkpoint, or the name of the file where no step is known."""
    checkpoint = audit.measurements.checkpoint
    return PurePath(checkpoint.path).name if checkpoint.step is None else str(checkpoint.step)


def _labelled(heading: str, names: list[str]) -> Column:
    """Steps are numbers and stay on a line; names of files are folded where they are long."""
    return Column(heading, "count" if all(map(str.isdecimal, names)) else "text")


def _answer(history: History, names: list[str]) -> Table:
    columns = (Column("what", "mark"), Column("is"), Column("detail"))
    data = history.audits[0].measurements.data
    title = f"{len(names)} checkpoints against {data.path}"
    return Table("history", title, columns, tuple(_sentences(history, names)), "notes")


def _sentences(history: History, names: list[str]) -> Iterator[tuple[Cell, ...]]:
    record = history.record
    best, trend = record.best, record.trend
    others = f"; not told apart from it: {_listed(best.tied, names)}" if best.tied else ""
    yield ("best", f"{names[best.position]}: {best.reason}", f"{best.path}{others}")
    yield ("ranked by", f"{_STATISTICS[trend.statistic]}: {trend.reason}", None)
    if trend.regressed:
        said = f"demonstrably worse than the best before: {_listed(trend.regressed, names)}"
        yield ("regression", said, "the band excludes 0, and the better one's probe missed less than the rise")
    if trend.plateau is not None:
        said = f"from {names[trend.plateau]} to the end no change is resolved"
        yield ("plateau", said, "more samples resolve less; stop, or change what is trained")
    if trend.collapse is not None:
        said = f"from {names[trend.collapse]} to the end fewer of the reals are reached than before"
        yield (
            "collapse",
            said,
            f"the last before it is {names[trend.collapse - 1]}; ganprobe support says what it lost",
        )
    if trend.fall is not None:
        said = f"from {names[trend.fall.since]} to the end overlap with the reals is out of its band below its best"
        yield ("falling", said, f"1 - JS / log 2: {_fall(trend.fall, history)}")
    if under_trained := tuple(r.position for r in record.raised if r.under_trained):
        said = f"a neighbour's probes show more than the own: {_listed(under_trained, names)}"
        yield ("under-trained", said, "they were not near-optimal; --budget standard or thorough trains them longer")
    if record.failed:
        yield ("failed", f"{len(record.failed)} could not be measured", "the same command measures them, and only them")


# So many names fit on a line.
_MOST_NAMES = 12


def _listed(positions: tuple[int, ...], names: list[str]) -> str:
    shown = ", ".join(names[position] for position in positions[:_MOST_NAMES])
    more = len(positions) - _MOST_NAMES
    return f"{shown} and {more} more" if more > 0 else shown


def _checkpoints(history: History, names: list[str]) -> Table:
    columns = (
        _labelled("step", names),
        Column("JS", "nats"),
        Column("low", "nats"),
        Column("high", "nats"),
        Column("floor", "nats"),
        Column("near-optimal", "count"),
        Column("verdict"),
    )
    raised = {record.position: record for record in history.record.raised}
    rows = tuple(
        (name, *_bounds(audit, raised.get(position)))
        for position, (name, audit) in enumerate(zip(names, history.audits, strict=True))
    )
    return Table("checkpoints", "Checkpoint by checkpoint: estimate and certified floor, nats", columns, rows)


def _bounds(audit: Audit, raised: RaisedRecord | None) -> tuple[Cell, ...]:
    if (js := audit.measurements.js) is None:
        return (*(None,) * 5, audit.verdict)
    shown = raised or js
    under_trained = raised is not None and raised.under_trained
    verdict = "INCONCLUSIVE" if under_trained and audit.verdict == "PASS" else audit.verdict
    return shown.nats, shown.low, shown.high, shown.floor, js.near_optimal and not under_trained, verdict


def _beyond(trend: BeyondTrendRecord | None, names: list[str]) -> Table:
    columns = (
        _labelled("step", names),
        Column("JS", "nats"),
        Column("low", "nats"),
        Column("high", "nats"),
        Column("floor", "nats"),
        Column("rank", "count"),
    )
    rows: tuple[tuple[Cell, ...], ...] = ()
    if trend is not None:
        ranks = [1 + trend.order.index(position) for position in range(len(names))]
        rows = tuple(zip(names, trend.values, trend.low, trend.high, trend.floor, ranks, strict=True))
    view = "" if trend is None else f", through {trend.view}"
    return Table("beyond_tell", f"Beyond the tell{view}, nats", columns, rows)


def _raised(record: HistoryRecord, names: list[str]) -> Table:
    columns = (
        _labelled("step", names),
        Column("own JS", "nats"),
        _labelled("probes of", names),
        Column("JS", "nats"),
        Column("floor", "nats"),
        Column("the own are"),
    )
    rows = tuple(
        (names[r.position], r.own, names[r.by], r.nats, r.floor, "under-trained" if r.under_trained else "as good")
        for r in record.raised
    )
    return Table("raised", "Raised: a neighbour's probes show more on validation, and are read instead", columns, rows)


def _others(audits: Iterable[Audit], names: list[str]) -> Table:
    columns = (
        _labelled("step", names),
        Column("left by noise", "number"),
        Column("reals reached", "number"),
        Column("gradient kept", "number"),
        Column("sliced Wasserstein", "number"),
    )
    rows = tuple((name, *_other(audit)) for name, audit in zip(names, audits, strict=True))
    measured = tuple(row for row in rows if row[1:] != (None,) * 4)
    return Table("others", "Checkpoint by checkpoint: what does not end at log 2", columns, measured)


def _other(audit: Audit) -> Iterator[Cell]:
    m = audit.measurements
    yield None if m.smoothing is None else m.smoothing.area
    yield None if m.support is None else m.support.real_covered
    yield None if m.gradients is None else m.gradients.retention
    yield next((d.value for d in m.distances if d.name == "sliced_wasserstein"), None)


def _plot(trend: TrendRecord, best: BestRecord, names: list[str]) -> Table:
    """One line a checkpoint, all on one scale from 0 to the largest."""
    columns = (_labelled("step", names), Column("value", "decimal"), Column("0 to the largest", "strip"), Column("is"))
    largest = max(trend.high, default=0.0)
    rows: list[tuple[Cell, ...]] = []
    for position, (value, low, high) in enumerate(zip(trend.values, trend.low, trend.high, strict=True)):
        drawn = None
        if largest > 0:
            drawn = tuple(min(max(number / largest, 0.0), 1.0) for number in (low, value, high))
        rows.append((names[position], value, drawn, _is(position, trend, best)))
    return Table("trend", f"Over training: {_STATISTICS[trend.statistic]}, less is better", columns, tuple(rows))


def _is(position: int, trend: TrendRecord, best: BestRecord) -> str | None:
    if position == best.position:
        return "best"
    return "worse" if position in trend.regressed else None


def _differences(changes: Iterable[ChangeRecord], names: list[str]) -> Table:
    columns = (
        _labelled("from", names),
        _labelled("to", names),
        Column("rise", "nats"),
        Column("low", "nats"),
        Column("high", "nats"),
        Column("band low", "nats"),
        Column("high", "nats"),
        Column("missed", "nats"),
        Column("is"),
    )
    rows = tuple(
        (
            *(names[c.before], names[c.now], c.rise, c.low, c.high, c.band_low, c.band_high, c.missed),
            c.outcome,
        )
        for c in changes
    )
    return Table(
        "differences", "Differences, paired: to the previous and to the best; band for all at once", columns, rows
    )


def _failed(record: HistoryRecord) -> Table:
    rows = tuple(("error", failure.path, failure.message, failure.hint) for failure in record.failed)
    columns = (Column("severity", "mark"), Column("checkpoint", "mark"), Column("what happened"), Column("hint"))
    return Table("failed", "Could not be measured", columns, rows, "notes")
