r"""Ordered axes: which axis of an array is time, and what a row says along it.

Along time places a few steps apart resemble each other as such, wherever they are: the correlations of all pairs of
places one lag apart agree, and differ from those of any two places. The axis where some lag differs most is the ordered
one, unless all are as those of noise; sizes count as well as values, for the spread of returns follows itself.

What distinguishes stationary sequences is in few numbers: moments, products of values k steps apart (of an
autoregression the lag products are the sufficient statistic), of their squares (volatility) and of a square with a
value (which way time runs), differences, and the spectrum in bands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ganprobe.errors import UsageError
from ganprobe.samples.sides import Array, Floats, Pair, Stored

# Shorter axes have no lags to speak of.
_SHORTEST = 8
# A lag's correlation beyond that of any two places.
_ORDERED = 0.15
# Rows that are looked at, and steps.
_LOOKED_AT = 1_000
_LONGEST = 256
_LAGS = (1, 2, 3, 4, 6, 8, 12, 16)
_LAGS_BESIDE = 4
_BANDS = 8


def ordered_axis(*sides: Array) -> int | None:
    """Which axis of a sample ``[n, *shape]`` is ordered, counted from 0; None where none is, or there are three.

    On whichever side shows more order.
    """
    if sides[0].ndim not in (2, 3):
        return None
    lengths = sides[0].shape[1:]
    found = [
        (max(_order(side[:_LOOKED_AT], axis) for side in sides), -axis)
        for axis, length in enumerate(lengths)
        if length >= _SHORTEST
    ]
    best, axis = max(found, default=(0.0, 0))
    return -axis if best > _ORDERED else None


def declared(pair: Pair, axes: str) -> Pair:
    """``pair`` with what ``axes`` says of its samples' axes, a letter each: ``tc``, ``ct`` or ``t`` (t is ordered).

    "auto" leaves it to `ordered_axis`, "none" says that no axis is ordered. Raises `UsageError`.
    """
    if axes == "auto" or pair.kind != "array":
        return pair
    letters = axes.replace(",", "")
    if letters == "none":
        return replace(pair, axis=-1)
    if len(letters) != len(pair.shape) or letters.count("t") != 1 or pair.shape[letters.index("t")] < _SHORTEST:
        shape = "x".join(map(str, pair.shape))
        said = f"--axes {axes}: samples are {shape}"
        raise UsageError(said, f"one letter an axis, t for the ordered one, of {_SHORTEST} steps or more: --axes tc")
    return replace(pair, axis=letters.index("t"))


def axis_of(pair: Pair) -> int | None:
    """The ordered axis of a pair's samples: as was said, else as the samples show it."""
    if pair.axis is not None:
        return pair.axis if pair.axis >= 0 else None
    return ordered_axis(pair.real, pair.fake)


def whether_ordered(pair: Pair) -> str | None:
    """Why samples are no sequences, or None."""
    if pair.kind != "array":
        return "samples are not arrays"
    return None if axis_of(pair) is not None else "no axis of the samples is ordered"


def _order(side: Array, axis: int) -> float:
    """How far places a lag apart along ``axis`` correlate more or less than any two, in values or in their sizes.

    A lag counts where its pairs of places agree: columns in no order correlate at random, and differ.
    """
    x = np.moveaxis(side, axis + 1, -1)[..., :_LONGEST].astype(np.float64)
    x = x.reshape(len(x), -1, x.shape[-1])
    order = 0.0
    away = np.abs(x - np.median(x, 0))
    typical = np.median(away, 0)
    for values in (x, np.log1p(away / np.where(typical > 0, typical, 1.0))):
        spread = values.std(0)
        z = np.clip((values - values.mean(0)) / np.where(spread > 0, spread, 1.0), -4, 4)
        order = max(order, _by_lag(z, z))
        if z.shape[1] > 1:
            order = max(order, _by_lag(z[:, :-1], z[:, 1:]))
    return order


def _by_lag(z: Floats, other: Floats) -> float:
    """The lag that differs most from any two places: of ``z`` and ``other`` ``[n, c, t]``, standardised."""
    correlation = np.einsum("nct,ncs->ts", z, other, optimize=True) / (len(z) * z.shape[1])
    off = correlation[~np.eye(len(correlation), dtype=bool)].mean()
    most, half = 0.0, len(correlation) // 2
    for lag in (lag for lag in range(-half, half + 1) if lag != 0):
        pairs = np.diagonal(correlation, lag)
        far = abs(float(pairs.mean() - off))
        most = max(most, far if far > 3 * float(pairs.std()) / len(pairs) ** 0.5 else 0.0)
    return most


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
    parts: list[Stored] = [_statistics(series, lags_of(series.shape[2]))]
    if series.shape[1] > 1:
        parts.append(_beside(series, np.roll(series, 1, 1)))
    return np.concatenate(parts, 2).astype(np.float32)


def _beside(x: Array, other: Array) -> Array:
    """Lag products of each channel with another, either way, ``[n, channels, p]``."""
    found = [(x * other).mean(2)]
    for lag in (lag for lag in _LAGS[:_LAGS_BESIDE] if lag <= x.shape[2] // 2):
        found += [(x[..., lag:] * other[..., :-lag]).mean(2), (x[..., :-lag] * other[..., lag:]).mean(2)]
    return np.stack(found, 2)


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
