"""Distances of laws for which they are known, and tests that keep their level."""

from __future__ import annotations

import math
from types import ModuleType

import numpy as np
import pytest
from scipy import stats

from ganprobe.errors import UsageError
from ganprobe.known import truths
from ganprobe.measures import distances
from ganprobe.measures.distances import Reading
from ganprobe.samples.folds import row_hashes, split_sides
from ganprobe.samples.sides import Array, Pair
from ganprobe.seeds import Seeds

sliced, energy, critic = (distances.MEMBERS[name] for name in ("sliced_wasserstein", "energy", "critic"))


def sides(pair: Pair, seed: int = 0) -> distances.Sides:
    fold = split_sides(row_hashes(pair.real, 1), row_hashes(pair.fake, 1)).folds[0]
    return distances.prepare(pair, fold, "fast", Seeds(seed))


def read(member: ModuleType, truth: truths.Truth, n: int = 2_000, seed: int = 0) -> Reading:
    reading: Reading = member.measure(
        sides(Pair(*truth.draw(n, seed), truth.kind), seed), member.settings("fast"), Seeds(seed)
    )
    return reading


@pytest.mark.parametrize(("d", "delta"), [(1, 1.0), (4, 2.0), (100, 5.0)])
def test_a_shift_is_diluted_by_slicing(d: int, delta: float) -> None:
    """Along a line u the shift is its share u . mean: SW2 = delta / sqrt(d), the mean over lines."""
    reading = read(sliced, truths.shift(d, delta), 4_000)
    expected = math.sqrt(delta**2 / d + reading.null**2)
    assert reading.value == pytest.approx(expected, rel=0.15)
    assert reading.low <= reading.value <= reading.high
    assert reading.null < 0.2 * delta


def test_slices_of_one_dimension_are_sorted_samples() -> None:
    rng = np.random.default_rng(0)
    real, fake = (rng.standard_normal((500, 1)).astype(np.float32) * size for size in (1, 3))
    points = distances.Points(real, fake)
    reading = sliced.measure(distances.Sides(points, points, "data"), sliced.Settings(3), Seeds(0))
    exact = math.sqrt(np.mean((np.sort(real, 0) - np.sort(fake, 0)) ** 2))
    assert reading.value == reading.null == pytest.approx(exact, rel=1e-5)


def _energy(real: Array, fake: Array) -> float:
    """By its definition, pair by pair, a point being no pair with itself."""

    def mean(one: Array, other: Array, among: bool) -> float:
        total = np.linalg.norm(one[:, None] - other, axis=2).sum(dtype=np.float64)
        return float(total) / (len(one) * (len(other) - among))

    return 2 * mean(real, fake, False) - mean(real, real, True) - mean(fake, fake, True)


@pytest.mark.parametrize("d", [1, 50])
def test_energy_is_what_its_definition_says(d: int) -> None:
    rng = np.random.default_rng(0)
    real, fake, other = (1e3 + size * rng.standard_normal((60, d)).astype(np.float32) for size in (1, 2, 1))
    compared = distances.Sides(distances.Points(real, fake), distances.Points(real, other), "data")
    reading = energy.measure(compared, energy.Settings(permutations=99), Seeds(0))
    assert reading.value == pytest.approx(_energy(real, fake), rel=1e-3)
    assert reading.null == pytest.approx(_energy(real, other), abs=1e-3 * reading.value)


def test_the_energy_test_finds_a_difference_and_keeps_its_level() -> None:
    assert read(energy, truths.lines(2)).p_value == 1 / 500
    settings = energy.Settings(points=100, permutations=99)
    p = []
    for seed in range(60):
        compared = sides(Pair(*truths.same(3).draw(300, seed), "array"), seed)
        p.append(energy.measure(compared, settings, Seeds(seed)).p_value)
    assert stats.kstest(p, "uniform").pvalue > 1e-3


def test_the_energy_interval_covers() -> None:
    """In one dimension, two Gaussians at 2: twice the integral of the squared difference of their cdfs."""
    x = np.linspace(-10, 12, 20_001)
    truth = 2 * np.sum((stats.norm.cdf(x) - stats.norm.cdf(x, 2)) ** 2) * (x[1] - x[0])
    settings = energy.Settings(points=200, permutations=2)
    covered = 0
    for seed in range(60):
        compared = sides(Pair(*truths.shift(1, 2.0).draw(400, seed), "array"), seed)
        reading = energy.measure(compared, settings, Seeds(seed))
        covered += reading.low <= truth <= reading.high
    assert covered >= 51


@pytest.mark.parametrize(
    ("truth", "w1"),
    [(truths.lines(3, 40.0), 40.0), (truths.shift(5, 1.5), 1.5), (truths.same(5), 0.0)],
)
def test_a_critic_reads_nearly_w1_and_never_more(truth: truths.Truth, w1: float) -> None:
    reading = read(critic, truth)
    se = (reading.high - reading.value) / 1.96
    assert 0.9 * w1 - 3 * se <= reading.value <= w1 + 3 * se
    assert reading.null < 0.1 * max(w1, 1.0)
    assert reading.p_value is not None
    assert (reading.p_value < 1e-6) == (w1 > 0)


def test_a_critic_in_many_dimensions_stays_below_w1() -> None:
    """Two hundred points in 100 dimensions can be told apart by heart: on others that must count for nothing."""
    assert read(critic, truths.same(100), 400).value < 0.5


def test_distances_of_a_table_are_in_deviations() -> None:
    real, fake = truths.shift(2, 1.0).draw(2_000, 0)
    size = np.array([1e-3, 1e4], np.float32)
    plain, scaled = (sides(Pair(real * s, fake * s, kind)) for s, kind in ((np.float32(1), "array"), (size, "table")))
    assert (plain.unit, scaled.unit) == ("data", "sd")
    values = [sliced.measure(s, sliced.settings("fast"), Seeds(0)).value for s in (plain, scaled)]
    assert values[1] == pytest.approx(values[0], rel=0.1)


def test_no_point_is_on_two_sides() -> None:
    compared = sides(Pair(*truths.same(3).draw(500, 0), "array"))
    halves = [row_hashes(side, 0) for side in (compared.null.real, compared.null.fake)]
    assert not np.isin(*halves).any()
    assert len(compared.between.real) == len(compared.between.fake) == len(halves[0]) == len(halves[1])


@pytest.mark.parametrize(
    ("member", "changes"),
    [
        (sliced, {"projections": 0}),
        (energy, {"points": 1}),
        (energy, {"permutations": 0}),
        (critic, {"width": 7}),
        (critic, {"width": 0}),
        (critic, {"steps": 0}),
        (critic, {"rate": -1.0}),
    ],
)
def test_settings_that_cannot_be_name_themselves(member: ModuleType, changes: dict[str, float]) -> None:
    with pytest.raises(UsageError, match=next(iter(changes))):
        member.Settings(**changes)
