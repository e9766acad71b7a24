"""What would another package have said? The same samples through what a user would pick instead, where JS is known.

    pip install "ganprobe[peers]"
    python examples/benchmark_peers.py --n 2000 --d 8 --budget standard

Each method has two samples and a seed and says how many nats. It runs on one thread in a process of its own, which
ends at the time limit; a crash, or an answer that is no finite number, is counted and its reason shown. Seconds are the
processor's, so that a busy machine counts against no method. D* is the optimal discriminator on the same samples: what
it misses is chance, and no method can be expected to miss less.

Methods run with their own defaults, for these are what people run:

- ``jsd`` (PyPI jensenshannondivergence, in bits): 10,000 epochs of its MLP; ``jsd-100`` the 100 epochs of its README;
  ``jsd-logreg`` its tuned logistic regression, with 5 steps of tuning instead of 50.
- ``densratio`` (PyPI): uLSIF fitted on one half of the samples and read on the other, ratios held to [1/n, n].
- ``logistic``, ``forest``, ``hist-boosting``: scikit-learn's out-of-fold cross-entropy by its own ``log_loss``. Forests
  vote 0 and 1, and where they err such a vote costs 36 nats.
- ``c2st``: the network of sbi's classifier two-sample test. Its accuracy is all that it reports, and an error rate e
  certifies log 2 - h(e).
- ``kde``: scipy's ``gaussian_kde`` read on the samples it was fitted on, as is often done; ``kde-held-out`` on others.
- ``knn``: the divergences of Wang, Kulkarni and Verdu (2009) of either side from both together, k = 5.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import multiprocessing
import os
import statistics
import tempfile
import textwrap
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import KDTree
from scipy.stats import gaussian_kde
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold, cross_val_predict, cross_val_score
from sklearn.neural_network import MLPClassifier

from ganprobe.known import truths
from ganprobe.logits import ladder
from ganprobe.machine import limit_threads
from ganprobe.measures import optimality
from ganprobe.objective import LOG2, js, js_of_error
from ganprobe.plan import BUDGETS, Budget, Plan
from ganprobe.record.cells import Cell, Column, Table
from ganprobe.samples.folds import row_hashes, split_sides
from ganprobe.samples.sides import Array, Kind, Pair
from ganprobe.seeds import Seeds
from ganprobe.show.reports import Style, terminal

Peer = Callable[[Array, Array, int], float]
FOLDS = 5
NEIGHBOURS = 5


def jsd(real: Array, fake: Array, seed: int, **settings: Any) -> float:
    """The package of Apellaniz et al. (arXiv 2606.16411)."""
    from jensenshannondivergence import estimate_jensen_shannon

    with tempfile.TemporaryDirectory() as folder:
        bits = estimate_jensen_shannon(real, fake, seed=seed, verbose=False, results_root=folder, **settings)
    return float(bits) * LOG2


def density_ratio(real: Array, fake: Array, seed: int) -> float:
    """Unconstrained least-squares importance fitting."""
    from densratio import densratio

    half, most = len(real) // 2, math.log(len(real))
    fitted = densratio(real[:half], fake[:half], verbose=False)
    with np.errstate(divide="ignore"):
        logs = [np.log(np.maximum(0, fitted.compute_density_ratio(side[half:]).ravel())) for side in (real, fake)]
    return js(*(np.clip(side, -most, most) for side in logs))


def logistic(real: Array, fake: Array, seed: int) -> float:
    """Logistic regression."""
    return _cross_entropy(LogisticRegression(), real, fake, seed)


def forest(real: Array, fake: Array, seed: int) -> float:
    """A random forest."""
    return _cross_entropy(RandomForestClassifier(random_state=seed), real, fake, seed)


def boosting(real: Array, fake: Array, seed: int) -> float:
    """Histogram gradient boosting."""
    return _cross_entropy(HistGradientBoostingClassifier(random_state=seed), real, fake, seed)


def _cross_entropy(model: Any, real: Array, fake: Array, seed: int) -> float:
    x, y, folds = *_labelled(real, fake), StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    return LOG2 - log_loss(y, cross_val_predict(model, x, y, cv=folds, method="predict_proba"))


def c2st(real: Array, fake: Array, seed: int) -> float:
    """The classifier two-sample test as in sbi: two layers of ten units a dimension."""
    units = 10 * real.shape[1]
    net = MLPClassifier((units, units), max_iter=1_000, early_stopping=True, n_iter_no_change=50, random_state=seed)
    x, y = _labelled(*((side - real.mean(0)) / real.std(0) for side in (real, fake)))
    accuracy = cross_val_score(net, x, y, cv=StratifiedKFold(FOLDS, shuffle=True, random_state=seed)).mean()
    return js_of_error(1 - accuracy)


def _labelled(real: Array, fake: Array) -> tuple[Array, Any]:
    return np.concatenate((real, fake)), np.repeat((1, 0), (len(real), len(fake)))


def kde(real: Array, fake: Array, seed: int) -> float:
    """Kernel densities read where they were fitted."""
    return _kde(real, fake, real, fake)


def kde_held_out(real: Array, fake: Array, seed: int) -> float:
    """Kernel densities of one half read on the other."""
    half = len(real) // 2
    return _kde(real[:half], fake[:half], real[half:], fake[half:])


def _kde(fit_real: Array, fit_fake: Array, real: Array, fake: Array) -> float:
    p, q = gaussian_kde(fit_real.T), gaussian_kde(fit_fake.T)
    return js(*(p.logpdf(side.T) - q.logpdf(side.T) for side in (real, fake)))


def knn(real: Array, fake: Array, seed: int) -> float:
    """Nearest neighbours, from (KL(P, M) + KL(Q, M)) / 2 with M both sides together."""
    both = np.concatenate((real, fake))

    def divergence(side: Array) -> float:
        own, pooled = (KDTree(points).query(side, NEIGHBOURS + 1)[0][:, -1] for points in (side, both))
        volumes = side.shape[1] * np.log(pooled / own).mean()
        return float(volumes) + math.log((len(both) - 1) / (len(side) - 1))

    return (divergence(real) + divergence(fake)) / 2


PEERS: dict[str, Peer] = {
    "jsd": jsd,
    "jsd-100": partial(jsd, epochs=100),
    "jsd-logreg": partial(jsd, discriminator_type="LogReg", n_iter=5),
    "densratio": density_ratio,
    "logistic": logistic,
    "forest": forest,
    "hist-boosting": boosting,
    "c2st": c2st,
    "kde": kde,
    "kde-held-out": kde_held_out,
    "knn": knn,
}


def ganprobe(real: Array, fake: Array, seed: int, kind: Kind, budget: Budget) -> tuple[float, float]:
    """What the stack demonstrates, and what it would with unlimited data."""
    plan, seeds, pair = Plan("", "", budget=budget, seed=seed), Seeds(seed), Pair(real, fake, kind)
    folds = split_sides(*(row_hashes(side, seeds.small("folds")) for side in (real, fake)))
    found = ladder.climb(plan, pair, folds, seeds, "cpu", lambda stage: None)
    grown, optimal = optimality.judge(pair, folds, found, seeds, budget, "cpu")
    return grown.rows[0].js, optimal.extrapolated


# -- running them --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a method said of a case, in nats, or why it said nothing."""

    method: str
    case: str
    truth: float
    value: float | None
    seconds: float
    failure: str | None = None

    @property
    def error(self) -> float | None:
        """By how much it missed."""
        return None if self.value is None else self.value - self.truth


