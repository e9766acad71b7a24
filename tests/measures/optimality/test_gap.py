"""The calibrated gap: never better for a worse sign, and as often right as it says."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganprobe.known import calibrated
from ganprobe.measures.optimality import gap
from ganprobe.objective import LOG2

CLEAN = dict.fromkeys(gap.SIGNS, 0.0)


@given(st.sampled_from(gap.SIGNS), st.floats(0, 1), st.floats(0, 1))
def test_a_worse_sign_makes_no_better_gap(sign: str, less: float, more: float) -> None:
    low, high = sorted((less, more))
    assert 0 <= gap.predicted(CLEAN | {sign: low}) <= gap.predicted(CLEAN | {sign: high}) <= LOG2


@pytest.mark.parametrize("worst", [float("nan"), float("inf")])
def test_what_is_no_number_is_the_worst_of_signs(worst: float) -> None:
    assert gap.predicted(CLEAN | {"audit": worst}) == LOG2


def test_the_fit_covers_what_it_says() -> None:
    rng = np.random.default_rng(0)
    signs = rng.gamma(1.0, 0.01, (2, 400, len(gap.SIGNS)))
    missed = signs[:, :, 0] + 2 * signs[:, :, 8] * rng.standard_normal((2, 400))
    rule = gap.fit(signs[0], missed[0])
    assert all(weight >= 0 for weight in rule.values())
    bound = rule["intercept"] + signs[1] @ np.array([rule[name] for name in gap.SIGNS])
    assert 0.9 <= (missed[1] <= bound).mean() <= 0.98


LAWS = [json.loads(line) for line in (Path(__file__).parent / "laws.jsonl").read_text().splitlines()]


def test_what_ships_is_what_the_laws_say() -> None:
    signs = np.array([[law["signs"][name] for name in gap.SIGNS] for law in LAWS])
    missed = np.array([law["missed"] for law in LAWS])
    rule = gap.fit(signs, missed)
    predicted = np.array([gap.predicted(law["signs"]) for law in LAWS])
    assert predicted == pytest.approx(np.maximum(rule["intercept"] + signs @ [rule[n] for n in gap.SIGNS], 0), abs=5e-4)
    # Of laws that would be called near-optimal few missed more than .01, and none more than .02.
    near = np.array([not law["failed"] for law in LAWS]) & (predicted < 0.01)
    assert near.sum() > 100
    assert (missed[near] > 0.01).mean() < 0.05
    assert missed[near].max() < 0.02


def test_families_that_had_no_part_are_covered() -> None:
    """Recorded where the rule was fitted, leaving out one family at a time."""
    coverage = json.loads(resources.files("ganprobe.measures.optimality").joinpath("gap.json").read_text())["coverage"]
    assert coverage["laws"] == len(LAWS)
    assert coverage["covered"] >= 0.9
    assert coverage["median_ratio"] <= 3


@pytest.mark.slow
def test_that_coverage_again() -> None:
    assert calibrated.fitted(LAWS)["coverage"]["covered"] == pytest.approx(0.95, abs=0.01)
