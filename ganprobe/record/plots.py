"""What a reader sees of a record as a plot, before anything is drawn: series, rows and axes as data."""

from __future__ import annotations

import math
from dataclasses import dataclass

Point = tuple[float, float]
NATS = "JS, nats"
# As many rows as fit one plot.
MOST_ROWS = 16
# Where no row reaches this share of the ceiling, showing the ceiling would squeeze the rows into a corner.
_NEAR_CEILING = 0.3


@dataclass(frozen=True, slots=True)
class Series:
    """One line, in data units: its class, and whether every point is marked. A ``band`` is low and high at each x."""

    name: str
    points: tuple[Point, ...]
    style: str
    marked: bool = True
    band: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis: what it says, its ends (None: those of the data), and whether it counts in decades."""

    label: str
    low: float | None = None
    high: float | None = None
    log: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A row of an interval plot; ``floor`` is a certified lower bound, drawn as a bracket."""

    label: str
    value: float
    low: float
    high: float
    floor: float | None = None


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines over a plane; ``levels`` are named heights."""

    series: tuple[Series, ...]
    x: Axis
    y: Axis
    levels: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Spans:
    """A row for each interval; ``limit`` is a named end that all of them have."""

    rows: tuple[Span, ...]
    x: Axis
    limit: tuple[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Histogram:
    """Outlines of ``sides``, each a name, a style and a share for each bin between ``edges``."""

    edges: tuple[float, ...]
    sides: tuple[tuple[str, str, tuple[float, ...]], ...]
    x: Axis
    y: str


@dataclass(frozen=True, slots=True)
class Bars:
    """A label and two bars, of the reals and of the fakes, in each row."""

    rows: tuple[tuple[str, float, float], ...]
    x: Axis


@dataclass(frozen=True, slots=True)
class Scatter:
    """Points of ``groups``, each a name, a style and points with how solid they are."""

    groups: tuple[tuple[str, str, tuple[tuple[float, float, float], ...]], ...]
    x: Axis
    y: Axis


@dataclass(frozen=True, slots=True)
class Shown:
    """One sample: its row and label, the logit, and a picture or numbers by name."""

    row: int
    logit: float
    label: int | None
    picture: str | None
    numbers: dict[str, float]


@dataclass(frozen=True, slots=True)
class Gallery:
    """Samples one after the other; ``name`` is what each of them is."""

    name: str
    samples: tuple[Shown, ...]


Plot = Lines | Spans | Histogram | Bars | Scatter | Gallery


@dataclass(frozen=True, slots=True)
class Figure:
    """A plot, what it is called and how to read it: captions do not say what this one shows.

    ``beside``: the table that it stands beside; "" is the part's own.
    """

    title: str
    caption: str
    plot: Plot
    beside: str = ""


def ceiling(rows: tuple[Span, ...]) -> tuple[str, float] | None:
    """log 2 as the limit of ``rows``, where some row comes near it."""
    return ("log 2", math.log(2)) if max(row.high for row in rows) > _NEAR_CEILING * math.log(2) else None
