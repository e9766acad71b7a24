"""Planted signal: a known JS put among the reals, and the share of it that probes recover: their power on this data.

Labels are drawn among the reals from a known logit g(x), so that two laws with a known optimal probe arise.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from ganprobe.measures import localise
from ganprobe.measures.optimality.gain import paired_se, shown
from ganprobe.objective import LOG2, sigmoid
from ganprobe.record.optimality import Evidence
from ganprobe.samples import scaling
from ganprobe.samples.folds import Fold, Folds, HeldOut, Split, atoms, row_hashes, split_sides
from ganprobe.samples.once import once
from ganprobe.samples.sides import Floats, Pair
from ganprobe.seeds import Seeds

PLANTED = 0.02
# Of the planted signal, so much must come back.
RECOVERED = 0.5
# Fewer on a side cannot be divided into parts that fit, validate and test.
_FEWEST_PLANTED = 20


def row(pair: Pair, seeds: Seeds) -> Evidence:
    """Recover a JS of .02 from labels drawn among the reals by a known logit of their two leading components."""
    signal = _signal(pair, seeds)
    if _demonstrated(20.0, signal) < PLANTED:
        return Evidence("planted signal", 1.0, RECOVERED, True, "not applicable: the reals hardly vary")
    logit = float(brentq(lambda s: _demonstrated(s, signal) - PLANTED, 0.0, 20.0)) * signal
    chosen = _labels(pair, logit, seeds)
    real, fake = pair.real[chosen], pair.real[~chosen]
    if min(len(real), len(fake)) < _FEWEST_PLANTED:
        return Evidence("planted signal", 0.0, RECOVERED, False, "too few reals to find a signal among them")
    hashes = [row_hashes(side, seeds.small("planted folds")) for side in (real, fake)]
    folds = split_sides(hashes[0], hashes[1])
    known = HeldOut(
        (),
        (),
        tuple(logit[chosen][fold.real.test] for fold in folds),
        tuple(logit[~chosen][fold.fake.test] for fold in folds),
    )
    truth = shown(known)
    recovered, noise = once(_quick, Pair(real, fake, pair.kind, pair.columns), folds, known, seeds)
    recovered, noise = recovered / max(truth, 1e-9), 2 * noise / max(truth, 1e-9)
    note = f"share recovered of a JS of {truth:.3f} put among the reals"
    return Evidence("planted signal", recovered, RECOVERED, recovered + noise >= RECOVERED, note)


def _signal(pair: Pair, seeds: Seeds) -> Floats:
    """A logit of every real but for its strength, ``[n]``: one component's sign, the square of another's."""
    every = Split(*(np.arange(len(pair.real)),) * 3)
    alone = Pair(pair.real, pair.real, pair.kind)
    scores = scaling.reduction(alone, Fold(every, every), 2, seeds)(pair.real).astype(np.float64)
    scores = (scores - scores.mean(0)) / np.where(scores.std(0) > 0, scores.std(0), 1.0)
    signal = np.tanh(scores[:, 0]) + (np.tanh(scores[:, -1]) ** 2 if scores.shape[1] > 1 else 0.0)
    centred: Floats = signal - signal.mean()
    return centred


def _demonstrated(strength: float, signal: Floats) -> float:
    """JS of the two laws that labels drawn by ``strength`` times ``signal`` make."""
    p = sigmoid(strength * signal)
    return LOG2 + float((p * np.log(p) + (1 - p) * np.log(1 - p)).mean())


def _labels(pair: Pair, logit: Floats, seeds: Seeds) -> npt.NDArray[np.bool_]:
    """Which reals play the reals. One label for copies of a row, or they would sit on both sides."""
    rows, fakes = row_hashes(pair.real, 0), row_hashes(pair.fake, 0)
    uniform = np.random.default_rng(seeds.integer("planted")).random(len(logit))
    _, first = np.unique(rows, return_inverse=True)
    return np.asarray(np.where(atoms(rows, fakes), uniform, uniform[first]) < sigmoid(logit))


def _quick(pair: Pair, folds: Folds, known: HeldOut, seeds: Seeds) -> tuple[float, float]:
    """JS that quick probes show, and the standard error of its difference to that of ``known`` logits."""
    found = localise.quick(pair, folds, seeds)
    return shown(found), paired_se(known, found)
