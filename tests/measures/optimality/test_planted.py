"""A probe is given signals of known size; what it has no power for is named by place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganprobe.logits import ladder
from ganprobe.measures.optimality import planted
from ganprobe.objective import js, sigmoid
from ganprobe.plan import Plan
from ganprobe.samples import sketch
from ganprobe.samples.folds import Folds, HeldOut, Split, row_hashes, split_sides
from ganprobe.samples.groups import Together
from ganprobe.samples.sides import Array, Pair
from ganprobe.seeds import Seeds

SEEDS = Seeds(0)


def recovered(pair: Pair, *probes: str, **settings: object) -> dict[str, float]:
    folds = split_sides(row_hashes(pair.real, 1), row_hashes(pair.fake, 1))
    plan = Plan("fake", "real", budget="fast", probes=probes, settings=settings)
    climbed = ladder.climb(plan, pair, folds, SEEDS, "cpu", lambda stage: None)
    return {row.name: row.value for row in planted.rows(pair, climbed, SEEDS)}


def of(real: Array, kind: str = "array") -> Pair:
    return Pair(real, real[::-1].copy(), kind)  # type: ignore[arg-type]


def test_what_is_linear_sees_no_square_and_no_pair() -> None:
    rng = np.random.default_rng(0)
    levels = rng.integers(0, 3, (1_500, 2))
    pair = of(np.concatenate((rng.standard_normal((1_500, 2)), levels), 1).astype(np.float32), "table")
    linear = recovered(pair, "logistic", **{"probes.logistic.degree": 1})
    whole = recovered(pair, "logistic")
    for place in ("planted: pair of categories", "planted: smallest component"):
        assert linear[place] < planted.RECOVERED < whole[place]


def test_groups_stay_in_one_fold_and_have_one_throw(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = np.repeat(np.arange(150), 8)
    rows = np.stack((groups, np.random.default_rng(4).standard_normal(1_200)), 1).astype(np.float32)
    seen: list[tuple[Pair, Folds]] = []

    def trained(pair: Pair, folds: Folds, *_: object) -> HeldOut:
        seen.append((pair, folds))
        parts = [tuple(np.zeros(len(getattr(s, part))) for s in folds_of(folds, side)) for part, side in PARTS]
        return HeldOut(*parts)

    monkeypatch.setattr(planted, "_trained", trained)
    plan = Plan("fake", "real", budget="fast", probes=("knn",))
    pair = of(rows)
    climbed = ladder.climb(plan, pair, split_sides(row_hashes(rows, 1), row_hashes(rows, 2)), SEEDS, "cpu", print)
    planted.rows(pair, climbed, SEEDS, Together(groups, tested_once=True))
    ((labelled, folds),) = seen
    for fold in folds:
        for values, split in ((labelled.real, fold.real), (labelled.fake, fold.fake)):
            fit, test = (set(values[part, 0]) for part in (split.fit, split.test))
            assert fit
            assert test
            assert not fit & test
    # With a throw for each row nearly every group would be on both sides.
    assert len(set(labelled.real[:, 0]) & set(labelled.fake[:, 0])) < 120


PARTS = (("val", "real"), ("val", "fake"), ("test", "real"), ("test", "fake"))


def folds_of(folds: Folds, side: str) -> list[Split]:
    return [getattr(fold, side) for fold in folds]


def test_places_depend_on_the_kind() -> None:
    rng = np.random.default_rng(1)
    pictures, series = rng.random((200, 1, 8, 8)), rng.standard_normal((200, 12, 2))
    assert set(planted.signals(of(pictures.astype(np.float32), "image"), SEEDS)) == {
        "leading component",
        "local patch",
    }
    assert "lag" in planted.signals(of(series.astype(np.float32)), SEEDS)


@pytest.mark.parametrize("size", [16, 40])
def test_a_patch_is_as_lively_as_it_is_rough(size: int) -> None:
    rng = np.random.default_rng(5)
    amplitude, quarter = rng.uniform(0.02, 0.2, 60), size // 4
    pictures = np.full((60, 3, size, size), 0.5, np.float32)
    noise = rng.standard_normal((60, 1, quarter, quarter)) * amplitude[:, None, None, None]
    pictures[:, :, :quarter, :quarter] += noise.astype(np.float32)
    pair = of(pictures, "image")
    if sketch.is_large("image", pictures.shape[1:]):
        sides = (sketch.gathered([side], 60, pair.shape) for side in (pair.real, pair.fake))
        pair = sketch.pair_of(*sides, pair.shape)
    signal = planted.signals(pair, SEEDS)["local patch"]
    assert np.corrcoef(signal, amplitude)[0, 1] > 0.9


def test_a_patch_of_small_pictures_comes_back_by_local_texture_alone() -> None:
    """A row that a probe blind to local texture passed would say nothing."""
    rng = np.random.default_rng(6)
    amplitude = np.kron(rng.gamma(4.0, 0.02, (600, 1, 4, 4)), np.ones((3, 3)))
    pair = of((0.5 + amplitude * rng.standard_normal((600, 1, 12, 12))).astype(np.float32), "image")
    blind, sees = (recovered(pair, *probes) for probes in (("logistic",), ("texture",)))
    assert blind["planted: local patch"] < planted.RECOVERED - 0.1
    assert sees["planted: local patch"] > planted.RECOVERED


def test_what_labels_happened_to_be_is_no_noise_of_a_share() -> None:
    rng = np.random.default_rng(7)
    logit = rng.standard_normal(40_000)
    fair = sigmoid(logit)
    label = rng.random(40_000) < fair
    assert planted._shown(logit, fair) == pytest.approx(js(logit[label], logit[~label]), abs=0.004)
    assert planted._shown(np.zeros(40_000), fair) == pytest.approx(0)
    # Known but for a place, the gain is what the place is worth; known whole, there is none.
    assert planted._gain(np.zeros(40_000), logit, fair) == pytest.approx(planted._shown(logit, fair), rel=1e-3)
    assert planted._gain(logit, logit, fair) == pytest.approx(0, abs=1e-4)


def test_the_smallest_component_of_independent_columns_is_a_column() -> None:
    """By chance one mixture of them is the smallest; no law has it, and no probe could be asked to find it."""
    x = np.random.default_rng(5).standard_normal((1_000, 14)).astype(np.float32)
    signal = planted.signals(of(x), SEEDS)["smallest component"]
    assert max(np.corrcoef(signal, np.tanh(column) ** 2)[0, 1] for column in x.T) > 0.999
    x[:, 0] = x[:, 1:4].sum(1) + 0.1 * x[:, 0]
    signal, thin = planted.signals(of(x), SEEDS)["smallest component"], x[:, 0] - x[:, 1:4].sum(1)
    assert np.corrcoef(signal, np.tanh(thin / thin.std()) ** 2)[0, 1] > 0.95


def test_a_strength_has_the_js_that_was_asked_for() -> None:
    signal = np.random.default_rng(2).standard_normal(20_000)
    logit = planted._strong(signal, 0.02)
    assert logit is not None
    label = np.random.default_rng(3).random(20_000) < 1 / (1 + np.exp(-logit))
    assert js(logit[label], logit[~label]) == pytest.approx(0.02, abs=0.004)
    assert planted._strong(np.zeros(10), 0.02) is None
    # So strong that a probability rounds to 1: 0 log 0 is 0.
    assert planted._demonstrated(1e4 * signal) == pytest.approx(np.log(2), abs=1e-3)


@settings(max_examples=20, deadline=None)
@given(
    zeros=st.floats(0, 1),
    scale=st.sampled_from([1e-30, 1.0, 1e6, 1e18]),
    kind=st.sampled_from(["lognormal", "constant", "ties", "cauchy"]),
    seed=st.integers(0, 9),
)
def test_no_column_breaks_it(zeros: float, scale: float, kind: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    column = {
        "lognormal": rng.lognormal(0, 2, 80),
        "constant": np.ones(80),
        "ties": rng.integers(0, 2, 80).astype(float),
        "cauchy": rng.standard_cauchy(80),
    }[kind]
    column = np.where(rng.random(80) < zeros, 0, column * scale).astype(np.float32)
    pair = of(np.stack((column, rng.standard_normal(80).astype(np.float32)), 1))
    for signal in planted.signals(pair, SEEDS).values():
        assert np.isfinite(signal).all()
        logit = planted._strong(signal, 0.02)
        assert logit is None or np.isfinite(logit).all()
