"""The parts of an audit: the one list of their names, in the order that a reader meets them.

A part is one name everywhere: the module here says what it is (``tables``, and where there is something to draw or to
say on the first screen ``figures`` and ``summary``), the module of that name in `ganprobe.measures` how it is measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

from ganprobe.family import Family
from ganprobe.record.audit import Measurements
from ganprobe.record.cells import Cell, Table
from ganprobe.record.plots import Figure

# What a run measures beyond loading, sampling and inspecting, each on demand, in the order that it is measured in.
MEASURED = (
    "crossed",
    "optimality",
    "views",
    "kde",
    "support",
    "labels",
    "memorisation",
    "smoothing",
    "distances",
    "features",
    "gradients",
)
PARTS = Family(
    "ganprobe.record",
    "part",
    (
        "headline",
        "beyond_tell",
        "probes",
        "optimality",
        "views",
        "divergences",
        "logits",
        "kde",
        "support",
        "labels",
        "memorisation",
        "smoothing",
        "distances",
        "features",
        "gradients",
    ),
)


def _modules() -> Iterator[ModuleType]:
    return (PARTS[name] for name in PARTS)


def tables(m: Measurements) -> Iterator[Table]:
    """The tables of all parts that were measured."""
    for part in _modules():
        yield from part.tables(m)


def summary(m: Measurements) -> Iterator[tuple[Cell, ...]]:
    """What fits on the first screen: a row or two for each part that was measured."""
    for part in _modules():
        if hasattr(part, "summary"):
            yield from part.summary(m)


def figures(m: Measurements, table: str) -> tuple[Figure, ...]:
    """The figures beside the table called ``table``; none where nothing was measured or nothing is drawn."""
    drawing = [name for name in PARTS if hasattr(PARTS[name], "figures")]
    return tuple(f for name in drawing for f in PARTS[name].figures(m) if (f.beside or name) == table)
