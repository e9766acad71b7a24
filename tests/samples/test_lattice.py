from __future__ import annotations

import numpy as np
import pytest

from ganprobe.samples.lattice import Grid, grid_of, grids_of, off_grid_statistic

LEVELS = np.random.default_rng(0).integers(0, 256, 4000)
FLOATS = LEVELS.astype(np.float32)


def about(step: float, offset: float = 0.0) -> Grid:
    return Grid(pytest.approx(step, rel=1e-6), pytest.approx(offset, abs=1e-6))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "grid"),
    [
        (FLOATS, Grid(1.0)),
        (FLOATS * 2, Grid(2.0)),
        (FLOATS * 100 + 7, Grid(100.0, 7.0)),
        (FLOATS / np.float32(255), about(1 / 255)),
        (FLOATS * np.float32(1 / 255), about(1 / 255)),
        (FLOATS / np.float32(127.5) - np.float32(1), about(2 / 255, 1 / 255)),
        ((FLOATS / np.float32(255) - np.float32(0.5)) / np.float32(0.5), about(2 / 255, 1 / 255)),
        (
            (FLOATS / np.float32(255) - np.float32(0.1307)) / np.float32(0.3081),
            about(1 / 255 / 0.3081, -0.1307 / 0.3081),
        ),
        (FLOATS / 128 - 1, Grid(1 / 128)),
        (FLOATS / 2, Grid(0.5)),
        (FLOATS * 0.05, about(0.05)),
        (FLOATS * 0.001, about(0.001)),
        (FLOATS * 0.0001, about(0.0001)),
        (FLOATS[:50] % 2, Grid(1.0)),
        (np.arange(0, 1_000_000, 37), Grid(37.0)),
        (np.random.default_rng(1).integers(0, 10**7, 4000) / 100, about(0.01)),
    ],
)
def test_the_step_is_found_whatever_the_arithmetic(values: np.ndarray, grid: Grid) -> None:
    assert grid_of(values) == grid


def continuous(n: int, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        "normal": rng.normal(size=n),
        "large": 1e6 * rng.normal(size=n),
        "far away": 1e6 + rng.normal(size=n),
        "skewed": rng.lognormal(8, 2, n),
        "half": rng.normal(size=n).astype(np.float16),
        "uniform": rng.random(n, np.float32),
        "zeros and normal": np.where(rng.random(n) < 0.5, 0, rng.normal(size=n)),
    }


@pytest.mark.parametrize("n", [20, 300, 5000])
@pytest.mark.parametrize("name", continuous(1, 0))
def test_continuous_laws_lie_on_no_grid(name: str, n: int) -> None:
    assert [grid_of(continuous(n, seed)[name]) for seed in range(10)] == [None] * 10


def test_integers_that_float32_cannot_tell_from_decimals_are_not_claimed() -> None:
    assert grid_of(np.random.default_rng(0).integers(2**23, 2**24, 1000)) is None


@pytest.mark.parametrize("values", [np.zeros(100), np.full(100, 0.37), np.empty(0), np.array([0, 1, 2, np.nan])])
def test_constants_and_missing_values_lie_on_no_grid(values: np.ndarray) -> None:
    assert grid_of(values) is None


def test_columns_of_a_table_have_grids_of_their_own() -> None:
    rng = np.random.default_rng(0)
    columns = (rng.integers(17, 91, 500), rng.normal(size=500), rng.integers(0, 5000, 500) / 100, LEVELS[:500] % 2)
    table = np.stack(columns, axis=1).astype(np.float32)
    names = ("age", "score", "price", "sex=f")
    assert grids_of(table, "table", names) == (Grid(1.0), None, about(0.01), None)
    assert grids_of(table[:, 1:2], "array") == (None,)


def test_rounding_meets_the_data_bit_for_bit() -> None:
    values = FLOATS / np.float32(255)
    grid = grid_of(values)
    assert grid is not None
    jittered = values + np.random.default_rng(0).uniform(-1.5e-3, 1.5e-3, values.shape)
    np.testing.assert_array_equal(grid.nearest(jittered), values)


def test_settling_moves_rounding_errors_and_nothing_else() -> None:
    grid = Grid(1 / 255)
    exact, sloppy = FLOATS / np.float32(255), FLOATS * np.float32(1 / 255)
    assert (exact != sloppy).any()
    np.testing.assert_array_equal(grid.settle(sloppy), exact)
    off = np.float32([0.001, 0.5, 0.9999])
    np.testing.assert_array_equal(grid.settle(off), off)


def test_the_statistic_separates_on_from_off() -> None:
    real = (FLOATS / np.float32(255)).reshape(-1, 1, 4, 5)
    fake = np.random.default_rng(0).random(real.shape, np.float32)
    grids = grids_of(real, "image")
    on, off = off_grid_statistic(real, grids), off_grid_statistic(fake, grids)
    assert on.shape == off.shape == (200, 2)
    assert not on.any()
    assert off[:, 0].min() > 0.1
    assert off[:, 1].mean() == pytest.approx(0.25, abs=0.01)


def test_small_numbers_are_not_all_zero() -> None:
    """Values of 1e-5, as dates in fractions of a day are, all lie within rounding of one and the same whole number."""
    seconds = np.arange(-2, 3)[:, None] / np.float32(86_400)
    grid = grid_of(seconds)
    assert grid is None or len(np.unique(grid.nearest(seconds))) == 5
    noise = np.random.default_rng(0).normal(scale=1e-6, size=(500, 1))
    assert grid_of(noise) is None
    assert grid_of(np.concatenate((noise, np.ones((1, 1))))) is None


def test_values_beyond_what_float64_counts_lie_on_no_lattice() -> None:
    """0, 1 and 2^64, found by a property test: the steps to the last overflow an integer."""
    assert grid_of(np.array([0.0, 1.0, 2.0**64])) is None


def test_no_sample_is_far_from_no_lattice() -> None:
    """A flag that only the test part raises is a constant where the grid is read: this ended in exit 70."""
    flag = np.zeros((60, 1), np.float32)
    grids = grids_of(flag[1:], "array")
    assert grids == (None,)
    flag[0] = 1
    assert not off_grid_statistic(flag, grids).any()
