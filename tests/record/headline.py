"""An estimate well above its floor and below log 2; then one at the ceiling."""

from __future__ import annotations

from dataclasses import replace

from ganprobe.record.bound import Bound
from ganprobe.record.headline import Estimate
from ganprobe.record.unmeasured import Unmeasured

MEASURED = {
    "js": Estimate(
        bound=Bound(0.143, 0.135, 0.151, 0.137),
        level=0.95,
        extrapolated=0.149,
        p_value=1e-40,
        null=0.0004,
        near_optimal=True,
        gap=0.006,
        status="distinguishable",
        log_e_value=2860.0,
        brier_bracket=(0.11, 0.152),
        zero_error_floor=0.6923,
        null_se=0.0011,
        null_sees=0.0144,
        n_real=10000,
        n_fake=40000,
        auc=0.762,
        auc_low=0.755,
        auc_high=0.769,
    ),
}
TROUBLED = {
    "js": replace(
        MEASURED["js"],
        bound=Bound(0.6921, 0.691, 0.6931, 0.6905),
        status="saturated",
        extrapolated=None,
        gap=None,
        near_optimal=None,
        null=0.021,
    ),
    "js.near_optimal": Unmeasured("JS is at its ceiling"),
}
