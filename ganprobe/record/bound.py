"""What held-out logits demonstrate: one number with its interval and its certified floor, the same for every reader.

In the document the four numbers stand beside the other fields of the record whose ``bound`` they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Bound:
    """JS of a probe, in nats: a lower bound of JS in expectation.

    ``low`` and ``high`` are its two-sided interval, ``floor`` a one-sided certified bound.
    """

    value: float
    low: float
    high: float
    floor: float


class Bounded:
    """A record with a ``bound``; ``KEY`` is what the document calls its value."""

    __slots__ = ()
    KEY: ClassVar[str] = "js"
    # Properties that the document gives as well.
    DERIVED: ClassVar[tuple[str, ...]] = ()
    bound: Bound

    @property
    def js(self) -> float:
        """The estimate, in nats."""
        return self.bound.value

    @property
    def low(self) -> float:
        """The lower end of the estimate's interval."""
        return self.bound.low

    @property
    def high(self) -> float:
        """The upper end of the estimate's interval."""
        return self.bound.high

    @property
    def floor(self) -> float:
        """The certified lower bound."""
        return self.bound.floor
