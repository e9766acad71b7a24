from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import LogisticRegression

from ganprobe.known import truths
from ganprobe.logits import bounds
from ganprobe.measures import clusters, support
from ganprobe.record.support import SupportRecord
from ganprobe.samples.folds import Folds, HeldOut, row_hashes, split_sides
from ganprobe.samples.sides import Array, Floats, Origin, Pair, SideOrigin
from ganprobe.seeds import Seeds

SEEDS = Seeds(0)


@pytest.fixture(autouse=True)
def without_modes(monkeypatch: pytest.MonkeyPatch) -> None:
    """They have tests of their own, and take most of the time."""
    monkeypatch.setattr(clusters, "measure", lambda *_: None)


def folds_of(pair: Pair) -> Folds:
    return split_sides(row_hashes(pair.real, 0), row_hashes(pair.fake, 0))


def measured(real: Array, fake: Array, real_logit: Floats, fake_logit: Floats) -> SupportRecord:
    """With logits of all rows, each read in the fold that tests it."""
    pair = Pair(real, fake, "array")
    folds = folds_of(pair)
    of_reals, of_fakes = (tuple(real_logit[f.real.test] for f in folds), tuple(fake_logit[f.fake.test] for f in folds))
    logits = HeldOut((), (), of_reals, of_fakes)
    origin = Origin(SideOrigin(np.arange(len(real))), SideOrigin(np.arange(len(fake))))
    return support.supports(logits, pair, folds, origin, 7, SEEDS, "fast")


def of_truth(truth: truths.Truth, n: int = 2000) -> SupportRecord:
    assert truth.logit is not None
    real, fake = truth.draw(n, 0, 4 * n)
    return measured(real, fake, truth.logit(real.astype(float)), truth.logit(fake.astype(float)))


@pytest.mark.parametrize("kept", [7, 5, 2])
def test_dropped_modes_are_the_real_mass_that_is_not_covered(kept: int) -> None:
    real, fake = truths.ring(kept=kept).draw(4000, 0)
    mode = np.rint(np.arctan2(real[:, 1], real[:, 0]) / (2 * math.pi / 8)) % 8
    inside = math.log(8 / kept)
    record = measured(real, fake, np.where(mode < kept, -inside, 20.0), np.full(len(fake), -inside))
    assert record.real_covered == pytest.approx(kept / 8, abs=0.05)
    assert record.fake_covered == pytest.approx(1, abs=0.05)
    assert record.coverage == pytest.approx(kept / 8, abs=0.05)
    assert record.mismatch


def test_stray_fakes_are_the_fake_mass_that_is_not_covered() -> None:
    fake, real = truths.ring(kept=5).draw(4000, 0)
    mode = np.rint(np.arctan2(fake[:, 1], fake[:, 0]) / (2 * math.pi / 8)) % 8
    record = measured(real, fake, np.full(len(real), math.log(8 / 5)), np.where(mode < 5, math.log(8 / 5), -20.0))
    assert record.fake_covered == pytest.approx(5 / 8, abs=0.05)
    assert record.density == pytest.approx(5 / 8, abs=0.08)
    assert record.mismatch


@pytest.mark.parametrize("d", [1, 10, 784])
def test_equal_laws_match_in_any_dimension(d: int) -> None:
    record = of_truth(truths.same(d), 2000 if d < 784 else 1000)
    assert not record.mismatch
    assert record.density == pytest.approx(1, abs=0.15)
    assert record.coverage == pytest.approx(1, abs=0.05)


def test_equal_laws_match_with_the_logits_of_a_probe_that_learned_nothing() -> None:
    pair = Pair(*truths.same(784).draw(2000, 0, 4000), "array")
    fold = folds_of(pair).folds[0]
    inputs = np.concatenate([pair.real[fold.real.fit], pair.fake[fold.fake.fit]])
    labels = np.repeat([1, 0], [len(fold.real.fit), len(fold.fake.fit)])
    probe = LogisticRegression(C=1e-3, class_weight="balanced").fit(inputs, labels)
    real, fake = (probe.decision_function(side) for side in (pair.real[fold.real.test], pair.fake[fold.fake.test]))
    for reached in (bounds.covered_mass(fake, real, SEEDS, "real"), bounds.covered_mass(-real, -fake, SEEDS, "fake")):
        assert reached[2] >= support.MISMATCH_BELOW


