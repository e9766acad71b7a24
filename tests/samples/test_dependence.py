"""Rows that depend on each other are told, and rows that do not are not accused, sorted, tied or clustered."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ganprobe.record.dependence import SideDependence
from ganprobe.samples import dependence
from ganprobe.samples.sides import Array

Rng = np.random.Generator
Sides = tuple[np.ndarray, np.ndarray]


def measured(real: np.ndarray, fake: np.ndarray, labels: np.ndarray | None = None) -> SideDependence:
    """Of the reals, whose rows arrive in another order than that of their file."""
    order = np.random.default_rng(7).permutation(len(real))
    shuffled = real.astype(np.float32)[order]
    return dependence.measure(
        shuffled, fake.astype(np.float32), "array", order, None if labels is None else labels[order]
    )


def walk(rng: Rng, n: int, d: int, rho: float) -> np.ndarray:
    x = np.empty((n, d))
    x[0] = rng.standard_normal(d)
    for i in range(1, n):
        x[i] = rho * x[i - 1] + np.sqrt(1 - rho**2) * rng.standard_normal(d)
    return x


def copies(rng: Rng, n: int, of_each: int, d: int = 6) -> np.ndarray:
    return np.repeat(rng.standard_normal((n, d)), of_each, axis=0) + 0.2 * rng.standard_normal((n * of_each, d))


def hidden(rng: Rng, n: int, of_each: int, d: int, cells: int) -> np.ndarray:
    """Near copies in any order, each with some cells that are its own."""
    x = rng.permutation(np.repeat(rng.standard_normal((n, d)), of_each, 0))
    x = x + 0.02 * rng.standard_normal(x.shape)
    own = rng.permuted(np.tile(np.arange(d) < cells, (len(x), 1)), axis=1)
    return np.where(own, rng.standard_normal(x.shape), x)


def windows(rng: Rng, n: int) -> np.ndarray:
    series = walk(rng, n + 23, 4, 0.9)
    return np.stack([series[i : i + 24].ravel() for i in range(n)])


def grid(rng: Rng, n: int) -> np.ndarray:
    return 2 * rng.integers(0, 5, (n, 2)) + 0.05 * rng.standard_normal((n, 2))


def lattice(rng: Rng, n: int) -> np.ndarray:
    turn = np.array([[math.cos(0.3), math.sin(0.3)], [-math.sin(0.3), math.cos(0.3)]])
    return (np.round(rng.uniform(0, 30, (n, 2))) + 0.08 * rng.standard_normal((n, 2))) @ turn


def lexicographic(x: np.ndarray) -> np.ndarray:
    return x[np.lexsort(x.T[::-1])]


def by_class(rng: Rng, n: int) -> np.ndarray:
    classes = np.sort(rng.integers(0, 10, n))
    return 3 * rng.standard_normal((10, 4))[classes] + rng.standard_normal((n, 4))


INDEPENDENT: dict[str, Callable[[Rng], Sides]] = {
    "one column": lambda r: (r.standard_normal((500, 1)), r.standard_normal((500, 1))),
    "many columns": lambda r: (r.standard_normal((600, 40)), r.standard_normal((600, 40))),
    "another scale": lambda r: (0.2 * r.standard_normal((600, 2)), r.standard_normal((600, 2))),
    "heavy tails": lambda r: (r.standard_t(1.5, (600, 3)), r.standard_normal((600, 3))),
    "modes": lambda r: (grid(r, 300), grid(r, 300)),
    "modes, fakes without": lambda r: (grid(r, 300), 3 * r.standard_normal((300, 2))),
    "a lattice, turned": lambda r: (lattice(r, 1_000), r.uniform(0, 30, (1_000, 2))),
    "whole numbers": lambda r: (r.integers(0, 9, (600, 4)), r.integers(0, 9, (600, 4))),
    "rounded": lambda r: (np.round(r.standard_normal((600, 3)), 1), r.standard_normal((600, 3))),
    "nearly all zeros": lambda r: (
        np.where(r.random((600, 3)) < 0.05, r.lognormal(size=(600, 3)), 0),
        r.standard_normal((600, 3)),
    ),
    "copied rows": lambda r: (
        np.repeat(r.standard_normal((300, 4)), 2, 0)[r.permutation(600)],
        r.normal(size=(600, 4)),
    ),
    "sorted": lambda r: (
        (x := r.standard_normal((600, 3)) @ [[1, 0.8, 0], [0, 0.6, 0], [0, 0, 1]])[x[:, 0].argsort()],
        x,
    ),
    "sorted, others follow": lambda r: (
        np.column_stack(((x := np.sort(r.standard_normal(600))), x**2, np.sin(3 * x))),
        r.standard_normal((600, 3)),
    ),
    "sorted by several": lambda r: (lexicographic(np.round(3 * r.standard_normal((600, 4)))), r.normal(size=(600, 4))),
    "two sorted files": lambda r: (
        np.concatenate([(x := r.standard_normal((300, 3)))[x[:, 1].argsort()] for _ in range(2)]),
        r.standard_normal((600, 3)),
    ),
    "sorted by class": lambda r: (by_class(r, 1_000), r.standard_normal((1_000, 4))),
}

DEPENDENT: dict[str, Callable[[Rng], Sides]] = {
    "a series": lambda r: (walk(r, 600, 4, 0.99), r.standard_normal((600, 4))),
    "a series, one column and the time": lambda r: (
        np.column_stack((np.arange(600), walk(r, 600, 1, 0.99))),
        np.column_stack((np.arange(600), r.standard_normal(600))),
    ),
    "a smooth path": lambda r: (
        np.column_stack((np.sin(np.arange(600) / 30), np.cos(np.arange(600) / 47))),
        r.standard_normal((600, 2)),
    ),
    "copies side by side": lambda r: (copies(r, 300, 2, 2), r.standard_normal((600, 2))),
    "copies anywhere": lambda r: (r.permutation(copies(r, 200, 5)), r.standard_normal((1_000, 6))),
    "copies with a cell of their own": lambda r: (hidden(r, 400, 3, 6, 1), r.standard_normal((1_200, 6))),
    "copies with three cells of their own": lambda r: (hidden(r, 300, 4, 12, 3), r.standard_normal((1_200, 12))),
    "two copies anywhere": lambda r: (r.permutation(copies(r, 300, 2)), r.standard_normal((600, 6))),
    "windows of one series, shuffled": lambda r: (
        r.permutation(windows(r, 500)),
        np.stack([walk(r, 24, 4, 0.9).ravel() for _ in range(500)]),
    ),
    "several rows a person": lambda r: (
        np.repeat(r.standard_normal((200, 6)), 5, 0) * 0.55 + 0.83 * r.standard_normal((1_000, 6)),
        r.standard_normal((1_000, 6)),
    ),
}


@pytest.mark.parametrize("law", INDEPENDENT)
@pytest.mark.parametrize("seed", range(3))
def test_independent_rows_are_not_accused(law: str, seed: int) -> None:
    found = measured(*INDEPENDENT[law](np.random.default_rng(seed)))
    assert not found.dependent, found


@pytest.mark.parametrize("law", DEPENDENT)
@pytest.mark.parametrize("seed", range(2))
def test_dependent_rows_are_told(law: str, seed: int) -> None:
    found = measured(*DEPENDENT[law](np.random.default_rng(seed)))
    assert found.dependent, found


def test_a_file_sorted_by_many_labels_is_compared_within_each() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(40), 20)
    real = 5 * rng.standard_normal((40, 4))[labels] + rng.standard_normal((800, 4))
    assert measured(real, rng.standard_normal((800, 4))).ordered
    assert not measured(real, rng.standard_normal((800, 4)), labels).dependent


def test_copies_that_the_other_side_shares_are_modes_of_the_law() -> None:
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((300, 8))
    real, fake = (centres[rng.integers(0, 300, 1_500)] + 0.05 * rng.standard_normal((1_500, 8)) for _ in range(2))
    assert not measured(real, fake).dependent
    assert measured(real, rng.standard_normal((1_500, 8))).near_copies


odd = hnp.arrays(
    np.float32,
    st.tuples(st.integers(20, 150), st.integers(1, 3)),
    elements=st.sampled_from([0.0, 1.0, -1e30, 1e30, 3e38, 1e-30, 2.5]),
)


@given(odd, odd, st.booleans())
@settings(max_examples=40)
def test_whatever_the_columns_hold_the_answer_is_a_number_or_none(real: Array, fake: Array, picture: bool) -> None:
    fake = np.resize(fake, (len(fake), real.shape[1]))
    found = dependence.measure(real, fake, "image" if picture else "array", np.arange(len(real)), None)
    for value in (found.steps, found.steps_z, found.jump):
        assert value is None or np.isfinite(value)
