from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ganprobe import objective
from ganprobe.known import truths
from ganprobe.objective import LOG2

Masses = tuple[np.ndarray, np.ndarray]


@st.composite
def masses(draw: st.DrawFn) -> Masses:
    """Counts of two discrete laws on the same few atoms: samples of them, repeated, *are* the laws."""
    atoms = draw(st.integers(1, 6))
    counts = st.lists(st.integers(0, 30), min_size=atoms, max_size=atoms).filter(any)
    return np.array(draw(counts)), np.array(draw(counts))


def laws(pair: Masses) -> Masses:
    return pair[0] / pair[0].sum(), pair[1] / pair[1].sum()


def exact_js(pair: Masses) -> float:
    p, q = laws(pair)
    return float(stats.entropy(p, (p + q) / 2) + stats.entropy(q, (p + q) / 2)) / 2


def optimal(pair: Masses) -> Masses:
    """log p/q of every sample; what only one side has is certain."""
    p, q = laws(pair)
    with np.errstate(divide="ignore", invalid="ignore"):
        logit = np.clip(np.log(p) - np.log(q), -1e4, 1e4)
    return np.repeat(logit, pair[0]), np.repeat(logit, pair[1])


@given(masses())
def test_the_optimal_discriminator_has_js_and_its_value(pair: Masses) -> None:
    real, fake = optimal(pair)
    js = objective.js(real, fake)
    with np.errstate(divide="ignore"):
        value = np.log(objective.sigmoid(real)).mean() + np.log(objective.sigmoid(-fake)).mean()
    assert js == pytest.approx(exact_js(pair), abs=1e-12)
    assert -math.log(4) + 2 * js == pytest.approx(value, abs=1e-12)


@given(masses(), st.lists(st.floats(-50, 50), min_size=6, max_size=6))
def test_every_other_discriminator_has_less(pair: Masses, logit: list[float]) -> None:
    f = np.array(logit[: len(pair[0])])
    assert objective.js(np.repeat(f, pair[0]), np.repeat(f, pair[1])) <= exact_js(pair) + 1e-12


