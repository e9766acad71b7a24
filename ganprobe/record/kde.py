"""The KDE cross-check: kernel densities against a probe at the same noise."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ganprobe.record.cells import Cell, Column, Table
from ganprobe.record.plots import NATS, Axis, Figure, Lines, Series

if TYPE_CHECKING:
    from ganprobe.record.audit import Measurements


Agreement = Literal["agrees", "probe weaker than KDE", "not informative here"]


@dataclass(frozen=True, slots=True)
class KdeRung:
    """KDE with bandwidth ``sigma`` against a probe trained on inputs with noise ``sigma``: both estimate JS(sigma)."""

    sigma: float
    kde: float
    probe: float
    se: float


@dataclass(frozen=True, slots=True)
class KdeRecord:
    """The KDE cross-check: the rung it is judged at, and the whole ladder."""

    nats: float
    matched_probe: float
    sigma: float
    agreement: Agreement
    space: str
    ladder: tuple[KdeRung, ...]


def summary(m: Measurements) -> list[tuple[Cell, ...]]:
    """Its row on the first screen."""
    if m.kde is None:
        return []
    return [("kernel densities", m.kde.nats, None, None, f"probe {m.kde.matched_probe:.3f}: {m.kde.agreement}")]


def tables(m: Measurements) -> tuple[Table, ...]:
    """A row for each rung."""
    columns = (Column("sigma", "number"), Column("KDE", "nats"), Column("probe", "nats"), Column("se", "nats"))
    if m.kde is None:
        return ()
    rows = tuple((rung.sigma, rung.kde, rung.probe, rung.se) for rung in m.kde.ladder)
    judged = f"{m.kde.agreement} (sigma {m.kde.sigma:.3g}, {m.kde.space})"
    title = f"Kernel densities against a probe at the same noise, nats: {judged}"
    return (Table("kde", title, columns, rows),)


def figures(m: Measurements) -> Iterator[Figure]:
    """The same numbers drawn."""
    if m.kde is None or not m.kde.ladder:
        return
    by_kde = Series("kernel densities", tuple((r.sigma, r.kde) for r in m.kde.ladder if r.kde >= 0), "series-1")
    band = tuple((max(r.probe - 2 * r.se, 0.0), min(r.probe + 2 * r.se, math.log(2))) for r in m.kde.ladder)
    by_probe = Series("probe at the same noise", tuple((r.sigma, r.probe) for r in m.kde.ladder), "series-0", band=band)
    caption = (
        f"Two estimates of the same JS under noise, in {m.kde.space}. Together: they agree. Densities above the "
        "probe: it missed something. Densities below, or not drawn because they are below 0: not informative there. "
        "The band is twice the standard error of their difference."
    )
    x, y = Axis("bandwidth and noise, sigma", log=True), Axis(NATS, low=0.0)
    yield Figure("Kernel densities against the probe", caption, Lines((by_kde, by_probe), x, y))
