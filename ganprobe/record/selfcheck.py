"""What the self-check says: each case with its truth, what they come to, and the smallest difference that is seen."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass

from ganprobe import __version__
from ganprobe.record.cells import Cell, Column, Table

SCHEMA = "ganprobe-selfcheck/1"

# An error beyond this is spelt out.
MISSED = 0.01


@dataclass(frozen=True, slots=True)
class Case:
    """One pair: its truth and what was measured, in nats.

    ``oracle_error`` is what the optimal discriminator misses by on the same test samples, and ``ratio`` how many times
    that the estimate does. ``best`` is the probe that demonstrated most. ``hard`` says why known probes fall short.
    """

    name: str
    shape: tuple[int, ...]
    n_real: int
    n_fake: int
    truth: float
    estimate: float
    floor: float
    extrapolated: float
    near_optimal: bool
    gap: float
    error: float
    oracle_error: float
    ratio: float | None
    best: str
    seconds: float
    hard: str | None


@dataclass(frozen=True, slots=True)
class Resolution:
    """The smallest ``js`` on the ladder that was told from 0 in ``detected`` of ``seeds`` runs; None if none was."""

    js: float | None
    detected: int
    seeds: int
    level: float


@dataclass(frozen=True, slots=True)
class Selfcheck:
    """All cases, what they come to, and the smallest difference that is seen.

    The means are of absolute errors, and leave out the cases known to be hard, but for ``mean_error_of_all``.
    """

    n: int
    d: int
    data: str | None
    budget: str
    seed: int
    threads: int
    device: str
    cases: tuple[Case, ...]
    mean_error: float
    mean_error_of_all: float
    mean_extrapolated_error: float
    mean_oracle_error: float
    worst: str
    worst_error: float
    floors_above: int
    resolution: Resolution
    seconds: float


def to_json(check: Selfcheck) -> str:
    """One indented JSON object."""
    document = {"schema": SCHEMA, "version": __version__} | dataclasses.asdict(check)
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def tables(check: Selfcheck) -> tuple[Table, ...]:
    """The cases, what was missed and why, and what it comes to."""
    every = (_cases(check), _missed(check), _summary(check), _conclusion(check))
    return tuple(table for table in every if table.rows)


def _cases(check: Selfcheck) -> Table:
    columns = (
        Column("case"),
        Column("truth", "decimal"),
        Column("JS", "decimal"),
        Column("floor", "decimal"),
        Column("limit", "decimal"),
        Column("error", "decimal"),
        Column("of D*", "decimal"),
        Column("ratio", "number"),
        Column("near", "mark"),
        Column("s", "seconds"),
    )
    rows = []
    for c in check.cases:
        values = (c.truth, c.estimate, c.floor, c.extrapolated, c.error, c.oracle_error)
        rows.append((c.name, *(round(value, 5) for value in values), c.ratio, c.near_optimal, c.seconds))
    title = (
        f"Known truths at n = {check.n}, budget {check.budget}, nats; limit: extrapolated to unlimited data; "
        "of D*: the error of the optimal discriminator on the same samples; near: near-optimal"
    )
    return Table("cases", title, columns, tuple(rows))


def _missed(check: Selfcheck) -> Table:
    rows = []
    for case in check.cases:
        if abs(case.error) > MISSED or case.hard:
            called = "near-optimal" if case.near_optimal else f"not near-optimal, gap {case.gap:.4f}"
            text = f"off by {case.error:+.4f}; best probe {case.best}; called {called}"
            rows.append((case.name, f"{text}; hard: {case.hard}" if case.hard else text))
    columns = (Column("case", "mark"), Column("result"))
    return Table("missed", f"Off by more than {MISSED}, or known to be hard", columns, tuple(rows), "notes")


def _summary(check: Selfcheck) -> Table:
    plain, every = f"{sum(not case.hard for case in check.cases)} cases", f"all {len(check.cases)} cases"
    rows: tuple[tuple[Cell, ...], ...] = (
        ("mean error of JS", check.mean_error, f"{plain}; those known to be hard are left out"),
        ("... of the limit", check.mean_extrapolated_error, plain),
        ("... of D*", check.mean_oracle_error, f"{plain}; chance alone"),
        ("mean error of JS, hard ones too", check.mean_error_of_all, every),
        ("largest error of JS", check.worst_error, check.worst),
        ("floors above the truth", check.floors_above, f"{every}; one in twenty may be"),
    )
    return Table("summary", "All cases", (Column("quantity"), Column("value", "decimal"), Column("detail")), rows)


def _conclusion(check: Selfcheck) -> Table:
    found = check.resolution
    where = f"On this machine, at n = {check.n} and {_where(check)}, budget {check.budget}"
    how = f"rank test at {found.level}"
    if found.js is None:
        text = f"{where}, no difference that was tried is told from 0 by this estimator ({how})."
    else:
        text = (
            f"{where}, the smallest JS that this estimator tells from 0 is {found.js:.2g} nats "
            f"({how}, {found.detected} of {found.seeds} runs)."
        )
    return Table("resolution", "What is told from 0", (Column("text"),), ((text,),), "notes")


def _where(check: Selfcheck) -> str:
    shape = "x".join(map(str, check.cases[0].shape))
    return f"samples like those of {check.data} ({shape})" if check.data else f"d = {check.d}"
