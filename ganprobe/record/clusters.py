"""The clusters of the reals, and what of them the generator misses."""

from __future__ import annotations

from dataclasses import dataclass

from ganprobe.record.cells import Column, Table
from ganprobe.record.plots import MOST_ROWS, Axis, Bars, Figure


@dataclass(frozen=True, slots=True)
class ClusterRecord:
    """A cluster of the reals and what is in it, counted on samples that had no part in finding it.

    ``p_value``: of so few fakes, adjusted for the number of clusters. ``examples``: rows of the data file nearest to
    its centre. ``centre`` in data units, empty for wide samples. ``label``: the commonest where reals have labels.
    """

    real_share: float
    fake_share: float
    n_real: int
    n_fake: int
    p_value: float
    missed: bool
    examples: tuple[int, ...]
    centre: tuple[float, ...] = ()
    label: int | None = None
    label_share: float | None = None


@dataclass(frozen=True, slots=True)
class ModesRecord:
    """The clusters of the reals, largest first; ``separated`` modes, or cells of data that have none."""

    separated: bool
    silhouette: float | None
    clusters: tuple[ClusterRecord, ...]

    @property
    def missed(self) -> tuple[ClusterRecord, ...]:
        """Those that the generator hardly produces."""
        return tuple(cluster for cluster in self.clusters if cluster.missed)


def missed_table(modes: ModesRecord) -> Table:
    """A row for each cluster that is missed."""
    columns = (
        Column("like row", "count"),
        Column("label", "count"),
        Column("of reals", "number"),
        Column("of fakes", "number"),
        Column("p, adjusted", "number"),
    )
    rows = tuple((c.examples[0], c.label, c.real_share, c.fake_share, c.p_value) for c in modes.missed)
    what = "modes" if modes.separated else "cells (there are no separate modes)"
    title = f"Missed: {len(rows)} of {len(modes.clusters)} {what}"
    return Table("missed", title, columns, rows)


def mass_figure(modes: ModesRecord) -> Figure:
    """Mass in each of the largest."""
    clusters = modes.clusters[:MOST_ROWS]
    rows = tuple((_like(cluster), cluster.real_share, cluster.fake_share) for cluster in clusters)
    caption = (
        f"The {len(clusters)} largest {'modes' if modes.separated else 'cells'} of the reals: the share of either side "
        "in each. A short second bar is a mode that the generator neglects."
    )
    return Figure("Mass in each mode", caption, Bars(rows, Axis("share of samples", low=0.0)))


def _like(cluster: ClusterRecord) -> str:
    row = f"like row {cluster.examples[0]}"
    return row if cluster.label is None else f"{row}, label {cluster.label}"
