"""Do the bounds hold for trained, cross-fitted, calibrated and stacked probes, and not only for fixed ones?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from audits import audit, measurements

from ganprobe import objective, probes
from ganprobe.judge import history
from ganprobe.known import truths
from ganprobe.logits import bounds, divergences
from ganprobe.logits.batch_means import batches
from ganprobe.logits.calibration import calibrate, stack
from ganprobe.probes import logistic
from ganprobe.record.audit import Audit
from ganprobe.samples.folds import Fold, Folds, HeldOut, Split, row_hashes, split_sides
from ganprobe.samples.sides import Array, Pair
from ganprobe.seeds import Seeds

RUNS = 300
# With exact 95 % coverage, 300 runs cover fewer than this with probability 1e-3.
LEAST_OF_300 = 272
FRESH = 20_000

CASES = (
    truths.shift(4, 0.5),
    truths.shift(4, 1.0),
    truths.shift(3, 3.0),
    truths.shift(3, 4.0),
    truths.shift(2, 5.0),
    truths.scale(4, 1.5),
)


def run(truth: truths.Truth, n: int, seed: int) -> tuple[HeldOut, float]:
    """Held-out logits of a stack of quadratic probes on ``n`` a side, and the JS that this very stack has."""
    real, fake = truth.draw(n + FRESH, seed)
    return measured(real, fake, n, seed)[1:]


def measured(real: Array, fake: Array, n: int, seed: int) -> tuple[Folds, HeldOut, float]:
    """The same on the first ``n`` of both sides, the others being fresh; and the folds."""
    seeds = Seeds(seed)
    found = split_sides(row_hashes(real[:n], seed), row_hashes(fake[:n], seed))
    pair = Pair(real, fake, "array")
    settings = logistic.settings("fast", pair)
    probe = logistic.fit(pair, found, settings, seeds, "cpu")
    held_out = stack([calibrate(probes.score(probe, pair, found))])[0]
    # The same probes and the same calibration, scored on fresh samples: the value that the interval is about.
    fresh = np.arange(n, n + FRESH)
    elsewhere = Folds(
        tuple(Fold(Split(f.real.fit, f.real.val, fresh), Split(f.fake.fit, f.fake.val, fresh)) for f in found)
    )
    own = stack([calibrate(probes.score(probe, pair, elsewhere))])[0]
    return found, held_out, objective.js(np.concatenate(own.test_real), np.concatenate(own.test_fake))


@pytest.fixture(scope="module")
def runs() -> list[tuple[truths.Truth, HeldOut, float]]:
    def each() -> Iterator[tuple[truths.Truth, HeldOut, float]]:
        for i in range(RUNS):
            truth = CASES[i % len(CASES)]
            yield (truth, *run(truth, (200, 400, 800)[i // len(CASES) % 3], i))

    return list(each())


@pytest.mark.slow
def test_the_floor_holds_in_ninety_five_runs_of_a_hundred(runs: list[tuple[truths.Truth, HeldOut, float]]) -> None:
    held = sum(bounds.floor(logits) <= truth.js for truth, logits, _ in runs)
    assert held >= LEAST_OF_300
    # And for what the probe itself is worth, which is the harder claim.
    assert sum(bounds.floor(logits) <= own for _, logits, own in runs) >= LEAST_OF_300


@pytest.mark.slow
def test_the_interval_covers_the_probes_own_value(runs: list[tuple[truths.Truth, HeldOut, float]]) -> None:
    covered = 0
    for _, logits, own in runs:
        js = divergences.MEMBERS["js"].estimate(logits, Seeds(0))
        covered += js.low <= own <= js.high
    assert covered >= LEAST_OF_300


@pytest.mark.slow
def test_equal_laws_are_rejected_as_often_as_they_should_be() -> None:
    rejected = sum(bounds.rank_test(run(truths.same(4), 300, 1_000 + i)[0]) < 0.05 for i in range(RUNS))
    assert 0.02 * RUNS <= rejected <= 0.08 * RUNS


# A training that moves towards the data and away: N(delta, 1) against N(0, 1) along one of four axes.
SHIFTS = (1.7, 1.5, 1.3, 1.1, 0.9, 0.7, 0.5, 0.1, 0.3, 0.6, 0.8, 1.0)
TRAININGS = 100
N = 800


def training(seed: int) -> tuple[list[Audit], list[float]]:
    """An audit of each step, on common reals and latents, and the JS that the probes of each step have."""
    real, latent = np.random.default_rng(seed).normal(size=(2, N + FRESH, 4)).astype(np.float32)
    audits, worth = [], []
    for delta in SHIFTS:
        fake = latent + np.float32(delta) * np.eye(4, dtype=np.float32)[0]
        folds, logits, own = measured(real, fake, N, seed)
        js = divergences.MEMBERS["js"].estimate(logits, Seeds(0))
        kept = batches(logits, folds, real[:N], np.arange(N))
        # A quadratic probe misses nothing of this family, so whatever the band excludes is said.
        audits.append(
            audit(measurements(js__nats=js.value, js__low=js.low, js__high=js.high, js__gap=0.0, batches=kept))
        )
        worth.append(own)
    return audits, worth


@pytest.mark.slow
def test_the_band_covers_all_differences_of_what_the_probes_are_worth_at_once() -> None:
    """And what is said of two steps is so. The band is not about JS itself: near 0 the probes miss unequal parts."""
    covered = right = said = 0
    truth = [truths.shift(4, delta).js for delta in SHIFTS]
    for seed in range(TRAININGS):
        audits, worth = training(seed)
        series = history._Series(tuple(audits), "js")
        changes = [series.change(i, j) for j in range(len(SHIFTS)) for i in range(j)]
        inside = [c.band_low <= worth[c.now] - worth[c.before] <= c.band_high for c in changes if c]
        assert len(inside) == 66
        covered += all(inside)
        claims = [c for c in changes if c and c.outcome != "unresolved"]
        right += all((c.outcome == "worse") == (truth[c.now] > truth[c.before]) for c in claims)
        said += len(claims)
    assert covered >= 0.95 * TRAININGS
    assert right >= 0.95 * TRAININGS
    assert said > 20 * TRAININGS, "and it is not by saying nothing"
