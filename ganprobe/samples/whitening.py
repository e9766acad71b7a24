r"""Coordinates whitened by one side: what is thin there becomes as wide as the rest.

A total that is the sum of its parts, a smallest component half as wide again: the difference lies along directions in
which a side hardly varies, and trees, nets and penalised fits on the columns as they are see nothing of it. With S the
correlation matrix of one side's fit part, z = L^{-1/2} E' x along the eigenvectors E of S, the thinnest first, makes
every direction count alike. The optimal logit of two Gaussians is then a sum of squares, |z_real|^2 - |z_fake|^2.

Everything is float64. Eigenvalues below `_FLOOR` of the largest are what rounding to float32 leaves of an exact
relation; they are raised to it, so that its breach still stands out by thousands of spreads, and coordinates are
squashed beyond three. Constant columns add nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ganprobe.samples.sides import Array, Floats, Indices

# A relation exact to float32 rounding leaves about 1e-14 of the variance.
_FLOOR = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Whitener:
    """``centre`` ``[d]``; ``axes`` ``[d, k]``: directions over their spreads, the most telling one first.

    ``thinness`` ``[k]``: those spreads as shares of the largest.
    """

    centre: Floats
    axes: Floats
    thinness: Floats

    @property
    def width(self) -> int:
        """How many coordinates come out."""
        return int(self.axes.shape[1])

    def __call__(self, x: Floats) -> Array:
        """``[n, d]`` to ``[n, k]`` float32, squashed beyond three spreads."""
        return squashed((x - self.centre) @ self.axes)

    def of(self, axes: Indices) -> Whitener:
        """Some of the axes alone, or all in another order."""
        return Whitener(self.centre, self.axes[:, axes], self.thinness[axes])


def squashed(z: Floats) -> Array:
    """``z`` within three, and growing as a logarithm beyond."""
    size = np.abs(z)
    return np.where(size > 3, np.sign(z) * (3 + np.log1p(np.maximum(size - 3, 0))), z).astype(np.float32)


def whiteners(real: Floats, fake: Floats) -> tuple[Whitener, Whitener]:
    """By each of two sides ``[n, d]``, n at least 2; first the directions in which the other is widest or thinnest.

    Directions in which neither side varies (the indicators of a category sum to 1) are left out.
    """
    return _against(_whitener(real), fake), _against(_whitener(fake), real)


def _against(own: Whitener, other: Floats) -> Whitener:
    square = (((other - own.centre) @ own.axes) ** 2).mean(0)
    vary = (own.thinness > _FLOOR**0.5 * 1.01) | (square > 9)
    telling = np.abs(np.log(np.maximum(square, 1e-30)))
    return own.of(np.array([j for j in np.argsort(-telling, kind="stable") if vary[j]], np.int64))


def _whitener(rows: Floats) -> Whitener:
    """As many directions as columns that vary, the thinnest first."""
    centre, spread = rows.mean(0), rows.std(0)
    varies = np.flatnonzero(spread > 1e-7 * np.maximum(np.abs(centre), np.finfo(np.float32).tiny))
    axes, size = np.zeros((rows.shape[1], len(varies))), np.ones(len(varies))
    if len(varies):
        z = (rows[:, varies] - centre[varies]) / spread[varies]
        values, vectors = np.linalg.eigh(z.T @ z / len(z))
        size = np.sqrt(np.maximum(values / values[-1], _FLOOR))
        axes[varies] = vectors / (size * np.sqrt(values[-1])) / spread[varies, None]
    return Whitener(centre, axes, size)
