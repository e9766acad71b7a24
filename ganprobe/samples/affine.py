"""From one range of values to another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ganprobe.samples.sides import Floats, Stored

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Affine:
    """``values * scale + shift``, computed in float64."""

    scale: float = 1.0
    shift: float = 0.0

    @classmethod
    def between(cls, source: Range, target: Range) -> Affine:
        """The map that takes ``source`` onto ``target``; equal ranges give the identity exactly."""
        scale = (target[1] - target[0]) / (source[1] - source[0])
        return cls() if source == target else cls(scale, target[0] - source[0] * scale)

    def __call__(self, values: Stored) -> Floats:
        """``values`` mapped, float64."""
        return values.astype(np.float64) * self.scale + self.shift

    @property
    def inverse(self) -> Affine:
        """The map back."""
        return Affine(1 / self.scale, -self.shift / self.scale)
