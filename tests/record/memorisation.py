"""Nothing was remembered; then there were no training data to ask."""

from __future__ import annotations

from ganprobe.record.memorisation import CopiesRecord, MemorisationRecord
from ganprobe.record.unmeasured import Unmeasured

MEASURED = {
    "memorisation": MemorisationRecord(
        path="train.npz",
        n_train=60000,
        n_held_out=4000,
        nearer=0.51,
        nearer_z=0.9,
        c_t=0.4,
        c_t_z=1.2,
        cells=10,
        js_train=0.131,
        js_held_out=0.128,
        js_se=0.006,
        copies=CopiesRecord(0.001, 0.001, 0.6, 0.29, ()),
    ),
}
TROUBLED = {"memorisation": Unmeasured("no --train-data, which fakes are held against")}
