"""What is left where the tell is not seen; then there is no tell."""

from __future__ import annotations

from ganprobe.record.beyond_tell import BeyondRecord
from ganprobe.record.bound import Bound

MEASURED = {
    "beyond_tell": BeyondRecord(
        "threshold level=0.5",
        Bound(0.061, 0.054, 0.068, 0.055),
        True,
        0.002,
        "a threshold",
        "threshold",
        {"level": 0.5},
    ),
}
TROUBLED = {"beyond_tell": None}
