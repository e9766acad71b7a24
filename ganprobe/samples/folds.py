"""Who trains, who calibrates, who is tested: a division of both sides by the hash of their rows.

Neither the order of rows nor copies among them change anything: equal rows share a block, unless they are atoms of a
discrete law, and blocks are dealt by hash. Roles: fit trains, val stops, calibrates and stacks, test is read once.

Rows that depend on each other stay together (`Together`): what is learnt of one would be known of the others. Of groups
that were named one row each is tested, for the bounds are those of independent rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import numpy.typing as npt

from ganprobe.samples.groups import Together, dealt, joined
from ganprobe.samples.sides import Floats, Hashes, Indices, Stored


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Row numbers of one side: ``fit`` trains, ``val`` stops, calibrates and stacks, ``test`` is read once.

    ``inner``: all rows but those of the test part, in parts that stay together, where samples are so few that a quick
    probe is cross-validated on them and trained on them all; empty where they are plenty.
    """

    fit: Indices
    val: Indices
    test: Indices
    inner: tuple[Indices, ...] = field(default=(), kw_only=True)

    @property
    def trained(self) -> Indices:
        """The most that a probe is trained on."""
        return np.concatenate(self.inner) if self.inner else self.fit


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """One division of both sides."""

    real: Split
    fake: Split


@dataclass(frozen=True, slots=True, eq=False)
class Folds:
    """K folds whose test parts are disjoint, or a single split when samples are plenty."""

    folds: tuple[Fold, ...]

    def __len__(self) -> int:
        return len(self.folds)

    def __iter__(self) -> Iterator[Fold]:
        return iter(self.folds)

    def testing(self, n: int) -> Folds:
        """The first folds whose test parts together hold ``n`` reals; of several two at least, or all."""
        return Folds(self.folds[: enough([len(fold.real.test) for fold in self.folds], n)])

    @property
    def apart(self) -> tuple[tuple[int, ...], ...]:
        """For each fold, those whose val part has no row of its test part, itself among them."""

        def meet(val: Fold, test: Fold) -> bool:
            sides = ((val.real.val, test.real.test), (val.fake.val, test.fake.test))
            return any(np.isin(*rows).any() for rows in sides)

        ks = range(len(self.folds))
        return tuple(tuple(j for j in ks if j == k or not meet(self.folds[j], self.folds[k])) for k in ks)


def enough(tested: Sequence[int], n: int) -> int:
    """How many of folds that have so many ``tested`` rows each hold ``n`` of them: two at least, or all.

    An audit of one fold learns from what the others tested.
    """
    return min(len(tested), max(2, 1 + int(np.searchsorted(np.cumsum(tested), n))))


