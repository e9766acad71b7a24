"""How often each grey level occurs in a picture, wherever: nothing of its shapes.

For many generators this alone shows nearly all of JS: a soft background where the data is exactly black is told from it
without a glance at what is drawn. The bins are 16 equal ones, those at the ends divided into the extreme value, the
nearly extreme ones, and the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ganprobe.samples import sketch
from ganprobe.samples.folds import Fold
from ganprobe.samples.pixels import histogram, histogram_names
from ganprobe.samples.sides import Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """Nothing to set."""


def applies(pair: Pair) -> str | None:
    """Pictures only."""
    return None if sketch.is_pictures(pair) else "not pictures"


def apply(pair: Pair, fit: Fold, settings: Settings, seeds: Seeds) -> Pair:
    """A table of the shares of pixels in each bin, 20 for each channel."""
    seen, channels = sketch.statistics(pair)
    return Pair(histogram(seen.real, channels), histogram(seen.fake, channels), "table", histogram_names(channels))


def covers(settings: Settings, name: str, other: Any) -> bool:
    """Nothing else that is here is a function of it."""
    return False


def words(settings: Settings) -> str:
    """A noun phrase."""
    return "the pixel-value histogram"
