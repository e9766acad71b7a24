"""Each checkpoint read by the probes, its own or a neighbour's, that show the most about it.

All audits of a series share their reals, their folds and the latents of their fakes. So the probes of one checkpoint,
calibrated and stacked anew, bound JS of its neighbours too. Each checkpoint is read by those probes, its own or a
neighbour's, that show the most on validation samples; what they show on test samples is a lower bound as before. Where
a neighbour's show more on these too, by more than noise, the own ones were under-trained, and no other evidence makes
them near-optimal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ganprobe.judge import differences
from ganprobe.record.audit import Audit
from ganprobe.record.crossed import CrossRecord
from ganprobe.record.history import RaisedRecord

# What a neighbour's probes must show beyond the own ones to convict them, as for the audits of
# `ganprobe.measures.optimality`: so many nats, and so many standard errors.
_NEGLIGIBLE, _SURE = 0.005, 2.0


def by_best_probes(audits: Sequence[Audit]) -> tuple[tuple[Audit, ...], tuple[RaisedRecord, ...]]:
    """Every audit as the probes read it that show the most on validation, and which of these are a neighbour's."""
    read, raised = [*audits], []
    for position, audit in enumerate(audits):
        own = differences.estimate(audit)
        tried = [(cross, by) for by, other in enumerate(audits) for cross in _of(audit, other)]
        if own.validation is None or not tried:
            continue
        cross, by = max(tried, key=lambda pair: pair[0].validation)
        if cross.validation <= own.validation:
            continue
        # Not the whole estimate: what is read here.
        js = replace(own, bound=cross.bound)
        now = replace(audit, measurements=replace(audit.measurements, js=js, batches=cross.batches))
        gain, se = differences.paired(audit, now)
        if under_trained := gain > max(_NEGLIGIBLE, _SURE * se):
            js = replace(js, near_optimal=False, gap=None if own.gap is None else max(own.gap, gain))
            now = replace(now, measurements=replace(now.measurements, js=js))
        read[position] = now
        raised.append(RaisedRecord(position, by, own.nats, cross.bound, se, under_trained))
    return tuple(read), tuple(raised)


def _of(audit: Audit, other: Audit) -> Iterator[CrossRecord]:
    """What the probes of ``other`` show about the checkpoint of ``audit``, on the same data through the same view."""
    one, two = (
        (m.data.content_hash, m.headline_view, m.headline_settings) for m in (audit.measurements, other.measurements)
    )
    if one == two:
        sha256 = audit.measurements.checkpoint.sha256
        yield from (cross for cross in other.measurements.crossed if cross.sha256 == sha256)
