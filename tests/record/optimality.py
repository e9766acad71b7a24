"""Every row passes."""

from __future__ import annotations

from ganprobe.record.optimality import CurvePoint, Evidence, OptimalityRecord

MEASURED = {
    "optimality": OptimalityRecord(
        near_optimal=True,
        gap=0.004,
        extrapolated=0.149,
        curve=(CurvePoint(0.25, 1750, 0.13), CurvePoint(0.5, 3500, 0.139), CurvePoint(1.0, 7000, 0.143)),
        evidence=(
            Evidence("audit: boosting", 0.001, 0.005, True, "gained on top of the stack; z = 0.8"),
            Evidence("learning curve", 0.0046, 0.005, True, "JS still to come if the curve is as flat as n^-.3"),
            Evidence("calibration slope", 0.99, 1.1, True, "1 is calibrated; standard error 0.02"),
        ),
    ),
}
