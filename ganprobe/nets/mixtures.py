r"""Gaussians that both sides share, each side with weights of its own: what clusters have in common is learnt once.

Side s has the density sum_k w_sk N(x; m_k, S_k), so the logit is log sum_k w_rk N_k(x) - log sum_k w_fk N_k(x). Any two
mixtures are of this form, the components of one having no weight in the other; and where both sides have the same
clusters and differ in how often each occurs, centres and covariances, which are most of the parameters, drop out of the
logit and cost nothing. Fitted by EM (Dempster, Laird and Rubin 1977; with labels as in mixture discriminant analysis,
Hastie and Tibshirani 1996); the two sides weigh the same. Every density is linear in [1, x, products of two of x], so
that a step is two products of matrices.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

from ganprobe.samples.sides import Array, Floats, Indices

# Added to each variance: coordinates have a spread of 1.
_LEAST_VARIANCE = 1e-3
# Rows added to those that a component has of either side: one that has none is strong evidence, and no proof.
_UNSEEN = 0.02
# What of each row starts in a component that k-means did not give it.
_ASTRAY = 0.1
# Steps at most, and the gain in nats a row at which they end.
_STEPS, _FLAT = 80, 2e-4


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """``densities`` ``[p, k]``: log N_k is linear in the products; ``weights`` ``[2, k]`` of the fakes and reals."""

    densities: Floats
    weights: Floats

    def __call__(self, x: Array) -> Floats:
        """Logits of ``[n, d]``."""
        logs = products(x) @ self.densities
        shares = np.exp(logs - logs.max(1, keepdims=True)) @ self.weights.T
        return np.asarray(np.log(shares[:, 1] / shares[:, 0]), np.float64)

    @property
    def each(self) -> int:
        """Components that started in either side's clusters."""
        return len(self.weights[0]) // 2

    def again(self, real: Array, fake: Array) -> Mixture:
        """The mixture of more rows that starts as this one, whose clusters are found already."""
        sides = _Sides(real, fake)
        return sides.climbed(sides.members(self)[0])


def fitted(real: Array, fake: Array, each: int, seed: int) -> Mixture:
    """The mixture of ``each`` components that start in the clusters of the reals and as many in those of the fakes."""
    return _Sides(real, fake).climbed(_started((fake, real), each, seed))


class _Sides:
    """The rows that a mixture is fitted to: fakes, then reals."""

    def __init__(self, real: Array, fake: Array) -> None:
        counts = [len(fake), len(real)]
        self._d, self._x = real.shape[1], products(np.concatenate((fake, real)))
        self._of_real = np.repeat((0, 1), counts)
        self._row_weight = np.repeat([0.5 / n for n in counts], counts)

    def climbed(self, members: Floats) -> Mixture:
        """From how much of each row is each component's, ``[n, k]``, to where a step gains next to nothing."""
        last = -np.inf
        for _ in range(_STEPS):
            moments = self._x.T @ (members * self._row_weight[:, None])
            found = Mixture(_densities(moments, self._d), _weights(members, self._of_real))
            members, likelihood = self.members(found)
            if likelihood - last < _FLAT:
                break
            last = likelihood
        return found

    def members(self, of: Mixture) -> tuple[Floats, float]:
        """How much of each row is each component's, and the mean log likelihood of the rows."""
        logs = self._x @ of.densities + np.log(of.weights)[self._of_real]
        top = logs.max(1, keepdims=True)
        members = np.exp(logs - top)
        total = members.sum(1, keepdims=True)
        members /= total
        return members, float(self._row_weight @ (top + np.log(total))[:, 0])


def products(x: Array) -> Floats:
    """``[n, d]`` to ``[n, 1 + d + d (d + 1) / 2]``: one, the coordinates, and all products of two."""
    x = x.astype(np.float64)
    first, second = np.triu_indices(x.shape[1])
    return np.concatenate((np.ones((len(x), 1)), x, x[:, first] * x[:, second]), 1)


def _started(sides: tuple[Array, Array], each: int, seed: int) -> Floats:
    """How much of each row is each component's at first, ``[n, 2 each]``."""
    members = np.full((sum(map(len, sides)), 2 * each), _ASTRAY / (2 * each))
    before = 0
    for place, side in enumerate(sides):
        members[np.arange(before, before + len(side)), place * each + _clusters(side, each, seed)] += 1 - _ASTRAY
        before += len(side)
    return members


def _clusters(side: Array, each: int, seed: int) -> Indices:
    """In which of ``each`` clusters a row is, ``[n]``; of fewer distinct rows some stay empty."""
    if each == 1:
        return np.zeros(len(side), np.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return np.asarray(KMeans(each, n_init=1, max_iter=20, random_state=seed).fit(side).labels_, np.int64)


def _densities(moments: Floats, d: int) -> Floats:
    """Log densities ``[p, k]``, linear in the products, of Gaussians that have these ``moments`` ``[p, k]``."""
    first, second = np.triu_indices(d)
    mass = np.maximum(moments[0], 1e-12)
    centre = (moments[1 : 1 + d] / mass).T
    spread = np.empty((len(mass), d, d))
    spread[:, first, second] = spread[:, second, first] = (moments[1 + d :] / mass).T
    spread += _LEAST_VARIANCE * np.eye(d) - centre[:, :, None] * centre[:, None]
    precision = np.linalg.inv(spread)
    slope = np.einsum("kij,kj->ki", precision, centre)
    offset = (np.linalg.slogdet(precision)[1] - (slope * centre).sum(1)) / 2
    curve = precision[:, first, second] * np.where(first == second, -0.5, -1.0)
    return np.concatenate((offset[:, None], slope, curve), 1).T


def _weights(members: Floats, of_real: Indices) -> Floats:
    """The weights of the components in either side, ``[2, k]``."""
    rows = np.stack([members[of_real == side].sum(0) for side in (0, 1)]) + _UNSEEN
    return np.asarray(rows / rows.sum(1, keepdims=True), np.float64)
