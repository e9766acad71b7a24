"""What the probes see of a sample: coordinates brought to one scale by statistics of the fit part only.

A column multiplied by 1e5 must change nothing, and neither may a heavy tail: each coordinate of a table or an array
enters standardised and squashed beyond three deviations, with a few totals of the row, and once more as its normal
score (the Gaussian quantile of its rank among the fit part), which undoes monotone warps. Among the totals is how far
the row lies outside the smallest box around either side (`Box`): where a law ends with an edge, each coordinate alone
shows it in few rows, and all of them together in most. Where columns are nearly collinear on a side, the thin
directions enter whitened (`ganprobe.samples.whitening`). Pictures keep one common scale: a pixel that is nearly always
black would be blown up by a scale of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, cast

import numpy as np
import torch
from sklearn.decomposition import PCA

from ganprobe.samples.box import Box
from ganprobe.samples.folds import Fold, Folds
from ganprobe.samples.sides import Array, Indices, Kind, Pair
from ganprobe.samples.whitening import Whitener, whiteners
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
    """Maps samples of d coordinates to what a probe sees.

    ``centre`` and ``spread``: ``[d]``. ``knots``: ``[q, d]``, or None where normal scores are left out. ``boxes``: of
    the reals and of the fakes; none for pictures, which have statistics of their own, and then ``total_centre``
    and ``total_spread`` are None, else ``[6]``. ``thin``: whitened thin directions of either side.
    """

    centre: Array
    spread: Array
    knots: Array | None
    boxes: tuple[Box, ...] = ()
    total_centre: Array | None = None
    total_spread: Array | None = None
    thin: tuple[Whitener, ...] = ()

    @property
    def width(self) -> int:
        """The number of columns that come out."""
        scores = 0 if self.knots is None else len(self.centre)
        return self.plain_width + scores + sum(by.width for by in self.thin)

    @property
    def plain_width(self) -> int:
        """The number of columns that come out of `plain`."""
        return len(self.centre) + (0 if self.total_centre is None else len(self.total_centre))

    def coordinates(self, values: Array) -> Array:
        """``[n, *shape]`` to ``[n, d]``: standardised, squashed beyond three deviations."""
        z = flat(values) - self.centre
        z /= self.spread
        far = np.abs(z) > 3
        tail = z[far]
        z[far] = np.sign(tail) * (3 + np.log1p(np.abs(tail) - 3))
        return z

    def plain(self, values: Array) -> Array:
        """Coordinates and totals, ``[n, plain_width]``."""
        z = self.coordinates(values)
        return np.concatenate((z, self.scaled_totals(values, z)), 1) if self.boxes else z

    def scaled_totals(self, values: Array, z: Array) -> Array:
        """Totals of each row as probes see them, ``z`` being the coordinates of ``values``; there must be some."""
        centre, spread = cast(Array, self.total_centre), cast(Array, self.total_spread)
        return (self.totals(values, z) - centre) / spread

    def totals(self, values: Array, z: Array) -> Array:
        """Totals of each row, ``z`` being the coordinates of ``values``, ``[n, 4 + boxes]``.

        Mean, mean square, mean absolute value and largest absolute value: a change of radius in many dimensions is one
        of these numbers, and a sum of squares over all the coordinates that a net would need thousands of samples to
        find. Then how far outside each box the row lies, in spreads, squashed.
        """
        size, x = np.abs(z), flat(values)
        outside = [box.excess(x, self.spread) for box in self.boxes]
        squashed = [np.sign(far) * np.log1p(np.abs(far)) for far in outside]
        return np.stack((z.mean(1), (z**2).mean(1), size.mean(1), size.max(1), *squashed), 1)

    def __call__(self, values: Array) -> Array:
        """``[n, *shape]`` to ``[n, width]`` float32: coordinates, totals, normal scores, thin directions."""
        plain = self.plain(values)
        if self.knots is None:
            return plain
        thin = [by(flat(values).astype(np.float64)) for by in self.thin]
        return np.concatenate((plain, self.scores(values), *thin), 1)

    def scores(self, values: Array) -> Array:
        """The normal scores ``[n, d]``; there must be knots."""
        x, knots = flat(values), cast(Array, self.knots)
        scores = np.empty_like(x)
        grid = np.linspace(0, 1, len(knots))
        for j in range(x.shape[1]):
            # The middle of the ranks that a value spans, so that ties and atoms have one place.
            low = np.interp(x[:, j], knots[:, j], grid)
            high = 1 - np.interp(-x[:, j], -knots[::-1, j], grid)
            scores[:, j] = (low + high) / 2
        inside = torch.from_numpy(np.clip(scores, 0.5 / len(grid), 1 - 0.5 / len(grid)))
        return np.asarray(torch.special.ndtri(inside).numpy(), np.float32)


def scaler(pair: Pair, fold: Fold, seeds: Seeds) -> Scaler:
    """The scales of one fold, from its fit part."""
    rows = fit_rows(pair, fold, _SCALE_ROWS, seeds)
    width = rows.shape[1]
    if pair.kind == "image":
        level, contrast = rows.mean(dtype=np.float64), rows.std(dtype=np.float64) or 1.0
        return Scaler(np.full(width, level, np.float32), np.full(width, contrast, np.float32), None)
    centre = np.median(rows, axis=0).astype(np.float32)
    low, high = np.quantile(rows, (0.16, 0.84), axis=0)
    spread = np.where(high > low, (high - low) / 2, rows.std(0, dtype=np.float64))
    spread = np.where(spread > 0, spread, 1.0).astype(np.float32)
    knots = None
    if width <= _SCORES_UP_TO:
        knots = np.quantile(rows, np.linspace(0, 1, _KNOTS), axis=0).astype(np.float32)
    if width == 1:
        return Scaler(centre, spread, knots)
    half = len(rows) // 2
    thin = () if knots is None else _thin(rows[:half], rows[half:])
    plain = Scaler(centre, spread, knots, (Box.around(rows[:half]), Box.around(rows[half:])), thin=thin)
    totals = plain.totals(rows, plain.coordinates(rows))
    total_spread = np.where(totals.std(0) > 0, totals.std(0), 1.0)
    return replace(plain, total_centre=totals.mean(0).astype(np.float32), total_spread=total_spread.astype(np.float32))


# Directions thinner than this share of the widest one are lost on a net; so many of a side are shown to it.
_THIN = 0.1
_MOST_THIN = 4
# Rows of a side for each column, or thin directions are those of this sample alone.
_ROWS_PER_COLUMN = 6


def _thin(real: Array, fake: Array) -> tuple[Whitener, ...]:
    if len(real) < _ROWS_PER_COLUMN * real.shape[1]:
        return ()
    both = whiteners(real.astype(np.float64), fake.astype(np.float64))
    return tuple(by.of(np.flatnonzero(by.thinness < _THIN)[:_MOST_THIN]) for by in both)


Unit = Literal["data", "range", "sd"]
UNITS: dict[Kind, Unit] = {"image": "range", "array": "data", "table": "sd"}


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """The unit in which noise and distances mean the same for every data set of a kind, and its size: ``[d]``.

    A column of a table that varies on neither side has size 0: no noise.
    """

    name: Unit
    size: Array

    def __call__(self, values: Array) -> Array:
        """``[n, *shape]`` in this unit, ``[n, d]``; columns of size 0 stay as they are."""
        return np.asarray(flat(values) / np.where(self.size > 0, self.size, 1), np.float32)


def unit(pair: Pair, fold: Fold) -> Measure:
    """Data units for arrays, the full range for pictures (which are in [0, 1]), for tables standard deviations.

    Those of a table are pooled within the two sides, column by column.
    """
    if pair.kind != "table":
        return Measure(UNITS[pair.kind], np.ones(pair.width, np.float32))
    parts = (pair.real[fold.real.fit], pair.fake[fold.fake.fit])
    pooled = np.sqrt(np.mean([flat(part).var(0, dtype=np.float64) for part in parts], axis=0))
    return Measure(UNITS[pair.kind], pooled.astype(np.float32))


def unit_of_reals(pair: Pair) -> Measure:
    """As `unit`, for what must be the same whatever the fakes are: the deviations are those of the reals."""
    if pair.kind != "table":
        return Measure(UNITS[pair.kind], np.ones(pair.width, np.float32))
    return Measure(UNITS[pair.kind], flat(pair.real).std(0, dtype=np.float64).astype(np.float32))


# Samples that are as many bytes as this, K times over, are kept as they are scaled.
_KEPT_BYTES = 1e8


class FoldInputs:
    """Both sides as every fold's net sees them: each fold scales by its own fit part.

    Narrow or few samples are scaled once and kept, K times over; coordinates of wide ones are scaled batch by batch,
    which costs little beside the net and saves gigabytes, and only their totals are kept.
    """

    def __init__(self, pair: Pair, folds: Folds, seeds: Seeds, device: str) -> None:
        self.scalers = [scaler(pair, fold, seeds) for fold in folds]
        self._device = device
        self._sides = {"real": pair.real, "fake": pair.fake}
        self._scaled: dict[str, list[Array]] = {}
        self._totals: dict[str, list[Array]] = {}
        size = 4 * len(folds) * pair.width * (len(pair.real) + len(pair.fake))
        if pair.width <= _SCORES_UP_TO or size <= _KEPT_BYTES:
            every = range(len(self.scalers))
            self._scaled = {name: [self._seen(k, side) for k in every] for name, side in self._sides.items()}
        elif self.scalers[0].boxes:
            self._totals = {
                name: [_totals(scale, side) for scale in self.scalers] for name, side in self._sides.items()
            }

    @property
    def width(self) -> int:
        """The number of coordinates a net sees: the most of any fold, for thin directions are not as many in all."""
        return max(scale.width for scale in self.scalers)

    def _seen(self, fold: int, values: Array) -> Array:
        seen = self.scalers[fold](values)
        missing = self.width - seen.shape[1]
        return np.pad(seen, ((0, 0), (0, missing))) if missing else seen

    def gather(self, side: Literal["real", "fake"], rows: Indices) -> torch.Tensor:
        """``[K, b]`` row numbers to ``[K, b, width]``."""
        if self._scaled:
            parts = [scaled[r] for scaled, r in zip(self._scaled[side], rows, strict=True)]
        else:
            wide = np.asarray(self._sides[side])
            parts = [scale.coordinates(wide[r]) for scale, r in zip(self.scalers, rows, strict=True)]
            if self._totals:
                totals = (kept[r] for kept, r in zip(self._totals[side], rows, strict=True))
                parts = [np.concatenate(both, 1) for both in zip(parts, totals, strict=True)]
        return torch.from_numpy(np.stack(parts)).to(self._device)

    def of_fold(self, fold: int, values: Array) -> torch.Tensor:
        """Samples ``[n, *shape]`` to ``[1, n, width]``, as the net of ``fold`` sees them."""
        return torch.from_numpy(self._seen(fold, values))[None].to(self._device)


# Rows whose totals are computed at once.
_ROWS_AT_ONCE = 256


def _totals(scale: Scaler, side: Array) -> Array:
    """The scaled totals of every row, ``[n, 6]``."""
    parts = (np.asarray(side[i : i + _ROWS_AT_ONCE]) for i in range(0, len(side), _ROWS_AT_ONCE))
    return np.concatenate([scale.scaled_totals(part, scale.coordinates(part)) for part in parts])


@dataclass(frozen=True, slots=True, eq=False)
class Reduction:
    """A map to few coordinates of comparable spread, for methods that need a metric: scale, then axes ``[d, k]``."""

    scale: Scaler
    axes: Array

    def __call__(self, values: Array) -> Array:
        """``[n, *shape]`` to ``[n, k]`` float32."""
        return np.asarray(self.scale.coordinates(values) @ self.axes, np.float32)


def reduction(pair: Pair, fold: Fold, most: int, seeds: Seeds) -> Reduction:
    """At most ``most`` coordinates: the scaled ones where they are so few, else their leading principal components.

    The first component has spread 1 and the others less, as in the data.
    """
    scale = scaler(pair, fold, seeds)
    if pair.width <= most:
        return Reduction(scale, np.eye(pair.width, dtype=np.float32))
    rows = scale.coordinates(fit_rows(pair, fold, _SCALE_ROWS, seeds))
    # Exact up to a thousand coordinates; above, a randomised solver: a colour picture of 64 x 64 has 12,288.
    with np.errstate(invalid="ignore"):  # samples that are all the same have no variance to give a share of
        components = PCA(min(most, len(rows)), random_state=seeds.small("components")).fit(rows)
    axes = components.components_.T / np.sqrt(max(components.explained_variance_[0], 1e-30))
    return Reduction(scale, np.asarray(axes, np.float32))
