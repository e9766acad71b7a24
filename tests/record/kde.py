"""Kernel densities that agree; then some that show more than the probe."""

from __future__ import annotations

from dataclasses import replace

from ganprobe.record.kde import KdeRecord, KdeRung

MEASURED = {
    "kde": KdeRecord(
        nats=0.081,
        matched_probe=0.083,
        sigma=0.5,
        agreement="agrees",
        space="PCA-5",
        ladder=(
            KdeRung(0.25, 0.031, 0.102, 0.004),
            KdeRung(0.5, 0.081, 0.083, 0.003),
            KdeRung(1.0, 0.04, 0.041, 0.002),
        ),
    ),
}
TROUBLED = {"kde": replace(MEASURED["kde"], agreement="probe weaker than KDE", nats=0.181)}
