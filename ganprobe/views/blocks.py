"""Block means of pictures: what is left of a difference when fine detail is averaged away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ganprobe.errors import UsageError
from ganprobe.samples import sketch
from ganprobe.samples.folds import Fold
from ganprobe.samples.pixels import block_means
from ganprobe.samples.sides import Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``size``: the side of a block in pixels; blocks at the far edges hold what is left."""

    size: int = 4

    def __post_init__(self) -> None:
        if self.size < 2:
            raise UsageError(f"views.blocks.size cannot be {self.size}", "2 or more: --set views.blocks.size=4")


def applies(pair: Pair) -> str | None:
    """Pictures only."""
    return None if sketch.is_pictures(pair) else "not pictures"


def apply(pair: Pair, fit: Fold, settings: Settings, seeds: Seeds) -> Pair:
    """Pictures ``[n, channels, ceil(height / size), ceil(width / size)]`` of block means.

    Of large pictures, in blocks that are multiples of those of the sketch.
    """
    size = settings.size
    if pair.sketch is not None:
        # A sketch has the means of squares of its own.
        size = max(1, round(size / pair.sketch.block))
        pair = sketch.coarse(pair)
    return Pair(block_means(pair.real, size), block_means(pair.fake, size), "image")


def covers(settings: Settings, name: str, other: Any) -> bool:
    """Larger blocks are made of whole smaller ones."""
    return bool(name == "blocks" and other.size % settings.size == 0)


def words(settings: Settings) -> str:
    """A noun phrase."""
    return f"the means of {settings.size}x{settings.size} blocks of pixels"
