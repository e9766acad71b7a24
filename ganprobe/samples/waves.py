"""The numbers that a long sequence is read by, each a function of one sequence alone: `ganprobe.samples.outline`.

Sequences are ``[n, channels, time]``. Strengths are told as logarithms, so that a ratio is a difference whatever the
loudness. Of stationary laws the products of values some steps apart and the spectrum say nearly all; what begins, ends
or swells is told by place; clipping, silence, padding and the steps of PCM by counts of equal values.
"""

from __future__ import annotations

import itertools

import numpy as np
from scipy import fft

from ganprobe.samples import marginal
from ganprobe.samples.sides import Array, Floats

SHORTEST = 256
_LAGS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
_LAGS_OF_SIZES = (1, 2, 4, 8, 16, 32, 64)
_LAGS_BACK = (1, 2, 4, 8)
# Steps of the past that are to predict a value.
_ORDER = 12
# Values along a window of the spectrogram, and bands of frequency, the lowest one line wide.
_WINDOW, _BANDS = 256, 24
# Places along time, and of these those with a spectrum of their own, for few channels and for many.
_PLACES, _SPECTRA = (32, 8), (8, 0)
_FEW_CHANNELS, _MOST_PAIRS = 2, 28


def names(shape: tuple[int, ...]) -> tuple[str, ...]:
    """The names of the columns of `numbers` for sequences of ``shape`` (channels, time)."""
    channels = shape[0]
    places, spectra = _sizes(channels)
    own = (
        *(f"mean at {i + 1}/{places}" for i in range(places)),
        *(f"strength at {i + 1}/{places}" for i in range(places)),
        *_spectrum_names(spectra),
        *(f"product of values {k} apart" for k in _LAGS),
        *(f"partial correlation {k} apart" for k in range(1, _ORDER + 1)),
        "strength of what the past does not predict",
        *(f"product of squares {k} apart" for k in _LAGS_OF_SIZES),
        *(f"product of a square and the value {k} {way}" for way in ("later", "earlier") for k in _LAGS_BACK),
        *marginal.NAMES,
        *("share of values like the one before", "share of silence at the start", "share of silence at the end"),
    )
    every = [f"{name}{_channel(channels, c)}" for c in range(channels) for name in own]
    every += [f"correlation of channels {a} and {b}" for a, b in _pairs(channels)]
    return tuple(every)


def spectrogram_names(channels: int) -> tuple[str, ...]:
    """The names of the columns of `spectrogram`."""
    spectra = _sizes(channels)[1]
    return tuple(f"{name}{_channel(channels, c)}" for c in range(channels) for name in _spectrum_names(spectra))


def spectrogram(waves: Array) -> Array:
    """``[n, channels, time]`` to ``[n, k]``: power in bands, its unevenness in time, and place by place."""
    channels = waves.shape[1]
    parts = [part for c in range(channels) for part in _spectra(waves[:, c], _sizes(channels)[1])]
    return np.concatenate([np.asarray(part, np.float32) for part in parts], 1)


def _spectrum_names(places: int) -> tuple[str, ...]:
    bands = [f"band {b + 1}/{_BANDS}" for b in range(_BANDS)]
    by_place = (f"power in {band} at {i + 1}/{places}" for i in range(places) for band in bands)
    return (*(f"power in {band}" for band in bands), *(f"unevenness of {band}" for band in bands), *by_place)


def numbers(waves: Array) -> Array:
    """``[n, channels, time]`` to ``[n, k]``."""
    channels = waves.shape[1]
    parts = [part for c in range(channels) for part in _of_channel(waves[:, c], *_sizes(channels))]
    z = marginal.standardised(waves)
    parts += [marginal.mean_product(z[:, a], z[:, b])[:, None] for a, b in _pairs(channels)]
    return np.concatenate([np.asarray(part, np.float32) for part in parts], 1)


def _sizes(channels: int) -> tuple[int, int]:
    many = int(channels > _FEW_CHANNELS)
    return _PLACES[many], _SPECTRA[many]


def _channel(channels: int, c: int) -> str:
    return f" of channel {c}" if channels > 1 else ""


