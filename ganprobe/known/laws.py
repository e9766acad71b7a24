"""Families of known laws with random parameters: what a rule is fitted on and tested on, family by family."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ganprobe.known import truths
from ganprobe.known.truths import Truth

Draw = np.random.Generator


def _d(rng: Draw, most: int = 24) -> int:
    return int(np.exp(rng.uniform(math.log(2), math.log(most))).round())


def _delta(rng: Draw) -> float:
    return float(rng.choice((0.0, 0.25)) + rng.gamma(2.0, 0.6))


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
}


def law(family: str, seed: int) -> tuple[Truth, int]:
    """A member of the ``family`` and a number of samples a side, both at random."""
    rng = np.random.default_rng([seed, *family.encode()])
    n = int(np.exp(rng.uniform(math.log(300), math.log(4_000))))
    return FAMILIES[family](rng), n
