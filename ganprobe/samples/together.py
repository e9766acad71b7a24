"""What stays together in a fold on either side: the groups that were named, or rows that were found to depend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ganprobe.errors import InputError
from ganprobe.record.dependence import DependenceRecord, SideDependence
from ganprobe.samples import dependence
from ganprobe.samples.folds import in_blocks, row_hashes
from ganprobe.samples.groups import Together
from ganprobe.samples.sides import Array, Hashes, Origin, Pair, SideOrigin
from ganprobe.seeds import Seeds

# Fewer groups cannot be divided into parts that fit, validate and test.
LEAST_GROUPS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Kin:
    """What stays together among the reals and among the fakes, and what was found."""

    real: Together | None
    fake: Together | None
    record: DependenceRecord


def named(origin: SideOrigin) -> Together | None:
    """The groups of the rows, where some were named; `InputError` where they are too few to divide."""
    if origin.groups is None:
        return None
    groups = Together(origin.groups, tested_once=True)
    if groups.n < LEAST_GROUPS:
        raise InputError(
            f"--group: {groups.n} groups are too few to train and test a probe on",
            f"groups are what is independent: at least {LEAST_GROUPS} are needed",
        )
    return groups


def find(pair: Pair, origin: Origin, drawn: bool) -> Kin:
    """What stays together in ``pair``. Fakes that a generator has ``drawn`` do not depend on each other."""
    of_reals, of_fakes = named(origin.real), named(origin.fake)
    real, reals = _side(pair.real, pair.fake, pair, origin.real, of_reals)
    fake, fakes = (None, None) if drawn else _side(pair.fake, pair.real, pair, origin.fake, of_fakes)
    groups = [None if side is None else side.n for side in (of_reals, of_fakes)]
    folds: Literal["groups", "blocks", "rows"] = "rows"
    if of_reals or of_fakes:
        folds = "groups"
    elif reals or fakes:
        folds = "blocks"
    return Kin(reals, fakes, DependenceRecord(real, fake, folds, *groups))


def hashes(pair: Pair, seeds: Seeds) -> tuple[Hashes, Hashes]:
    """What the rows of either side are divided by."""
    return row_hashes(pair.real, seeds.small("folds")), row_hashes(pair.fake, seeds.small("folds"))


def _side(
    side: Array, other: Array, pair: Pair, origin: SideOrigin, groups: Together | None
) -> tuple[SideDependence, Together | None]:
    """Whether rows of ``side`` depend on each other, one of each group where groups are named; what stays together."""
    rows = np.arange(len(side)) if groups is None else np.unique(groups.groups, return_index=True)[1]
    labels = None if origin.labels is None else origin.labels[rows]
    found = dependence.measure(side[rows], other, pair.kind, origin.rows[rows], labels)
    return found, in_blocks(origin.rows) if groups is None and found.ordered else groups
