"""JS(sigma) against the curve of shifted Gaussians, and what must hold of any curve."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from ganprobe.known import truths
from ganprobe.measures import noise_ladder, smoothing
from ganprobe.objective import LOG2, shift_js
from ganprobe.record.smoothing import SmoothingRecord
from ganprobe.samples import scaling
from ganprobe.samples.folds import Folds, row_hashes, split_sides
from ganprobe.samples.sides import Pair
from ganprobe.seeds import Seeds


def divided(pair: Pair) -> Folds:
    return split_sides(row_hashes(pair.real, 1), row_hashes(pair.fake, 1))


def sampled(truth: truths.Truth, n: int = 1_200) -> Pair:
    return Pair(*truth.draw(n, 0), truth.kind)


def measured(pair: Pair, settings: smoothing.Settings, seed: int = 0, by: Pair | None = None) -> SmoothingRecord:
    rows = np.arange(len(pair.fake), dtype=np.int64)
    return smoothing.under_noise(pair, divided(by or pair), rows, settings, Seeds(seed), "cpu")


def curve(pair: Pair, *sigmas: float, seed: int = 0, steps: int = 150) -> SmoothingRecord:
    settings = dataclasses.replace(smoothing.settings("fast", pair, sigmas or None), steps=steps)
    return measured(pair, settings, seed)


# Three steps: what is seen is seen by the kernels.
SLIGHT = smoothing.Settings((0.5,), steps=3)


def sound(record: SmoothingRecord) -> None:
    """What holds of every curve, whatever was measured."""
    assert list(record.sigma) == sorted(set(record.sigma))
    assert list(record.js) == sorted(record.js, reverse=True)
    assert list(record.floor) == sorted(record.floor, reverse=True)
    rungs = zip(record.low, record.js, record.high, record.floor, strict=True)
    assert all(low <= js <= high <= LOG2 and 0 <= floor <= max(js, 0) for low, js, high, floor in rungs)


@pytest.mark.parametrize(
    ("distance", "sigmas"),
    [(1.0, (0.1, 0.2, 0.3, 0.5, 1.0)), (0.02, ())],  # for .02 the ladder must reach far below a spread of the data
    ids=["asked", "chosen"],
)
def test_parallel_lines_follow_the_curve_of_two_points(distance: float, sigmas: tuple[float, ...]) -> None:
    record = curve(sampled(truths.lines(2, distance)), *sigmas)
    sound(record)
    assert record.unit == "data"
    assert record.js[0] > 0.68
    assert record.effective_gap == pytest.approx(distance, rel=0.05)
    for sigma, js in zip(record.sigma, record.js, strict=True):
        assert js == pytest.approx(shift_js(distance / sigma), abs=0.02)


def test_where_a_net_has_learnt_nothing_the_fit_samples_speak() -> None:
    """400 coordinates, as in a small picture: three steps teach nothing, and the smoothed fit samples show it."""
    rng = np.random.default_rng(0)
    prototypes = rng.standard_normal((2, 400)).astype(np.float32)
    real, fake = (p + 0.01 * rng.standard_normal((1_500, 400)).astype(np.float32) for p in prototypes)
    record = curve(Pair(real, fake, "array"), math.dist(*prototypes) / 2, steps=3)
    assert record.js[0] == pytest.approx(shift_js(2.0), abs=0.025)  # three standard errors of these test samples


def test_kernels_see_distances_far_from_the_origin() -> None:
    pair = sampled(truths.lines(30, 1.0), 600)
    away = Pair(pair.real + 5_000, pair.fake + 5_000, pair.kind)
    here, there = (measured(p, SLIGHT, by=pair).js for p in (pair, away))
    assert here[0] > 0.1
    assert there == pytest.approx(here, abs=0.01)


def test_equal_laws_have_nothing_to_hide() -> None:
    record = curve(sampled(truths.same(3)), 0.1, 0.5, 2.0, steps=40)
    sound(record)
    assert max(record.js) < 0.01
    assert record.floor == (0.0,) * 3
    assert (record.half_scale, record.effective_gap) == (None, None)


def test_columns_of_a_table_are_measured_in_their_deviations() -> None:
    """N(0, 1) and N(1, 1) with noise s are J(1 / sqrt(1 + s^2)) apart, in whatever unit the column is."""
    real, fake = truths.shift(1, 2.0).draw(1_500, 0)
    unit, constant = 1_000.0, np.zeros((1_500, 1), np.float32)
    pair = Pair(np.hstack([unit * real, constant]), np.hstack([unit * fake, constant]), "table")
    record = curve(pair, 0.5, 2.0)
    assert record.unit == "sd"
    for sigma, js in zip(record.sigma, record.js, strict=True):
        assert js == pytest.approx(shift_js(2 / math.sqrt(1 + sigma**2)), abs=0.02)


def test_a_column_that_varies_on_neither_side_has_no_noise() -> None:
    noise = np.random.default_rng(0).standard_normal((2, 400, 1)).astype(np.float32)
    sides = [np.hstack([noise[i], np.full((400, 1), i, np.float32)]) for i in (0, 1)]
    assert curve(Pair(*sides, "table"), 100.0, steps=100).js[0] > 0.68


def test_half_scale_is_read_on_a_line_in_log_sigma() -> None:
    half = LOG2 / 2
    assert smoothing.half_scale((1.0, 4.0), (half + 0.1, half - 0.1)) == pytest.approx(2.0)
    assert smoothing.half_scale((1.0, 4.0, 9.0), (0.6, half, 0.1)) == pytest.approx(4.0)
    assert smoothing.half_scale((1.0, 4.0), (0.3, 0.1)) is None
    assert smoothing.half_scale((1.0, 4.0), (0.6, 0.5)) is None


@pytest.mark.parametrize("gap", [0.1, 1.0, 7.0])
def test_the_effective_gap_inverts_the_curve(gap: float) -> None:
    assert smoothing.effective_gap(2.0, shift_js(gap / 2)) == pytest.approx(gap, rel=1e-6)


def test_the_effective_gap_is_not_read_where_the_curve_is_flat() -> None:
    assert smoothing.effective_gap(1.0, 0.0) is None
    assert smoothing.effective_gap(1.0, 0.9999 * LOG2) is None


def test_a_seed_gives_the_same_curve() -> None:
    pair = sampled(truths.lines(2, 1.0), 300)
    one, again, other = (curve(pair, 0.3, 0.6, seed=seed, steps=30) for seed in (0, 0, 1))
    assert one == again
    assert one != other


@pytest.mark.slow
@pytest.mark.parametrize("truth", [truths.ring(2, 5), truths.shift(20, 2.0)], ids=lambda truth: truth.name)
def test_one_probe_is_as_good_as_one_for_each_noise(truth: truths.Truth) -> None:
    pair = sampled(truth, 4_000)
    sigmas = (0.05, 0.2, 0.5, 1.0, 2.0)
    settings = smoothing.settings("standard", pair, sigmas)
    together = measured(pair, settings)
    for sigma, js in zip(sigmas, together.js, strict=True):
        alone = dataclasses.replace(settings, sigmas=(sigma,))
        assert measured(pair, alone).js[0] == pytest.approx(js, abs=0.02)


def test_columns_of_the_series_are_measured_in_the_deviations_of_the_reals() -> None:
    rng = np.random.default_rng(0)
    real, fake = (10 * rng.standard_normal((60, 1)).astype(np.float32) * size for size in (1.0, 7.0))
    pair = Pair(real, fake, "table")
    assert scaling.unit_of_reals(pair).size == pytest.approx(10, rel=0.3)
    record = measured(pair, smoothing.Settings(steps=3, common=True))
    assert record.sigma == noise_ladder.of_reals(pair, scaling.unit_of_reals(pair), Seeds(0))
    assert record.unit == "sd"


def test_the_batches_of_the_area_carry_the_error_of_its_rungs() -> None:
    """Two rungs of one weight see the same samples: no better than independent, no worse than erring together."""
    record = measured(Pair(*truths.shift(1, 1.0).draw(300, 0), "array"), smoothing.Settings((0.5, 2.0), steps=3))
    assert record.batches is not None
    shares = (record.batches.real, record.batches.fake)
    error = math.sqrt(sum(u**2 for side in shares for u in side))
    rungs = [(high - low) / (2 * 1.96) for low, high in zip(record.low, record.high, strict=True)]
    weight = math.log(4) / (2 * LOG2)
    assert 0.9 * weight * math.hypot(*rungs) < error < 1.1 * weight * sum(rungs)


@pytest.mark.parametrize(("bare", "nets"), [(True, 0), (False, 1)])
def test_kernels_alone_measure_the_noisier_half_where_that_was_asked(
    monkeypatch: pytest.MonkeyPatch, bare: bool, nets: int
) -> None:
    trained: list[float] = []

    def counted(*arguments: Any) -> Any:
        trained.append(arguments[4])
        return lambda k, samples, noise, sigmas: np.zeros((len(sigmas), len(samples)))

    monkeypatch.setattr(smoothing, "_net", counted)
    near = sampled(truths.lines(2, 1.0), 400)
    curve = measured(near, dataclasses.replace(SLIGHT, sigmas=(0.01, 0.02, 0.04, 0.08, 0.16, 0.5), bare=bare))
    sound(curve)
    assert trained == [0.5] * nets, "the share of the ladder that is measured"
    assert curve.js[:4] == pytest.approx([LOG2] * 4, abs=0.02)
    measured(near, dataclasses.replace(SLIGHT, sigmas=(0.5, 1.0), bare=bare))
    assert len(trained) == nets + 1, "a net where the whole ladder is measured"
