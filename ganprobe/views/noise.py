"""Gaussian noise on both sides: JS(sigma), which never rises with sigma and still moves where JS is stuck at log 2.

``sigma`` is in the unit that means the same for every data set of a kind: the full range for pictures (which are in
[0, 1]), data units for arrays, and for each column of a table the pooled standard deviation within the two sides.
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
    """``sigma``: the standard deviation of the noise, in the unit of the kind."""

    sigma: float = 0.3

    def __post_init__(self) -> None:
        if not self.sigma > 0:
            raise UsageError(f"views.noise.sigma cannot be {self.sigma}", "above 0: --set views.noise.sigma=0.3")


def applies(pair: Pair) -> str | None:
    """Always."""
    return None


def apply(pair: Pair, fit: Fold, settings: Settings, seeds: Seeds) -> Pair:
    """Both sides with fresh noise; the same draw for every sigma, so that a ladder of sigmas is smooth."""
    if pair.sketch is not None:
        return _of_large(pair, settings, seeds)
    scale = scaling.unit(pair, fit).size.reshape(pair.shape) * np.float32(settings.sigma)

    def noisy(values: Array, side: str) -> Array:
        noise = seeds.numpy("views", "noise", side).standard_normal(values.shape, np.float32)
        noise *= scale
        noise += values
        return noise

    return replace(pair, real=noisy(pair.real, "real"), fake=noisy(pair.fake, "fake"))


def _of_large(pair: Pair, settings: Settings, seeds: Seeds) -> Pair:
    """Noise on the pictures themselves, which are sketched again."""
    rng = seeds.numpy("views", "noise")

    def noisy(pictures: Array) -> Array:
        return pictures + np.float32(settings.sigma) * rng.standard_normal(pictures.shape, np.float32)

    return sketch.mapped(pair, noisy)


def covers(settings: Settings, name: str, other: Any) -> bool:
    """More noise is this noise and then some."""
    return bool(name == "noise" and other.sigma > settings.sigma)


def words(settings: Settings) -> str:
    """A noun phrase."""
    return f"noise of {settings.sigma:g}"
