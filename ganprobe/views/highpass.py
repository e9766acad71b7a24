"""How strong the detail of a picture is at each scale, wherever: noise, checkerboards, softness.

The energy of a band is the root mean square of the difference of two Gaussian blurs, one twice as wide as the other;
the finest band is the difference of the picture and its narrowest blur (Burt and Adelson 1983). Of large pictures it is
told octave by octave, as in their sketch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ganprobe.samples import sketch, texture
from ganprobe.samples.folds import Fold
from ganprobe.samples.pixels import band_names, bands
from ganprobe.samples.sides import Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """Nothing to set."""


def applies(pair: Pair) -> str | None:
    """Pictures only."""
    return None if sketch.is_pictures(pair) else "not pictures"


def apply(pair: Pair, fit: Fold, settings: Settings, seeds: Seeds) -> Pair:
    """A table of energies, three or four bands for each channel."""
    if pair.sketch is not None:
        return sketch.columns(pair, texture.octave_names(pair.sketch.shape[0]))
    return Pair(bands(pair.real), bands(pair.fake), "table", band_names(pair.shape[0]))


def covers(settings: Settings, name: str, other: Any) -> bool:
    """Nothing else that is here is a function of it."""
    return False


def words(settings: Settings) -> str:
    """A noun phrase."""
    return "the strength of fine detail"
