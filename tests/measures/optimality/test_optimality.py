"""Near-optimality is judged in both directions: a weak probe must be called weak, and a good one good."""

from __future__ import annotations

import numpy as np
import pytest

from ganprobe.known import truths
from ganprobe.logits import ladder
from ganprobe.logits.refits import Refits
from ganprobe.measures import optimality
from ganprobe.objective import LOG2, shift_js
from ganprobe.plan import Plan
from ganprobe.record.optimality import OptimalityRecord
from ganprobe.samples.draw import subsample
from ganprobe.samples.folds import row_hashes, split_sides
from ganprobe.samples.sides import Array, Pair
from ganprobe.seeds import Seeds

SEEDS = Seeds(0)


def judged(
    real: Array, fake: Array, blind: int = 0, **plan: object
) -> tuple[ladder.Ladder, ladder.Ladder, OptimalityRecord]:
    """The ladder on all but the last ``blind`` columns, the same with what audits of all of them found, judged."""
    real, fake = (side[subsample(side, None, SEEDS, "order")] for side in (real, fake))
    folds = split_sides(row_hashes(real, 1), row_hashes(fake, 1))
    whole = Pair(real, fake, "array")
    seen = Pair(real[:, : real.shape[1] - blind], fake[:, : fake.shape[1] - blind], "array")
    asked = Plan("fake", "real", budget="fast", **plan)  # type: ignore[arg-type]
    climbed = ladder.climb(asked, seen, folds, SEEDS, "cpu", lambda stage: None)
    null = ladder.null_control(whole, SEEDS)
    grown = optimality.grow(whole, folds, climbed, SEEDS, "fast")
    again = Refits(grown.ladder, seen, SEEDS, "cpu", "fast")
    return climbed, grown.ladder, optimality.weigh(whole, folds, grown, null, again, SEEDS)


def failed(record: OptimalityRecord) -> set[str]:
    return {row.name for row in record.evidence if not row.passed}


@pytest.mark.usefixtures("hasty")
def test_a_good_probe_is_called_near_optimal() -> None:
    truth = truths.shift(2, 1.0)
    _, grown, record = judged(*truth.draw(2_000, 1))
    assert failed(record) == set()
    assert record.near_optimal
    assert record.gap < optimality.NEGLIGIBLE * 2
    assert record.extrapolated == pytest.approx(truth.js, abs=4 * 0.3 / 2_000**0.5)
    assert record.extrapolated >= grown.rows[0].js


def test_where_audits_find_nothing_the_ladder_stays_as_it_is() -> None:
    climbed, grown, record = judged(*truths.same(2).draw(600, 2), probes=("logistic",))
    assert (grown, record.why_stopped) == (climbed, "audits found nothing")


@pytest.mark.slow
def test_no_difference_is_nothing_missed() -> None:
    climbed, grown, record = judged(*truths.same(3).draw(3_000, 2))
    assert record.near_optimal
    assert record.gap < optimality.NEGLIGIBLE
    assert (grown, record.why_stopped) == (climbed, "audits found nothing")


def test_what_a_linear_probe_misses_of_correlated_gaussians_joins_the_stack() -> None:
    truth, settings = truths.correlated(rho=0.9), {"probes.logistic.degree": 1}
    climbed, grown, record = judged(*truth.draw(1_500, 3), probes=("logistic",), settings=settings)
    assert climbed.rows[0].js < 0.01
    assert grown.rows[0].js > 0.8 * truth.js
    assert record.why_stopped.startswith("after")
    # It has no power of its own: a signal in a square is not seen by what is linear.
    assert "planted: smallest component" in failed(record)
    assert not record.near_optimal


@pytest.mark.slow
def test_a_perceptron_stopped_after_fifty_steps_is_helped_out() -> None:
    early = {"epochs": 2, "least_epochs": 1, "least_steps": 50}
    settings = {f"probes.mlp.{name}": value for name, value in early.items()}
    climbed, grown, _ = judged(*truths.mixture().draw(3_000, 4), probes=("mlp",), settings=settings)
    assert grown.rows[0].js > climbed.rows[0].js + 0.01


def test_a_probe_without_a_size_has_no_row_for_it() -> None:
    *_, record = judged(*truths.shift(2, 1.0).draw(1_000, 8), probes=("logistic",))
    assert not [row for row in record.evidence if row.name.startswith("capacity")]


@pytest.mark.usefixtures("hasty")
def test_a_column_that_no_probe_saw_is_found() -> None:
    rng = np.random.default_rng(5)
    real, fake = rng.standard_normal((2, 1_500, 4)).astype(np.float32)
    fake[:, -1] += 1.5
    climbed, grown, _ = judged(real, fake, blind=1, probes=("logistic", "boosting"))
    assert climbed.rows[0].js < 0.01
    # The audit learns the column from val parts alone.
    assert 0.85 * shift_js(1.5) < grown.rows[0].js < shift_js(1.5) + 0.02


def test_the_ceiling_closes_the_gap() -> None:
    record = optimality.saturated(0.692, (0.0, 0.001, 0.02))
    assert record.near_optimal
    assert record.gap == pytest.approx(LOG2 - 0.692)


def test_what_few_samples_cannot_certify_is_not_looked_for_above_the_ceiling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optimality, "grow", None)
    real, fake = truths.shift(2, 12.0).draw(150, 1)
    folds = split_sides(row_hashes(real, 1), row_hashes(fake, 1))
    pair = Pair(real, fake, "array")
    plan = Plan("fake", "real", budget="fast", probes=("logistic",))
    climbed = ladder.climb(plan, pair, folds, SEEDS, "cpu", lambda stage: None)
    assert not climbed.saturated
    grown, record = optimality.judge(pair, folds, climbed, SEEDS, "fast", "cpu")
    assert grown is climbed
    assert [row.name for row in record.evidence] == ["ceiling"]
    assert 0 <= record.gap == LOG2 - climbed.rows[0].js < optimality.NEGLIGIBLE
