"""A generator that moves towards its data and away again, by known steps: is the history that of the truth?"""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
from audits import audit, measurements
from studies import climbed, headlined

from ganprobe.judge import history
from ganprobe.measures import smoothing
from ganprobe.plan import Plan
from ganprobe.record.audit import Audit
from ganprobe.record.headline import BatchRecord
from ganprobe.samples.sides import Array

N, D = 2_000, 4
SHIFTS = (1.7, 1.5, 1.3, 1.1, 0.9, 0.7, 0.5, 0.1, 0.3, 0.6, 0.8, 1.0)


def read(folder: Path, seed: int, step: int, delta: float) -> Audit:
    """JS alone, by a logistic probe, of N(delta, 1) with the same latents at every step."""
    rng = np.random.default_rng(seed)
    real, latent = rng.normal(size=(2, N, D)).astype(np.float32)
    latent[:, 0] += delta
    return measured(folder, seed, step, real, latent)


def measured(folder: Path, seed: int, step: int, real: Array, fake: Array, noise: bool = False) -> Audit:
    """JS alone by a logistic probe, and under ``noise``."""
    real_path, fake_path = folder / "real.npy", folder / f"g_{step}.npy"
    np.save(real_path, real)
    np.save(fake_path, fake)
    plan = Plan(
        str(fake_path), str(real_path), budget="fast", probes=("logistic",), parts=(), seed=seed, threads=1, series=True
    )
    study = climbed(plan)
    parts = smoothing.measure(study) if noise else {}
    own = dataclasses.replace(measurements(checkpoint__step=step).checkpoint, path=str(fake_path))
    return dataclasses.replace(audit(), measurements=headlined(study, **parts, checkpoint=own))


def spread(record: BatchRecord) -> float:
    """The variance of one estimate."""
    n = len(record.real)
    return n / (n - 1) * sum(share**2 for share in (*record.real, *record.fake))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_a_series_is_ordered_as_its_truth_and_pairing_narrows(tmp_path: Path, seed: int) -> None:
    audits = [read(tmp_path, seed, step, delta) for step, delta in enumerate(SHIFTS)]
    record = history.compare(audits, "js").record
    assert record.best.position == SHIFTS.index(min(SHIFTS))
    assert record.trend.order == tuple(sorted(range(len(SHIFTS)), key=SHIFTS.__getitem__))
    apart = [c for c in record.differences if c.now == c.before + 1 and c.now < 5]
    assert len(apart) == 4
    for change in apart:  # next to JS = 0 there is nothing to share, and nothing to gain
        one, other = (audits[i].measurements.batches for i in (change.before, change.now))
        assert one is not None
        assert other is not None
        unpaired = math.sqrt(spread(one) + spread(other))
        assert unpaired > 3 * (change.high - change.rise) / 1.645


# Planes of two dimensions in five, this far apart: nearer and nearer, then away again.
APART = (2.0, 1.4, 1.0, 0.7, 0.35, 0.1, 0.05, 0.2, 0.5)
# Two points are told apart half as well as at all under noise of the size of their distance over this.
HALF = 2.0587


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_parallel_planes_that_never_meet_are_ordered_by_what_noise_leaves(tmp_path: Path, seed: int) -> None:
    """JS is log 2 at every step: it orders nothing, and the area everything: the log of the noise that joins them."""
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.normal(size=(5, 5)))[0]
    on_planes = rng.normal(size=(2, 1_000, 5)) * (1, 1, 0, 0, 0)
    real, fake = (on_planes @ turn).astype(np.float32)
    audits = [
        measured(tmp_path, seed, step, real, fake + (apart * turn[2]).astype(np.float32), noise=True)
        for step, apart in enumerate(APART)
    ]
    for one in audits:
        assert one.measurements.js is not None
        assert one.measurements.js.nats > 0.99 * math.log(2)
    record = history.compare(audits).record
    assert record.trend.statistic == "area"
    assert "JS is at its ceiling" in record.trend.reason
    assert record.trend.order == tuple(sorted(range(len(APART)), key=APART.__getitem__))
    assert record.best.position == APART.index(min(APART))
    curve = audits[0].measurements.smoothing
    assert curve is not None
    joined = [math.log(apart / HALF / curve.sigma[0]) for apart in APART]
    assert record.trend.values == pytest.approx(joined, abs=0.25)
    assert history.compare(audits, "js").record.trend.statistic == "js"
