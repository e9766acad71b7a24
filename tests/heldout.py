"""Held-out logits of discriminators that are known exactly."""

from __future__ import annotations

import numpy as np

from ganprobe.known import truths
from ganprobe.samples.folds import HeldOut
from ganprobe.samples.sides import Floats


def of_parts(val: tuple[Floats, Floats], test: tuple[Floats, Floats], folds: int = 1) -> HeldOut:
    """Reals and fakes of both parts, dealt into ``folds``."""
    parts = [tuple(np.array_split(side, folds)) for side in (*val, *test)]
    return HeldOut(*parts)


def oracle(truth: truths.Truth, n_val: int, n_test: int, seed: int, ratio: int = 1, folds: int = 1) -> HeldOut:
    """Logits of the optimal discriminator of ``truth``; ``ratio`` test fakes for each test real."""
    assert truth.logit is not None
    real, fake = (truth.logit(side.astype(float)) for side in truth.draw(n_val + n_test, seed, n_val + ratio * n_test))
    return of_parts((real[:n_val], fake[:n_val]), (real[n_val:], fake[n_val:]), folds)


def gaussian(delta: float, n: int, seed: int | np.random.Generator, ratio: int = 1, folds: int = 1) -> HeldOut:
    """Oracle test logits of the Gaussian shift, drawn directly: N(+-delta^2/2, delta)."""
    rng = np.random.default_rng(seed)
    mean = delta**2 / 2
    test = mean + delta * rng.standard_normal(n), -mean + delta * rng.standard_normal(ratio * n)
    return of_parts((np.zeros(folds), np.zeros(folds)), test, folds)


def changed(logits: HeldOut, slope: float, offset: float = 0.0) -> HeldOut:
    """The same ranks, another claim."""
    names = ("val_real", "val_fake", "test_real", "test_fake")
    return HeldOut(*(tuple(slope * part + offset for part in getattr(logits, name)) for name in names))
