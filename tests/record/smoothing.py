"""A difference in fine detail; then one that noise of a third of the range leaves half of."""

from __future__ import annotations

from dataclasses import replace

from ganprobe.record.smoothing import SmoothingRecord

MEASURED = {
    "smoothing": SmoothingRecord(
        sigma=(0.1, 0.2, 0.4, 0.8),
        unit="range",
        js=(0.12, 0.08, 0.03, 0.01),
        low=(0.11, 0.07, 0.025, 0.007),
        high=(0.13, 0.09, 0.035, 0.013),
        floor=(0.1, 0.06, 0.02, 0.002),
        gap=(0.104, 0.166, 0.199, 0.227),
        half_scale=None,
        effective_gap=None,
    ),
}
TROUBLED = {
    "smoothing": replace(MEASURED["smoothing"], js=(0.69, 0.6, 0.2, 0.05), half_scale=0.31, effective_gap=0.63),
}
