"""Both sides reach each other; then half of the reals are out of reach and a mode is missing."""

from __future__ import annotations

from dataclasses import replace

from ganprobe.record.clusters import ClusterRecord, ModesRecord
from ganprobe.record.memorisation import CopiesRecord, NearCopy
from ganprobe.record.support import Dimension, Extreme, SupportRecord, TradeOff

# One grey pixel.
PICTURE = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)

SECOND = ClusterRecord(0.4, 0.38, 1600, 15200, 0.09, False, (3002, 17), (), 7, 0.93)
MEASURED = {
    "support": SupportRecord(
        real_covered=0.97,
        real_covered_low=0.95,
        real_covered_high=0.99,
        fake_covered=0.99,
        fake_covered_low=0.98,
        fake_covered_high=1.0,
        density=0.97,
        coverage=0.91,
        null_density=0.99,
        null_coverage=0.96,
        dimension=Dimension(12.1, 11.8, 64, 0.3, 0.3, 11.4, 11.3, 0.1, 0.1),
        mismatch=False,
        js_floor=0.008,
        curve=(TradeOff(0.41, 0.40, 0.97), TradeOff(1.0, 0.62, 0.62), TradeOff(2.41, 0.99, 0.41)),
        modes=ModesRecord(False, None, (ClusterRecord(0.6, 0.62, 2400, 24800, 1.0, False, (14, 906)), SECOND)),
        missed_reals=(Extreme(1440, 6.1, 1.9, 4, PICTURE), Extreme(77, 5.2, 1.6, 7, PICTURE)),
        stray_fakes=(Extreme(5021, 4.4, 2.2, 7, PICTURE), Extreme(12, 4.1, 2.1, 0, PICTURE)),
        copies=CopiesRecord(0.002, 0.001, 0.2, 0.31, (NearCopy(31, 4400, 0.22),)),
    ),
}
TROUBLED = {
    "support": replace(
        MEASURED["support"],
        mismatch=True,
        real_covered=0.41,
        real_covered_low=0.36,
        real_covered_high=0.46,
        dimension=Dimension(12.1, 4.2, 8, 0.3, 0.1, 11.4, 4.3, 0.1, 0.1),
        modes=ModesRecord(True, 0.81, (replace(SECOND, fake_share=0.001, n_fake=40, p_value=1e-9, missed=True),)),
    ),
}
