"""Artefacts: differences between the files rather than the distributions, looked for before anything is trained.

An 8-bit data set against float fakes has JS = log 2 exactly, and so has one in [0, 1] against fakes in [-1, 1]. A
probe would report it faithfully and the reader would blame the generator. These detectors look at the reals as read and
at the fakes as generated, and say what they see; what is done about it is the output path's business. What reading
itself did to a side (`of_reading`) stands beside what they see.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ganprobe.family import Family
from ganprobe.record.sources import Artefact
from ganprobe.samples.gauge import Gauge
from ganprobe.samples.sides import Kind, Stored


@dataclass(frozen=True, slots=True, eq=False)
class Inspected:
    """Reals ``[n, *shape]`` in the file's units and fakes ``[m, *fake_shape]`` as the generator gave them.

    ``real_range`` is the full range that the data's file type implies, if any. ``rescaled``: the output path brings the
    fakes from another range to the data's. ``gauge`` leads back to what stands in the file, from values that are held
    by it.
    """

    real: Stored
    fake: Stored
    kind: Kind
    columns: tuple[str, ...] = ()
    real_range: tuple[float, float] | None = None
    rescaled: bool = False
    gauge: Gauge | None = None

    @property
    def is_level(self) -> npt.NDArray[np.bool_]:
        """Which columns of a table are levels (``job=clerk``) and no numbers of the file."""
        return np.array(["=" in name for name in self.columns] or [False] * self.real.shape[1])

    def named(self, column: int) -> str:
        """What a reader calls a column of a table."""
        return self.columns[column] if self.columns else f"column {column}"


class Detector(Protocol):
    """What a module of this package offers."""

    def detect(self, inspected: Inspected) -> Artefact | None:
        """The artefact with its evidence, or None where there is none."""


MEMBERS = Family("ganprobe.inputs.artefacts", "artefact", ("range", "lattice", "duplicates", "constant", "copies"))


def of_reading(real: tuple[Artefact, ...], fake: tuple[Artefact, ...]) -> tuple[Artefact, ...]:
    """What reading each side did or lost; of one name on both sides the worse one, as of both where they are alike."""
    found: dict[str, Artefact] = {a.name: a for a in real}
    for own in fake:
        other = found.get(own.name)
        shares = [a.evidence.get("share", 1.0) for a in (own, other) if a is not None]
        worse = own if other is None or shares[0] > shares[1] else other
        found[own.name] = replace(worse, side="both") if other and max(shares) <= 2 * min(shares) else worse
    return tuple(found.values())


def detect_all(inspected: Inspected) -> tuple[Artefact, ...]:
    """What every detector found, in the order of the menu."""
    found = (MEMBERS[name].detect(inspected) for name in MEMBERS)
    return tuple(artefact for artefact in found if artefact is not None)
