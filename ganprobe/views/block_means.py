"""Block means of volumes and of long sequences: what is left of a difference when fine detail is averaged away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ganprobe.samples import outline
from ganprobe.samples.folds import Fold
from ganprobe.samples.sides import Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """Nothing to set: the blocks are those of the outline."""


def applies(pair: Pair) -> str | None:
    """Samples that are read by an outline."""
    return None if pair.outlined else "neither volumes nor long sequences"


def apply(pair: Pair, fit: Fold, settings: Settings, seeds: Seeds) -> Pair:
    """The means by place, a table."""
    return outline.means(pair)


def covers(settings: Settings, name: str, other: Any) -> bool:
    """Nothing else that is here is a function of it."""
    return False


def words(settings: Settings) -> str:
    """A noun phrase."""
    return "the means of blocks"
