"""What the probes of one checkpoint demonstrate on another's fakes."""

from __future__ import annotations

from dataclasses import dataclass

from ganprobe.record.bound import Bound, Bounded
from ganprobe.record.headline import BatchRecord


@dataclass(frozen=True, slots=True)
class CrossRecord(Bounded):
    """What the probes of one checkpoint demonstrate on fakes of another, ``sha256``, calibrated and stacked for these.

    The fields are those of `Estimate`, a lower bound of the *other* one's JS.
    """

    KEY = "nats"

    sha256: str
    validation: float
    bound: Bound
    batches: BatchRecord

    @property
    def nats(self) -> float:
        """The estimate."""
        return self.bound.value
