"""Near-optimality is judged in both directions: a weak probe must be called weak, and a good one good."""

from __future__ import annotations

import numpy as np
import pytest

from ganprobe.known import truths
from ganprobe.logits import ladder
from ganprobe.logits.refits import Refits
from ganprobe.measures import optimality
from ganprobe.objective import LOG2
from ganprobe.plan import Plan
from ganprobe.record.optimality import OptimalityRecord
from ganprobe.samples.draw import subsample
from ganprobe.samples.folds import row_hashes, split_sides
from ganprobe.samples.sides import Array, Pair
from ganprobe.seeds import Seeds

SEEDS = Seeds(0)


def judged(real: Array, fake: Array, blind: int = 0, **plan: object) -> tuple[ladder.Ladder, OptimalityRecord]:
    """The ladder on all but the last ``blind`` columns, judged on all of them."""
    real, fake = (side[subsample(side, None, SEEDS, "order")] for side in (real, fake))
    folds = split_sides(row_hashes(real, 1), row_hashes(fake, 1))
    whole = Pair(real, fake, "array")
    seen = Pair(real[:, : real.shape[1] - blind], fake[:, : fake.shape[1] - blind], "array")
    asked = Plan("fake", "real", budget="fast", **plan)  # type: ignore[arg-type]
    climbed = ladder.climb(asked, seen, folds, SEEDS, "cpu", lambda stage: None)
    null = ladder.null_control(whole, SEEDS)
    refits = Refits(climbed, seen, SEEDS, "cpu")
    return climbed, optimality.measure(whole, folds, climbed.logits, null, refits, SEEDS, "fast")


def failed(record: OptimalityRecord) -> set[str]:
    return {row.name for row in record.evidence if not row.passed}


def test_a_good_probe_is_called_near_optimal() -> None:
    truth = truths.shift(2, 1.0)
    climbed, record = judged(*truth.draw(4_000, 1))
    assert failed(record) == set()
    assert record.near_optimal
    assert record.gap < optimality.NEGLIGIBLE * 2
    assert record.extrapolated == pytest.approx(truth.js, abs=4 * 0.3 / 4_000**0.5)
    assert record.extrapolated >= climbed.rows[0].js


def test_no_difference_is_nothing_missed() -> None:
    _, record = judged(*truths.same(3).draw(3_000, 2))
    assert record.near_optimal
    assert record.gap < optimality.NEGLIGIBLE


def test_a_linear_probe_on_correlated_gaussians_is_found_out() -> None:
    settings = {"probes.logistic.degree": 1}
    climbed, record = judged(*truths.correlated(rho=0.9).draw(3_000, 3), probes=("logistic",), settings=settings)
    assert climbed.rows[0].js < 0.01
    assert not record.near_optimal
    assert {"audit: boosting", "audit: mlp"} <= failed(record)
    assert record.gap > 0.15


def test_a_perceptron_stopped_after_fifty_steps_is_found_out() -> None:
    early = {"epochs": 2, "least_epochs": 1, "least_steps": 50}
    settings = {f"probes.mlp.{name}": value for name, value in early.items()}
    _, record = judged(*truths.mixture().draw(3_000, 4), probes=("mlp",), settings=settings)
    assert not record.near_optimal
    assert failed(record) & {"audit: boosting", "audit: mlp"}


def test_a_net_too_small_is_found_out_by_one_of_twice_its_size() -> None:
    settings = {"probes.mlp.width": 2, "probes.mlp.layers": 1}
    _, record = judged(*truths.ring(kept=4).draw(3_000, 6), probes=("mlp",), settings=settings)
    assert "capacity: mlp" in failed(record)
    assert not record.near_optimal


def test_trees_that_hardly_divide_are_found_out_by_larger_ones() -> None:
    settings = {"probes.boosting.leaves": 2, "probes.boosting.iterations": 5}
    _, record = judged(*truths.shift(2, 2.0).draw(3_000, 7), probes=("boosting",), settings=settings)
    assert "capacity: boosting" in failed(record)


def test_a_probe_without_a_size_has_no_row_for_it() -> None:
    _, record = judged(*truths.shift(2, 1.0).draw(1_000, 8), probes=("logistic",))
    assert not [row for row in record.evidence if row.name.startswith("capacity")]


def test_a_probe_without_the_informative_column_is_found_out() -> None:
    rng = np.random.default_rng(5)
    real, fake = rng.standard_normal((2, 3_000, 4)).astype(np.float32)
    fake[:, -1] += 1.5
    climbed, record = judged(real, fake, blind=1)
    assert climbed.rows[0].js < 0.01
    assert not record.near_optimal
    assert {"audit: boosting", "audit: mlp"} <= failed(record)
    assert record.gap == pytest.approx(truths.shift_js(1.5), abs=0.05)


def test_the_ceiling_closes_the_gap() -> None:
    record = optimality.saturated(0.692)
    assert record.near_optimal
    assert record.gap == pytest.approx(LOG2 - 0.692)
