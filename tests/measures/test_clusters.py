from __future__ import annotations

import math

import numpy as np
import pytest

from ganprobe.measures import clusters
from ganprobe.record.clusters import ModesRecord
from ganprobe.samples import sketch
from ganprobe.samples.folds import row_hashes, split_sides
from ganprobe.samples.pixels import blurred
from ganprobe.samples.sides import Floats, Indices, Origin, Pair, SideOrigin
from ganprobe.seeds import Seeds


def ring(n: int, seed: int, kept: int = 8, spread: float = 0.05) -> Floats:
    """The first ``kept`` of eight modes on a circle of radius 2."""
    rng = np.random.default_rng(seed)
    angle = rng.integers(0, kept, n) * (2 * math.pi / 8)
    return np.stack((2 * np.cos(angle), 2 * np.sin(angle)), 1) + spread * rng.normal(size=(n, 2))


def measured(real: Floats, fake: Floats, seed: int = 0, labels: Indices | None = None) -> ModesRecord:
    pair = Pair(real.astype(np.float32), fake.astype(np.float32), "array")
    fold = split_sides(row_hashes(pair.real, seed), row_hashes(pair.fake, seed)).folds[0]
    origin = Origin(SideOrigin(np.arange(len(real)) + 1000, labels), SideOrigin(np.arange(len(fake))))
    found = clusters.measure(pair, fold, origin, Seeds(seed))
    assert found is not None
    return found


def mode_of(point: tuple[float, ...] | Floats) -> int:
    return round(math.atan2(point[1], point[0]) / (2 * math.pi / 8)) % 8


@pytest.mark.parametrize(("kept", "spread"), [(8, 0.02), (7, 0.2), (5, 0.02), (2, 0.2)])
def test_the_missed_clusters_are_the_dropped_modes(kept: int, spread: float) -> None:
    real = ring(2_000, 0, spread=spread)
    found = measured(real, ring(2_000, 1, kept, spread))
    assert found.separated
    assert len(found.clusters) == 8
    assert {mode_of(cluster.centre) for cluster in found.missed} == set(range(kept, 8))
    for cluster in found.clusters:
        assert {mode_of(real[row - 1000]) for row in cluster.examples} == {mode_of(cluster.centre)}
        assert cluster.real_share == pytest.approx(1 / 8, abs=0.05)
        assert cluster.fake_share == pytest.approx(0 if cluster.missed else 1 / kept, abs=0.05)


def test_a_mode_that_is_only_rarer_is_not_missing() -> None:
    """Four of the modes have a third of their weight."""
    fake = np.concatenate((ring(1_000, 1), ring(1_000, 2, kept=4)))
    assert measured(ring(2_000, 0), fake).missed == ()


def test_a_rare_mode_that_is_dropped_is_found() -> None:
    rng = np.random.default_rng(0)
    centres, shares = 4 * rng.normal(size=(6, 10)), np.array([0.4, 0.3, 0.15, 0.08, 0.04, 0.03])
    of_real, of_fake = rng.choice(6, 3_000, p=shares), rng.choice(5, 3_000, p=shares[:5] / 0.97)
    real, fake = (centres[which] + 0.3 * rng.normal(size=(3_000, 10)) for which in (of_real, of_fake))
    found = measured(real, fake, labels=of_real)
    assert len(found.clusters) == 6
    assert [(cluster.label, cluster.label_share) for cluster in found.missed] == [(5, 1.0)]


def test_without_modes_a_region_without_fakes_is_found_among_cells() -> None:
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(2, 4_000, 2))
    found = measured(real, fake[fake[:, 0] < 1])
    assert not found.separated
    assert found.missed
    assert all(cluster.centre[0] > 0.9 for cluster in found.missed)
    assert sum(cluster.real_share for cluster in found.missed) == pytest.approx(0.16, abs=0.08)


@pytest.mark.parametrize("d", [1, 50])
def test_equal_laws_without_modes_miss_nothing(d: int) -> None:
    for seed in range(3):
        assert measured(*np.random.default_rng(seed).normal(size=(2, 500, d)), seed=seed).missed == ()


@pytest.mark.slow
def test_eight_of_eight_miss_nothing() -> None:
    missed = sum(bool(measured(ring(1_000, s), ring(1_000, 1000 + s), s).missed) for s in range(100))
    assert missed <= 5


def test_constant_reals_are_one_cluster() -> None:
    found = measured(np.ones((200, 3)), np.zeros((200, 3)))
    assert len(found.clusters) == 1


def test_holm_is_holm() -> None:
    adjusted = clusters._holm(np.array([0.01, 0.04, 0.03, 0.005]))
    assert adjusted == pytest.approx([0.03, 0.06, 0.06, 0.02])


@pytest.mark.parametrize(("kept", "softened"), [(4, True), (3, False)])
def test_softer_pictures_miss_no_mode_and_a_colour_that_never_comes_is_one(kept: int, softened: bool) -> None:
    rng = np.random.default_rng(0)
    n, size = 300, 40

    def pictures(kept: int, softened: bool) -> sketch.Sketches:
        colours = np.repeat(0.2 * (1 + rng.integers(0, kept, n)), 3).reshape(n, 3, 1, 1)
        grain = 0.02 * rng.standard_normal((n, 3, size, size)) * rng.uniform(0.5, 1, (n, 1, 1, 1))
        values = (colours + grain).astype(np.float32)
        return sketch.gathered([blurred(values, 0.6) if softened else values], n, (3, size, size))

    pair = sketch.pair_of(pictures(4, False), pictures(kept, softened), (3, size, size))
    fold = split_sides(row_hashes(pair.real, 0), row_hashes(pair.fake, 0)).folds[0]
    found = clusters.measure(pair, fold, Origin(SideOrigin(np.arange(n)), SideOrigin(np.arange(n))), Seeds(0))
    assert found is not None
    assert found.separated
    assert sum(cluster.real_share for cluster in found.missed) == pytest.approx(1 - kept / 4, abs=0.08)
