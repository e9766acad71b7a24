"""Pictures whose JS is known: what differs can be read off each of them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ganprobe.known import dead_leaves, leaf_truths, truths
from ganprobe.known.truths import Truth
from ganprobe.objective import LOG2

SIZE = 16


def logits(truth: Truth, n: int) -> list[np.ndarray]:
    with np.errstate(divide="ignore"):
        return [truth.logit(side.astype(np.float64)) for side in truth.draw(n, 0)]


def test_a_palette_shows_in_every_picture() -> None:
    law = leaf_truths.palettes(SIZE, [1] * 7 + [0])
    real, fake = logits(law, 24)
    assert set(np.round(fake, 6)) == {round(math.log(7 / 8), 6)}
    assert np.isposinf(real).sum() in range(1, 9)
    assert law.js == pytest.approx(dead_leaves.palette_js(7))


@pytest.mark.parametrize("law", [leaf_truths.softened(SIZE, 1, 0.8), leaf_truths.patched(SIZE, 1, 0.4)])
def test_what_is_spoilt_is_what_no_real_is(law: Truth) -> None:
    real, fake = logits(law, 8)
    assert np.isposinf(real).all()
    assert np.isneginf(fake).all()
    assert law.js == pytest.approx(LOG2)


def test_a_share_of_the_fakes_is_spoilt() -> None:
    law = leaf_truths.softened(SIZE, 0.5, 1.0)
    real, fake = logits(law, 16)
    assert real == pytest.approx(math.log(2))
    assert np.isneginf(fake).sum() in range(3, 14)


def test_amplitudes_of_waves_are_read_back() -> None:
    law = leaf_truths.waved(SIZE, truths.shift(1, 5.0), leaf_truths.cosines(SIZE, 1, 5))
    real, fake = logits(law, 8)
    assert real.mean() == pytest.approx(12.5, abs=6)
    assert fake.mean() == pytest.approx(-12.5, abs=6)


@pytest.mark.parametrize("finest", [3, 15])
def test_waves_are_orthonormal(finest: int) -> None:
    waves = leaf_truths.cosines(SIZE, 8, finest).reshape(8, -1)
    assert waves @ waves.T == pytest.approx(np.eye(8), abs=1e-9)
