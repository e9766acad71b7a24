"""Pictures in black and white: shapes without grey levels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ganprobe.errors import UsageError
from ganprobe.samples import sketch
from ganprobe.samples.folds import Fold
from ganprobe.samples.sides import Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``level``: pixels above it are 1, the others 0; a share of the full range."""

    level: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.level < 1:
            raise UsageError(f"views.threshold.level cannot be {self.level}", "from 0 to below 1")


def applies(pair: Pair) -> str | None:
    """Pictures only."""
    return None if sketch.is_pictures(pair) else "not pictures"


def apply(pair: Pair, fit: Fold, settings: Settings, seeds: Seeds) -> Pair:
    """Both sides as zeros and ones."""
    return sketch.mapped(pair, lambda pictures: (pictures > settings.level).astype(np.float32))


def covers(settings: Settings, name: str, other: Any) -> bool:
    """Nothing else that is here is a function of it."""
    return False


def words(settings: Settings) -> str:
    """A noun phrase."""
    return f"a threshold at {settings.level:g}"
