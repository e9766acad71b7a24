"""Memorisation: are fakes nearer to the samples that the generator was trained on than fresh reals are?

Three samples tell: T that the generator was trained on, P held out, Q generated (Meehan, Chaudhuri and Dasgupta 2020).

**Nearer to which?** A fake has its nearest neighbour among T and P together. If the generator treats both alike, rows
of T and P can be exchanged, and the share of fakes with a neighbour in T is the share of T, however good or smooth the
fakes are. The variance is that of exchanging rows at random, each with all the fakes that it attracts.

**C_T.** In each cell of T (k-means) the ranks of d(Q, T) against those of d(P, T): a Mann-Whitney z, averaged over the
cells with the share of P in each. Far below 0 fakes are nearer to T than fresh reals are. Smooth fakes, which lie
between all reals, are so without a copy among them: hence the first test.

**Near copies.** Fakes nearer to T than all but 0.1 % of P, in the distance to the fifth nearest of T: fakes that crowd
where reals lie dense are near to all of these, and copies to one. If fakes were fresh reals, the number within the r-th
smallest of n such ratios would be beta-binomial (r, n - r + 1).

**What the probe says.** JS against T and against P, by the same quick probes with as many reals. A generator that
repeats T teaches the probe that T is fake, and less is demonstrated there.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy import stats
from sklearn.cluster import KMeans

from ganprobe.errors import UsageError
from ganprobe.inputs import datasets
from ganprobe.logits import divergences
from ganprobe.measures import localise
from ganprobe.measures.study import Study
from ganprobe.record.memorisation import CopiesRecord, MemorisationRecord, NearCopy
from ganprobe.record.unmeasured import Unmeasured
from ganprobe.samples.draw import subsample
from ganprobe.samples.folds import Fold, row_hashes, split_sides
from ganprobe.samples.neighbours import nearest
from ganprobe.samples.scaling import scaler
from ganprobe.samples.sides import Array, Floats, Indices, Origin, Pair
from ganprobe.seeds import Seeds

NEEDS = "probes"

_NEAR = 0.001
# The nearest real is compared with this one of the nearest: fakes where reals lie dense are near to all of them.
_CROWD = 5
# Fewer fresh distances have no such quantile.
_LEAST_FRESH = 100
_PAIRS = 8

_ROWS = 4_000
_MOST_TRAIN = 60_000
# Multiplications that neighbours may cost.
_NEIGHBOUR_COST = 2e11
# Reals of each kind that the probes are trained and tested on.
_PROBED = 3_000
_PER_CELL = 100
_MOST_CELLS = 10
_LEAST_IN_CELL = 20
_LEAST_ROWS = 50


def near_copies(
    reals: Array, fresh: Array, fakes: Array, fake_rows: Indices, real_rows: Indices
) -> CopiesRecord | None:
    """How many of ``fakes`` ``[m, d]`` are as near to one of ``reals`` ``[n, d]`` as copies are.

    ``fresh`` ``[k, d]``: other reals. ``fake_rows`` ``[m]`` and ``real_rows`` ``[n]`` name the two ends. None where
    that cannot be told: too few, or reals that repeat.
    """
    to_fresh, _ = _closeness(fresh, reals)
    found, nearest_real = _closeness(fakes, reals)
    rank = max(1, int(_NEAR * len(fresh)))
    limit = float(np.partition(to_fresh, rank - 1)[rank - 1]) if len(fresh) >= _LEAST_FRESH else 0.0
    if limit <= 0:
        return None
    unit = float(np.median(to_fresh))
    near = np.flatnonzero(found < limit)
    order = near[np.argsort(found[near], kind="stable")][:_PAIRS]
    p_value = float(stats.betabinom.sf(len(near) - 1, len(found), rank, len(fresh) - rank + 1))
    return CopiesRecord(
        share=len(near) / len(found),
        expected=rank / (len(fresh) + 1),
        p_value=min(1.0, p_value),
        distance=limit / unit,
        pairs=tuple(
            NearCopy(int(fake_rows[i]), int(real_rows[nearest_real[i]]), float(found[i]) / unit) for i in order
        ),
    )


def _closeness(points: Array, reals: Array) -> tuple[Floats, Indices]:
    """The distance to the nearest real in that to the fifth, small for a copy alone, and which real it is."""
    distances, rows = nearest(points, reals, min(_CROWD, len(reals)))
    nearest_one, crowd = distances[:, 0].astype(np.float64), distances[:, -1]
    return nearest_one / np.where(crowd > 0, crowd, 1.0), rows[:, 0]


def measure(study: Study) -> dict[str, MemorisationRecord | Unmeasured]:
    """The fakes held against what the generator was trained on, where that is given."""
    plan, drawn = study.plan, study.drawn
    if plan.train_data is None:
        return {"memorisation": Unmeasured("no --train-data, which fakes are held against")}
    train = datasets.load_like(Path(plan.train_data), study.data, datasets.DataOptions(seed=plan.seed))
    own, fold = drawn.path.real(train.values), drawn.folds.folds[0]
    return {"memorisation": held_against(own, plan.train_data, drawn.whole, fold, drawn.origin, study.seeds)}


def held_against(train: Array, path: str, pair: Pair, fold: Fold, origin: Origin, seeds: Seeds) -> MemorisationRecord:
    """The tests above. ``train`` ``[t, *shape]`` from the file ``path``, in the units of ``pair``.

    `UsageError` where hardly a real is held out.
    """
    held_out, notes = _held_out(pair, train, seeds)
    held_out = held_out[subsample(pair.real[held_out], _ROWS, seeds, "memorisation held out")]
    fakes = subsample(pair.fake, _ROWS, seeds, "memorisation fakes")
    affordable = int(_NEIGHBOUR_COST / pair.width / (len(held_out) + len(fakes)))
    kept = subsample(train, min(_MOST_TRAIN, affordable), seeds, "memorisation train")
    scale = scaler(pair, fold, seeds)
    t, p, q = (scale.coordinates(side) for side in (train[kept], pair.real[held_out], pair.fake[fakes]))
    (p_to_t, _), (q_to_t, q_in_t), (q_to_p, q_in_p) = (_to_nearest(*ends) for ends in ((p, t), (q, t), (q, p)))
    c_t, c_t_z, cells = _c_t(t, (p, p_to_t), (q, q_to_t), seeds)
    nearer, nearer_z = _nearer(q_to_t, q_in_t, len(t), q_to_p, q_in_p, len(p))
    (js_train, train_se), (js_held_out, held_out_se) = _readings(train, pair, held_out, fakes, seeds)
    return MemorisationRecord(
        path=path,
        n_train=len(train),
        n_held_out=len(held_out),
        nearer=nearer,
        nearer_z=nearer_z,
        c_t=c_t,
        c_t_z=c_t_z,
        cells=cells,
        js_train=js_train,
        js_held_out=js_held_out,
        js_se=math.hypot(train_se, held_out_se),
        copies=near_copies(t, p, q, origin.fake.rows[fakes], kept),
        notes=notes,
    )


def _held_out(pair: Pair, train: Array, seeds: Seeds) -> tuple[Indices, tuple[str, ...]]:
    """Rows of the reals that are not among the training samples, unless rows repeat by nature."""
    hashes, counts = np.unique(row_hashes(train, seeds.small("copies")), return_counts=True)
    shared = np.isin(row_hashes(pair.real, seeds.small("copies")), hashes)
    natural = float(counts[counts > 1].sum() / counts.sum())
    if shared.mean() <= 2 * natural + 0.001:
        return np.arange(len(pair.real), dtype=np.int64), ()
    kept = np.flatnonzero(~shared).astype(np.int64)
    if len(kept) < _LEAST_ROWS:
        raise UsageError(
            f"--train-data holds {int(shared.sum())} of the {len(shared)} reals: too few are held out",
            "give as DATA reals that the generator was not trained on",
        )
    return kept, (f"{int(shared.sum())} reals that are training samples too were left out",)


def _to_nearest(query: Array, reference: Array) -> tuple[Floats, Indices]:
    distances, rows = nearest(query, reference, 1)
    return distances[:, 0].astype(np.float64), rows[:, 0]


def _nearer(
    to_train: Floats, in_train: Indices, n_train: int, to_held_out: Floats, in_held_out: Indices, n_held_out: int
) -> tuple[float, float]:
    """The share of fakes whose nearest real is a training sample, were both kinds as many, and its z."""
    attracted = np.where(to_train < to_held_out, 1.0, np.where(to_train > to_held_out, 0.0, 0.5))
    weights = np.concatenate(
        (
            np.bincount(in_train, attracted, n_train),
            np.bincount(in_held_out, 1 - attracted, n_held_out),
        )
    )
    total, n = float(weights.sum()), len(weights)
    excess = float(attracted.sum()) - total * n_train / n
    variance = n_train * n_held_out / n * float(weights.var(ddof=1))
    odds = attracted.mean() * n_held_out, (1 - attracted.mean()) * n_train
    return float(odds[0] / sum(odds)), excess / math.sqrt(variance) if variance > 0 else 0.0


def _c_t(
    train: Array, held_out: tuple[Array, Floats], fake: tuple[Array, Floats], seeds: Seeds
) -> tuple[float | None, float | None, int]:
    """C_T, its z were the cells independent, and the number of cells that hold enough of both."""
    k = max(1, min(_MOST_CELLS, len(held_out[0]) // _PER_CELL))
    cells = KMeans(k, n_init=1, random_state=seeds.small("memorisation")).fit(train[:_ROWS])
    (of_real, real_distance), (of_fake, fake_distance) = ((cells.predict(s), d) for s, d in (held_out, fake))
    weights, scores = [], []
    for c in range(k):
        real, fakes = real_distance[of_real == c], fake_distance[of_fake == c]
        if min(len(real), len(fakes)) >= _LEAST_IN_CELL:
            weights.append(len(real))
            scores.append(_rank_z(fakes, real))
    if not weights:
        return None, None, 0
    share = np.array(weights) / sum(weights)
    c_t = float(share @ np.array(scores))
    return c_t, c_t / float(np.linalg.norm(share)), len(weights)


def _rank_z(a: Floats, b: Floats) -> float:
    """Mann and Whitney's z, below 0 where ``a`` is the smaller."""
    n, m = len(a), len(b)
    ranks = stats.rankdata(np.concatenate((a, b)))
    _, ties = np.unique(ranks, return_counts=True)
    tied = float((ties.astype(float) ** 3 - ties).sum()) / ((n + m) * (n + m - 1))
    variance = n * m / 12 * (n + m + 1 - tied)
    return float((ranks[:n].sum() - n * (n + m + 1) / 2) / math.sqrt(variance)) if variance > 0 else 0.0


def _readings(
    train: Array, pair: Pair, held_out: Indices, fakes: Indices, seeds: Seeds
) -> tuple[tuple[float, float], tuple[float, float]]:
    """JS of the fakes against training and against held-out reals, each with its standard error."""
    n = min(len(held_out), len(train), _PROBED)
    fake = pair.fake[fakes]
    readings = []
    for real in (train[subsample(train, n, seeds, "memorisation probe")], pair.real[held_out[:n]]):
        either = replace(pair, real=real, fake=fake)
        folds = split_sides(row_hashes(real, seeds.small("folds")), row_hashes(fake, seeds.small("folds")))
        js = divergences.MEMBERS["js"].estimate(localise.quick(either, folds, seeds), seeds)
        readings.append((float(js.value), float(js.high - js.low) / (2 * divergences.Z_TWO_SIDED)))
    return readings[0], readings[1]
