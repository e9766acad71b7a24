"""Three distances, one of them with an interval above 0."""

from __future__ import annotations

from ganprobe.record.distances import DistanceRecord

MEASURED = {
    "distances": (
        DistanceRecord("sliced_wasserstein", 0.031, 0.028, 0.034, 0.006, None, "range"),
        DistanceRecord("energy", 0.012, 0.009, 0.015, -0.0002, 0.001, "range"),
        DistanceRecord("critic", 0.84, 0.8, 0.88, 0.02, 1e-12, "range"),
    ),
}
