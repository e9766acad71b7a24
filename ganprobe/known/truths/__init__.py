r"""Pairs of distributions whose Jensen-Shannon divergence is known exactly, for judging every estimator here.

Each family is a function of the dimension that gives a `Truth`: it draws any number of reals and fakes, and knows its
JS and its optimal discriminator. Three facts make a few one-dimensional laws into hard cases in any dimension:

- Gaussians with one covariance, ``delta`` standard deviations apart, have J(delta) = JS(N(0, 1), N(delta, 1)).
- JS is unchanged by injective maps applied to both sides (`through`), so warps, embeddings and changes of units keep
  it, and by independent coordinates with one law on both sides (`with_noise`).
- JS is that of a sufficient statistic: the radius, the mode, the sum. There it is an integral over one or two
  dimensions, or a sum, and `js_of_masses` computes both.

Values published or derived by others are in the tests.

Laws by kind, each kind a file: ``smooth``, ``modes``, ``discrete`` (these are `SUITE`, at any dimension); ``relations``
between columns, ``dependence``, ``shapes`` of one column, ``rounding`` and atoms, ``tables`` of categories,
``sequences`` (these are `HOSTILE`: each has been, or could be, read as nothing by probes that are good at the others).
"""

from __future__ import annotations

import math
from collections.abc import Callable

from ganprobe.known.truths import dependence, relations, rounding, sequences, shapes, tables
from ganprobe.known.truths.discrete import counts, pairs, rounded, table
from ganprobe.known.truths.law import Map, Sampler, Truth, through, with_noise
from ganprobe.known.truths.modes import cubes, faded, heavy, invented, lines, ring, spheres
from ganprobe.known.truths.smooth import (
    anisotropic,
    correlated,
    embedded,
    hidden,
    mixture,
    pareto,
    pictures,
    radial,
    same,
    scale,
    shift,
    two_modes,
    warp,
)

__all__ = [
    "HOSTILE",
    "KINDS",
    "SUITE",
    "Map",
    "Sampler",
    "Truth",
    "anisotropic",
    "correlated",
    "counts",
    "cubes",
    "embedded",
    "faded",
    "heavy",
    "hidden",
    "invented",
    "lines",
    "mixture",
    "pairs",
    "pareto",
    "pictures",
    "radial",
    "ring",
    "rounded",
    "same",
    "scale",
    "shift",
    "spheres",
    "table",
    "through",
    "two_modes",
    "warp",
    "with_noise",
]

# Each family at dimension d, with parameters that keep its JS between .05 and .6 at every d, or by nature at an end.
SUITE: dict[str, Callable[[int], Truth]] = {
    "same": same,
    "shift": shift,
    "hidden": lambda d: hidden(d, 2.0),
    "scale": lambda d: scale(d, 1 + 1.4 / math.sqrt(d)),
    "correlated": lambda d: correlated(max(d, 2), min(0.9, 1.8 / max(d, 2))),
    "anisotropic": anisotropic,
    "mixture": mixture,
    "two_modes": two_modes,
    "warp": warp,
    "embedded": embedded,
    "pareto": pareto,
    "radial": radial,
    "pictures": lambda d: pictures(max(8, math.isqrt(d))),
    "ring": ring,
    "faded": faded,
    "invented": invented,
    "cubes": lambda d: cubes(d, 0.4),
    "lines": lambda d: lines(max(d, 2)),
    "spheres": spheres,
    "heavy": heavy,
    "counts": lambda d: counts(d, 3.0, 3.0 + 2 / math.sqrt(d)),
    "table": table,
    "pairs": lambda d: pairs(max(d, 2)),
    "rounded": rounded,
}

_BY_KIND = {
    "relations": (
        *(relations.total, relations.average, relations.product, relations.ratio, relations.length, relations.largest),
        *(relations.exact_total, relations.composition, relations.thin, relations.thin_shift, relations.thin_modes),
        *(relations.collinear, relations.rings, relations.shells, relations.chosen, relations.hills),
    ),
    "dependence": (
        *(dependence.signs, dependence.checkerboard, dependence.spiral, dependence.tails, dependence.clayton),
        *(dependence.spreads, dependence.interaction, dependence.modular, dependence.ordered, dependence.sphere),
    ),
    "shapes": (
        shapes.peaked,
        shapes.skewed,
        shapes.fat,
        shapes.cauchy,
        shapes.amounts,
        shapes.edges,
        shapes.ripple,
        shapes.hours,
    ),
    "rounding": (
        *(rounding.heaped, rounding.one_rounded, rounding.ages, rounding.prices, rounding.last_digit, rounding.zeros),
        *(rounding.nearly_zero, rounding.spikes, rounding.clipped, rounding.check_digit),
        *(rounding.lattice, rounding.articles),
    ),
    "repeats": (rounding.integers, rounding.parity, rounding.hidden_parity, rounding.few_fakes),
    "tables": (
        *(tables.cities, tables.triple, tables.chain, tables.rare, tables.missing, tables.distinct, tables.subgroups),
        *(tables.shards, tables.regions),
    ),
    "sequences": (
        *(sequences.autoregression, sequences.seasonal, sequences.smooth_or_rough, sequences.delayed),
        *(sequences.turned, sequences.volatile, sequences.tones, sequences.drift),
    ),
}
# Adversarial laws by kind and name, each with parameters of its own that have defaults.
KINDS: dict[str, dict[str, Callable[..., Truth]]] = {
    kind: {law.__name__: law for law in laws} for kind, laws in _BY_KIND.items()
}
HOSTILE: dict[str, Callable[..., Truth]] = {name: law for laws in KINDS.values() for name, law in laws.items()}
