"""Published cases with known Jensen-Shannon divergence, beside what their authors and what ganprobe reads.

    python examples/published_cases.py --budget standard > published.md

Each row has the exact value, the best that was published, and on the same samples the stack of probes, its certified
floor, and D*, the optimal discriminator: what D* misses by is chance, which no estimator can avoid. The verdict is

- correlated, mixture, dimensions: the estimate is within .01 of the truth, or of D*;
- imbalance: within two standard errors of the truth, or within .01 of D*;
- sizes: no smaller where there was more to train on, within .01 of D* with the most;

and in each case the floor is no higher than the truth. Samples are as many as in the publication: the estimate takes
all of them by cross-fitting, but for ``sizes``, where the number to train on is the question and M reals and M fakes
train, 2,000 of each side validate and 2,000 are tested, as there.

Sources: Apellaniz et al. 2026, arXiv 2606.16411, use cases 1, 2, 5 and 13 of its repository (bits, means of 5 seeds);
Raisa et al. 2025, whose sanity checks have these exact values (nats) and no published estimate of JS: each of the 12
metrics examined there fails at some of the checks.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from scipy import stats

from ganprobe.known import truths
from ganprobe.known.truths import Truth
from ganprobe.logits.ladder import climb
from ganprobe.machine import default_threads, limit_threads
from ganprobe.objective import LOG2, js
from ganprobe.plan import BUDGETS, Budget, Plan
from ganprobe.samples.folds import Fold, Folds, Split, row_hashes, split_sides
from ganprobe.samples.sides import Floats, Pair
from ganprobe.seeds import Seeds

TOLERANCE = 0.01
# Of each side: 2,000 to train, to validate and to test.
PART = 2_000
SIDE = 3 * PART


@dataclass(frozen=True, slots=True)
class Asked:
    """How long probes may train, the seed of samples and probes, and the share of the published sample sizes."""

    budget: Budget
    seed: int
    share: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read off one pair of samples, in nats."""

    truth: float
    optimal: float
    estimate: float
    se: float
    floor: float

    def near(self, least: float = TOLERANCE, of_truth: float = TOLERANCE) -> bool:
        """Within ``least`` of D* or ``of_truth`` of the truth, and no floor above the truth."""
        close = abs(self.estimate - self.optimal) <= least or abs(self.estimate - self.truth) <= of_truth
        return close and self.floor <= self.truth


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; numbers in ``unit``, which is 1 for nats and log 2 for bits."""

    case: str
    unit: float
    published: str
    reading: Reading
    ok: bool


def read(truth: Truth, n: int, asked: Asked, n_fake: int | None = None) -> Reading:
    """All of ``n`` reals and as many fakes, cross-fitted."""
    real, fake = truth.draw(n, asked.seed, n_fake)
    key = Seeds(asked.seed).small("folds")
    return _read(truth, Pair(real, fake, truth.kind), split_sides(row_hashes(real, key), row_hashes(fake, key)), asked)


def read_parts(truth: Truth, m: int, part: int, asked: Asked) -> Reading:
    """``m`` of each side to train on, ``part`` to validate and ``part`` to test."""
    real, fake = truth.draw(m + 2 * part, asked.seed)
    split = Split(*np.split(np.arange(len(real)), (m, m + part)))
    return _read(truth, Pair(real, fake, truth.kind), Folds((Fold(split, split),)), asked)


def _read(truth: Truth, pair: Pair, folds: Folds, asked: Asked) -> Reading:
    found = climb(Plan("", "", budget=asked.budget), pair, folds, Seeds(asked.seed), "cpu", lambda stage: None)
    stack = found.rows[0]
    tested = [np.concatenate([getattr(fold, side).test for fold in folds]) for side in ("real", "fake")]
    optimal = truth.oracle(pair.real[tested[0]], pair.fake[tested[1]])
    return Reading(truth.js, optimal, stack.js, (stack.high - stack.low) / (2 * stats.norm.ppf(0.975)), stack.floor)


# -- the cases -----------------------------------------------------------------

BITS, NATS = LOG2, 1.0
BITS_TOLERANCE = TOLERANCE * BITS


def correlated(asked: Asked) -> Iterator[Row]:
    """Equal marginals in a plane, correlation rho: what no column alone shows."""
    published = (0.0011, 0.0067, 0.0164, 0.0310, 0.0522, 0.0822, 0.1251, 0.1912, 0.3062)
    others = "; XGB .2854, RF .2877, logistic .0038"
    for tenths in range(10):
        rho = tenths / 10
        reading = read(truths.correlated(2, rho), int(SIDE * asked.share), asked)
        best = f"MLP {_short(published[tenths - 1])}" + others * (tenths == 9) if tenths else "-"
        yield Row(f"correlated, rho {rho:g}", BITS, best, reading, reading.near(BITS_TOLERANCE, BITS_TOLERANCE))


def mixture(asked: Asked) -> Iterator[Row]:
    """Two mixtures of two modes in a plane."""
    reading = read(truths.mixture(), int(SIDE * asked.share), asked)
    best = "TabPFN .4211, MLP .4196; XGB .3622"
    yield Row("2-D mixture", BITS, best, reading, reading.near(BITS_TOLERANCE, BITS_TOLERANCE))


def imbalance(asked: Asked) -> Iterator[Row]:
    """Half or a tenth as many fakes as reals."""
    published = {
        0.5: {0.3: "0.0896 (uncorrected .0247)", 0.7: "0.1832 (.1282)", 1.0: "0.2887 (.2413)"},
        0.1: {0.3: "0.0648 (uncorrected 0)", 0.7: "0.1583 (0)", 1.0: "0.2681 (0)"},
    }
    n = int(SIDE * asked.share)
    for ratio, rows in published.items():
        for gap, best in rows.items():
            reading = read(truths.anisotropic(gap=gap), n, asked, int(ratio * n))
            ok = reading.near(BITS_TOLERANCE, 2 * reading.se)
            yield Row(f"imbalance {ratio:g}, gap {gap:g}", BITS, f"MLP {best}", reading, ok)


def sizes(asked: Asked) -> Iterator[Row]:
    """Gaussians in 10 dimensions from M samples a side, means over the five published pairs."""
    before = -math.inf
    for m, best in ((20, ".2078; RF .0579"), (200, ".2668; RF .2376"), (2_000, ".2936; RF .2710")):
        m = max(20, int(m * asked.share))
        readings = [read_parts(published_gaussians(seed), m, int(PART * asked.share), asked) for seed in range(5)]
        mean = Reading(*(float(np.mean([getattr(r, name) for r in readings])) for name in Reading.__slots__))
        ok = mean.estimate >= before and all(r.floor <= r.truth for r in readings)
        before = mean.estimate
        if m == PART:
            ok = ok and mean.near(BITS_TOLERANCE, BITS_TOLERANCE)
        yield Row(f"10-D Gaussians, M = {m}", BITS, f"MLP {best}", mean, ok)


def published_gaussians(seed: int, d: int = 10) -> Truth:
    """The pair of Gaussians of that seed; the published code draws its laws so, and its exact values agree.

    Covariances are C C', where C has 1 on its diagonal and .03, .05 or .07 elsewhere; one mean is uniform, one is 0.
    """
    choices = np.random.RandomState(seed)
    centres = torch.rand(d, generator=torch.Generator().manual_seed(seed)).double().numpy(), np.zeros(d)
    roots = np.stack([np.eye(d), np.eye(d)])
    for root in roots:
        root[~np.eye(d, dtype=bool)] = [choices.choice((0.03, 0.05, 0.07)) for _ in range(d * (d - 1))]
    p, q = (stats.multivariate_normal(m, c @ c.T) for m, c in zip(centres, roots, strict=True))

    def logit(x: Floats) -> Floats:
        return np.asarray(p.logpdf(x) - q.logpdf(x))

    def sampler(side: int) -> Callable[[np.random.Generator, int], Floats]:
        return lambda rng, n: centres[side] + rng.standard_normal((n, d)) @ roots[side].T

    # Evenly spread normal points, for an error below 1e-4.
    spread = stats.qmc.MultivariateNormalQMC(np.zeros(d), rng=0).random(2**16)
    exact = js(*(logit(centres[side] + spread @ roots[side].T) for side in (0, 1)))
    return Truth(f"gaussians {seed}", exact, sampler(0), sampler(1), logit)


def dimensions(asked: Asked) -> Iterator[Row]:
    """Cubes that share a fifth of their volume; one telling coordinate among a thousand."""
    for d in (1, 8, 64):
        reading = read(truths.cubes(d, 0.2), int(10_000 * asked.share), asked)
        yield Row(f"hypercubes, d = {d}", NATS, "-", reading, reading.near())
    reading = read(truths.hidden(1_001), int(1_000 * asked.share), asked)
    yield Row("1 dimension + 1,000 of noise", NATS, "-", reading, reading.near())


CASES: dict[str, Callable[[Asked], Iterator[Row]]] = {
    "correlated": correlated,
    "mixture": mixture,
    "imbalance": imbalance,
    "sizes": sizes,
    "dimensions": dimensions,
}


# -- the table -----------------------------------------------------------------

HEADS = ("case", "unit", "exact", "published", "D*", "ours", "floor", "verdict")


def line(row: Row) -> str:
    """The row as Markdown."""
    unit: Literal["bits", "nats"] = "bits" if row.unit == BITS else "nats"
    r = row.reading
    numbers = [f"{x / row.unit:.4f}" for x in (r.truth, r.optimal, r.estimate, r.floor)]
    cells = (row.case, unit, numbers[0], row.published, *numbers[1:], "ok" if row.ok else "not")
    return f"| {' | '.join(cells)} |"


def _short(x: float) -> str:
    return f"{x:.4f}".removeprefix("0")


def main() -> None:
    """Print the table as it grows."""
    parser = argparse.ArgumentParser(description="Published cases with known JS.")
    parser.add_argument("--case", choices=CASES, action="append", help="only this one; repeatable (default: all)")
    parser.add_argument("--budget", choices=BUDGETS, default="fast")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--share", type=float, default=1.0, help="of the published sample sizes (default: 1)")
    given = parser.parse_args()
    asked = Asked(given.budget, given.seed, given.share)
    print(f"| {' | '.join(HEADS)} |\n| --- | --- | ---: | --- | ---: | ---: | ---: | --- |")
    with limit_threads(default_threads()):
        for name in given.case or CASES:
            for row in CASES[name](asked):
                print(line(row), flush=True)


if __name__ == "__main__":
    main()
