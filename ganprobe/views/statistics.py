"""A few numbers per picture, each with a name that can stand in a sentence.

They are cheap, and for many generators they alone show nearly all of JS: a network that emits a soft background where
the data is exactly black differs in the share of nearly black pixels before it differs in any shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ganprobe.samples import sketch
from ganprobe.samples.folds import Fold
from ganprobe.samples.sides import Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """Nothing to set."""


def applies(pair: Pair) -> str | None:
    """Pictures only."""
    return None if sketch.is_pictures(pair) else "not pictures"


def apply(pair: Pair, fit: Fold, settings: Settings, seeds: Seeds) -> Pair:
    """A table of named statistics, 26 for each channel."""
    return sketch.statistics(pair)[0]


def covers(settings: Settings, name: str, other: Any) -> bool:
    """The histogram is among the statistics."""
    return name == "histogram"


def words(settings: Settings) -> str:
    """A noun phrase."""
    return "a few statistics of each picture"
