r"""Audits of one training, in order: which checkpoint is best, what changed, and whether it is still getting better.

All audits share their reals, their folds and the latents of their fakes, so differences are paired. Each is read by
the probes that show the most about it (`ganprobe.judge.neighbour_probes`) and by one statistic
(`ganprobe.judge.statistic`), in which the series is put in order (`ganprobe.judge.ranking`); what the generator no
longer reaches, or begins not to, is said beside it (`ganprobe.judge.collapse`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ganprobe.errors import UsageError
from ganprobe.judge import beyond, collapse, neighbour_probes, statistic
from ganprobe.judge.ranking import Series, span
from ganprobe.plan import Select
from ganprobe.record.audit import Audit
from ganprobe.record.history import BestRecord, BeyondTrendRecord, FailureRecord, History, HistoryRecord, TrendRecord


def compare(
    audits: Sequence[Audit],
    select: Select = "auto",
    failed: Sequence[FailureRecord] = (),
    beyond_tell: bool = False,
) -> History:
    """The history of ``audits``, which are in the order of training; ``beyond_tell``: by their second headlines.

    Raises `UsageError` where there is none, where they are not of the same data, or where ``select`` asks for what
    they do not hold.
    """
    if not audits:
        raise UsageError("there is no audit to compare", "name at least one checkpoint that can be measured")
    beside = beyond.trend(audits)
    if beyond_tell and beside is None:
        raise UsageError("no view is blind to the tell in all audits, and saturated in none", "leave --beyond-tell out")
    seen = beyond.through(audits, beside.view) if beyond_tell and beside is not None else audits
    as_read, raised = neighbour_probes.by_best_probes(seen)
    by, why = statistic.choose(as_read, select)
    series = Series(as_read, by)
    best = series.order[0]
    pairs = [*pairwise(range(len(audits))), *((min(i, best), max(i, best)) for i in range(len(audits)) if i != best)]
    changes = {pair: series.change(*pair) for pair in dict.fromkeys(pairs)}
    trend = TrendRecord(
        statistic=by,
        reason=f"{why}; through {beside.view}" if beyond_tell and beside is not None else why,
        values=tuple(reading.value for reading in series.readings),
        low=tuple(reading.low for reading in series.readings),
        high=tuple(reading.high for reading in series.readings),
        order=series.order,
        regressed=series.regressed(),
        plateau=series.plateau(),
        collapse=collapse.onset(audits),
        fall=collapse.falling(series),
    )
    named = series.best() if beside is None or by == "js" else _beside(series.best(), beside)
    return History(tuple(audits), HistoryRecord(named, tuple(changes.values()), trend, tuple(failed), raised, beside))


def _beside(best: BestRecord, seen: BeyondTrendRecord) -> BestRecord:
    """``best`` by what noise leaves, its reason with what is ``seen`` of it where the tell is not."""
    own, others = seen.values[best.position], [v for i, v in enumerate(seen.values) if i != best.position]
    rest = f", of the others {span(others)}" if others else ""
    return replace(best, reason=f"{best.reason}; through {seen.view}, blind to the tell, {own:.3f} nats are left{rest}")
