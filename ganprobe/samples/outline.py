"""Outlines: the numbers that a volume or a long sequence is read by, so that cost grows with samples, not with size.

Of volumes and of sequences above `_LARGEST_WHOLE` numbers probes see a table of several hundred numbers instead, all
read at full resolution (`ganprobe.samples.volumes`, `ganprobe.samples.waves`): means and strengths by place, moments
and quantiles, detail by scale, spectra, products of neighbours. An outline is a function of one sample alone and the
same on both sides, so that whatever a probe demonstrates on outlines is a lower bound of JS (data processing).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ganprobe.samples import sequences, sketch, volumes, waves
from ganprobe.samples.sides import Array, Dataset, Pair

# Sequences of more numbers have outlines.
_LARGEST_WHOLE = 4_096
# Axes of a volume are at least as long, and channels at most as many.
_SHORTEST_SIDE, _MOST_CHANNELS = 4, 4
# Numbers at once: as many as a processor keeps at hand.
_AT_ONCE = 2**18
# Rows that are looked at for an order.
_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Outline:
    """Of samples of ``shape`` with channels along ``channels``, or none: a volume, or a sequence along ``time``."""

    shape: tuple[int, ...]
    channels: int | None
    time: int | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Of the numbers."""
        shape = self._laid_out(np.empty((1, *self.shape), np.float32)).shape[1:]
        return volumes.names(shape) if self.time is None else waves.names(shape)

    @property
    def words(self) -> tuple[str, ...]:
        """What is done, for the record."""
        what = "volumes" if self.time is None else "long sequences"
        size = "x".join(map(str, self.shape))
        return (f"{what} of {size} read by {len(self.names)} numbers each: by place, by size, detail, spectrum",)

    def __call__(self, values: Array) -> Array:
        """``[n, *shape]`` to ``[n, k]``."""
        numbers = volumes.numbers if self.time is None else waves.numbers
        step = max(1, _AT_ONCE // math.prod(self.shape))
        return np.concatenate([numbers(self._laid_out(values[i : i + step])) for i in range(0, len(values), step)])

    def _laid_out(self, values: Array) -> Array:
        """``[n, channels, ...]``."""
        return values[:, None] if self.channels is None else np.moveaxis(values, 1 + self.channels, 1)


def means(pair: Pair) -> Pair:
    """Of an outlined pair the means by place."""
    return _called(pair, ("block ", "mean at "))


def has_spectrogram(pair: Pair) -> bool:
    """Whether an outlined pair is one of sequences."""
    return any(name.startswith("power in band") for name in pair.columns)


def spectrogram(pair: Pair) -> Pair:
    """Of an outlined pair of sequences the power in bands."""
    return _called(pair, ("power in band", "unevenness of band"))


def _called(pair: Pair, starts: tuple[str, ...]) -> Pair:
    names = [name for name in pair.columns if name.startswith(starts)]
    return sketch.columns(pair, tuple(names))


def of(real: Dataset, axes: str) -> Outline | None:
    """The outline that samples like ``real`` are read by; None where they are read as they are.

    Decided on the reals alone, and on ``axes`` as `ganprobe.samples.sequences.declared` has it.
    """
    shape = real.values.shape[1:]
    if real.kind != "array":
        return None
    if len(shape) in (3, 4):
        return _of_volume(shape)
    if math.prod(shape) <= _LARGEST_WHOLE or axes == "none" or len(shape) not in (1, 2):
        return None
    letters = axes.replace(",", "")
    time = letters.index("t") if len(letters) == len(shape) and letters.count("t") == 1 else real.axis
    if time is None:
        time = sequences.ordered_axis(np.asarray(real.values[:_LOOKED_AT], np.float32))
    if time is None or shape[time] < waves.SHORTEST:
        return None
    return Outline(shape, None if len(shape) == 1 else 1 - time, time)


def _of_volume(shape: tuple[int, ...]) -> Outline | None:
    few = [axis for axis, size in enumerate(shape) if size <= _MOST_CHANNELS]
    channels = None if len(shape) == 3 else few[0] if few else 0
    sides = [size for axis, size in enumerate(shape) if axis != channels]
    return Outline(shape, channels) if min(sides) >= _SHORTEST_SIDE else None
