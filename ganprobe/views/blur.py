"""Pictures under a Gaussian blur: what is left when the finest detail is smeared out.

Rounded to 8 bits afterwards: a blur alone is a filter that could be undone, and would take away nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ganprobe.errors import UsageError
from ganprobe.samples import sketch
from ganprobe.samples.folds import Fold
from ganprobe.samples.pixels import blurred
from ganprobe.samples.sides import Array, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``sigma``: the standard deviation of the blur, in pixels."""

    sigma: float = 1.0

    def __post_init__(self) -> None:
        if not self.sigma > 0:
            raise UsageError(f"views.blur.sigma cannot be {self.sigma}", "above 0: --set views.blur.sigma=1")


def applies(pair: Pair) -> str | None:
    """Pictures only."""
    return None if sketch.is_pictures(pair) else "not pictures"


def apply(pair: Pair, fit: Fold, settings: Settings, seeds: Seeds) -> Pair:
    """Both sides blurred and rounded."""

    def seen(pictures: Array) -> Array:
        return np.asarray(np.rint(blurred(pictures, settings.sigma) * 255) / 255, np.float32)

    return sketch.mapped(pair, seen)


def covers(settings: Settings, name: str, other: Any) -> bool:
    """A wider blur of what was rounded is not this one rounded and blurred again."""
    return False


def words(settings: Settings) -> str:
    """A noun phrase."""
    return f"a blur of {settings.sigma:g} pixel{'' if settings.sigma == 1 else 's'}"
