"""The calibrated gap made again: known laws through the whole procedure, and the rule fitted to what was missing.

Each law is one job of one thread; jobs run side by side until the time is over, families in turn. Every finished law is
a line of ``FILE.jsonl``, kept; the rule, with its coverage of families that had no part in it, is ``FILE``.
"""

from __future__ import annotations

import itertools
import json
import math
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from ganprobe.known.laws import FAMILIES, law
from ganprobe.machine import limit_threads
from ganprobe.measures import optimality
from ganprobe.measures.climbing import probed
from ganprobe.measures.optimality import gap
from ganprobe.measures.study import divided
from ganprobe.plan import Budget, Plan
from ganprobe.samples import sketch, together
from ganprobe.samples.sides import Array, Kind, Pair
from ganprobe.seeds import Seeds

Say = Callable[[str], None]
# Every fourth law has the longer budget.
_BUDGETS: tuple[Budget, ...] = ("fast", "fast", "fast", "standard")


@dataclass(frozen=True, slots=True)
class Tried:
    """A law and what the procedure made of it; ``missed`` is D* on the same samples less ``nats``."""

    family: str
    seed: int
    budget: Budget
    n: int
    shape: tuple[int, ...]
    truth: float
    nats: float
    missed: float
    saturated: bool
    failed: tuple[str, ...]
    signs: dict[str, float]
    seconds: float


def run(file: Path, minutes: float, processes: int, say: Say) -> dict[str, float]:
    """Try laws for ``minutes``, add them to those that ``file`` has from before, and fit; returns the coverage."""
    lines = file.with_suffix(".jsonl")
    before = sum(1 for _ in lines.open(encoding="utf-8")) if lines.exists() else 0
    jobs = itertools.islice(_jobs(), before, None)
    end = time.monotonic() + 60 * minutes
    with (
        lines.open("a", encoding="utf-8") as out,
        futures.ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool,
    ):
        running = {pool.submit(attempt, *next(jobs)) for _ in range(processes)} if minutes > 0 else set()
        while running and time.monotonic() < end:
            done, running = futures.wait(running, timeout=1.0, return_when=futures.FIRST_COMPLETED)
            for job in done:
                out.write(json.dumps(asdict(job.result())) + "\n")
                out.flush()
                running.add(pool.submit(attempt, *next(jobs)))
                say(f"{job.result().family}: missed {job.result().missed:.4f}")
        for job in running:
            job.cancel()
        for process in list((pool._processes or {}).values()):
            process.terminate()
    rule = fitted([json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()])
    file.write_text(json.dumps(rule, indent=1) + "\n", encoding="utf-8")
    coverage: dict[str, float] = rule["coverage"]
    return coverage


def _jobs() -> Iterator[tuple[str, int, Budget]]:
    for seed in itertools.count():
        for place, family in enumerate(FAMILIES):
            yield family, seed, _BUDGETS[(seed + place) % len(_BUDGETS)]


def attempt(family: str, seed: int, budget: Budget) -> Tried:
    """One law from samples to signs, with one thread."""
    start, seeds = time.perf_counter(), Seeds(seed)
    truth, n = law(family, seed)
    real, fake = truth.draw(n, seeds.small("law", family))
    with limit_threads(1):
        pair = _pair(real, fake, truth.kind)
        folds = divided(*together.hashes(pair, seeds), budget)
        climbed, _ = probed(Plan("", "", budget=budget), pair, folds, seeds, "cpu", lambda stage: None)
        grown, record = optimality.judge(pair, folds, climbed, seeds, budget, "cpu")
    tested = [np.concatenate(rows) for rows in zip(*((f.real.test, f.fake.test) for f in folds), strict=True)]
    best, nats = truth.oracle(real[tested[0]], fake[tested[1]]), grown.rows[0].js
    return Tried(
        family, seed, budget, n, pair.shape, truth.js, nats, best - nats, not record.signs,
        tuple(row.name for row in record.evidence if not row.passed), record.signs, time.perf_counter() - start,
    )  # fmt: skip


def _pair(real: Array, fake: Array, kind: Kind) -> Pair:
    """As an audit sees them: large pictures by their sketches."""
    if not sketch.is_large(kind, shape := real.shape[1:]):
        return Pair(real, fake, kind)
    seen = [sketch.gathered([side], len(side), shape) for side in (real, fake)]
    return sketch.pair_of(seen[0], seen[1], shape)


def fitted(tried: Sequence[dict]) -> dict:  # type: ignore[type-arg]
    """The rule, and how well it does on families that had no part in it."""
    used = [t for t in tried if t["signs"] and math.isfinite(t["missed"])]
    families = np.array([t["family"] for t in used])
    signs = np.array([[t["signs"][name] for name in gap.SIGNS] for t in used])
    missed = np.array([t["missed"] for t in used])
    unseen = np.empty(len(used))
    for family in np.unique(families):
        own = families == family
        rule = gap.fit(signs[~own], missed[~own])
        unseen[own] = rule["intercept"] + signs[own] @ np.array([rule[name] for name in gap.SIGNS])
    held = missed <= unseen
    shares = [held[families == family].mean() for family in np.unique(families)]
    true = missed > 0.002
    coverage = {
        "laws": len(used),
        "families": len(shares),
        "covered": float(held.mean()),
        "families_covered_90": float(np.mean(np.array(shares) >= 0.9)),
        "median_gap": float(np.median(unseen)),
        "median_missed": float(np.median(np.maximum(missed, 0))),
        "median_ratio": float(np.median(unseen[true] / missed[true])) if true.any() else 0.0,
    }
    return {"level": gap.LEVEL, "weights": gap.fit(signs, missed), "coverage": coverage}
