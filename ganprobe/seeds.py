"""One seed for a run, one named stream for each stage.

A single generator shared by all stages couples them: asking for one more probe would shift every later number. Here a
stage draws from the stream of its own name, so adding, removing or reordering stages changes no other stage's numbers.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Seeds:
    """The root of all randomness of a run."""

    seed: int

    def numpy(self, *name: str | int) -> np.random.Generator:
        """The stream called ``name``, from its beginning, as a numpy generator."""
        return np.random.default_rng(self._sequence(name))

    def integer(self, *name: str | int) -> int:
        """A 63-bit integer for libraries that take one (``torch.Generator.manual_seed``)."""
        return int(self._sequence(name).generate_state(1, np.uint64)[0] >> np.uint64(1))

    def small(self, *name: str | int) -> int:
        """A 31-bit integer for libraries that take no more (scikit-learn's ``random_state``)."""
        return self.integer(*name) & 0x7FFFFFFF

    def _sequence(self, name: tuple[str | int, ...]) -> np.random.SeedSequence:
        return np.random.SeedSequence([self.seed, *(zlib.crc32(str(part).encode()) for part in name)])
