"""How good are the numbers here: the estimator on pairs whose JS is known, at a chosen n and d.

Each case goes through the stages that ``js`` goes through, from folds to near-optimality. Beside its error stands that
of the optimal discriminator on the same test samples, which is chance alone; what the estimate misses beyond it is the
probes' part. The last line answers what a JS of 0 means here: differences of known size are made smaller until the
rank test on held-out logits no longer sees them.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from ganprobe import machine
from ganprobe.errors import InputError, UsageError
from ganprobe.family import did_you_mean
from ganprobe.inputs import datasets
from ganprobe.inputs.load import LEAST_SAMPLES
from ganprobe.known import truths
from ganprobe.known.planted import Planted
from ganprobe.known.truths import Truth
from ganprobe.logits import bounds, ladder
from ganprobe.measures import optimality, requested
from ganprobe.measures.climbing import probed
from ganprobe.measures.study import divided
from ganprobe.objective import LOG2, delta_of
from ganprobe.plan import Plan
from ganprobe.record.optimality import OptimalityRecord
from ganprobe.record.selfcheck import Case, Resolution, Selfcheck
from ganprobe.samples import together
from ganprobe.samples.draw import subsample
from ganprobe.samples.folds import Folds
from ganprobe.samples.sides import Pair
from ganprobe.seeds import Seeds
from ganprobe.views.output_path import plan_path

Say = Callable[[str], None]

# Samples a side and dimension where nothing else is said: minutes on one thread.
N, D = 2_000, 4

# A difference is told from 0 where the rank test rejects P = Q at this level in so many of so many seeds.
_LEVEL = 0.05
_SEEDS = 5
_NEEDED = 4
# The ladder of differences, in units of 1/n: the rank test of the optimal logits has 80 % power at 1.6 of them.
_RUNGS = tuple(2.0**k for k in range(1, 9))
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class _Material:
    """What is known: pairs by name, pairs of any small JS (None where there is none), and the most samples a side."""

    suite: Mapping[str, Callable[[], Truth]]
    of_js: Callable[[float], Truth | None]
    most: int | None


def run(plan: Plan, n: int | None, d: int | None, names: Sequence[str], say: Say) -> Selfcheck:
    """Check the estimator that ``plan`` describes: at ``n`` samples a side, on the cases called ``names``, or all.

    Where ``plan.data`` names a file, differences are planted into its rows, else the cases are `ganprobe.known.truths`
    at dimension ``d``. Raises `UsageError` and `InputError`; ``say`` is told what is being done.
    """
    start = time.perf_counter()
    requested.check(plan)
    with machine.ready(plan.threads, plan.device, say) as here:
        device = here.device
        seeds = Seeds(plan.seed)
        known = _planted(plan, d, seeds) if plan.data else _truths(d or D)
        n = _size(n, known)
        cases = []
        for name in _chosen(names, known.suite):
            say(f"case: {name}")
            cases.append(_case(known.suite[name](), n, plan, seeds, device))
        resolution = _resolution(known, n, plan, device, say)
    plain = [case for case in cases if not case.hard] or cases
    worst = max(cases, key=lambda case: abs(case.error))
    return Selfcheck(
        n=n,
        d=math.prod(cases[0].shape) if plan.data else d or D,
        data=plan.data or None,
        budget=plan.budget,
        seed=plan.seed,
        threads=here.threads,
        device=here.device,
        cases=tuple(cases),
        mean_error=_mean_size([case.error for case in plain]),
        mean_error_of_all=_mean_size([case.error for case in cases]),
        mean_extrapolated_error=_mean_size([case.extrapolated - case.truth for case in plain]),
        mean_oracle_error=_mean_size([case.oracle_error for case in plain]),
        worst=worst.name,
        worst_error=worst.error,
        floors_above=sum(case.floor > case.truth + _ROUNDING for case in cases),
        resolution=resolution,
        seconds=time.perf_counter() - start,
    )


def _size(n: int | None, known: _Material) -> int:
    if known.most is not None and n is not None and n > known.most:
        raise UsageError(f"--n {n}: the data give {known.most} samples a side at most", "leave --n out")
    return n or known.most or N


def _truths(d: int) -> _Material:
    suite = {name: partial(family, d) for name, family in truths.SUITE.items()}
    return _Material(suite, lambda js: truths.shift(d, delta_of(js)) if js < LOG2 / 2 else None, None)


def _planted(plan: Plan, d: int | None, seeds: Seeds) -> _Material:
    """The rows of ``plan.data`` in the units that probes see."""
    if d is not None:
        raise UsageError("--d does not go with --like", "the data have a dimension of their own")
    data = datasets.load(Path(plan.data), datasets.DataOptions(seed=plan.seed, limit=None))
    path = plan_path(data, data.values, data.full_range, "none", "off")
    rows = path.real(data.values[subsample(data.values, plan.num_real, seeds, "reals")])
    planted = Planted(rows, data.kind, seeds)
    if planted.n < LEAST_SAMPLES:
        raise InputError(f"{plan.data}: half of {len(rows)} samples are too few", "give a few hundred or more")
    return _Material(planted.suite, planted.faded_to, planted.n)


def _chosen(names: Sequence[str], known: Mapping[str, object]) -> list[str]:
    for name in names:
        if name not in known:
            raise UsageError(f"no case is called {name!r}", did_you_mean(name, known))
    return [name for name in known if name in names or not names]


# -- one case ------------------------------------------------------------------


def _case(truth: Truth, n: int, plan: Plan, seeds: Seeds, device: str) -> Case:
    real, fake = truth.draw(n, seeds.small("truth", truth.name))
    pair = Pair(real, fake, truth.kind)
    folds = _folds(pair, plan, seeds)
    start = time.perf_counter()
    found, optimal = _estimate(plan, pair, folds, seeds, device)
    seconds = time.perf_counter() - start
    stacked, *single = found.rows
    tested = [np.concatenate(rows) for rows in zip(*((f.real.test, f.fake.test) for f in folds), strict=True)]
    oracle_error = truth.oracle(real[tested[0]], fake[tested[1]]) - truth.js
    error = stacked.js - truth.js
    return Case(
        name=truth.name,
        shape=pair.shape,
        n_real=len(real),
        n_fake=len(fake),
        truth=truth.js,
        estimate=stacked.js,
        floor=stacked.floor,
        extrapolated=optimal.extrapolated,
        near_optimal=optimal.near_optimal,
        gap=optimal.gap,
        error=error,
        oracle_error=oracle_error,
        ratio=abs(error / oracle_error) if abs(oracle_error) > _ROUNDING else None,
        best=max(single, key=lambda row: row.js).name,
        seconds=seconds,
        hard=truth.hard,
    )


def _folds(pair: Pair, plan: Plan, seeds: Seeds) -> Folds:
    return divided(*together.hashes(pair, seeds), plan.budget)


def _estimate(
    plan: Plan, pair: Pair, folds: Folds, seeds: Seeds, device: str
) -> tuple[ladder.Ladder, OptimalityRecord]:
    """From folds to near-optimality, as `ganprobe.flow` does."""
    found, _ = probed(plan, pair, folds, seeds, device, lambda stage: None)
    return optimality.judge(pair, folds, found, seeds, plan.budget, device)


def _mean_size(values: Sequence[float]) -> float:
    return float(np.abs(values).mean())


# -- what is told from 0 -------------------------------------------------------


def _resolution(known: _Material, n: int, plan: Plan, device: str, say: Say) -> Resolution:
    """The least rung that is told from 0, by bisection: what is seen at one rung is seen at all above it."""
    rungs = [js for js in (rung / n for rung in _RUNGS) if known.of_js(js) is not None]
    told = Resolution(None, 0, _SEEDS, _LEVEL)
    while rungs:
        middle = len(rungs) // 2
        say(f"is JS = {rungs[middle]:.2g} told from 0?")
        detected = 0
        for k in range(_SEEDS):
            detected += _is_told(known.of_js(rungs[middle]), n, plan, device, k)
            if k + 1 - detected > _SEEDS - _NEEDED:
                break
        if detected >= _NEEDED:
            told = Resolution(rungs[middle], detected, _SEEDS, _LEVEL)
            rungs = rungs[:middle]
        else:
            rungs = rungs[middle + 1 :]
    return told


def _is_told(truth: Truth | None, n: int, plan: Plan, device: str, k: int) -> bool:
    if truth is None:
        return False
    seeds = Seeds(Seeds(plan.seed).small("resolution", k))
    pair = Pair(*truth.draw(n, seeds.small("truth")), truth.kind)
    found = ladder.climb(plan, pair, _folds(pair, plan, seeds), seeds, device, lambda stage: None)
    return bounds.rank_test(found.logits) < _LEVEL
