"""How good are the numbers here: the estimator on pairs whose JS is known, at a chosen n and d.

Each case goes through the stages that ``js`` goes through, from folds to near-optimality. Beside its error stands that
of the optimal discriminator on the same test samples, which is chance alone; what the estimate misses beyond it is the
probes' part. The last line answers what a JS of 0 means here: differences of known size are made smaller until the
rank test on held-out logits no longer sees them.
"""

from __future__ import annotations

import dataclasses
import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from ganprobe import __version__, machine
from ganprobe.errors import InputError, UsageError
from ganprobe.family import did_you_mean
from ganprobe.inputs import datasets
from ganprobe.inputs.load import LEAST_SAMPLES
from ganprobe.known import truths
from ganprobe.known.planted import Planted
from ganprobe.known.truths import Truth
from ganprobe.logits import bounds, ladder
from ganprobe.measures import optimality, requested
from ganprobe.objective import LOG2, delta_of
from ganprobe.plan import Budget, Plan
from ganprobe.record.cells import Cell, Column, Table
from ganprobe.record.optimality import OptimalityRecord
from ganprobe.samples.draw import subsample
from ganprobe.samples.folds import Folds, row_hashes, split_sides
from ganprobe.samples.sides import Pair
from ganprobe.seeds import Seeds
from ganprobe.views.output_path import plan_path

Say = Callable[[str], None]

# Samples a side and dimension where nothing else is said: minutes on one thread.
N, D = 2_000, 4

SCHEMA = "ganprobe-selfcheck/1"

# A difference is told from 0 where the rank test rejects P = Q at this level in so many of so many seeds.
_LEVEL = 0.05
_SEEDS = 5
_NEEDED = 4
# The ladder of differences, in units of 1/n: the rank test of the optimal logits has 80 % power at 1.6 of them.
_RUNGS = tuple(2.0**k for k in range(1, 9))
# An error beyond this is spelt out.
MISSED = 0.01
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Case:
    """One pair: its truth and what was measured, in nats.

    ``oracle_error`` is what the optimal discriminator misses by on the same test samples, and ``ratio`` how many times
    that the estimate does. ``best`` is the probe that demonstrated most. ``hard`` says why known probes fall short.
    """

    name: str
    shape: tuple[int, ...]
    n_real: int
    n_fake: int
    truth: float
    estimate: float
    floor: float
    extrapolated: float
    near_optimal: bool
    gap: float
    error: float
    oracle_error: float
    ratio: float | None
    best: str
    seconds: float
    hard: str | None


@dataclass(frozen=True, slots=True)
class Resolution:
    """The smallest ``js`` on the ladder that was told from 0 in ``detected`` of ``seeds`` runs; None if none was."""

    js: float | None
    detected: int
    seeds: int
    level: float


@dataclass(frozen=True, slots=True)
class Selfcheck:
    """All cases, what they come to, and the smallest difference that is seen.

    The means are of absolute errors, and leave out the cases known to be hard, but for ``mean_error_of_all``.
    """

    n: int
    d: int
    data: str | None
    budget: Budget
    seed: int
    threads: int
    device: str
    cases: tuple[Case, ...]
    mean_error: float
    mean_error_of_all: float
    mean_extrapolated_error: float
    mean_oracle_error: float
    worst: str
    worst_error: float
    floors_above: int
    resolution: Resolution
    seconds: float


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
        n = n or known.most or N
        if known.most is not None and n > known.most:
            raise UsageError(f"--n {n}: the data give {known.most} samples a side at most", "leave --n out")
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
    folds = _folds(pair, seeds)
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


def _folds(pair: Pair, seeds: Seeds) -> Folds:
    return split_sides(row_hashes(pair.real, seeds.small("folds")), row_hashes(pair.fake, seeds.small("folds")))


