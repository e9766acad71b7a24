"""Audits read by their second headline: what is left of JS where the tell is not seen.

Gates, baselines and histories read the headline of an audit. `as_headline` gives them an audit whose headline is the
one beyond the tell. `through` does so for a series: by the finest view that is blind in all of its audits and
saturated, by what the val parts show, in none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from ganprobe.record.audit import Audit
from ganprobe.record.beyond_tell import BeyondRecord
from ganprobe.record.headline import Estimate, Status
from ganprobe.record.history import BeyondTrendRecord
from ganprobe.record.views import ViewRecord

# Above this share of log 2 a view no longer ranks.
_SATURATED = 0.95
_AT_CEILING = 0.99


def as_headline(audit: Audit) -> Audit:
    """``audit`` with the second headline in place of the first; as it is where there is none."""
    m = audit.measurements
    return audit if m.beyond_tell is None or m.js is None else _by(audit, m.js, m.beyond_tell)


def through(audits: Sequence[Audit], view: str) -> list[Audit]:
    """The audits of a series with what ``view``, a label that `common` gave, shows as their headline."""
    return [_by(a, a.measurements.js, _record(_row(a, view))) if a.measurements.js else a for a in audits]


def common(audits: Sequence[Audit]) -> str | None:
    """The finest view by which all ``audits`` may be read; None where there is none."""
    first, *others = ([row.label for row in a.measurements.views if row.blind] for a in audits)
    shared = (label for label in first if all(label in labels for labels in others))
    return next((label for label in shared if not any(_saturated(_row(a, label)) for a in audits)), None)


def trend(audits: Sequence[Audit]) -> BeyondTrendRecord | None:
    """What the common view shows of each audit, and their order by it."""
    if (view := common(audits)) is None:
        return None
    rows = [_row(audit, view) for audit in audits]
    order = tuple(sorted(range(len(rows)), key=lambda position: rows[position].js))
    return BeyondTrendRecord(
        view=view,
        values=tuple(row.js for row in rows),
        low=tuple(row.low for row in rows),
        high=tuple(row.high for row in rows),
        floor=tuple(row.floor for row in rows),
        order=order,
    )


def _row(audit: Audit, label: str) -> ViewRecord:
    return next(row for row in audit.measurements.views if row.label == label)


def _saturated(row: ViewRecord) -> bool:
    return (row.js if row.validation is None else row.validation) >= _SATURATED * math.log(2)


def _record(row: ViewRecord) -> BeyondRecord:
    return BeyondRecord(row.label, row.bound, None, None, row.label, row.name, row.settings, row.batches)


def _by(audit: Audit, js: Estimate, beyond: BeyondRecord) -> Audit:
    """The headline ``js`` of ``audit`` replaced; what was about the first one alone is left out."""
    status: Status = "saturated" if beyond.floor > _AT_CEILING * js.ceiling else "distinguishable"
    now = replace(
        js,
        bound=beyond.bound,
        near_optimal=beyond.near_optimal,
        gap=beyond.gap,
        extrapolated=None,
        validation=None,
        status=js.status if js.status in ("underpowered", "artefact") else status,
    )
    measurements = replace(
        audit.measurements,
        js=now,
        batches=beyond.batches,
        headline_view=beyond.name,
        headline_settings=beyond.settings,
        optimality=None,
        crossed=(),
    )
    return replace(audit, measurements=measurements)
