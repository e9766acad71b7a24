from __future__ import annotations

import math

import numpy as np
import pytest
from heldout import changed, gaussian, of_parts, oracle
from scipy import integrate, stats

from ganprobe.known import truths
from ganprobe.logits import divergences
from ganprobe.objective import LOG2, brier_bracket, js_of_error, shift_js
from ganprobe.samples.folds import HeldOut
from ganprobe.seeds import Seeds

SEEDS = Seeds(0)


def reading(name: str, logits: HeldOut) -> divergences.Reading:
    result: divergences.Reading = divergences.MEMBERS[name].estimate(logits, SEEDS)
    return result


def exact(name: str, delta: float) -> float:
    """The divergence of two Gaussians ``delta`` apart."""

    def contrast(x: float) -> float:
        p, q = stats.norm.pdf(x), stats.norm.pdf(x - delta)
        return float((p - q) ** 2 / (p + q) / 2)

    if name == "total_variation":
        return float(2 * stats.norm.cdf(delta / 2) - 1)
    if name == "henze_penrose":
        return float(integrate.quad(contrast, -12, 12 + delta)[0])
    return shift_js(delta)


@pytest.mark.parametrize("delta", [0.3, 1.0, 2.5, 4.0])
@pytest.mark.parametrize("name", divergences.MEMBERS)
def test_oracle_logits_read_the_divergence_itself(name: str, delta: float) -> None:
    read = reading(name, gaussian(delta, 20_000, 0, ratio=2, folds=5))
    se = (read.high - read.low) / (2 * divergences.Z_TWO_SIDED)
    assert read.value == pytest.approx(exact(name, delta), abs=4 * se)
    assert read.low < read.value < read.high
    assert se < 0.01


@pytest.mark.parametrize("name", divergences.MEMBERS)
def test_other_logits_read_less(name: str) -> None:
    logits = gaussian(1.5, 50_000, 1)
    best = reading(name, logits).value
    for slope, offset in ((0.3, 0.0), (3.0, 0.0), (1.0, 1.0), (-1.0, 0.0)):
        other = reading(name, changed(logits, slope, offset)).value
        if name == "total_variation" and slope > 0 and offset == 0:
            assert other == best  # it reads signs alone
        else:
            assert other < best


@pytest.mark.parametrize("name", divergences.MEMBERS)
def test_no_opinion_reads_nothing(name: str) -> None:
    undecided = of_parts((np.zeros(1), np.zeros(1)), (np.zeros(1_000), np.zeros(1_500)))
    assert reading(name, undecided).value == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(("name", "most"), [("js", LOG2), ("total_variation", 1.0), ("henze_penrose", 1.0)])
def test_separated_sides_read_the_ceiling(name: str, most: float) -> None:
    read = reading(name, of_parts((np.zeros(1), np.zeros(1)), (np.full(900, 60.0), np.full(900, -60.0))))
    assert read.value == pytest.approx(most)
    # Of 900 without a mistake one in 200 could be.
    assert read.low == pytest.approx(js_of_error(0.00486) if name == "js" else most, abs=1e-4)
    assert read.high == pytest.approx(most)


@pytest.mark.parametrize("delta", [0.5, 2.0, 4.0])
def test_the_readings_bracket_each_other(delta: float) -> None:
    logits = gaussian(delta, 50_000, 2)
    js, variation, henze_penrose = (reading(n, logits).value for n in ("js", "total_variation", "henze_penrose"))
    low, high = brier_bracket(henze_penrose)
    assert low - 0.002 < js < high
    assert js_of_error((1 - variation) / 2) < js < variation * LOG2


def covered(delta: float, n: int, runs: int) -> float:
    truth = shift_js(delta)
    rng = np.random.default_rng([n, int(100 * delta)])
    reads = [reading("js", gaussian(delta, n, rng)) for _ in range(runs)]
    return float(np.mean([read.low <= truth <= read.high for read in reads]))


# A few samples, many, near the ceiling: where the normal interval would cover 77 to 92 %.
@pytest.mark.parametrize(("delta", "n"), [(0.5, 100), (1.0, 1_000), (2.0, 200), (4.0, 200)])
def test_the_interval_of_js_covers(delta: float, n: int) -> None:
    assert covered(delta, n, runs=120) > 0.88


@pytest.mark.slow
@pytest.mark.parametrize("n", [100, 400, 1_000])
@pytest.mark.parametrize("delta", [0.5, 1.0, 2.5, 3.6, 4.0])
def test_the_interval_of_js_covers_thousands_of_times(delta: float, n: int) -> None:
    assert 0.92 < covered(delta, n, runs=2_000) < 0.98


def test_js_may_read_below_zero_and_never_above_log_2() -> None:
    overconfident = changed(gaussian(0.2, 400, 0), 20.0)
    read = reading("js", overconfident)
    assert read.value < 0 == read.high
    near = reading("js", gaussian(6.0, 300, 0))
    assert near.value <= near.high <= LOG2


def test_the_same_seed_reads_the_same() -> None:
    logits = oracle(truths.shift(2, 3.0), 1, 300, seed=0)
    assert reading("js", logits) == reading("js", logits)
    other = divergences.MEMBERS["js"].estimate(logits, Seeds(1))
    assert other.value == reading("js", logits).value
    assert other.low == pytest.approx(reading("js", logits).low, abs=0.01)
    assert other.low != reading("js", logits).low


def test_spread_between_folds_is_not_error() -> None:
    """Folds whose probes differ in offset: the mean over them is as sure as within them."""
    rng = np.random.default_rng(0)
    real = tuple(rng.standard_normal(200) + 10 * k for k in range(5))
    fake = tuple(rng.standard_normal(200) - 10 * k for k in range(5))
    assert divergences.pooled_se(real, fake) == pytest.approx(math.sqrt(2 / 1_000) / 2, rel=0.1)


def test_low_allows_for_the_mistakes_that_few_samples_do_not_hold() -> None:
    """Shift 4 at n = 40: JS = .633, one in 44 mistaken, so that most samples hold one or none."""
    truth, over = shift_js(4.0), 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        real, fake = (4 * (rng.standard_normal(40) + side) for side in (2, -2))
        logits = HeldOut((real,), (fake,), (real,), (fake,))
        over += divergences.MEMBERS["js"].estimate(logits, Seeds(seed)).low > truth
    assert over <= 4
