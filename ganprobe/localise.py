"""JS through every view: where the mismatch lives.

Each row is a valid lower bound of the raw JS: the kernel is the same on both sides, and the rows' own probe (boosting
and logistic regression, stacked: seconds, not minutes) is scored on held-out samples like any other. Rows that keep
what the headline shows say that the difference is already visible there; rows that lose it say that it is finer.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from ganprobe import bounds, divergences, probes, views
from ganprobe.calibration import calibrate, stack
from ganprobe.config import Budget
from ganprobe.records import ViewRecord
from ganprobe.samples import Array, Fold, Folds, HeldOut, Indices, Pair, Split
from ganprobe.seeds import Seeds

# The probes of a row: trees see atoms and thresholds, the quadratic form sees smooth shifts and scales.
QUICK = ("logistic", "boosting")


def through(name: str, pair: Pair, folds: Folds, settings: Any, seeds: Seeds) -> ViewRecord:
    """JS through the view called ``name`` with ``settings`` (an instance of its ``Settings``)."""
    start = time.perf_counter()
    viewed = views.MEMBERS[name].apply(pair, folds.folds[0], settings, seeds)
    return row(name, quick(viewed, folds, seeds), seeds, asdict(settings), time.perf_counter() - start)


def row(name: str, logits: HeldOut, seeds: Seeds, settings: Mapping[str, Any], seconds: float) -> ViewRecord:
    """What held-out ``logits`` say, as a row of the table of views."""
    js = divergences.MEMBERS["js"].estimate(logits, seeds)
    return ViewRecord(name, js.value, js.low, js.high, bounds.floor(logits), dict(settings), seconds)


def quick(pair: Pair, folds: Folds, seeds: Seeds) -> HeldOut:
    """Stacked held-out logits of the quick probes."""
    logits = []
    for name in QUICK:
        member = probes.MEMBERS[name]
        probe = member.fit(pair, folds, member.settings("fast", pair), seeds, "cpu")
        logits.append(calibrate(probes.score(probe, pair, folds)))
    return stack(logits)[0]


def family(pair: Pair, folds: Folds, budget: Budget) -> list[tuple[str, Any]]:
    """The views worth a row for such samples, with their settings: (name, settings)."""
    rows: list[tuple[str, Any]] = []
    for name, changes in (("blocks", {}), ("noise", {"sigma": _noise(pair, folds.folds[0])}), ("pca", {})):
        member = views.MEMBERS[name]
        settings = member.Settings(**changes)
        if member.applies(pair) is None:
            rows.append((name, settings))
    return rows


# Enough to hide fine detail and to leave shapes: three tenths of the range of a picture, of the spread of a column.
_NOISE = 0.3


def _noise(pair: Pair, fold: Fold) -> float:
    """The noise of the noise view, in the unit of the kind; arrays have no unit but their own spread."""
    if pair.kind != "array":
        return _NOISE
    fit = np.concatenate((pair.real[fold.real.fit], pair.fake[fold.fake.fit]))
    spread = float(np.median(fit.reshape(len(fit), -1).std(0)))
    return float(f"{_NOISE * spread:.2g}") if spread > 0 else _NOISE


def excerpt(real: Array, fake: Array, fold: Fold, most: int) -> tuple[Array, Array, Folds]:
    """The rows of one fold alone, at most ``most`` of a part, and the fold renumbered to them."""
    sides, splits = [], []
    for values, split in ((real, fold.real), (fake, fold.fake)):
        parts: list[Indices] = [part[:most] for part in (split.fit, split.val, split.test)]
        edges = np.cumsum([0, *map(len, parts)])
        sides.append(values[np.concatenate(parts)])
        splits.append(Split(*(np.arange(a, b, dtype=np.int64) for a, b in itertools.pairwise(edges))))
    return sides[0], sides[1], Folds((Fold(splits[0], splits[1]),))
