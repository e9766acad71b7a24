"""Which divisors' rests tell two sides apart: the test of their counts, and one divisor where several say the same."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Protocol, TypeVar

from ganprobe.samples.sides import Floats


class Told(Protocol):
    """What a ``divisor`` leaves, and how ``sure`` it is that the sides differ in it."""

    @property
    def divisor(self) -> int:
        """Rests are below it."""

    @property
    def sure(self) -> float:
        """By Schwarz's criterion."""


T = TypeVar("T", bound=Told)


def coprime(found: Iterable[T]) -> list[T]:
    """The surest first; of those whose divisors have a divisor in common, the surest alone."""
    best: list[T] = []
    for one in sorted(found, key=lambda told: -told.sure):
        if all(math.gcd(one.divisor, other.divisor) == 1 for other in best):
            best.append(one)
    return best


def apart(counts: Floats) -> float:
    """The statistic of a test of two rows of ``counts`` ``[2, k]``: k - 1 on average where both have one law."""
    counts = counts[:, counts.sum(0) > 0]
    expected = counts.sum(1, keepdims=True) * counts.sum(0) / counts.sum()
    return float(((counts - expected) ** 2 / expected).sum())
