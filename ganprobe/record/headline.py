"""The headline: what the stacked probe demonstrates, with everything that says how far to trust it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ganprobe.record.bound import Bound, Bounded
from ganprobe.record.cells import Cell, Column, Table

if TYPE_CHECKING:
    from ganprobe.record.audit import Measurements


# The least p-value that is reported; where it stands, the test's own was too small for a number.
LEAST_P = 1e-300
Status = Literal["indistinguishable", "distinguishable", "saturated", "artefact", "underpowered"]
# "No difference seen" says something only where a difference of this size would have been seen.
_RESOLVED = 0.02


def too_few(n: int) -> bool:
    """Whether ``n`` pairs leave differences unseen that matter.

    Scores spread by sqrt(JS), so n pairs tell (1.645 + 1.282)^2 / n from 0 at 90 % power.
    """
    return 8.6 / n > _RESOLVED


@dataclass(frozen=True, slots=True)
class Estimate(Bounded):
    """The Jensen-Shannon divergence that the stacked probe demonstrates on held-out samples, in nats.

    ``nats`` estimates V of the probe, hence a lower bound of JS in expectation; ``low`` and ``high`` are its two-sided
    interval at ``level``; ``floor`` is a one-sided certified bound. Nothing but ``ceiling`` = log 2 is above JS.
    ``brier_bracket`` is H/2 and H log 2 of the Henze-Penrose divergence that the probe demonstrates, a reading without
    logarithms; ``zero_error_floor`` is the most that so many test samples could certify, were there no mistake at all.
    ``null`` is what reals against reals read, and ``null_sees`` the least JS that would have been noticed so.
    ``auc`` is the area under the stack's ROC curve with its interval: a fact about this probe, no bound.
    ``status``: `indistinguishable` is nothing seen by a near-optimal probe, `underpowered` nothing seen by another one
    or on too few samples.
    ``validation`` is the estimate on the samples that calibrated and stacked: to choose among probes by, no result.
    """

    KEY = "nats"
    DERIVED = ("bits", "value", "saturation", "ceiling")

    bound: Bound
    level: float
    extrapolated: float | None
    p_value: float
    null: float | None
    near_optimal: bool | None
    gap: float | None
    status: Status
    log_e_value: float
    brier_bracket: tuple[float, float]
    zero_error_floor: float
    null_se: float | None
    n_real: int
    n_fake: int
    validation: float | None = None
    auc: float | None = None
    auc_low: float | None = None
    auc_high: float | None = None
    null_sees: float | None = None

    @property
    def nats(self) -> float:
        """The estimate."""
        return self.bound.value

    @property
    def bits(self) -> float:
        """The estimate in bits, which is its share of log 2 too."""
        return self.nats / math.log(2)

    saturation = bits

    @property
    def value(self) -> float:
        """V(D) = -log 4 + 2 JS of the stack."""
        return 2 * self.nats - math.log(4.0)

    @property
    def unresolved(self) -> bool:
        """Whether nothing was seen because samples are too few."""
        return self.status == "underpowered" and too_few(self.n_real)

    @property
    def ceiling(self) -> float:
        """All that JS can be: log 2."""
        return math.log(2)


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """What each batch of test samples adds to the estimate, for paired comparisons; see
    `ganprobe.logits.batch_means`.
    """

    real: tuple[float, ...]
    fake: tuple[float, ...]


_OPTIMAL = {True: "no better one was found", False: "a better one exists", None: "not shown"}


def summary(m: Measurements) -> list[tuple[Cell, ...]]:
    """Its rows on the first screen."""
    if (js := m.js) is None:
        return []
    optimal = _OPTIMAL[js.near_optimal] if js.gap is None else f"{js.gap:.3f} nats may still be missing"
    if js.status == "saturated":
        optimal = "at the ceiling there is no better"
    return [
        ("JS, estimate", js.nats, js.low, js.high, f"nats, held out: {js.status}"),
        ("JS >= floor", js.floor, None, None, f"at {js.level:.0%}; log 2 = {js.ceiling:.3f} is the most"),
        ("near-optimal", js.near_optimal, None, None, optimal),
    ]


def _detection(area: float) -> float:
    return 2 * (1 - max(area, 0.5))


def tables(m: Measurements) -> tuple[Table, ...]:
    """The estimate in detail."""
    columns = (Column("quantity"), Column("value", "decimal"), Column("low", "decimal"), Column("high", "decimal"))
    if (js := m.js) is None:
        return ()
    underflow = f"below {LEAST_P:g}; " if js.p_value <= LEAST_P else ""
    rows: list[tuple[Cell, ...]] = [
        ("in bits", js.bits, js.low / math.log(2), js.high / math.log(2), "the share of log 2"),
        ("value of the probe", js.value, None, None, "V(D) = -log 4 + 2 JS of it"),
        ("p-value of P = Q", js.p_value, None, None, f"{underflow}ranks of held-out logits"),
    ]
    if js.auc is not None and js.auc_low is not None and js.auc_high is not None:
        score = (_detection(area) for area in (js.auc, js.auc_high, js.auc_low))
        rows += [
            (
                "AUC of the stack",
                js.auc,
                js.auc_low,
                js.auc_high,
                "a real ranks higher; 0.5: blind",
            ),
            ("detection score", *score, "2 (1 - AUC) as SDMetrics has it"),
        ]
    if js.extrapolated is not None:
        rows.append(("unlimited data", js.extrapolated, None, None, "nats, extrapolated; no bound"))
    if js.null is not None:
        spread = 1.96 * js.null_se if js.null_se is not None else None
        low, high = (None, None) if spread is None else (js.null - spread, js.null + spread)
        sees = "" if js.null_sees is None else f"; below {js.null_sees:.3f} nothing would be noticed"
        rows.append(("real against real", js.null, low, high, f"nats; 0 is the truth{sees}"))
    return (Table("estimate", "The estimate in detail", (*columns, Column("meaning")), tuple(rows)),)
