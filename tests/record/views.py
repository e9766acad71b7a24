"""Five views and a tell; then three, and no tell."""

from __future__ import annotations

from ganprobe.record.bound import Bound
from ganprobe.record.unmeasured import Unmeasured
from ganprobe.record.views import ViewRecord

MEASURED = {
    "views": (
        ViewRecord("output_path", Bound(0.143, 0.135, 0.151, 0.137)),
        ViewRecord("histogram", Bound(0.138, 0.13, 0.146, 0.131), {}, 1.0),
        ViewRecord(
            "threshold+blocks", Bound(0.03, 0.022, 0.038, 0.024), {"threshold.level": 0.5, "blocks.size": 4}, 1.0
        ),
        ViewRecord("blur", Bound(0.12, 0.11, 0.13, 0.112), {"sigma": 1.0}, 2.0),
        ViewRecord("noise", Bound(0.09, 0.08, 0.10, 0.082), {"sigma": 0.3}, 2.0),
    ),
    "tell": "Through the pixel-value histogram alone 0.138 of 0.143 nats show (97%): the fakes have 9.5 times as many "
    "nearly black pixels (1 to 5 of 255): 18% against 1.9%. Without it, through the means of 4x4 blocks of pixels "
    "after a threshold at 0.5, 0.030 nats (21%) are left.",
}
TROUBLED = {
    "views": (
        ViewRecord("raw", Bound(0.6928, 0.692, 0.6931, 0.691)),
        ViewRecord("output_path", Bound(0.6921, 0.691, 0.6931, 0.6905)),
        ViewRecord("noise", Bound(0.037, 0.03, 0.044, 0.031), {"sigma": 0.3}, 2.0),
    ),
    "tell": Unmeasured("no view kept 95% of it"),
}
