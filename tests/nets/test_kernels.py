from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist
from scipy.special import logsumexp

from ganprobe.nets import kernels
from ganprobe.samples import neighbours
from ganprobe.samples.sides import Array


def normal(n: int, d: int, seed: int, centre: float = 0.0) -> Array:
    return (centre + np.random.default_rng(seed).standard_normal((n, d))).astype(np.float32)


def direct(queries: Array, real: Array, fake: Array, sigma: float) -> np.ndarray:
    """The same in double precision, in one piece."""
    sides = []
    for side in (real, fake):
        squares = cdist(queries.astype(float), side.astype(float), "sqeuclidean")
        sides.append(logsumexp(-squares / (2 * sigma**2), axis=1) - math.log(len(side)))
    return sides[0] - sides[1]


@pytest.mark.parametrize("d", [1, 5, 20, 200, 784])
def test_log_ratios_agree_with_double_precision(d: int) -> None:
    queries, real, fake = normal(300, d, 0), normal(400, d, 1), normal(250, d, 2, 0.2)
    sigmas = (0.2, 0.5, 1.0)
    ratios = kernels.log_ratio(queries, real, fake, sigmas)
    assert ratios.shape == (3, 300)
    for sigma, ratio in zip(sigmas, ratios, strict=True):
        np.testing.assert_allclose(ratio, direct(queries, real, fake, sigma), rtol=1e-4, atol=0.005 / sigma)


@pytest.mark.parametrize("d", [2, 300])
def test_queries_take_noise_of_the_size_of_each_bandwidth(d: int) -> None:
    queries, real, fake, noise = (normal(n, d, seed) for seed, n in enumerate((1_100, 200, 150, 1_100)))
    sigmas = (0.3, 2.0)
    ratios = kernels.log_ratio(queries, real, fake, sigmas, torch.from_numpy(noise))
    for sigma, ratio in zip(sigmas, ratios, strict=True):
        noisy = queries + np.float32(sigma) * noise
        np.testing.assert_allclose(ratio, direct(noisy, real, fake, sigma), rtol=1e-4, atol=0.005 / sigma)


def test_many_queries_are_taken_in_pieces() -> None:
    queries, real, fake = normal(3_001, 3, 0), normal(50, 3, 1), normal(60, 3, 2)
    np.testing.assert_allclose(
        kernels.log_ratio(queries, real, fake, (0.5,))[0], direct(queries, real, fake, 0.5), atol=1e-3
    )


def test_sides_swapped_change_the_sign() -> None:
    queries, real, fake = normal(100, 2, 0), normal(80, 2, 1), normal(90, 2, 2, 1.0)
    np.testing.assert_allclose(
        kernels.log_ratio(queries, real, fake, (0.3,)), -kernels.log_ratio(queries, fake, real, (0.3,)), atol=1e-6
    )


def test_densities_are_recovered_where_samples_are_plenty() -> None:
    """With bandwidth s the ratio is that of N(0, 1 + s^2) and N(1, 1 + s^2)."""
    real, fake = normal(100_000, 1, 0), normal(100_000, 1, 1, 1.0)
    queries = np.linspace(-1, 2, 21, dtype=np.float32)[:, None]
    for sigma in (0.3, 1.0):
        expected = (0.5 - queries[:, 0]) / (1 + sigma**2)
        np.testing.assert_allclose(kernels.log_ratio(queries, real, fake, (sigma,))[0], expected, atol=0.04)


def test_far_from_all_kernels_the_nearest_decides() -> None:
    far = np.array([[1e4, 0.0], [-1e4, 0.0]], np.float32)
    ratio = kernels.log_ratio(far, np.array([[1.0, 0.0]], np.float32), np.array([[-1.0, 0.0]], np.float32), (0.02,))[0]
    assert np.isfinite(ratio).all()
    assert ratio[0] > 1e6
    assert ratio[1] < -1e6


# -- neighbours ----------------------------------------------------------------


@pytest.mark.parametrize("d", [1, 3, 64, 784])
def test_neighbours_are_exact(d: int) -> None:
    query, reference = normal(700, d, 0), normal(900, d, 1)
    distances, indices = neighbours.nearest(query, reference, 7)
    exact, where = cKDTree(reference.astype(float)).query(query.astype(float), 7)
    assert distances.shape == indices.shape == (700, 7)
    np.testing.assert_allclose(distances, exact, rtol=2e-3, atol=2e-3)
    assert (indices == where).mean() > 0.99
    assert (np.diff(distances, axis=1) >= 0).all()


def test_large_references_are_searched_in_pieces() -> None:
    query, reference = normal(900, 2, 0), normal(50_000, 2, 1)
    distances, _ = neighbours.nearest(query, reference, 1)
    np.testing.assert_allclose(distances[:, 0], cKDTree(reference).query(query, 1)[0], atol=2e-3)


@pytest.mark.parametrize("n", [50, 6_000])
def test_a_row_is_not_its_own_neighbour(n: int) -> None:
    points = normal(n, 2, 0)
    distances, indices = neighbours.nearest(points, points, 3, exclude_self=True)
    assert not (indices == np.arange(n)[:, None]).any()
    np.testing.assert_allclose(distances, cKDTree(points).query(points, 4)[0][:, 1:], atol=2e-3)


def test_a_twin_is_a_neighbour() -> None:
    points = np.repeat(normal(100, 3, 0), 2, axis=0)
    distances, indices = neighbours.nearest(points, points, 1, exclude_self=True)
    np.testing.assert_array_equal(indices[:, 0], np.arange(200) ^ 1)
    np.testing.assert_allclose(distances, 0, atol=2e-3)


@pytest.mark.parametrize("centre", [0.0, 100.0, 1e4])
def test_neighbours_do_not_depend_on_where_zero_is(centre: float) -> None:
    """Squares of large coordinates must not swallow small distances."""
    points = np.round(normal(400, 3, 0) * 64) / 64
    moved = (points + centre).astype(np.float32)
    np.testing.assert_array_equal(moved - np.float32(centre), points)
    plain, shifted = (neighbours.nearest(p[:200], p[200:], 3)[0] for p in (points, moved))
    np.testing.assert_allclose(shifted, plain, atol=0.01)