def _estimate(
    plan: Plan, pair: Pair, folds: Folds, seeds: Seeds, device: str
) -> tuple[ladder.Ladder, OptimalityRecord]:
    """From folds to near-optimality, as `ganprobe.flow` does."""
    found = ladder.climb(plan, pair, folds, seeds, device, lambda stage: None)
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
    found = ladder.climb(plan, pair, _folds(pair, seeds), seeds, device, lambda stage: None)
    return bounds.rank_test(found.logits) < _LEVEL


# -- what a reader sees --------------------------------------------------------


def to_json(check: Selfcheck) -> str:
    """One indented JSON object."""
    document = {"schema": SCHEMA, "version": __version__} | dataclasses.asdict(check)
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def tables(check: Selfcheck) -> tuple[Table, ...]:
    """The cases, what was missed and why, and what it comes to."""
    every = (_cases(check), _missed(check), _summary(check), _conclusion(check))
    return tuple(table for table in every if table.rows)


def _cases(check: Selfcheck) -> Table:
    columns = (
        Column("case"),
        Column("truth", "decimal"),
        Column("JS", "decimal"),
        Column("floor", "decimal"),
        Column("limit", "decimal"),
        Column("error", "decimal"),
        Column("of D*", "decimal"),
        Column("ratio", "number"),
        Column("near", "mark"),
        Column("s", "seconds"),
    )
    rows = []
    for c in check.cases:
        values = (c.truth, c.estimate, c.floor, c.extrapolated, c.error, c.oracle_error)
        rows.append((c.name, *(round(value, 5) for value in values), c.ratio, c.near_optimal, c.seconds))
    title = (
        f"Known truths at n = {check.n}, budget {check.budget}, nats; limit: extrapolated to unlimited data; "
        "of D*: the error of the optimal discriminator on the same samples; near: near-optimal"
    )
    return Table("cases", title, columns, tuple(rows))


def _missed(check: Selfcheck) -> Table:
    rows = []
    for case in check.cases:
        if abs(case.error) > MISSED or case.hard:
            called = "near-optimal" if case.near_optimal else f"not near-optimal, gap {case.gap:.4f}"
            text = f"off by {case.error:+.4f}; best probe {case.best}; called {called}"
            rows.append((case.name, f"{text}; hard: {case.hard}" if case.hard else text))
    columns = (Column("case", "mark"), Column("result"))
    return Table("missed", f"Off by more than {MISSED}, or known to be hard", columns, tuple(rows), "notes")


def _summary(check: Selfcheck) -> Table:
    plain, every = f"{sum(not case.hard for case in check.cases)} cases", f"all {len(check.cases)} cases"
    rows: tuple[tuple[Cell, ...], ...] = (
        ("mean error of JS", check.mean_error, f"{plain}; those known to be hard are left out"),
        ("... of the limit", check.mean_extrapolated_error, plain),
        ("... of D*", check.mean_oracle_error, f"{plain}; chance alone"),
        ("mean error of JS, hard ones too", check.mean_error_of_all, every),
        ("largest error of JS", check.worst_error, check.worst),
        ("floors above the truth", check.floors_above, f"{every}; one in twenty may be"),
    )
    return Table("summary", "All cases", (Column("quantity"), Column("value", "decimal"), Column("detail")), rows)


def _conclusion(check: Selfcheck) -> Table:
    found = check.resolution
    where = f"On this machine, at n = {check.n} and {_where(check)}, budget {check.budget}"
    how = f"rank test at {found.level}"
    if found.js is None:
        text = f"{where}, no difference that was tried is told from 0 by this estimator ({how})."
    else:
        text = (
            f"{where}, the smallest JS that this estimator tells from 0 is {found.js:.2g} nats "
            f"({how}, {found.detected} of {found.seeds} runs)."
        )
    return Table("resolution", "What is told from 0", (Column("text"),), ((text,),), "notes")


def _where(check: Selfcheck) -> str:
    shape = "x".join(map(str, check.cases[0].shape))
    return f"samples like those of {check.data} ({shape})" if check.data else f"d = {check.d}"
