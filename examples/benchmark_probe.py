"""Which probe settings are worth their time? Variants of one probe on the same folds, against its default.

    python examples/benchmark_probe.py --probe mlp --n 5000
    python examples/benchmark_probe.py --probe conv --checkpoint G.pt --data t10k-images-idx3-ubyte.gz --model G.py:G

Everything that a probe demonstrates on samples that it never saw is a lower bound of JS, so the variant that
demonstrates more is the better one, and no truth is needed to say so; where it is known, the head of the column has it.
``gain`` is the mean difference to the default with its standard error, paired sample by sample; ``times`` is how many
times as much processor time it took, on one thread; ``a second`` is what was gained for each second more, or lost for
each second saved, and blank where there is no such trade. Differences of a standard error are luck.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ganprobe import probes
from ganprobe.inputs.load import load
from ganprobe.known import truths
from ganprobe.logits.calibration import calibrate
from ganprobe.machine import limit_threads
from ganprobe.measures.study import draw
from ganprobe.objective import fake_scores, js, real_scores
from ganprobe.plan import BUDGETS, Budget, Plan, Setting, parse_assignment
from ganprobe.record.cells import Column, Table
from ganprobe.samples.folds import Folds, HeldOut, row_hashes, split_sides
from ganprobe.samples.sides import Floats, Pair
from ganprobe.seeds import Seeds
from ganprobe.show.reports import Style, terminal

VARIANTS: dict[str, tuple[dict[str, Setting], ...]] = {
    "mlp": (
        {"width": 64},
        {"width": 256},
        {"layers": 1},
        {"layers": 3},
        {"epochs": 20, "least_epochs": 12},
        {"cycles": 1},
        {"batch": 128},
        {"batch": 512},
        {"rate": 1e-3},
        {"rate": 4e-3},
        {"decay": 0.0},
        {"decay": 0.1},
    ),
    "boosting": (
        {"leaves": 8},
        {"leaves": 31},
        {"rate": 0.03, "iterations": 800},
        {"rate": 0.12, "iterations": 200},
        {"least_leaf": 20},
        {"columns": 1.0},
        {"fakes": 1.0},
        {"patience": 50},
        {"statistics": False},
        {"atoms": False},
    ),
    "conv": (
        {"width": 8},
        {"width": 24},
        {"cycles": 1},
        {"epochs": 5, "least_epochs": 3},
        {"batch": 64},
        {"batch": 256},
        {"rate": 1e-3},
        {"rate": 4e-3},
    ),
}
CASES = {
    "mlp": ("scale", "warp", "cubes", "table"),
    "boosting": ("scale", "warp", "cubes", "table"),
    "conv": ("pictures",),
}


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """Samples and their folds; ``truth`` is None where nobody knows it."""

    name: str
    pair: Pair
    folds: Folds
    truth: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What one variant said of one case: held-out scores of each side, their JS, and its processor time."""

    real: Floats
    fake: Floats
    js: float
    seconds: float


def known(name: str, n: int, d: int, seeds: Seeds) -> Case:
    """``n`` samples a side of a truth."""
    truth = truths.SUITE[name](d)
    pair = Pair(*truth.draw(n, seeds.seed), truth.kind)
    folds = split_sides(*(row_hashes(side, seeds.small("folds")) for side in (pair.real, pair.fake)))
    return Case(name, pair, folds, truth.js)


def given(plan: Plan, seeds: Seeds) -> Case:
    """A generator and its data, as an audit would sample them."""
    sampled = draw(plan, *load(plan, "cpu"), "cpu", compared=True).drawn
    return Case(plan.checkpoint, sampled.pair, sampled.folds)


def run(probe: str, case: Case, variant: dict[str, Setting], budget: Budget, seeds: Seeds) -> Run:
    """Train, calibrate and score."""
    member, plan = probes.MEMBERS[probe], Plan("", "", settings={f"probes.{probe}.{k}": v for k, v in variant.items()})
    settings = plan.override(f"probes.{probe}", member.settings(budget, case.pair))
    start = time.process_time()
    fitted = member.fit(case.pair, case.folds, settings, seeds, "cpu")
    seconds = time.process_time() - start
    logits = calibrate(probes.score(fitted, case.pair, case.folds))
    return _scored(logits, seconds)


