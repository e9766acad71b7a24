"""Families of known laws with random parameters: what a rule is fitted on and tested on, family by family."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ganprobe.known import dead_leaves, leaf_truths, truths
from ganprobe.known.truths import Truth

Draw = np.random.Generator


def _d(rng: Draw, most: int = 24) -> int:
    return int(np.exp(rng.uniform(math.log(2), math.log(most))).round())


def _delta(rng: Draw) -> float:
    return float(rng.choice((0.0, 0.25)) + rng.gamma(2.0, 0.6))


def _waved(rng: Draw, law: Truth, k: int = 1) -> Truth:
    size = _size(rng)
    return leaf_truths.waved(size, law, leaf_truths.cosines(size, k, int(rng.integers(max(2, k), size))))


def _size(rng: Draw) -> int:
    """Of whole pictures, or of sketched ones."""
    return int(rng.choice((16, 40)))


# Pictures with edges and textures, which cost more.
_LEAVES: dict[str, Callable[[Draw], Truth]] = {
    "same leaves": lambda rng: leaf_truths.same(_size(rng)),
    "leaf palettes": lambda rng: leaf_truths.palettes(
        _size(rng), np.exp(rng.uniform(0.1, 0.8) * rng.standard_normal(dead_leaves.PALETTES))
    ),
    "leaves softened": lambda rng: leaf_truths.softened(_size(rng), 1 - rng.uniform(0.5, 0.97), rng.uniform(0.8, 1.5)),
    "leaves patched": lambda rng: leaf_truths.patched(_size(rng), rng.uniform(0.1, 1), rng.uniform(0.4, 0.6)),
    "leaves shifted": lambda rng: _waved(rng, truths.shift(1, _delta(rng))),
    "leaves scaled": lambda rng: _waved(
        rng, truths.scale(k := int(rng.integers(1, 9)), 1 + rng.uniform(0.1, 1.6) / math.sqrt(k)), k
    ),
}
_MOST_LEAVES = 1_200

FAMILIES: dict[str, Callable[[Draw], Truth]] = {
    "same": lambda rng: truths.same(_d(rng)),
    "same heavy": lambda rng: truths.heavy(_d(rng, 8), 0.0, rng.uniform(1.5, 4)),
    "same counts": lambda rng: truths.counts(_d(rng, 8), *(rng.uniform(1, 5),) * 2),
    "same table": lambda rng: truths.pairs(_d(rng, 8), int(rng.integers(3, 8)), 0.0),
    "same pictures": lambda rng: truths.pictures(int(rng.integers(8, 13)), 0.0),
    "shift": lambda rng: truths.shift(_d(rng), _delta(rng)),
    "scale": lambda rng: truths.scale(d := _d(rng), 1 + rng.uniform(0.1, 1.6) / math.sqrt(d)),
    "correlated": lambda rng: truths.correlated(d := _d(rng, 10), rng.uniform(0.2, 1) * min(0.9, 1.8 / d)),
    "hidden": lambda rng: truths.hidden(_d(rng, 100), _delta(rng)),
    "anisotropic": lambda rng: truths.anisotropic(_d(rng), rng.uniform(0.2, 1.5)),
    "mixture": lambda rng: truths.mixture(_d(rng)),
    "two modes": lambda rng: truths.two_modes(_d(rng, 8), rng.uniform(1.0, 3.0)),
    "warp": lambda rng: truths.warp(max(2, _d(rng, 12)), _delta(rng), int(rng.integers(1, 5))),
    "embedded": lambda rng: truths.embedded(_d(rng, 100), _delta(rng)),
    "pareto": lambda rng: truths.pareto(_d(rng, 8), _delta(rng), rng.uniform(1.2, 3)),
    "radial": lambda rng: truths.radial(_d(rng), _delta(rng)),
    "pictures": lambda rng: truths.pictures(int(rng.integers(8, 17)), _delta(rng)),
    "ring": lambda rng: truths.ring(max(2, _d(rng, 20)), int(rng.integers(3, 8)), 8),
    "faded": lambda rng: truths.faded(max(2, _d(rng, 20)), rng.uniform(0.3, 0.95)),
    "invented": lambda rng: truths.invented(max(2, _d(rng, 20)), int(rng.integers(3, 8)), 8),
    "cubes": lambda rng: truths.cubes(_d(rng, 8), rng.uniform(0.2, 0.95)),
    "heavy": lambda rng: truths.heavy(_d(rng, 8), _delta(rng), rng.uniform(1.5, 4)),
    "counts": lambda rng: truths.counts(_d(rng, 8), 3.0, 3.0 + rng.uniform(0.2, 3)),
    "pairs": lambda rng: truths.pairs(_d(rng, 8), int(rng.integers(3, 8)), rng.uniform(0.1, 0.8)),
    "table": lambda rng: truths.table(max(4, _d(rng, 10))),
    **_LEAVES,
}


def law(family: str, seed: int) -> tuple[Truth, int]:
    """A member of the ``family`` and a number of samples a side, both at random."""
    rng = np.random.default_rng([seed, *family.encode()])
    most = _MOST_LEAVES if family in _LEAVES else 4_000
    n = int(np.exp(rng.uniform(math.log(300), math.log(most))))
    return FAMILIES[family](rng), n