# Children are forked from a process that has imported what takes seconds to import, and computed nothing.
_PROCESSES = multiprocessing.get_context("forkserver")
_PRELOADED = ["ganprobe.measures.optimality", "ganprobe.probes.mlp", "sklearn.ensemble", "ganprobe.flow"]
_PROCESSES.set_forkserver_preload(_PRELOADED)
_STARTING = 60.0


def limited(run: Callable[[], Any], limit: float | None) -> tuple[Any, float, str | None]:
    """What ``run`` returns, its processor seconds, and why it returned nothing where it did not; None is no limit."""
    receive, send = _PROCESSES.Pipe(duplex=False)
    process = _PROCESSES.Process(target=_child, args=(send, run))
    process.start()
    send.close()
    try:
        if not receive.poll(_STARTING):
            return None, 0.0, "did not start"
        receive.recv()
        if limit is not None and not receive.poll(limit):
            return None, limit, f"over {limit:g} s"
        return receive.recv()
    except EOFError:
        return None, 0.0, "its process died"
    finally:
        process.kill()
        process.join()


def _child(send: Connection, run: Callable[[], Any]) -> None:
    send.send("started")
    start = time.process_time()
    value, failure = None, None
    with (
        Path(os.devnull).open("w") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
        warnings.catch_warnings(),
        limit_threads(1),
    ):
        warnings.simplefilter("ignore")
        try:
            value = run()
        except ModuleNotFoundError as error:
            failure = f"not installed: {error.name}"
        except Exception as error:  # noqa: BLE001 - whatever a peer raises is a result here
            failure = textwrap.shorten(f"{type(error).__name__}: {error}", 100)
    send.send((value, time.process_time() - start, failure))


