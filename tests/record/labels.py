"""Two labels in their true mix; then data without labels."""

from __future__ import annotations

from ganprobe.record.labels import LabelRecord, LabelsRecord
from ganprobe.record.unmeasured import Unmeasured

MEASURED = {
    "labels": LabelsRecord(
        level=0.95,
        mix_p_value=0.3,
        labels=(
            LabelRecord(4, 0.9, 0.902, 9000, 36080, 0.14, 0.13, 0.15),
            LabelRecord(7, 0.1, 0.098, 1000, 3920, 0.12, 0.09, 0.15),
        ),
    ),
}
TROUBLED = {"labels": Unmeasured("the reals have no labels")}
