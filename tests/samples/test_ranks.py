"""Ranks and distances of a row's own numbers."""

from __future__ import annotations

import numpy as np
import pytest

from ganprobe.samples.gauge import Gauge
from ganprobe.samples.ranks import Ranks
from ganprobe.samples.sides import Pair

ROWS = np.array([[1, 5, 5.5], [4, 2, 2]], np.float32)


def test_distances_to_the_nearest_and_ranks() -> None:
    seen = Ranks.of(Pair(ROWS, ROWS, "array"), ROWS)(ROWS)
    assert np.exp(seen[0, :3]) == pytest.approx([4, 0.5, 0.5])
    assert seen[0, 3:].tolist() == [0, 1, 2]
    assert np.exp(seen[1, 0]) == pytest.approx(2)
    assert (np.exp(seen[1, 1:3]) < 1e-5).all(), "equal is as near as float32 tells"


def test_numbers_are_compared_as_they_stand_in_the_file() -> None:
    """Held above a zero of each column, what is equal in the file is not."""
    gauge = Gauge(np.array([0.0, 100.0, 100.0]), np.array([1.0, 1.0, 2.0]))
    held = np.array([[102, 2, 1]], np.float32)
    ranks = Ranks.of(Pair(held, held, "array", gauge=gauge), held)
    assert ranks.numbers(held).tolist() == [[102, 102, 102]]
    assert (np.exp(ranks(held)[0, :3]) < 1e-3).all()


def test_a_column_of_millions_hides_no_distances_of_others() -> None:
    rows = np.hstack((ROWS, np.full((2, 1), 1e9, np.float32)))
    seen = Ranks.of(Pair(rows, rows, "array"), rows)(rows)
    assert np.exp(seen[0, :3]) == pytest.approx([4, 0.5, 0.5])


def test_levels_are_no_numbers() -> None:
    pair = Pair(ROWS, ROWS, "table", columns=("a", "job=clerk", "b"))
    assert Ranks.of(pair, ROWS).places.tolist() == [0, 2]


def test_what_is_near_by_chance_is_not_found() -> None:
    rng = np.random.default_rng(0)
    real, fake, same = rng.standard_normal((3, 2_000, 5)).astype(np.float32)
    ranks = Ranks.of(Pair(real, fake, "array"), real)
    assert not ranks.found(real, fake + np.float32(0.2)), "a shift is for other probes"
    for side, choose in ((real, np.max), (fake, np.min), (same, np.max)):
        side[:, 4] = choose(side[:, :4], axis=1)
    assert ranks.found(real, fake)
    assert not ranks.found(real, same)
