r"""Ordered axes: which axis of an array is time, and what a row says along it.

Neighbours along time are alike: the mean square difference of values one step apart is below that of values any number
of steps apart. The axis where this ratio is least is the ordered one, unless the rows are as rough as noise along each.

What distinguishes stationary sequences is in few numbers: moments, products of values k steps apart (of an
autoregression the lag products are the sufficient statistic), of their squares (volatility) and of a square with a
value (which way time runs), differences, and the spectrum in bands.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ganprobe.samples.sides import Array, Floats

# Shorter axes have no lags to speak of.
_SHORTEST = 8
# Along an axis without order the ratio is 1; of white noise against anything ordered the ordered side decides.
_ORDERED = 0.9
_LOOKED_AT = 2_000
_LAGS = (1, 2, 3, 4, 6, 8, 12, 16)
_BANDS = 8


def ordered_axis(*sides: Array) -> int | None:
    """Which axis of a sample ``[n, *shape]`` is ordered, counted from 0; None where none is, or there are three.

    On whichever side shows more order.
    """
    if sides[0].ndim not in (2, 3):
        return None
    lengths = sides[0].shape[1:]
    found = []
    for axis, length in enumerate(lengths):
        if length >= _SHORTEST:
            found.append((min(_roughness(side[:_LOOKED_AT], axis) for side in sides), axis))
    best = min(found, default=(math.inf, 0))
    return best[1] if best[0] < _ORDERED else None


def _roughness(side: Array, axis: int) -> float:
    """Mean square difference of neighbours along ``axis`` over that of all pairs, places standardised."""
    x = np.moveaxis(side.astype(np.float64), axis + 1, -1)
    spread = x.std(0)
    x = (x - x.mean(0)) / np.where(spread > 0, spread, 1.0)
    x = np.clip(x, -5, 5)
    of_pairs = 2 * x.var(-1, ddof=1).mean()
    return float((np.diff(x, axis=-1) ** 2).mean() / of_pairs) if of_pairs > 0 else math.inf


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Samples as ``[n, channels, time]``, in spreads of each channel: ``axis`` is time, ``centre`` and ``spread``."""

    axis: int
    centre: Floats
    spread: Floats

    @classmethod
    def of(cls, rows: Array, axis: int) -> Series:
        """Scales from fit ``rows`` ``[n, *shape]``."""
        x = _by_channel(rows, axis)
        centre = np.median(x, (0, 2))
        low, high = np.quantile(x, (0.16, 0.84), axis=(0, 2))
        spread = np.where(high > low, (high - low) / 2, x.std((0, 2)))
        return cls(axis, centre, np.where(spread > 0, spread, 1.0))

    def __call__(self, values: Array) -> Array:
        """``[n, *shape]`` to ``[n, channels, time]``, squashed beyond five spreads."""
        z = (_by_channel(values, self.axis) - self.centre[:, None]) / self.spread[:, None]
        size = np.abs(z)
        return np.where(size > 5, np.sign(z) * (5 + np.log1p(np.maximum(size - 5, 0))), z).astype(np.float32)


def _by_channel(values: Array, axis: int) -> Floats:
    x = values.astype(np.float64)
    return x[:, None] if x.ndim == 2 else np.moveaxis(x, axis + 1, 2)


def statistics(series: Array) -> Array:
    """What each of ``[n, channels, time]`` says along time: mean and spread over channels, ``[n, p]``."""
    each = by_channel(series)
    pooled = [each.mean(1), each.std(1)] if each.shape[1] > 1 else [each[:, 0]]
    return np.concatenate(pooled, 1)


def by_channel(series: Array) -> Array:
    """What each channel of ``[n, channels, time]`` says along time, and beside another: ``[n, channels, p]``."""
    parts = [_statistics(series, lags_of(series.shape[2]))]
    if series.shape[1] > 1:
        before = np.roll(series, 1, 1)
        parts.append(np.stack([(series * before).mean(2), (series[..., 1:] * before[..., :-1]).mean(2)], 2))
    return np.concatenate(parts, 2).astype(np.float32)


def lags_of(length: int) -> tuple[int, ...]:
    """The lags worth a product for so many steps."""
    return tuple(lag for lag in _LAGS if lag <= length // 2)


def _statistics(x: Array, lags: tuple[int, ...]) -> Floats:
    """``[n, channels, p]``."""
    square, steps = x**2, np.diff(x, axis=2)
    found = [x.mean(2), square.mean(2), (x**3).mean(2), (square**2).mean(2), np.abs(x).mean(2), x.max(2), x.min(2)]
    found += [x[..., 0], x[..., -1], square[..., 0], square[..., -1], (steps**2).mean(2), np.abs(steps).max(2)]
    found += [(steps**3).mean(2), (steps[..., 1:] * steps[..., :-1] < 0).mean(2)]
    for lag in lags:
        early, late = x[..., :-lag], x[..., lag:]
        found.append((early * late).mean(2))
        if lag <= 3:
            found.append((square[..., :-lag] * square[..., lag:]).mean(2))
            found.append((square[..., :-lag] * late - early * square[..., lag:]).mean(2))
    power = np.abs(np.fft.rfft(x, axis=2)[..., 1:]) ** 2 / x.shape[2]
    bands = np.array_split(power, min(_BANDS, power.shape[2]), axis=2)
    found += [np.log(band.mean(2) + 1e-6) for band in bands]
    return np.stack(found, 2)
