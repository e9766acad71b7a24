"""The headline: what the stack demonstrates, with everything that says how far to trust it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ganprobe.logits import bounds, calibration, divergences
from ganprobe.logits.auc import area
from ganprobe.logits.batch_means import batches
from ganprobe.logits.ladder import Ladder
from ganprobe.measures.study import Study
from ganprobe.objective import brier_bracket, js
from ganprobe.plan import Plan
from ganprobe.record.divergences import DivergenceRecord
from ganprobe.record.headline import Estimate, Status, too_few
from ganprobe.record.optimality import OptimalityRecord
from ganprobe.record.sources import Artefact
from ganprobe.record.unmeasured import Unmeasured
from ganprobe.samples.folds import HeldOut
from ganprobe.seeds import Seeds


def measure(study: Study, artefacts: tuple[Artefact, ...], optimal: OptimalityRecord | None) -> dict[str, Any]:
    """JS and all other readings of the stack's logits; ``optimal`` is the evidence, where that was asked for."""
    ladder, drawn, seeds = study.ladder, study.drawn, study.seeds
    read: dict[str, Any] = {
        "js": estimate(ladder, optimal, _status(ladder, optimal, artefacts, study.plan), seeds),
        "probes": ladder.rows,
        "batches": batches(ladder.logits, drawn.folds, drawn.pair.real, drawn.origin.fake.rows),
        "divergences": _other_divergences(ladder.logits, seeds),
        "logits": calibration.describe(ladder.logits, drawn.pair, drawn.folds),
    }
    read |= {name: Unmeasured(why) for name, why in ladder.skipped.items()}
    if optimal is None:
        read["js.near_optimal"] = Unmeasured("this command leaves it out, ganprobe js measures it")
    return read


def estimate(ladder: Ladder, optimal: OptimalityRecord | None, status: Status, seeds: Seeds) -> Estimate:
    """The headline: what the stack demonstrates, with everything that says how far to trust it."""
    stacked = ladder.rows[0]
    n_real, n_fake = (sum(map(len, parts)) for parts in (ladder.logits.test_real, ladder.logits.test_fake))
    roc = area(ladder.logits)
    return Estimate(
        bound=stacked.bound,
        level=divergences.LEVEL,
        extrapolated=None if optimal is None else optimal.extrapolated,
        p_value=bounds.rank_test(ladder.logits),
        null=None if optimal is None else optimal.null,
        near_optimal=None if optimal is None else optimal.near_optimal,
        gap=None if optimal is None else optimal.gap,
        status=status,
        log_e_value=bounds.log_e_value(ladder.logits),
        brier_bracket=brier_bracket(divergences.MEMBERS["henze_penrose"].estimate(ladder.logits, seeds).value),
        zero_error_floor=bounds.zero_error_floor(n_real, n_fake),
        null_se=None if optimal is None else optimal.null_se,
        n_real=n_real,
        n_fake=n_fake,
        validation=on_validation(ladder.logits),
        auc=roc.value,
        auc_low=roc.low,
        auc_high=roc.high,
        null_sees=None if optimal is None else optimal.null_sees,
    )


def on_validation(logits: HeldOut) -> float:
    """The estimate on the samples that calibrated and stacked."""
    return js(np.concatenate(logits.val_real), np.concatenate(logits.val_fake))


def _other_divergences(logits: HeldOut, seeds: Seeds) -> tuple[DivergenceRecord, ...]:
    records = []
    for name in divergences.MEMBERS:
        if name != "js":
            reading = divergences.MEMBERS[name].estimate(logits, seeds)
            records.append(DivergenceRecord(name, reading.value, reading.low, reading.high))
    return tuple(records)


# P = Q is rejected at this level, or by the floor; stricter than the interval, for a status is read as a fact: one pair
# of equal laws in forty has an interval above 0.
_REJECTED = 0.002


def _status(ladder: Ladder, optimal: OptimalityRecord | None, found: tuple[Artefact, ...], plan: Plan) -> Status:
    """The headline in one word; see `ganprobe.record.headline.Status`."""
    stacked = ladder.rows[0]
    if plan.quantise == "off" and any(a.name == "lattice" for a in found):
        # JS is log 2 then whatever the laws are, and what a smooth probe makes of it says nothing about them.
        return "artefact"
    if ladder.saturated:
        return "saturated"
    if stacked.floor > 0 or bounds.rank_test(ladder.logits) < _REJECTED:
        return "distinguishable"
    # What no probe looked at, and what a better one would see, may be any distance: no word of equality stands beside.
    looked = optimal is not None and optimal.near_optimal and not any(a.name == "form" for a in found)
    return "indistinguishable" if looked and not too_few(sum(map(len, ladder.logits.test_real))) else "underpowered"