def _pairs(channels: int) -> list[tuple[int, int]]:
    return list(itertools.combinations(range(channels), 2))[:_MOST_PAIRS]


def _of_channel(x: Array, places: int, spectra: int) -> list[Array]:
    edges = np.arange(places) * x.shape[1] // places
    sizes = np.diff(np.append(edges, x.shape[1]))
    means, squares = (np.asarray(np.add.reduceat(v, edges, axis=1) / sizes, np.float32) for v in (x, x * x))
    strengths = marginal.strength(squares - means**2)
    return [means, strengths, *_spectra(x, spectra), _products(x), *marginal.numbers(x), _silences(x)]


def _spectra(x: Array, places: int) -> list[Array]:
    """Log power of windows in bands: its mean and spread over all windows, and its mean at ``places``."""
    n_windows = x.shape[1] // _WINDOW
    windows = x[:, : n_windows * _WINDOW].reshape(len(x), n_windows, _WINDOW)
    shape = np.hanning(_WINDOW).astype(np.float32)
    lines = fft.rfft((windows - windows.mean(2, keepdims=True)) * shape, axis=2)[..., 1:]
    power = lines.real**2 + lines.imag**2
    # From one line wide, where the next would be narrower, to as wide as makes them equal in octaves.
    edges = np.arange(_BANDS)
    wide = np.geomspace(1, power.shape[2], _BANDS + 1).astype(int)[:-1] - 1
    edges = np.maximum(edges, wide)
    bands = marginal.log(np.add.reduceat(power, edges, axis=2) / np.diff(np.append(edges, power.shape[2])))
    if not places:
        return [bands.mean(1), bands.std(1)]
    at = np.minimum(np.arange(places) * n_windows // places, n_windows - 1)
    ends = np.maximum(np.append(at[1:], n_windows), at + 1)
    by_place = [bands[:, start:end].mean(1) for start, end in zip(at, ends, strict=True)]
    return [bands.mean(1), bands.std(1), *by_place]


def _products(x: Array) -> Array:
    """Products of standardised values some steps apart, of their squares, and of a square with a value."""
    z = np.clip(marginal.standardised(x), -6, 6)
    squares = z * z - 1
    found = [marginal.mean_product(z[:, :-k], z[:, k:]) for k in _LAGS]
    found += _predicted(z, x.std(1))
    found += [marginal.mean_product(squares[:, :-k], squares[:, k:]) for k in _LAGS_OF_SIZES]
    found += [marginal.mean_product(squares[:, :-k], z[:, k:]) for k in _LAGS_BACK]
    found += [marginal.mean_product(squares[:, k:], z[:, :-k]) for k in _LAGS_BACK]
    return np.stack(found, 1)


def _predicted(z: Array, strength: Array) -> list[Array]:
    """Partial correlations of standardised ``z``, and the logarithm of what they leave of ``strength``.

    By Levinson's and Durbin's recursion; of an autoregression these are all there is.
    """
    lags = np.stack([marginal.mean_product(z[:, : z.shape[1] - k], z[:, k:]) for k in range(_ORDER + 1)], 1)
    lags = lags.astype(np.float64)
    error, weights, partial = np.maximum(lags[:, 0], marginal.FAINT), np.zeros((len(z), 0)), []
    for k in range(1, _ORDER + 1):
        own = (lags[:, k] - (weights * lags[:, k - 1 : 0 : -1]).sum(1)) / error
        own = np.clip(own, -1 + 1e-6, 1 - 1e-6)
        weights = np.concatenate((weights - own[:, None] * weights[:, ::-1], own[:, None]), 1)
        error = error * (1 - own**2)
        partial.append(np.asarray(np.arctanh(own), np.float32))
    return [*partial, marginal.log(strength) + marginal.strength(error)]


def _silences(x: Array) -> Array:
    """How often a value is that before it, and how much of a row is 0 before its first value and after its last."""
    return np.stack(((x[:, 1:] == x[:, :-1]).mean(1), _silent(x), _silent(x[:, ::-1])), 1)


def _silent(x: Array) -> Floats:
    """The share of each row before its first value that is not 0."""
    sounds = x != 0
    return np.asarray(np.where(sounds.any(1), sounds.argmax(1), x.shape[1]) / x.shape[1])
