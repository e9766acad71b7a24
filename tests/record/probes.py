"""A stack of three."""

from __future__ import annotations

from ganprobe.record.bound import Bound
from ganprobe.record.probes import ProbeRecord

MEASURED = {
    "probes": (
        ProbeRecord("stack", Bound(0.143, 0.135, 0.151, 0.137), 0.4),
        ProbeRecord(
            "boosting", Bound(0.138, 0.130, 0.146, 0.131), 11.2, {"trees": 300}, 211, "no gain for 20 trees", 0.55
        ),
        ProbeRecord("mlp", Bound(0.121, 0.113, 0.129, 0.115), 24.8, {"width": 256}, 64, "no gain for 8 epochs", 0.41),
        ProbeRecord("logistic", Bound(0.052, 0.046, 0.058, 0.047), 0.9, {}, None, "converged", 0.04),
    ),
}