def outcomes(
    cases: list[str], peers: list[str], n: int, d: int, budget: Budget, seed: int, limit: float
) -> Iterator[Outcome]:
    """Every method on every case, ours first."""
    for case in cases:
        truth = truths.SUITE[case](d)
        real, fake = truth.draw(n, seed)
        yield Outcome("D*", case, truth.js, truth.oracle(real, fake), 0.0)
        run = partial(ganprobe, real, fake, seed, truth.kind, budget)
        values, seconds, failure = limited(run, None)
        for name, value in zip(("ganprobe", "extrapolated"), values or (None, None), strict=True):
            yield Outcome(name, case, truth.js, value, seconds, failure)
        flat = [side.reshape(n, -1) for side in (real, fake)]
        for name in peers:
            value, seconds, failure = limited(partial(PEERS[name], *flat, seed), limit)
            if value is not None and not math.isfinite(value):
                value, failure = None, f"answered {value}"
            yield Outcome(name, case, truth.js, value, seconds, failure)


# -- the table -----------------------------------------------------------------


def tables(found: list[Outcome], title: str) -> tuple[Table, Table]:
    """One row a method, and why some said nothing."""
    methods = list(dict.fromkeys(o.method for o in found))
    rows = tuple(_row([o for o in found if o.method == method]) for method in methods)
    columns = (
        Column("method"),
        Column("error", "decimal"),
        Column("bias", "decimal"),
        Column("worst", "decimal"),
        Column("on"),
        Column("s", "seconds"),
        Column("answers", "count"),
        Column("none", "count"),
    )
    reasons = dict.fromkeys((o.method, o.failure) for o in found if o.failure)
    said = tuple((method, f"{reason} ({_cases(found, method, reason)})") for method, reason in reasons)
    notes = Table("none", "No answer", (Column("method", "mark"), Column("reason")), said, "notes")
    return Table("methods", title, columns, rows), notes


def _row(of: list[Outcome]) -> tuple[Cell, ...]:
    """Mean absolute error, bias and worst error where there was an answer, and the median seconds of all calls."""
    missed = [o.error for o in of if o.error is not None]
    worst = max((o for o in of if o.error is not None), key=lambda o: abs(o.error), default=None)
    return (
        of[0].method,
        statistics.fmean(map(abs, missed)) if missed else None,
        statistics.fmean(missed) if missed else None,
        worst.error if worst else None,
        worst.case if worst else None,
        statistics.median(o.seconds for o in of),
        len(missed),
        len(of) - len(missed),
    )


def _cases(found: list[Outcome], method: str, reason: str) -> str:
    return ", ".join(o.case for o in found if (o.method, o.failure) == (method, reason))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="JS of pairs where it is known, by ganprobe and by other packages.")
    parser.add_argument("--n", type=int, default=2_000, help="samples of each side (default: 2000)")
    parser.add_argument("--d", type=int, default=8, help="dimension (default: 8)")
    parser.add_argument("--cases", nargs="+", choices=truths.SUITE, default=[*_CASES], metavar="CASE")
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=[*PEERS], metavar="PEER")
    parser.add_argument("--budget", choices=BUDGETS, default="fast", help="of ganprobe (default: fast)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--time-limit", type=float, default=120.0, help="seconds for a peer on a case (default: 120)")
    asked = parser.parse_args()
    given = (asked.cases, asked.peers, asked.n, asked.d, asked.budget, asked.seed, asked.time_limit)
    title = f"Known truths, n = {asked.n}, d = {asked.d}, {len(asked.cases)} cases, nats"
    shown = (table for table in tables(list(outcomes(*given)), title) if table.rows)
    print(terminal.lay_out(shown, Style(width=100)), end="")


_CASES = ("same", "shift", "scale", "correlated", "warp", "ring", "cubes", "heavy")


if __name__ == "__main__":
    main()
