"""Sizes of noise that move with the data and reach what there is to be hidden."""

from __future__ import annotations

import numpy as np
import pytest

from ganprobe.known import truths
from ganprobe.measures import noise_ladder
from ganprobe.samples import scaling
from ganprobe.samples.folds import Folds, row_hashes, split_sides
from ganprobe.samples.sides import Pair
from ganprobe.seeds import Seeds


def divided(pair: Pair) -> Folds:
    return split_sides(row_hashes(pair.real, 1), row_hashes(pair.fake, 1))


def sampled(truth: truths.Truth, n: int = 1_200) -> Pair:
    return Pair(*truth.draw(n, 0), truth.kind)


def test_the_ladder_moves_with_the_data() -> None:
    """Ten times the data, ten times the noise."""
    ladders = []
    for size in (1.0, 10.0):
        pair = sampled(truths.lines(2, 1.0))
        pair = Pair(size * pair.real, size * pair.fake, "array")
        fold = divided(sampled(truths.lines(2, 1.0))).folds[0]
        ladders.append(noise_ladder.of_pair(pair, fold, scaling.unit(pair, fold), Seeds(0)))
    np.testing.assert_allclose(np.multiply(ladders[0], 10), ladders[1], rtol=0.01)
    assert ladders[0][0] < 0.1
    assert ladders[0][-1] > 1.0


def test_a_ladder_reaches_what_only_the_covariance_shows() -> None:
    """Equal means: at the upper end the approximate JS of the covariances must be down to hundredths."""
    pair = sampled(truths.scale(64, 2.0))
    fold = divided(pair).folds[0]
    top = noise_ladder.of_pair(pair, fold, scaling.unit(pair, fold), Seeds(0))[-1]
    assert 64 * 3.0**2 / (16 * top**4) == pytest.approx(0.02, rel=0.2)


def test_the_ladder_of_a_series_is_the_reals_alone() -> None:
    near, far = (sampled(truths.lines(2, distance)) for distance in (0.1, 10.0))
    assert (near.real == far.real).all()
    ladders = [noise_ladder.of_reals(pair, scaling.unit_of_reals(pair), Seeds(0)) for pair in (near, far)]
    assert ladders[0] == ladders[1]
    assert ladders[0][0] < 0.02
    assert ladders[0][-1] > 1.0
