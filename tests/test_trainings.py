"""A generator that moves towards its data and away again, by known steps: is the history that of the truth?"""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
from audits import audit, measurements

from ganprobe import flow, history
from ganprobe.config import Plan
from ganprobe.records import Audit, BatchRecord
from ganprobe.samples import Dataset, Exported
from ganprobe.seeds import Seeds

N, D = 2_000, 4
SHIFTS = (1.7, 1.5, 1.3, 1.1, 0.9, 0.7, 0.5, 0.1, 0.3, 0.6, 0.8, 1.0)


def read(folder: Path, seed: int, step: int, delta: float) -> Audit:
    """JS alone, by a logistic probe, of N(delta, 1) with the same latents at every step."""
    rng = np.random.default_rng(seed)
    real, latent = rng.normal(size=(2, N, D)).astype(np.float32)
    latent[:, 0] += delta
    real_path, fake_path = folder / "real.npy", folder / f"g_{step}.npy"
    np.save(real_path, real)
    np.save(fake_path, latent)
    plan = Plan(str(fake_path), str(real_path), budget="fast", probes=("logistic",), parts=(), seed=seed, threads=1)
    seeds, clock = Seeds(seed), flow.Clock(lambda stage: None)
    data, source = flow.load(plan, "cpu")
    assert isinstance(data, Dataset)
    assert isinstance(source, Exported)
    blank = measurements(checkpoint__step=step, data__content_hash=data.record.content_hash)
    sampled = flow.sample(plan, data, source, seeds)
    found = flow.read_probes(plan, blank, sampled, data, seeds, "cpu", clock)
    return dataclasses.replace(audit(), measurements=dataclasses.replace(found, smoothing=None))


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
