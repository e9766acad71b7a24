r"""Waves of fixed phase: the one coefficient of a picture's cosine transform that is too large, or varies too much.

A checkerboard of a transposed convolution, a grid of JPEG, a seam that comes back are waves that begin at the same
place in each picture. Fine ones have so little strength that among pixels they are lost, and what is said of strength
by frequency forgets where they begin. Each coefficient by its own spread is a column, and of the thousands those are
kept that tell the sides apart best: by their means, or by their distances from it. Chance finds some too, so 2, 8 and
32 are tried, and val decides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft

from ganprobe.plan import Budget
from ganprobe.probes import Probe
from ganprobe.probes._designs import Design, Learning, Rows, learn
from ganprobe.samples import sketch
from ganprobe.samples.folds import Fold, Folds
from ganprobe.samples.sides import Array, Indices, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``rows``: most fit rows of a side."""

    rows: int = 10_000


COSTLY = False
_SMALLEST_SIDE = 8
# How many coefficients are tried.
_BEST = (2, 8, 32)
# A coefficient farther from its mean, in its own deviations, is no farther.
_FARTHEST = 4.0


def applies(pair: Pair) -> str | None:
    """Pictures of at least 8 x 8."""
    if not sketch.is_pictures(pair):
        return "samples are not pictures"
    shape = pair.shape if pair.sketch is None else pair.sketch.shape
    return None if min(shape[1:]) >= _SMALLEST_SIDE else f"pictures are smaller than {_SMALLEST_SIDE} pixels"


def settings(budget: Budget, pair: Pair) -> Settings:
    """Fewer rows for ``fast``."""
    return Settings(rows=3_000 if budget == "fast" else 10_000)


def stronger(settings: Settings) -> Settings | None:
    """None: a regression has no size."""
    return None


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """A regression on each number of the most telling coefficients of a fold's fit part and their squares."""

    def make(rows: Rows, fold: Fold, k: int) -> list[Design]:
        real, fake = (_coefficients(side[own]) for side, own in zip((pair.real, pair.fake), rows.places, strict=True))
        order = np.argsort(-_telling(real, fake), kind="stable")
        both = np.concatenate((real, fake))
        waves = [_Waves(kept, both[:, kept].mean(0), both[:, kept].std(0)) for kept in (order[:most] for most in _BEST)]
        return [Design(f"{len(w.places)} waves", "regression", w, w.scaled(both)) for w in waves]

    return learn(pair, folds, settings, Learning(settings.rows), seeds, make)


@dataclass(frozen=True, slots=True, eq=False)
class _Waves:
    """The coefficients at ``places``, with the ``centre`` and ``spread`` of each."""

    places: Indices
    centre: Array
    spread: Array

    def __call__(self, values: Array) -> Array:
        return self.scaled(_coefficients(values))

    def scaled(self, coefficients: Array) -> Array:
        """In deviations, and their squares: ``[n, 2 * len(places)]``."""
        z = (coefficients[:, self.places] - self.centre) / np.maximum(self.spread, 1e-12)
        z = np.clip(z, -_FARTHEST, _FARTHEST)
        return np.concatenate((z, z**2), 1)


def _coefficients(values: Array) -> Array:
    """The cosine transform of grey pictures, of large ones made smaller: ``[n, height * width]``."""
    pictures = sketch.pictures_of(values).smaller() if isinstance(values, sketch.Sketches) else values
    grey = pictures.mean(1, dtype=np.float32)
    return np.asarray(fft.dctn(grey, axes=(1, 2), norm="ortho"), np.float32).reshape(len(values), -1)


def _telling(real: Array, fake: Array) -> Array:
    """By how many standard errors the sides' means, or mean distances from the middle, differ: ``[d]``."""
    middle = (real.mean(0) + fake.mean(0)) / 2
    return np.maximum(_apart(real, fake), _apart(np.abs(real - middle), np.abs(fake - middle)))


def _apart(real: Array, fake: Array) -> Array:
    error = np.sqrt(real.var(0) / len(real) + fake.var(0) / len(fake))
    return np.asarray(np.abs(real.mean(0) - fake.mean(0)) / np.maximum(error, 1e-12), np.float32)
