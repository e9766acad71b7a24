"""How many samples each part gets: fakes drawn on demand are laid out by part, and either side can be thinned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ganprobe.samples.folds import Fold, Folds, Split, canonical_order, row_hashes
from ganprobe.samples.sides import Indices, Stored
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Draw:
    """How many fakes a generator is asked for: a fit pool and a val pool that all folds share, test fakes per fold."""

    fit: int
    val: int
    test: tuple[int, ...]

    @property
    def total(self) -> int:
        """All fakes together."""
        return self.fit + self.val + sum(self.test)


def plan_draw(splits: list[Split], fit_ratio: float, test_ratio: float, most: int) -> Draw:
    """Fakes for real ``splits``: ``fit_ratio`` per fit real, ``test_ratio`` per val and test real, ``most`` in all."""
    fit = max(len(s.fit) for s in splits) * fit_ratio
    val = max(len(s.val) for s in splits) * test_ratio
    test = [len(s.test) * test_ratio for s in splits]
    shrink = min(1.0, most / (fit + val + sum(test)))
    return Draw(int(fit * shrink), int(val * shrink), tuple(int(t * shrink) for t in test))


def join_draw(splits: list[Split], draw: Draw) -> Folds:
    """Folds over fakes laid out as fit pool, val pool, then the test parts fold by fold."""
    fit = np.arange(draw.fit, dtype=np.int64)
    val = np.arange(draw.fit, draw.fit + draw.val, dtype=np.int64)
    start, folds = draw.fit + draw.val, []
    for split, n_test in zip(splits, draw.test, strict=True):
        folds.append(Fold(split, Split(fit, val, np.arange(start, start + n_test, dtype=np.int64))))
        start += n_test
    return Folds(tuple(folds))


def subsample(values: Stored, n: int | None, seeds: Seeds, stream: str) -> Indices:
    """At most ``n`` rows, in canonical order: a set that depends on the rows and the seed, not on their order."""
    return canonical_order(row_hashes(values, seeds.small(stream)))[:n]
