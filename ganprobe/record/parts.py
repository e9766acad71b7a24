"""The parts of an audit: the one list of their names, in the order that a reader meets them.

A part is one name everywhere: the module here says what it is and, as far as there is something to show, its
``tables``, its ``figures`` and its rows of the first screen, ``summary``; the module of that name in
`ganprobe.measures` says how it is measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

from ganprobe.family import Family
from ganprobe.record.audit import Measurements
from ganprobe.record.cells import Cell, Table
from ganprobe.record.plots import Figure

PARTS = Family(
    "ganprobe.record",
    "part",
    (
        "headline",
        "beyond_tell",
        "crossed",
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
# What the trained probes say by themselves. All others are measured on demand, in the order that they are read in.
_BY_ITSELF = ("headline", "beyond_tell", "probes", "divergences", "logits")
MEASURED = tuple(name for name in PARTS if name not in _BY_ITSELF)


def _that_have(verb: str) -> Iterator[ModuleType]:
    return (part for name in PARTS if hasattr(part := PARTS[name], verb))


def tables(m: Measurements) -> Iterator[Table]:
    """The tables of all parts that were measured."""
    for part in _that_have("tables"):
        yield from part.tables(m)


def summary(m: Measurements) -> Iterator[tuple[Cell, ...]]:
    """What fits on the first screen: a row or two for each part that was measured."""
    for part in _that_have("summary"):
        yield from part.summary(m)


def figures(m: Measurements, table: str) -> tuple[Figure, ...]:
    """The figures beside the table called ``table``; none where nothing was measured or nothing is drawn."""
    drawing = [name for name in PARTS if hasattr(PARTS[name], "figures")]
    return tuple(f for name in drawing for f in PARTS[name].figures(m) if (f.beside or name) == table)