def split(missed: float, stray: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Masses of what only the reals have, what only the fakes have, and the rest, where both are proportional."""
    return (missed, 0.0, 1 - missed), (0.0, stray, 1 - stray)


@given(masses())
def test_brackets_of_discrete_laws(pair: Masses) -> None:
    p, q = laws(pair)
    total = p + q
    inside = total > 0
    js = exact_js(pair)
    henze_penrose = float(((p - q)[inside] ** 2 / total[inside]).sum() / 2)
    low, high = objective.brier_bracket(henze_penrose)
    assert low - 1e-12 <= js <= high + 1e-12
    variation = float(np.abs(p - q).sum()) / 2
    assert objective.js_of_error((1 - variation) / 2) - 1e-12 <= js <= variation * LOG2 + 1e-12
    assert objective.js_of_cells(*split(float(p[q == 0].sum()), float(q[p == 0].sum()))) <= js + 1e-12


@pytest.mark.parametrize("truth", [truths.shift(3, 0.3), truths.shift(3, 2.0), truths.scale(), truths.correlated()])
def test_the_brier_bracket_of_oracle_logits_holds_the_truth(truth: truths.Truth) -> None:
    assert truth.logit is not None
    real, fake = (truth.logit(side.astype(float)) for side in truth.draw(50_000, 0))
    scores = [1 - 4 * objective.sigmoid(f) ** 2 for f in (-real, fake)]
    low, high = objective.brier_bracket(float(scores[0].mean() + scores[1].mean()) / 2)
    assert low < truth.js + 0.003
    assert truth.js < high
    assert high - low < 0.2


@pytest.mark.parametrize("x", [-1e4, -745.2, -40.0, -1e-9, 0.0, 1e-9, 40.0, 745.2, 1e4])
def test_extreme_logits_neither_overflow_nor_lose_digits(x: float) -> None:
    with np.errstate(over="raise", invalid="raise"):
        soft, sig = objective.softplus(np.array([x]))[0], objective.sigmoid(np.array([x]))[0]
        other = objective.softplus(np.array([-x]))[0]
    assert soft - other == pytest.approx(x, rel=1e-12)
    assert 0 <= sig <= 1
    assert sig + objective.sigmoid(np.array([-x]))[0] == pytest.approx(1, abs=1e-15)
    assert soft == pytest.approx(x if x > 700 else math.log1p(math.exp(x)), rel=1e-12)


def test_a_confidently_wrong_probe_is_told_so() -> None:
    wrong = np.full(10, 1e4)
    assert objective.js(-wrong, wrong) == pytest.approx(LOG2 - 1e4)
    assert objective.js(np.full(10, -1.0), np.full(7, 1.0)) == pytest.approx(LOG2 - math.log1p(math.e))


def test_no_opinion_has_no_js_and_certainty_has_log_2() -> None:
    assert objective.js(np.zeros(5), np.zeros(9)) == pytest.approx(0, abs=1e-15)
    assert objective.js(np.full(5, 50.0), np.full(9, -50.0)) == pytest.approx(LOG2)


def test_both_sides_weigh_one_half_whatever_their_counts() -> None:
    real, fake = np.array([1.0, 2.0]), np.array([-0.5, 0.3, -2.0])
    assert objective.js(np.tile(real, 50), fake) == pytest.approx(objective.js(real, fake), abs=1e-14)
    assert objective.js(-fake, -real) == pytest.approx(objective.js(real, fake), abs=1e-14)


def test_single_precision_logits_are_summed_in_double() -> None:
    real, fake = np.random.default_rng(0).normal(size=(2, 10_001)).astype(np.float32)
    assert objective.js(real, fake) == pytest.approx(objective.js(real.astype(float), fake.astype(float)), abs=1e-15)


def test_the_standard_error_is_the_spread_of_repetitions() -> None:
    rng = np.random.default_rng(0)
    real, fake = rng.normal(1, 1.4, (2_000, 200)), rng.normal(-1, 1.4, (2_000, 800))
    repeated = [objective.js(r, f) for r, f in zip(real, fake, strict=True)]
    claimed = [objective.js_se(r, f) for r, f in zip(real[:200], fake[:200], strict=True)]
    assert np.mean(claimed) == pytest.approx(np.std(repeated), rel=0.08)


@pytest.mark.parametrize(
    ("error", "nats"), [(0.0, LOG2), (1e-300, LOG2), (0.11, LOG2 - 0.346515), (0.5, 0.0), (1.0, 0.0)]
)
def test_an_error_has_the_js_of_its_entropy(error: float, nats: float) -> None:
    assert objective.js_of_error(error) == pytest.approx(nats, abs=1e-6)


@pytest.mark.parametrize(("kept", "modes"), [(1, 10), (5, 10), (9, 10), (2, 8), (5, 8), (7, 8), (8, 8)])
def test_missing_modes_have_the_js_of_their_mass(kept: int, modes: int) -> None:
    missed = 1 - kept / modes
    assert objective.js_of_cells(*split(missed, 0.0)) == pytest.approx(
        truths.ring(kept=kept, modes=modes).js, abs=1e-12
    )
    assert objective.js_of_cells(*split(0.0, missed)) == pytest.approx(
        truths.ring(kept=kept, modes=modes).js, abs=1e-12
    )


@pytest.mark.parametrize(("missed", "stray"), [(0.2, 0.3), (0.9, 0.05), (0.5, 0.5)])
def test_missed_and_stray_mass(missed: float, stray: float) -> None:
    """Laws that are proportional where both are have exactly this JS."""
    p, q = np.array([missed, 1 - missed, 0]), np.array([0, 1 - stray, stray])
    exact = (stats.entropy(p, (p + q) / 2) + stats.entropy(q, (p + q) / 2)) / 2
    assert objective.js_of_cells(*split(missed, stray)) == pytest.approx(exact, abs=1e-12)


def test_disjoint_supports_have_log_2() -> None:
    assert objective.js_of_cells(*split(1.0, 1.0)) == pytest.approx(LOG2)
    assert objective.js_of_cells(*split(0.0, 0.0)) == pytest.approx(0, abs=1e-15)