@pytest.mark.parametrize("delta", [0.5, 1.0])
def test_a_shift_within_reach_is_no_mismatch(delta: float) -> None:
    record = of_truth(truths.shift(10, delta))
    assert not record.mismatch
    assert record.real_covered == pytest.approx(1, abs=0.05)
    assert record.real_covered_low <= record.real_covered <= record.real_covered_high


def gaussian_logit(x: Floats, sd: float) -> Floats:
    """log N(0, 1) - log N(0, sd^2), coordinate by coordinate."""
    return (x**2 / sd**2 - x**2).sum(1) / 2 + x.shape[1] * math.log(sd)


def scales(d: int, sd: float, n: int) -> tuple[Floats, Floats]:
    real, fake = np.random.default_rng(0).standard_normal((2, n, d))
    return gaussian_logit(real, sd), gaussian_logit(sd * fake, sd)


def shifts(d: int, delta: float, n: int) -> tuple[Floats, Floats]:
    truth = truths.shift(d, delta)
    assert truth.logit is not None
    real, fake = (truth.logit(side.astype(float)) for side in truth.draw(n, 0, n))
    return real, fake


def tails(nu: float, n: int) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(0)
    law, fake = stats.t(nu), rng.standard_normal(n)
    real = law.rvs(n, random_state=rng)
    return law.logpdf(real) - stats.norm.logpdf(real), law.logpdf(fake) - stats.norm.logpdf(fake)


def correlations(rho: float, n: int) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(0)
    law = stats.multivariate_normal([0, 0], [[1, rho], [rho, 1]])
    real, fake = law.rvs(n, random_state=rng), rng.standard_normal((n, 2))
    real_logit, fake_logit = (law.logpdf(x) - stats.norm.logpdf(x).sum(1) for x in (real, fake))
    return real_logit, fake_logit


def sequences(n: int) -> tuple[Floats, Floats]:
    """Six AR(1) sequences of 24 steps, .8 against .6."""
    rng = np.random.default_rng(0)
    logits = []
    for rho in (0.8, 0.6):
        x = rng.standard_normal((n, 24, 6))
        for t in range(1, 24):
            x[:, t] = rho * x[:, t - 1] + math.sqrt(1 - rho**2) * x[:, t]
        of_law = [stats.norm.logpdf(x[:, 1:], r * x[:, :-1], math.sqrt(1 - r**2)).sum((1, 2)) for r in (0.8, 0.6)]
        logits.append(of_law[0] - of_law[1])
    return logits[0], logits[1]


FULL_SUPPORT: dict[str, tuple[Floats, Floats]] = {
    **{f"shift {delta}, d = {d}": shifts(d, delta, 1_000) for d in (1, 10, 50) for delta in (1.0, 3.0, 5.0)},
    **{f"scale {sd}, d = {d}": scales(d, sd, 1_000) for d in (1, 10, 50) for sd in (0.5, 0.8, 2.0)},
    **{f"Student {nu}": tails(nu, 1_000) for nu in (1.0, 1.5, 2.0, 3.0)},
    **{f"correlation {rho}": correlations(rho, 1_000) for rho in (0.5, 0.9, 0.99)},
    "sequences": sequences(1_000),
}


@pytest.mark.parametrize("law", FULL_SUPPORT)
def test_what_is_reached_by_a_law_of_full_support_is_not_called_out_of_reach(law: str) -> None:
    real, fake = FULL_SUPPORT[law]
    assert bounds.covered_mass(fake, real, SEEDS, "real")[2] >= support.MISMATCH_BELOW
    assert bounds.covered_mass(-real, -fake, SEEDS, "fake")[2] >= support.MISMATCH_BELOW


@pytest.mark.parametrize("kept", [0.5, 0.875])
def test_modes_that_are_missing_are_out_of_reach_for_a_probe_that_is_not_sure(kept: float) -> None:
    """Where modes are missing its odds are a few hundred to one, more or less."""
    rng = np.random.default_rng(0)
    missing = rng.random(2_000) > kept
    real = np.where(missing, rng.normal(5.5, 0.7, 2_000), -math.log(1 / kept) + rng.normal(0, 0.3, 2_000))
    fake = math.log(kept) + rng.normal(0, 0.3, 2_000)
    mass, low, high = bounds.covered_mass(fake, real, SEEDS, "real")
    assert low <= kept + 0.05
    assert mass == pytest.approx(kept, abs=0.05)
    assert high < kept + 0.07


