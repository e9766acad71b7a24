"""The second headline: what is left of JS where the tell is not seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ganprobe.record.bound import Bound, Bounded
from ganprobe.record.cells import Cell
from ganprobe.record.headline import BatchRecord

if TYPE_CHECKING:
    from ganprobe.record.audit import Measurements


@dataclass(frozen=True, slots=True)
class BeyondRecord(Bounded):
    """JS through the finest view that the tell does not touch and that is not saturated: a lower bound of raw JS.

    ``view`` says which, ``words`` in words; ``name`` and ``settings`` are those of its `ViewRecord`. ``near_optimal``
    is about what the view shows, None where that was not looked at, and ``gap`` what its probes are seen to miss.
    """

    KEY = "nats"

    view: str
    bound: Bound
    near_optimal: bool | None
    gap: float | None
    words: str
    name: str
    settings: dict[str, Any] = field(default_factory=dict)
    batches: BatchRecord | None = None


def summary(m: Measurements) -> list[tuple[Cell, ...]]:
    """Its row on the first screen."""
    if (b := m.beyond_tell) is None:
        return []
    return [("beyond the tell", b.js, b.low, b.high, f"through {b.words}; at least {b.floor:.3f}")]
