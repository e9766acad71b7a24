"""Probes: everything that scores a sample by how much likelier it is real than generated.

A neural net, boosting, logistic regression, nearest neighbours and kernel densities all end in one thing, a logit
log D/(1 - D); for densities it is log p_real - log p_fake. What they demonstrate on held-out samples is a lower bound
of JS whichever of them it came from, so no family needs to be believed and the best of them is the one to report.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np

from ganprobe.family import Family
from ganprobe.plan import Budget
from ganprobe.samples.folds import Folds, HeldOut
from ganprobe.samples.sides import Array, Floats, Pair
from ganprobe.seeds import Seeds

MEMBERS = Family(
    "ganprobe.probes",
    "probe",
    (
        "logistic",
        "boosting",
        "mlp",
        "conv",
        "conv1d",
        "texture",
        "cosines",
        "kde",
        "knn",
        "whitened",
        "additive",
        "mixtures",
        "multiples",
        "periods",
        "pair_rhythms",
        "joint_ranks",
        "planes",
        "checksums",
        "rests",
        "ranks",
        "lengths",
        "lookups",
        "atoms",
        "levels",
        "combinations",
        "sequence",
    ),
)

# What they show beyond the others is less than two decimals: `fast` leaves them out unless they are asked for.
_NOT_AT_FAST = frozenset({"additive", "mixtures"})


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """A trained probe: ``logit(k, values)`` scores ``[n, *shape]`` with the probe of fold ``k``, giving ``[n]``.

    ``last`` does so for samples outside the fold's fit and val part, by what was trained on both. ``calibrated``:
    cross-validation there has chosen it, and how steep it is; else the val part says so of ``logit``.
    """

    logit: Callable[[int, Array], Floats]
    settings: Any
    steps: int | None
    why_stopped: str
    last: Callable[[int, Array], Floats] | None = None
    calibrated: bool = False

    @property
    def tested(self) -> Callable[[int, Array], Floats]:
        """What scores samples that had no part in training or choosing."""
        return self.last or self.logit


class Member(Protocol):
    """What each module of this family offers."""

    COSTLY: bool
    """Whether it is left out where the others have reached the ceiling, and comes after them."""

    def applies(self, pair: Pair) -> str | None:
        """Why this probe cannot be trained on such samples, or None."""

    def settings(self, budget: Budget, pair: Pair) -> Any:
        """The settings that the budget buys on samples like these: a frozen dataclass."""

    def stronger(self, settings: Any) -> Any:
        """Settings of twice the capacity, or None where this probe has none: more of it must gain nothing."""

    def fit(self, pair: Pair, folds: Folds, settings: Any, seeds: Seeds, device: str) -> Probe:
        """Train on each fold's fit part, stop on its val part, and never touch its test part."""


def member(name: str) -> Member:
    """The probe called ``name``; with a colon in it, the one that the user's ``file.py:fn`` or ``pkg.mod:fn`` makes."""
    if ":" not in name:
        return cast(Member, MEMBERS[name])
    from ganprobe.probes._own import Own

    return Own(name)


def wanted(names: Sequence[str], budget: Budget) -> list[str]:
    """The probes called ``names``, or all that ``budget`` pays for where none is."""
    return list(names) or [name for name in MEMBERS if budget != "fast" or name not in _NOT_AT_FAST]


def score(probe: Probe, pair: Pair, folds: Folds) -> HeldOut:
    """The probe's logits on each fold's val and test parts."""

    def val(k: int, values: Array) -> Floats:
        return np.asarray(probe.logit(k, values), np.float64)

    def test(k: int, values: Array) -> Floats:
        return np.asarray(probe.tested(k, values), np.float64)

    return HeldOut(
        tuple(val(k, pair.real[fold.real.val]) for k, fold in enumerate(folds)),
        tuple(val(k, pair.fake[fold.fake.val]) for k, fold in enumerate(folds)),
        tuple(test(k, pair.real[fold.real.test]) for k, fold in enumerate(folds)),
        tuple(test(k, pair.fake[fold.fake.test]) for k, fold in enumerate(folds)),
        apart=folds.apart,
        calibrated=probe.calibrated,
    )
