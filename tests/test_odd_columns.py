"""Constant, sparse, huge and tied columns, alone and beside each other: every probe and every part measures them."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ganprobe import flow, probes
from ganprobe.objective import LOG2
from ganprobe.plan import Plan
from ganprobe.record.parts import MEASURED
from ganprobe.samples.folds import row_hashes, split_sides
from ganprobe.samples.sides import Array, Pair
from ganprobe.seeds import Seeds

QUICK = settings(max_examples=3, deadline=None, derandomize=True, database=None, suppress_health_check=[*HealthCheck])
LONG = settings(QUICK, max_examples=50)

KINDS: dict[str, Callable[[np.random.Generator, int], Any]] = {
    "constant": lambda rng, n: np.full(n, rng.choice([0.0, 1.0, -1e30, 0.1])),
    "claims": lambda rng, n: np.where(rng.random(n) < 0.04, rng.lognormal(7, 1, n), 0.0),
    "one other": lambda rng, n: np.where(np.arange(n) == rng.integers(n), 1.0, 0.0),
    "huge": lambda rng, n: 1e30 * rng.normal(size=n),
    "tiny": lambda rng, n: 1e-30 * rng.normal(size=n),
    "far": lambda rng, n: 1.7e9 + rng.integers(0, 10**8, n),
    "tied": lambda rng, n: rng.integers(0, 3, n).astype(float),
    "flag": lambda rng, n: (rng.random(n) < 0.5).astype(float),
    "outlier": lambda rng, n: np.where(np.arange(n) == 0, 1e12, rng.normal(size=n)),
    "cauchy": lambda rng, n: rng.standard_cauchy(n),
    "rounded": lambda rng, n: np.round(rng.normal(size=n), 1),
    "smooth": lambda rng, n: rng.normal(size=n),
}


@st.composite
def sides(draw: st.DrawFn) -> tuple[Array, Array]:
    """Reals and fakes of one to five such columns, mostly of the same kinds on both sides."""
    kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=5))
    other = [draw(st.sampled_from(sorted(KINDS))) if draw(st.integers(0, 4)) == 0 else kind for kind in kinds]
    rng, n = np.random.default_rng(draw(st.integers(0, 10**6))), draw(st.sampled_from((60, 90, 240)))
    real, fake = (np.stack([KINDS[kind](rng, n) for kind in side], 1) for side in (kinds, other))
    return real, fake


def every_probe_says_a_number(both: tuple[Array, Array]) -> None:
    pair = Pair(both[0].astype(np.float32), both[1].astype(np.float32), "array")
    folds = split_sides(row_hashes(pair.real, 0), row_hashes(pair.fake, 0))
    for name in probes.MEMBERS:
        member = probes.MEMBERS[name]
        if member.applies(pair) is None:
            probe = member.fit(pair, folds, member.settings("fast", pair), Seeds(0), "cpu")
            said = probes.score(probe, pair, folds)
            assert all(np.isfinite(part).all() for part in (*said.val_real, *said.test_real, *said.test_fake)), name


def every_part_is_measured(both: tuple[Array, Array]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        real, fake = (str(Path(folder) / f"{side}.npy") for side in ("real", "fake"))
        np.save(real, both[0])
        np.save(fake, both[1])
        measured = flow.audit(Plan(fake, real, budget="fast", threads=1, parts=MEASURED)).measurements
    js = measured.js
    assert js is not None
    assert 0 <= js.floor <= LOG2
    assert math.isfinite(js.nats)
    assert js.nats <= LOG2 + 1e-9


@QUICK
@given(sides())
def test_every_probe_says_a_number(both: tuple[Array, Array]) -> None:
    every_probe_says_a_number(both)


@pytest.mark.slow
@LONG
@given(sides())
def test_every_probe_says_a_number_of_many(both: tuple[Array, Array]) -> None:
    every_probe_says_a_number(both)


@pytest.mark.slow
@LONG
@given(sides())
def test_every_part_is_measured(both: tuple[Array, Array]) -> None:
    every_part_is_measured(both)
