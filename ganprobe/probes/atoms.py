"""Repeated rows: how often each was real among the fit rows, where a side is draws from a discrete law.

A hundred integers against a hundred others, all rows of even parity against all of odd: no direction, no threshold and
no neighbourhood tells them apart, and the rows themselves do. The logit of a row is the log odds of its counts in the
fit part, each with half a row added. What is likelier to show a row never seen before is the side that has shown more
rows once only (Good 1953): fifty fakes over and over against reals that never repeat are told apart by that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ganprobe.plan import Budget
from ganprobe.probes import Probe
from ganprobe.samples.folds import Folds, discrete, row_hashes
from ganprobe.samples.sides import Array, Floats, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``added``: rows added to each count, so that few rows claim little; ``added_new``: to those seen once."""

    added: float = 0.5
    added_new: float = 5.0


COSTLY = False


def applies(pair: Pair) -> str | None:
    """Where a side is discrete."""
    if any(discrete(row_hashes(side, 0)) for side in (pair.real, pair.fake)):
        return None
    return "rows do not repeat"


def settings(budget: Budget, pair: Pair) -> Settings:
    """The same at every budget."""
    return Settings()


def stronger(settings: Settings) -> Settings | None:
    """None: counts have no size."""
    return None


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """The counts of each fold's fit part."""
    salt = seeds.small("atoms")
    odds = []
    for fold in folds:
        real, fake = (
            row_hashes(side[rows], salt) for side, rows in ((pair.real, fold.real.fit), (pair.fake, fold.fake.fit))
        )
        known = np.unique(np.concatenate((real, fake)))
        counts = [np.bincount(np.searchsorted(known, side), minlength=len(known)) for side in (real, fake)]
        logs = [np.log(count + settings.added) - np.log(count.sum()) for count in counts]
        new = [np.log((count == 1).sum() + settings.added_new) - np.log(count.sum()) for count in counts]
        odds.append((known, logs[0] - logs[1], new[0] - new[1]))

    def logit(k: int, values: Array) -> Floats:
        known, odd, unseen = odds[k]
        hashes = row_hashes(values, salt)
        place = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
        return np.asarray(np.where(known[place] == hashes, odd[place], unseen), np.float64)

    return Probe(logit, settings, None, "no training")
