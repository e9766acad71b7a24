"""Distances: how far apart the two sides are in units of the data, where JS is stuck at log 2 and says only "apart".

Samples are taken as points with the Euclidean distance of their coordinates, in the unit of their kind (`scales.unit`):
data units, fractions of the full range, or pooled standard deviations. Each distance comes with what the same estimator
reads between two halves of the reals, as many a side: what is not above that is not seen.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np

from ganprobe.family import Family
from ganprobe.measures.study import Study
from ganprobe.plan import Budget
from ganprobe.record.distances import DistanceRecord
from ganprobe.samples import scaling, sketch
from ganprobe.samples.folds import Fold, row_hashes, split_halves
from ganprobe.samples.sides import Array, Indices, Pair
from ganprobe.seeds import Seeds

MEMBERS = Family("ganprobe.measures.distances", "distance", ("sliced_wasserstein", "energy", "critic"))


@dataclass(frozen=True, slots=True)
class Reading:
    """A distance with its two-sided 95 % interval, its value between reals and reals, and a p-value of P = Q."""

    value: float
    low: float
    high: float
    null: float
    p_value: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Rows of one comparison, ``[n, d]`` and ``[m, d]``, in random order; neither side has rows of the other."""

    real: Array
    fake: Array


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """What is measured: ``between`` compares reals with fakes, ``null`` one half of the reals with the other."""

    between: Points
    null: Points
    unit: scaling.Unit


class Member(Protocol):
    """What each module of this family offers, besides its frozen ``Settings`` with defaults."""

    Settings: type[Any]

    def settings(self, budget: Budget) -> Any:
        """The settings that the budget buys."""

    def measure(self, sides: Sides, settings: Any, seeds: Seeds) -> Reading:
        """The distance of both comparisons."""


NEEDS = "samples"


def measure(study: Study) -> dict[str, tuple[DistanceRecord, ...]]:
    """Every distance between the study's sides."""
    plan, drawn, seeds = study.plan, study.drawn, study.seeds
    sides, records = prepare(drawn.pair, drawn.folds.folds[0], plan.budget, seeds), []
    for name in MEMBERS:
        start, member = time.perf_counter(), MEMBERS[name]
        read = member.measure(sides, plan.override(f"distances.{name}", member.settings(plan.budget)), seeds)
        seconds = time.perf_counter() - start
        records.append(DistanceRecord(name, **asdict(read), unit=sides.unit, seconds=seconds))
    return {"distances": tuple(records)}


# Points a side that are looked at: more would show digits that nobody reads.
_MOST = {"fast": 2_000, "standard": 5_000, "thorough": 10_000}


def prepare(pair: Pair, fold: Fold, budget: Budget, seeds: Seeds) -> Sides:
    """The points of both comparisons, as many on all sides, in the unit of the kind: of large pictures block means."""
    pair = sketch.coarse(pair)
    hashes = [row_hashes(side, seeds.small("distances")) for side in (pair.real, pair.fake)]
    unit = scaling.unit(pair, fold)
    rng = seeds.numpy("distances")
    halves = split_halves(hashes[0], hashes[1])
    n = min(_MOST[budget], *map(len, halves), len(pair.fake))

    def points(values: Array, rows: Indices) -> Array:
        return unit(values[rng.permutation(rows)[:n]])

    first, second = (points(pair.real, half) for half in halves)
    return Sides(Points(first, points(pair.fake, np.arange(len(pair.fake)))), Points(first, second), unit.name)