def _scored(logits: HeldOut, seconds: float) -> Run:
    real, fake = np.concatenate(logits.test_real), np.concatenate(logits.test_fake)
    return Run(real_scores(real), fake_scores(fake), js(real, fake), seconds)


def rows(
    probe: str, cases: list[Case], variants: list[dict[str, Setting]], budget: Budget, seeds: Seeds
) -> Iterator[tuple[str | float | None, ...]]:
    """The default, then each variant against it, over all cases."""
    defaults = [run(probe, case, {}, budget, seeds) for case in cases]
    yield "default", *_means(defaults), None, None, 1.0, None
    for variant in variants:
        runs = [run(probe, case, variant, budget, seeds) for case in cases]
        gain = statistics.fmean(after.js - before.js for before, after in zip(defaults, runs, strict=True))
        usual, cost = (statistics.fmean(r.seconds for r in some) for some in (defaults, runs))
        trade = gain / (cost - usual) if gain * (cost - usual) > 0 else None
        name = ", ".join(f"{setting} {value}" for setting, value in variant.items())
        yield name, *_means(runs), gain, _se(defaults, runs), cost / usual, trade


def _means(runs: list[Run]) -> tuple[float, ...]:
    return tuple(r.js for r in runs)


def _se(before: list[Run], after: list[Run]) -> float:
    """Of the mean gain over the cases: each case's gain is the mean of paired differences."""
    variances = [
        (np.var(a.real - b.real) / len(a.real) + np.var(a.fake - b.fake) / len(a.fake)) / 4
        for b, a in zip(before, after, strict=True)
    ]
    return math.sqrt(sum(variances)) / len(variances)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Variants of a probe against its default: JS, and JS a second.")
    parser.add_argument("--probe", choices=VARIANTS, default="mlp")
    parser.add_argument("--n", type=int, default=2_000, help="samples of each side (default: 2000)")
    parser.add_argument("--d", type=int, default=8, help="dimension, or pixels of a picture (default: 8)")
    parser.add_argument("--cases", nargs="*", choices=truths.SUITE, metavar="CASE", help="pairs whose JS is known")
    parser.add_argument("--checkpoint", help="a generator, or its samples, as one more case")
    parser.add_argument("--data", help="what it was trained on")
    parser.add_argument("--model", help="file.py:Class of the generator")
    parser.add_argument("--variant", action="append", metavar="NAME=VALUE", help="try this one alone; repeatable")
    parser.add_argument("--budget", choices=BUDGETS, default="standard")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    if (asked.checkpoint is None) != (asked.data is None):
        parser.error("--checkpoint and --data go together")

    seeds = Seeds(asked.seed)
    names = CASES[asked.probe] if asked.cases is None else asked.cases
    cases = [known(name, asked.n, asked.d, seeds) for name in names]
    if asked.checkpoint:
        plan = Plan(asked.checkpoint, asked.data, model=asked.model, num_real=asked.n, budget=asked.budget)
        cases.append(given(plan, seeds))
    variants = [dict([parse_assignment(text)]) for text in asked.variant or ()] or list(VARIANTS[asked.probe])
    with limit_threads(1):
        found = tuple(rows(asked.probe, cases, variants, asked.budget, seeds))
    heads = [Column(f"{c.name} {c.truth:.4f}" if c.truth is not None else "given", "decimal") for c in cases]
    columns = (Column("variant"), *heads, Column("gain", "decimal"), Column("se", "decimal"))
    title = f"{asked.probe}, budget {asked.budget}, n = {asked.n}: held-out JS in nats"
    table = Table("variants", title, (*columns, Column("times", "number"), Column("a second", "decimal")), found)
    print(terminal.lay_out((table,), Style(width=120)), end="")


if __name__ == "__main__":
    main()
