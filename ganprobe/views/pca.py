"""Principal components of both sides together: few enough coordinates for a KDE, and the coarse part of a difference.

The components are those of equally many fit rows of each side, whichever side each is from. Coordinates of arrays and
tables have units of their own and are standardised first; pixels share theirs and are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ganprobe.errors import UsageError
from ganprobe.samples.folds import Fold
from ganprobe.samples.scaling import reduction
from ganprobe.samples.sides import Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``dims``: how many components; samples of no more coordinates keep them as they are, scaled."""

    dims: int = 5

    def __post_init__(self) -> None:
        if self.dims < 1:
            raise UsageError(f"views.pca.dims cannot be {self.dims}", "1 or more: --set views.pca.dims=5")


def applies(pair: Pair) -> str | None:
    """One coordinate has no components."""
    return None if pair.width > 1 else "samples have a single coordinate"


def apply(pair: Pair, fit: Fold, settings: Settings, seeds: Seeds) -> Pair:
    """The leading components of both sides, ``[n, dims]``."""
    reduce = reduction(pair, fit, settings.dims, seeds)
    return Pair(reduce(pair.real), reduce(pair.fake), "array")


def covers(settings: Settings, name: str, other: Any) -> bool:
    """Fewer components are the first of these."""
    return bool(name == "pca" and other.dims < settings.dims)


def words(settings: Settings) -> str:
    """A noun phrase."""
    return f"{settings.dims} principal component{'s' if settings.dims > 1 else ''}"
