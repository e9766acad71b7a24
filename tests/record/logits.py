"""Logits that are well calibrated."""

from __future__ import annotations

from ganprobe.record.logits import CalibrationBin, LogitRecord

MEASURED = {
    "logits": LogitRecord(
        edges=(-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0),
        real=(90, 410, 1800, 2900, 3200, 1600),
        fake=(6200, 13100, 11800, 6400, 2100, 400),
        calibration=(
            CalibrationBin(0.09, 0.08, 0.07, 0.1, 12_000),
            CalibrationBin(0.35, 0.36, 0.33, 0.39, 16_000),
            CalibrationBin(0.62, 0.6, 0.57, 0.63, 12_000),
            CalibrationBin(0.88, 0.9, 0.87, 0.92, 10_000),
        ),
    ),
}
