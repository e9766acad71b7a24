"""Rows of one side that depend on each other, and how groups of unequal sizes are dealt out."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from ganprobe.samples.sides import Hashes, Indices


@dataclass(frozen=True, slots=True, eq=False)
class Together:
    """Rows of one side that share a part: ``groups`` ``[n]`` has the number of each row's group.

    ``tested_once``: one row of each group is tested, and so the tested ones do not depend on each other.
    """

    groups: Indices
    tested_once: bool

    def of(self, rows: Indices) -> Together:
        """The groups of some of the rows."""
        return Together(self.groups[rows], self.tested_once)

    @property
    def n(self) -> int:
        """How many groups there are."""
        return len(np.unique(self.groups))


def joined(keys: Hashes, groups: Indices) -> Hashes:
    """A key for each row, one for all that are linked by equal keys or groups: the least of theirs."""
    from scipy import sparse  # here, for inspect reads this module and must not wait for it

    n = len(keys)
    (_, key), (_, group) = (np.unique(names, return_inverse=True) for names in (keys, groups))
    links = np.ones(2 * n), (np.tile(np.arange(n), 2), np.concatenate((n + key, n + key.max() + 1 + group)))
    size = n + int(key.max()) + int(group.max()) + 2
    _, part = sparse.csgraph.connected_components(sparse.coo_array(links, shape=(size, size)), directed=False)
    least = np.full(part.max() + 1, np.iinfo(np.uint64).max, np.uint64)
    np.minimum.at(least, part[:n], keys)
    joined: Hashes = least[part[:n]]
    return joined


def dealt(keys: Hashes, n_blocks: int) -> Indices:
    """The block of each row: the largest group first, each to the block that has the fewest rows."""
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    fewest = [(0, block) for block in range(n_blocks)]
    block_of = np.empty(len(counts), np.int64)
    for group in np.argsort(-counts, kind="stable"):
        n, block_of[group] = fewest[0]
        heapq.heapreplace(fewest, (n + int(counts[group]), int(block_of[group])))
    blocks: Indices = block_of[inverse]
    return blocks
