"""Beyond the tell: JS through the finest view that the tell does not touch and that is not saturated.

Nearly every real generator is told at log 2 by something dull, nearly black pixels or a column without its zeros, and
then raw JS says nothing else. What a view is blind to is known by its construction: a threshold sees no grey levels, a
table without a column nothing of it. Which of these views is the finest that still ranks is judged on the val part;
what is told is read on the test part, so it is a lower bound like any other.

In an audit of its own the view is given probes and evidence as the headline is, at the budget `fast` where that is
saturated. In a series the rows of the table
serve, the same ones for all checkpoints (`ganprobe.judge.beyond`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ganprobe.logits.batch_means import batches
from ganprobe.logits.ladder import climb
from ganprobe.logits.reading import read
from ganprobe.measures import localise, optimality
from ganprobe.measures.localise import Row
from ganprobe.measures.study import Study
from ganprobe.objective import LOG2
from ganprobe.record.beyond_tell import BeyondRecord
from ganprobe.record.unmeasured import Unmeasured
from ganprobe.samples.folds import Folds
from ganprobe.views.columns import names_in

# A view through which this share of the headline is left is touched by the tell, and one of this share of log 2 no
# longer ranks.
_TOUCHED, _SATURATED = 0.95, 0.95
_PROBES = ("logistic", "boosting", "mlp")
_ROWS = {"fast": (2_000, 1_000, 1_500), "standard": (4_000, 1_500, 3_000), "thorough": (4_000, 1_500, 5_000)}


def blind(told: Row | None, rows: Sequence[Row], kind: str, *, saturated: bool) -> tuple[Row, ...]:
    """Those of ``rows`` that the tell, which is ``told`` by one of them, does not touch; finest first.

    Where no simple view tells it, but JS is ``saturated``, those that see no fine detail.
    """
    if told is not None and told.chain.name == "columns":
        named = set(names_in(told.chain.steps[-1][1].keep))
        dropping = [row for row in rows if row.chain.name == "columns"]
        return tuple(row for row in dropping if named <= set(names_in(row.chain.steps[0][1].drop)))
    if told is None and not saturated:
        return ()
    if kind == "image":
        return tuple(row for row in rows if row.chain.steps[0][0] == "threshold" and row is not told)
    return tuple(row for row in rows if row.chain.name == "noise") if told is None else ()


def chosen(headline: Row, candidates: Sequence[Row]) -> Row | None:
    """The first of ``candidates`` that is neither touched nor saturated, by the val part."""
    fits = (row for row in candidates if row.val < min(_TOUCHED * headline.val, _SATURATED * LOG2))
    return next(fits, None)


def measure(study: Study, headline: Row, told: Row | None, candidates: Sequence[Row]) -> BeyondRecord | Unmeasured:
    """The second headline, or why there is none."""
    if told is None and not study.ladder.saturated:
        return Unmeasured("no single view tells the fakes, and JS is below its ceiling: the headline says it all")
    row = chosen(headline, candidates)
    if row is None:
        return Unmeasured("no view that was measured is blind to what tells the fakes and below the ceiling")
    record = row.record
    bare = BeyondRecord(
        record.label, record.bound, None, None, row.chain.words, record.name, record.settings, row.batches
    )
    return _with_evidence(study, row, bare) if _worth_evidence(study) else bare


def _worth_evidence(study: Study) -> bool:
    """Not in a series; at the budget `fast` not where the headline has evidence of its own."""
    plan = study.plan
    return "optimality" in plan.parts and not plan.series and (plan.budget != "fast" or study.ladder.saturated)


def _with_evidence(study: Study, row: Row, bare: BeyondRecord) -> BeyondRecord:
    """``bare`` as probes of the view's own show it, judged as the headline is."""
    drawn, seeds = study.drawn, study.seeds
    # One fold: audits divide it in halves.
    first = Folds(drawn.folds.folds[:1])
    real, fake, few = localise.excerpt(drawn.pair.real, drawn.pair.fake, first, _ROWS[study.plan.budget])
    seen = row.chain.apply(replace(drawn.pair, real=real, fake=fake), few.folds[0], seeds)
    plan = replace(study.plan, budget="fast", probes=_PROBES, settings={})
    ladder = climb(plan, seen, few, seeds, study.device, lambda stage: None)
    ladder, evidence = optimality.judge(seen, few, ladder, seeds, "fast", study.device)
    places = np.arange(len(fake), dtype=np.int64)
    return replace(
        bare,
        bound=read(ladder.logits, seeds),
        near_optimal=evidence.near_optimal,
        gap=evidence.gap,
        batches=batches(ladder.logits, few, real, places),
    )