@pytest.mark.parametrize("d", [2, 10, 50])
def test_fakes_that_crowd_where_reals_lie_dense_are_no_copies(d: int) -> None:
    real, fake = truths.same(d).draw(1_500, 0)
    found = measured(real, 0.5 * fake, np.zeros(1_500), np.zeros(1_500)).copies
    assert found is not None
    assert found.share < 10 * found.expected


def test_what_is_reached_at_less_than_a_fiftieth_does_not_count() -> None:
    # log p/q of a shift by 3 is N(9/2, 3^2) under P, and E_P[min(1, 50 q/p)] follows.
    excess = np.random.default_rng(0).normal(4.5, 3, 1_000_000) - math.log(50)
    reached = np.exp(-np.maximum(excess, 0)).mean()
    assert of_truth(truths.shift(2, 3.0), 10_000).real_covered == pytest.approx(reached, abs=0.04)


def test_the_interval_covers_the_truth_at_its_level() -> None:
    """Odds of a shift by 1 average 1, but for the cap; of 200 intervals about 190 hold that."""
    truth, hits = truths.shift(1, 1.0), 0
    assert truth.logit is not None
    for seed in range(200):
        real, fake = (truth.logit(side.astype(float)) for side in truth.draw(500, seed, 500))
        _, low, high = bounds.covered_mass(fake, real, Seeds(seed), "real")
        hits += low <= 1 <= high
    assert 0.88 < hits / 200 <= 0.99


def test_what_is_out_of_reach_implies_a_least_js() -> None:
    """A mode that the fakes never enter is worth exactly what the floor converges to."""
    truth = truths.ring(kept=5)
    assert truth.logit is not None
    for n, margin in ((500, 0.06), (20_000, 0.01)):
        real, fake = (truth.logit(side.astype(float)) for side in truth.draw(n, 0))
        assert truth.js - margin < support.js_floor(real, fake) < truth.js
    assert support.js_floor(np.zeros(500), np.zeros(500)) == 0


def test_the_least_js_holds_for_a_probe_that_is_wrong() -> None:
    """Whatever the logits claim, the masses were counted: of 200 runs with noise for logits hardly one is above JS."""
    rng = np.random.default_rng(0)
    above = sum(support.js_floor(rng.normal(0, 4, 300), rng.normal(0, 4, 300)) > 0 for _ in range(200))
    assert above <= 10


def test_the_curve_is_that_of_the_two_laws() -> None:
    """With 5 of 8 modes kept, min(l p, q) has mass min(5/8 l, 1), and that over l is recall."""
    truth = truths.ring(kept=5)
    for point in of_truth(truth, 4000).curve:
        exact = min(5 / 8 * point.slope, 1.0)
        assert point.precision == pytest.approx(exact, abs=0.02 * max(1, point.slope))
        assert point.recall == pytest.approx(exact / point.slope, abs=0.03)


def test_the_surest_samples_are_named_by_their_rows() -> None:
    real, fake = truths.ring(kept=8).draw(2000, 0)
    real_logit, fake_logit = np.zeros(len(real)), np.zeros(len(fake))
    real[[17, 5]], fake[99] = (90.0, 0.0), (0.0, 80.0)
    real_logit[[17, 5]], fake_logit[99] = (6.0, 5.0), -7.0
    record = measured(real, fake, real_logit, fake_logit)
    assert [(e.row, e.logit) for e in record.missed_reals[:2]] == [(17, 6.0), (5, 5.0)]
    assert (record.stray_fakes[0].row, record.stray_fakes[0].logit) == (99, 7.0)
    assert record.missed_reals[0].distance > 10 > record.missed_reals[2].distance


def test_near_copies_are_found_and_chance_is_not() -> None:
    real, fake = truths.same(8).draw(2000, 0)
    none = measured(real, fake, np.zeros(2000), np.zeros(2000)).copies
    assert none is not None
    assert none.p_value > 0.01
    fake[:40] = real[100:140] + 1e-3
    found = measured(real, fake, np.zeros(2000), np.zeros(2000)).copies
    assert found is not None
    assert found.p_value < 1e-3
    assert all(pair.real_row == pair.fake_row + 100 for pair in found.pairs)


def test_too_few_points_leave_none() -> None:
    record = measured(*truths.same(2).draw(60, 0), np.zeros(60), np.zeros(60))
    assert (record.density, record.coverage, record.dimension.real) == (None, None, None)


def test_the_same_seed_gives_the_same_record() -> None:
    assert of_truth(truths.shift(5), 500) == of_truth(truths.shift(5), 500)