def in_blocks(rows: Indices) -> Together:
    """Rows that follow each other in their file, at ``rows``, in as many blocks as the folds have."""
    n_blocks = _BLOCKS if len(rows) < SINGLE_SPLIT_FROM else _SINGLE_BLOCKS
    rank = np.empty(len(rows), np.int64)
    rank[np.argsort(rows, kind="stable")] = np.arange(len(rows))
    return Together(rank * n_blocks // max(1, len(rows)), tested_once=False)


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """Logits of samples that the probe of their fold never trained on: one array per fold, in the order of the fold.

    ``apart``: see `Folds`; empty where each fold has its own val part to learn from and no other. ``calibrated``: by
    cross-validation within each fold's fit and val part.
    """

    val_real: tuple[Floats, ...]
    val_fake: tuple[Floats, ...]
    test_real: tuple[Floats, ...]
    test_fake: tuple[Floats, ...]
    apart: tuple[tuple[int, ...], ...] = field(default=(), kw_only=True)
    calibrated: bool = field(default=False, kw_only=True)

    def first(self, n: int) -> HeldOut:
        """Those of the first ``n`` folds."""
        apart = tuple(tuple(j for j in others if j < n) for others in self.apart[:n])
        sides = self.val_real[:n], self.val_fake[:n], self.test_real[:n], self.test_fake[:n]
        return HeldOut(*sides, apart=apart, calibrated=self.calibrated)

    def val(self, fold: int) -> tuple[Floats, Floats]:
        """What ``fold`` may learn from: both sides of the val parts, each scored by its own fold's probe."""
        others = self.apart[fold] if self.apart else (fold,)
        return np.concatenate([self.val_real[j] for j in others]), np.concatenate([self.val_fake[j] for j in others])


# More reals than this and one split costs less than it saves; below it every real should be tested once.
SINGLE_SPLIT_FROM = 20_000
CROSS_FIT_FOLDS = 5
# A cross-fit divides the reals into ten blocks: two are tested, one or two validate, the rest fit. By thirds more are
# tested and as many validate: two trainings then read what takes three or four of the other.
_BLOCKS = 2 * CROSS_FIT_FOLDS
_FIFTHS = tuple((2 * k, 2 * k + 1) for k in range(CROSS_FIT_FOLDS))
_THIRDS = ((0, 1, 2, 3), (4, 5, 6), (7, 8, 9))
_SINGLE_BLOCKS = 20
# With fewer reals than this, one block in ten is too few to calibrate on.
_TWO_VAL_BLOCKS_BELOW = 4_000
# With fewer than this a quick probe is cross-validated: what so few val points choose by chance would cost more.
_CROSS_VALIDATED_BELOW = 1_000

# Numbers that stay in the processor's cache while they are hashed: twice as fast as many at once.
_HASHED_AT_ONCE = 2**18


def row_hashes(values: Stored, seed: int) -> Hashes:
    """A 64-bit hash of each row as float32, ``[n]``: equal rows have equal hashes, whatever their order.

    Multilinear hashing with random odd multipliers, then a finaliser. Minus zero counts as zero.
    """
    rows = np.ascontiguousarray(values.reshape(len(values), -1))
    keys = np.random.default_rng([seed, 0x6861_7368]).integers(0, 2**64, rows.shape[1] + 1, dtype=np.uint64)
    hashes = np.empty(len(rows), np.uint64)
    odd_keys, step = keys[:-1] | np.uint64(1), max(1, _HASHED_AT_ONCE // max(1, rows.shape[1]))
    for start in range(0, len(rows), step):
        words = (rows[start : start + step] + np.float32(0.0)).view(np.uint32).astype(np.uint64)
        hashes[start : start + step] = np.einsum("ij,j->i", words, odd_keys) + keys[-1]
    return _mixed(hashes)


def _mixed(words: Hashes) -> Hashes:
    """A bijection of 64-bit words that leaves no pattern."""
    words = (words ^ (words >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15)
    words = (words ^ (words >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return words ^ (words >> np.uint64(32))


def _own(hashes: Hashes) -> Hashes:
    """A number for each row: its hash, and where rows are equal a hash of it and of how many came before.

    Salted by the whole set, or equal rows of both sides would be dealt alike: what one side has in excess would then be
    shared out over all parts, and the accidents of this sample would look like the law.
    """
    order = np.argsort(hashes, kind="stable")
    ascending, place = hashes[order], np.arange(len(hashes), dtype=np.uint64)
    changes = np.concatenate(([True], ascending[1:] != ascending[:-1], [True]))
    first, alone = changes[:-1], changes[:-1] & changes[1:]
    before = place - np.maximum.accumulate(np.where(first, place, np.uint64(0)))
    salt = np.bitwise_xor.reduce(_mixed(ascending + place))
    own = np.empty_like(hashes)
    own[order] = np.where(alone, ascending, _mixed((ascending + before * np.uint64(0xD6E8FEB86659FD93)) ^ salt))
    return own


def canonical_order(hashes: Hashes) -> Indices:
    """The order that every stage uses: at random, but the same set of rows in any order comes out the same.

    Equal rows do not come out together, so that the first rows of any part are a fair sample of it.
    """
    return np.argsort(_own(hashes), kind="stable").astype(np.int64)


# From so many equal rows on, a row is more likely an atom than a copy, if most of its side is so.
_REPEATS = 5
# Rows that were copied a fixed number of times all occur equally often; draws from a discrete law scatter as counts do.
_FEW_COPIES = 20
_SCATTER = 0.25


def atoms(hashes: Hashes, other: Hashes) -> npt.NDArray[np.bool_]:
    """Which rows belong to atoms of a discrete law.

    Those that the ``other`` side has too, those that are a twentieth of theirs, and all that repeat where the side is
    `discrete`. Other equal rows are copies of one sample, and in two parts they would be learnt by heart. An atom kept
    together would be tested only where it was never seen.
    """
    distinct, inverse, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    of_law = np.isin(distinct, other) | (counts > len(hashes) / 20) | ((counts > 1) & _discrete(counts))
    mask: npt.NDArray[np.bool_] = of_law[inverse]
    return mask


def discrete(hashes: Hashes) -> bool:
    """Whether rows with these hashes are draws from a discrete law: more than half of them occur five times or more.

    Unless all occur equally often, and rarely: then each was copied so many times.
    """
    return _discrete(np.unique(hashes, return_counts=True)[1])


def _discrete(counts: Indices) -> bool:
    repeated = counts[counts >= _REPEATS]
    if 2 * repeated.sum() <= counts.sum():
        return False
    return bool(repeated.mean() >= _FEW_COPIES or counts.var() > _SCATTER * counts.mean())


def _blocks(hashes: Hashes, other: Hashes, n_blocks: int, together: Together | None) -> Indices:
    """The block of each row, of nearly equal sizes: copies of a row share one, `atoms` are dealt out row by row."""
    keys = np.where(atoms(hashes, other), _own(hashes), hashes)
    if together is not None:
        return dealt(joined(keys, together.groups), n_blocks)
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2
    block: Indices = np.minimum((middle * n_blocks / counts.sum()).astype(np.int64), n_blocks - 1)
    return block[inverse]


_NONE = np.empty(0, np.uint64)


def _cross_fit(hashes: Hashes, other: Hashes, together: Together | None, tests: Sequence[Sequence[int]]) -> list[Split]:
    block = _blocks(hashes, other, _BLOCKS, together)
    val_blocks = 2 if len(hashes) < _TWO_VAL_BLOCKS_BELOW else 1
    splits = []
    for test in tests:
        val = [(test[-1] + 1 + j) % _BLOCKS for j in range(val_blocks)]
        in_test, in_val = np.isin(block, test), np.isin(block, val)
        parts = _rows(~in_test & ~in_val), _rows(in_val), _tested(_rows(in_test), hashes, together)
        inner = tuple(_rows(np.isin(block, other)) for other in tests if other is not test)
        splits.append(Split(*parts, inner=inner if len(hashes) < _CROSS_VALIDATED_BELOW else ()))
    return splits


def _single(hashes: Hashes, other: Hashes, together: Together | None) -> list[Split]:
    block = _blocks(hashes, other, _SINGLE_BLOCKS, together)
    test = _tested(_rows(block >= 16), hashes, together)
    return [Split(_rows(block < 14), _rows((block >= 14) & (block < 16)), test)]


def _tested(rows: Indices, hashes: Hashes, together: Together | None) -> Indices:
    """Of ``rows`` those that are tested: all, or one of each group, which its hash picks."""
    if together is None or not together.tested_once:
        return rows
    order = rows[np.argsort(_own(hashes)[rows], kind="stable")]
    _, first = np.unique(together.groups[order], return_index=True)
    return np.sort(order[first])


def _rows(mask: npt.NDArray[np.bool_]) -> Indices:
    return np.flatnonzero(mask).astype(np.int64)


def split_sides(
    real_hashes: Hashes,
    fake_hashes: Hashes,
    real: Together | None = None,
    fake: Together | None = None,
    *,
    thirds: bool = False,
) -> Folds:
    """Folds of two finite sets of rows: the same scheme on both sides, chosen by the smaller one.

    ``real`` and ``fake``: what stays together on either side, beside equal rows. ``thirds``: three folds in place of
    five.
    """
    scheme = _scheme(min(len(real_hashes), len(fake_hashes)), thirds)
    reals, fakes = scheme(real_hashes, fake_hashes, real), scheme(fake_hashes, real_hashes, fake)
    return Folds(tuple(Fold(r, f) for r, f in zip(reals, fakes, strict=True)))


def split_halves(hashes: Hashes, other: Hashes = _NONE, together: Together | None = None) -> tuple[Indices, Indices]:
    """Two halves of a set of rows; copies of a row are in the same half, but for values that ``other`` has too."""
    block = _blocks(hashes, other, 2, together)
    return _rows(block == 0), _rows(block == 1)


def split_reals(
    real_hashes: Hashes, fake_hashes: Hashes = _NONE, together: Together | None = None, *, thirds: bool = False
) -> list[Split]:
    """The real side's splits where fakes are drawn on demand; their sizes do not wait for the fakes."""
    return _scheme(len(real_hashes), thirds)(real_hashes, fake_hashes, together)


def _scheme(n: int, thirds: bool) -> Callable[[Hashes, Hashes, Together | None], list[Split]]:
    """How ``n`` rows are divided."""
    return _single if n >= SINGLE_SPLIT_FROM else partial(_cross_fit, tests=_THIRDS if thirds else _FIFTHS)
