"""What the probes see of a sample: coordinates brought to one scale by statistics of the fit part only.

A column multiplied by 1e5 must change nothing, and neither may a heavy tail: each coordinate of a table or an array
enters standardised and squashed beyond three deviations, and once more as its normal score (the Gaussian quantile of
its rank among the fit part), which undoes monotone warps. Pictures keep one common scale: a pixel that is nearly always
black would be blown up by a scale of its own.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from sklearn.decomposition import PCA

from ganprobe.samples import Array, Fold, Folds, Indices, Pair
from ganprobe.seeds import Seeds


def flat(values: Array) -> Array:
    """``[n, *shape]`` as ``[n, width]``."""
    return values.reshape(len(values), -1)


def fit_rows(pair: Pair, fold: Fold, most: int, seeds: Seeds) -> Array:
    """Equal numbers of fit reals and fit fakes, at most ``most`` in all, flat: what scales are measured on."""
    n = min(len(fold.real.fit), len(fold.fake.fit), most // 2)
    rng = seeds.numpy("fit rows")
    real = rng.choice(fold.real.fit, n, replace=False)
    fake = rng.choice(fold.fake.fit, n, replace=False)
    return np.concatenate((flat(pair.real[real]), flat(pair.fake[fake])))


# Wider samples enter standardised only: normal scores of thousands of coordinates cost more than they tell.
_SCORES_UP_TO = 128
# Quantiles kept per coordinate for its normal score: finer than any tail that a fit part of this size resolves.
_KNOTS = 200
# Rows that scales are measured on.
_SCALE_ROWS = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Scaler:
    """Maps d coordinates to what a net sees: ``centre`` and ``spread`` are ``[d]``, ``knots`` ``[q, d]`` or None."""

    centre: Array
    spread: Array
    knots: Array | None

    @property
    def width(self) -> int:
        """The number of coordinates that come out."""
        return len(self.centre) * (1 if self.knots is None else 2)

    def __call__(self, values: Array) -> Array:
        """``[n, *shape]`` to ``[n, width]`` float32."""
        x = flat(values)
        z = (x - self.centre) / self.spread
        tail = np.abs(z)
        z = np.where(tail > 3, np.sign(z) * (3 + np.log1p(np.maximum(tail - 3, 0))), z)
        if self.knots is None:
            return z
        scores = np.empty_like(z)
        grid = np.linspace(0, 1, len(self.knots))
        for j in range(x.shape[1]):
            # The middle of the ranks that a value spans, so that ties and atoms have one place.
            low = np.interp(x[:, j], self.knots[:, j], grid)
            high = 1 - np.interp(-x[:, j], -self.knots[::-1, j], grid)
            scores[:, j] = (low + high) / 2
        inside = torch.from_numpy(np.clip(scores, 0.5 / len(grid), 1 - 0.5 / len(grid)))
        return np.concatenate((z, torch.special.ndtri(inside).numpy()), 1).astype(np.float32)


def scaler(pair: Pair, fold: Fold, seeds: Seeds) -> Scaler:
    """The scales of one fold, from its fit part."""
    rows = fit_rows(pair, fold, _SCALE_ROWS, seeds)
    width = rows.shape[1]
    if pair.kind == "image":
        return Scaler(np.full(width, rows.mean(), np.float32), np.full(width, rows.std() or 1.0, np.float32), None)
    centre = np.median(rows, axis=0)
    low, high = np.quantile(rows, (0.16, 0.84), axis=0)
    spread = np.where(high > low, (high - low) / 2, rows.std(0))
    spread = np.where(spread > 0, spread, 1.0)
    knots = None
    if width <= _SCORES_UP_TO:
        knots = np.quantile(rows, np.linspace(0, 1, _KNOTS), axis=0).astype(np.float32)
    return Scaler(centre.astype(np.float32), spread.astype(np.float32), knots)


class FoldInputs:
    """Both sides as every fold's net sees them: each fold scales by its own fit part.

    Narrow samples are scaled once and kept, K times over; wide ones are scaled batch by batch, which costs nothing
    beside the net and saves gigabytes.
    """

    def __init__(self, pair: Pair, folds: Folds, seeds: Seeds, device: str) -> None:
        self.scalers = [scaler(pair, fold, seeds) for fold in folds]
        self._device = device
        self._sides = {"real": pair.real, "fake": pair.fake}
        self._scaled: dict[str, list[Array]] = {}
        if pair.width <= _SCORES_UP_TO:
            self._scaled = {name: [scale(side) for scale in self.scalers] for name, side in self._sides.items()}

    @property
    def width(self) -> int:
        """The number of coordinates a net sees."""
        return self.scalers[0].width

    def gather(self, side: Literal["real", "fake"], rows: Indices) -> torch.Tensor:
        """``[K, b]`` row numbers to ``[K, b, width]``."""
        if self._scaled:
            parts = [scaled[r] for scaled, r in zip(self._scaled[side], rows, strict=True)]
        else:
            parts = [scale(self._sides[side][r]) for scale, r in zip(self.scalers, rows, strict=True)]
        return torch.from_numpy(np.stack(parts)).to(self._device)

    def of_fold(self, fold: int, values: Array) -> torch.Tensor:
        """Samples ``[n, *shape]`` to ``[1, n, width]``, as the net of ``fold`` sees them."""
        return torch.from_numpy(self.scalers[fold](values))[None].to(self._device)


@dataclass(frozen=True, slots=True, eq=False)
class Reduction:
    """A map to few coordinates of comparable spread, for methods that need a metric: scale, then axes ``[d, k]``."""

    scale: Scaler
    axes: Array

    def __call__(self, values: Array) -> Array:
        """``[n, *shape]`` to ``[n, k]`` float32."""
        return np.asarray(self.scale(values) @ self.axes, np.float32)


def reduction(pair: Pair, fold: Fold, most: int, seeds: Seeds) -> Reduction:
    """At most ``most`` coordinates: the scaled ones where they are so few, else their leading principal components.

    The first component has spread 1 and the others less, as in the data.
    """
    scale = dataclasses.replace(scaler(pair, fold, seeds), knots=None)
    if pair.width <= most:
        return Reduction(scale, np.eye(pair.width, dtype=np.float32))
    rows = scale(fit_rows(pair, fold, _SCALE_ROWS, seeds))
    # Exact up to a thousand coordinates; above, a randomised solver: a colour picture of 64 x 64 has 12,288.
    with np.errstate(invalid="ignore"):  # samples that are all the same have no variance to give a share of
        components = PCA(min(most, len(rows)), random_state=seeds.small("components")).fit(rows)
    axes = components.components_.T / np.sqrt(max(components.explained_variance_[0], 1e-30))
    return Reduction(scale, np.asarray(axes, np.float32))
