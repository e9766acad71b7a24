"""The convolutional probe on large pictures: the whole made smaller, and windows at full resolution."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
import pytest

from ganprobe import probes
from ganprobe.plan import Budget
from ganprobe.probes import conv
from ganprobe.samples import pixels, sketch
from ganprobe.samples.folds import Fold, Folds, Split
from ganprobe.samples.sides import Pair
from ganprobe.seeds import Seeds

ROWS = Split(np.arange(16), np.arange(16, 24), np.arange(24, 32))
FOLDS = Folds((Fold(ROWS, ROWS),))


@functools.cache
def pair(size: int) -> Pair:
    noise = np.random.default_rng(0).integers(0, 256, (2, 32, 3, size, size), np.uint8)
    real, fake = (sketch.sketched(side, pixels.unit) for side in noise)
    return sketch.pair_of(real, fake, noise.shape[2:])


@pytest.mark.parametrize("size", [40, 80])
def test_it_scores_large_pictures_each_by_itself(size: int) -> None:
    seen = pair(size)
    settings = replace(conv.settings("fast", seen), width=2, least_steps=3)
    probe = conv.fit(seen, FOLDS, settings, Seeds(0), "cpu")
    logits = probe.logit(0, seen.real[ROWS.test])
    assert logits.shape == (8,)
    np.testing.assert_allclose(probe.logit(0, seen.real[ROWS.test[2:5]]), logits[2:5], atol=1e-4)
    np.testing.assert_allclose(probes.score(probe, seen, FOLDS).test_real[0], logits, atol=1e-4)
    again = conv.fit(seen, FOLDS, settings, Seeds(0), "cpu")
    np.testing.assert_array_equal(again.logit(0, seen.real[ROWS.test]), logits)


@pytest.mark.parametrize("budget", ["fast", "standard", "thorough"])
def test_work_is_known_beforehand_and_does_not_grow_with_pixels(budget: Budget) -> None:
    steps = [conv.settings(budget, pair(size)).least_steps for size in (64, 128)]
    assert steps[0] > steps[1] > steps[0] / 2
