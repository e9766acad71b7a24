"""The spectrogram of sequences: the logarithm of their power in bands of frequency, over all and place by place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ganprobe.samples import outline, sequences, waves
from ganprobe.samples.folds import Fold
from ganprobe.samples.sides import Array, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """Nothing to set: windows and bands are those of `ganprobe.samples.waves`."""


def applies(pair: Pair) -> str | None:
    """Sequences with room for windows."""
    if pair.outlined:
        return None if outline.has_spectrogram(pair) else "volumes are no sequences"
    if (reason := sequences.whether_ordered(pair)) is not None:
        return reason
    long = pair.shape[sequences.axis_of(pair) or 0] >= waves.SHORTEST
    return None if long else f"sequences of fewer than {waves.SHORTEST} steps"


def apply(pair: Pair, fit: Fold, settings: Settings, seeds: Seeds) -> Pair:
    """Power by band, and its unevenness, of each channel: a table."""
    if pair.outlined:
        return outline.spectrogram(pair)
    axis = sequences.axis_of(pair) or 0

    def seen(side: Array) -> Array:
        channels = np.moveaxis(side, 1 + axis, -1)
        return waves.spectrogram(channels.reshape(len(side), -1, channels.shape[-1]))

    n_channels = pair.width // pair.shape[axis]
    return Pair(seen(pair.real), seen(pair.fake), "table", waves.spectrogram_names(n_channels))


def covers(settings: Settings, name: str, other: Any) -> bool:
    """Nothing else that is here is a function of it."""
    return False


def words(settings: Settings) -> str:
    """A noun phrase."""
    return "the spectrogram"
