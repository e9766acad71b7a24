r"""What two or three columns do together, whatever its shape: products of cosines of their ranks.

With u_j the rank of column j among both sides, in [0, 1], the functions phi_i(u) = sqrt(2) cos(pi i u), i >= 1, are
orthonormal and their products are a basis of all that columns have in common. A spread that rises and falls with
another column is one product of two, a surface z = f(x, y) of several hills a product of three, which no pair of
columns shows and for which trees and nets need many rows. Of each product the means of both sides are compared,

    z = (mean_P - mean_Q) / standard error,

by a product of matrices for all pairs, and one for each function for all triples; those beyond chance are kept.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ganprobe.samples.sides import Array, Floats, Indices, Pair

# Numbers of a row, at most, of which pairs and triples are looked at.
MOST_COLUMNS, _MOST_IN_TRIPLES = 16, 8
# A column of fewer values has cells, and these are counted.
_LEAST_VALUES = 12
_OF_PAIRS, _OF_TRIPLES = 10, 6
_LOOKED_AT_FOR_TRIPLES = 2_000
# exp(-x) is the chance of what is kept where both sides have one law: of one in a thousand audits.
_SURE = 7.0
_MOST, _PLAIN = 32, 2


@dataclass(frozen=True, slots=True, eq=False)
class JointRanks:
    """Of the columns at ``places`` with the ``sorted`` values ``[rows, columns]``: the ``products`` that are kept.

    ``products``: columns and numbers of functions, ``[k, 3, 2]``; function 0 is 1.
    """

    places: Indices
    sorted: Array
    products: Indices

    def __call__(self, x: Array) -> Floats:
        """``[n, d]`` to the products and the ranks of the columns in them, ``[n, k + columns]``."""
        u = _ranks(self.sorted, x[:, self.places])
        phi = _functions(u, _OF_PAIRS)
        phi = np.concatenate((np.ones((*u.shape, 1)), phi), 2)
        found = np.ones((len(x), len(self.products)))
        for column, which in np.moveaxis(self.products, 1, 0).transpose(0, 2, 1):
            found *= phi[:, column, which]
        involved = np.unique(self.products[:, :, 0][self.products[:, :, 1] > 0])
        return np.concatenate((found, u[:, involved]), 1)


def joint_ranks(pair: Pair, real: Array, fake: Array) -> JointRanks | None:
    """The products whose means differ between ``real`` and ``fake`` ``[n, d]`` beyond chance; None where none does."""
    both = np.concatenate((real, fake))
    if len(pair.numbers) > MOST_COLUMNS:
        return None
    places = np.array([j for j in pair.numbers if len(np.unique(both[:, j])) >= _LEAST_VALUES], np.int64)
    if len(places) < 2:
        return None
    together = np.sort(both[:, places], 0)
    products = _kept([_ranks(together, side[:, places]) for side in (real, fake)])
    if not _fine(products):
        return None
    # Each side by its own ranks too: what single columns show has no part then.
    apart = _kept([_ranks(np.sort(side[:, places], 0), side[:, places]) for side in (real, fake)])
    return JointRanks(places, together, products) if _fine(apart) else None


def _fine(products: Indices) -> bool:
    """Whether some are more than a correlation, or one of spreads: these are quadratic forms, which others know."""
    return bool((products[:, :, 1] > _PLAIN).any() or (products[:, 2, 1] > 0).any())


def _kept(sides: list[Floats]) -> Indices:
    """The products, ``[k, 3, 2]``, of which the means of both sides' ranks ``[n, columns]`` differ beyond chance."""
    pairs, triples = _pairs(sides), _triples(sides)
    least = math.sqrt(2 * (math.log(len(pairs[0]) + len(triples[0])) + _SURE))
    z, products = np.concatenate((pairs[0], triples[0])), np.concatenate((pairs[1], triples[1]))
    kept = np.argsort(-z)[:_MOST]
    return products[kept[z[kept] > least]]


def _ranks(levels: Array, x: Array) -> Floats:
    """Middle ranks in [0, 1] among sorted ``levels`` ``[rows, columns]`` of ``x`` ``[n, columns]``."""
    found = [
        (np.searchsorted(known, own, "left") + np.searchsorted(known, own, "right")) / (2 * len(known))
        for known, own in zip(levels.T, x.T, strict=True)
    ]
    return np.stack(found, 1)


def _functions(u: Floats, most: int) -> Floats:
    """``[n, columns]`` to ``[n, columns, most]``."""
    return np.asarray(math.sqrt(2) * np.cos(math.pi * u[..., None] * np.arange(1, most + 1)))


def _apart(means: list[Floats], squares: list[Floats], rows: list[int]) -> Floats:
    """How many standard errors the means of both sides differ by, given those of squares."""
    error = sum(np.maximum(s - m**2, 1e-3) / n for m, s, n in zip(means, squares, rows, strict=True))
    return np.asarray(np.abs(means[0] - means[1]) / np.sqrt(error))


def _pairs(sides: list[Floats]) -> tuple[Floats, Indices]:
    """|z| of each product of two, ``[p]``, and the products ``[p, 3, 2]``."""
    columns = sides[0].shape[1]
    flat = [_functions(side, _OF_PAIRS).reshape(len(side), -1) for side in sides]
    means: list[Floats] = [phi.T @ phi / len(phi) for phi in flat]
    squares: list[Floats] = [(phi**2).T @ phi**2 / len(phi) for phi in flat]
    z = _apart(means, squares, [len(side) for side in sides])
    column, which = np.divmod(np.arange(columns * _OF_PAIRS), _OF_PAIRS)
    one, other = np.nonzero(column[:, None] < column)
    products = np.zeros((len(one), 3, 2), np.int64)
    for i, part in enumerate((one, other)):
        products[:, i] = np.stack((column[part], which[part] + 1), 1)
    return z[one, other], products


def _triples(sides: list[Floats]) -> tuple[Floats, Indices]:
    """|z| of each product of three, and the products; none of many columns."""
    columns = sides[0].shape[1]
    if not 3 <= columns <= _MOST_IN_TRIPLES:
        return np.zeros(0), np.zeros((0, 3, 2), np.int64)
    flat = [_functions(side[:_LOOKED_AT_FOR_TRIPLES], _OF_TRIPLES).astype(np.float32) for side in sides]
    flat = [phi.reshape(len(phi), -1) for phi in flat]
    column, which = np.divmod(np.arange(columns * _OF_TRIPLES), _OF_TRIPLES)
    found, products = [], []
    for a in range((columns - 2) * _OF_TRIPLES):
        later = (column[a] + 1) * _OF_TRIPLES
        rests = [(phi[:, later:], phi[:, later:] * phi[:, a, None]) for phi in flat]
        means: list[Floats] = [own.T @ rest / len(rest) for rest, own in rests]
        squares: list[Floats] = [(own**2).T @ rest**2 / len(rest) for rest, own in rests]
        z = _apart(means, squares, [len(phi) for phi in flat])
        one, other = np.nonzero(column[later:, None] < column[later:])
        found.append(z[one, other])
        own = np.zeros((len(one), 3, 2), np.int64)
        for i, part in enumerate((np.full(len(one), a), one + later, other + later)):
            own[:, i] = np.stack((column[part], which[part] + 1), 1)
        products.append(own)
    return np.concatenate(found), np.concatenate(products)
