"""Values cut off after a few decimals: what is left of a difference when digits are taken away.

The unit is each column's pooled standard deviation within the two sides, so that ``decimals`` means the same for every
column. Digits are cut off rather than rounded: then fewer decimals are a function of more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ganprobe.errors import UsageError
from ganprobe.samples import scaling, sketch
from ganprobe.samples.folds import Fold
from ganprobe.samples.sides import Array, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``decimals`` kept, in standard deviations; 0 leaves whole ones."""

    decimals: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.decimals <= 6:
            raise UsageError(f"views.rounding.decimals cannot be {self.decimals}", "0 to 6")


def applies(pair: Pair) -> str | None:
    """Not pictures: a threshold and block means say more about them."""
    if pair.outlined:
        return "numbers computed of a sample are not round"
    return "pictures are rounded already" if sketch.is_pictures(pair) else None


def apply(pair: Pair, fit: Fold, settings: Settings, seeds: Seeds) -> Pair:
    """Both sides in whole steps."""
    # A table's unit, for arrays too.
    unit = scaling.unit(replace(pair, kind="table"), fit).size.reshape(pair.shape)
    step = np.where(unit > 0, unit, 1.0) / 10**settings.decimals

    def cut(values: Array) -> Array:
        return np.asarray(np.floor(values / step), np.float32)

    return replace(pair, real=cut(pair.real), fake=cut(pair.fake))


def covers(settings: Settings, name: str, other: Any) -> bool:
    """Fewer decimals are a function of more."""
    return bool(name == "rounding" and other.decimals < settings.decimals)


def words(settings: Settings) -> str:
    """A noun phrase."""
    steps = "whole standard deviations" if settings.decimals == 0 else f"1e-{settings.decimals} standard deviations"
    return f"values cut off to {steps}"
