"""What a reader sees: an `Audit` as tables of raw cells.

Each part says for itself which numbers it shows and under what words (`ganprobe.record`); here they are put in order.

The first table is the answer, the verdict and the findings follow, and everything they rest on comes after.

Wording. What is held out is a lower bound: the floor is "JS >= floor", the estimate is called an estimate, and the
only thing above either is log 2. No text here says "JS =".
"""

from __future__ import annotations

from collections.abc import Iterable

from ganprobe.record import parts, views
from ganprobe.record.audit import Audit, Finding, GateRecord, Measurements
from ganprobe.record.cells import Cell, Column, Table


def tables(audit: Audit) -> tuple[Table, ...]:
    """Every table that has a row: summary, tell, verdict and findings first, then what they rest on."""
    m = audit.measurements
    first = (_summary(m), views.tell_table(m), _verdict(audit), _gates(audit.gates), _findings(audit.findings))
    every = (*first, *parts.tables(m), _provenance(audit))
    return tuple(table for table in every if table.rows)


def _summary(m: Measurements) -> Table:
    columns = (Column("quantity"), Column("value", "decimal"), Column("low", "decimal"), Column("high", "decimal"))
    title = f"{m.checkpoint.path} against {m.data.path}"
    return Table("summary", title, (*columns, Column("meaning")), tuple(parts.summary(m)))


def _provenance(audit: Audit) -> Table:
    m = audit.measurements
    c, d, js = m.checkpoint, m.data, m.js
    fakes = [c.format, *([f"key {c.key}"] if c.key else []), *([f"step {c.step}"] if c.step is not None else [])]
    fakes += ["trusted to run code"] if c.trusted else []
    shape = "x".join(map(str, d.shape))
    every: tuple[tuple[Cell, ...], ...] = (
        ("fakes", c.path, f"{', '.join(fakes)}; sha256 {c.sha256[:12]}"),
        ("reals", d.path, f"{d.n} of shape {shape} ({d.kind}); content {d.content_hash[:12]}"),
        ("latent", _latent(c.latent, c.latent_law), None if c.labels is None else f"labels: {c.labels}"),
        ("scored", None if js is None else f"{js.n_real} real, {js.n_fake} fake", f"seed {audit.seed}"),
        ("made by", f"ganprobe {audit.version}", f"{audit.seconds:.1f} s"),
    )
    rows = tuple(row for row in every if row[1:] != (None, None))
    return Table("provenance", "Provenance", (Column("what"), Column("is"), Column("detail")), rows)


def _findings(findings: Iterable[Finding]) -> Table:
    columns = (Column("severity", "mark"), Column("code", "mark"), Column("finding"), Column("advice"))
    rows = tuple((f.severity, f.code, f.title, f.advice) for f in findings)
    return Table("findings", "Findings (ganprobe explain CODE says more)", columns, rows, "notes")


def _gates(gates: Iterable[GateRecord]) -> Table:
    columns = (Column("outcome", "mark"), Column("gate", "mark"), Column("reason"), Column("advice"))
    rows = tuple((g.outcome, g.name, g.reason, g.advice or None) for g in gates)
    return Table("gates", "Gates that it was held to", columns, rows, "notes")


def _verdict(audit: Audit) -> Table:
    rows = ((audit.verdict, audit.verdict_reason),)
    return Table("verdict", "Verdict", (Column("verdict", "mark"), Column("reason")), rows, "notes")


def _latent(latent: tuple[int, ...] | None, law: str | None) -> str | None:
    if latent is None:
        return None
    return f"{'x'.join(map(str, latent))} {law or ''}".rstrip()
