r"""Is the probe near-optimal? The evidence, row by row, and the rule that judges it.

JS_D of the stacked probe falls short of JS by E_m kl(D* || D), which no sample can bound from above. What can be done
is to try, in several independent ways, to find some of what is missing:

- *residual audit*: another learner is fitted on [x, f] with the stack's logit f as its starting point, on samples that
  f was not trained on; whatever it gains, the stack had left lying there. What it finds joins the stack, and the audit
  is repeated (`ganprobe.measures.optimality.growth`); the last round is the row.
- *capacity*: the weightiest probe that has a size is trained with twice of it, on one fold; the stack must not gain.
- *learning curve*: the same probes trained on 1/4, 1/2 and all of the fit reals, with the same number of steps. Where
  it leads is ``extrapolated``: an estimate, never a bound.
- *calibration slope*: the logistic slope of the test labels on f; 1 when f claims as much as it knows.
- *planted signals*: among the reals alone, labels are drawn from a known logit g(x), so that two laws with a known
  optimal probe arise on this very data, with signals at several places; each must come back by half.
- *covered mass*: E_Q[D/(1 - D)] is the share of P that Q reaches, and likewise with the sides exchanged: above 1 the
  probe is too sure of what it says (`ganprobe.measures.support` has the derivation).
- *null control*: the reals against themselves.

``near_optimal`` holds when every row passes, and always when the floor is within 1 % of log 2: there the ceiling itself
closes the gap. ``gap`` is the largest shortfall that an audit, more capacity or the curve found: what the curve comes
to, or where it failed the most that it leaves room for.
"""

from __future__ import annotations

import math
from dataclasses import replace

from ganprobe.logits import divergences
from ganprobe.logits.ladder import Ladder, null_control
from ganprobe.logits.refits import Refits
from ganprobe.measures.optimality import curve, planted, soundness
from ganprobe.measures.optimality.gain import gained
from ganprobe.measures.optimality.growth import Grown, grow
from ganprobe.measures.study import Study
from ganprobe.objective import LOG2
from ganprobe.plan import Budget
from ganprobe.record.optimality import Evidence, OptimalityRecord
from ganprobe.samples.folds import Folds
from ganprobe.samples.sides import Pair
from ganprobe.samples.together import named
from ganprobe.seeds import Seeds

__all__ = ["NEGLIGIBLE", "Grown", "grow", "judge", "measure", "saturated", "weigh"]

# A shortfall below this is no shortfall: it is what seeds and folds move the estimate by.
NEGLIGIBLE = 0.005
# Why an audit that had nothing to look for stopped.
CLOSED = "nothing is left to look for"


NEEDS = "probes"


def measure(study: Study) -> dict[str, OptimalityRecord]:
    """Is the stack near-optimal? At the ceiling the question is closed; below it, it takes evidence."""
    drawn, seeds = study.drawn, study.seeds
    null = null_control(drawn.pair, seeds, named(drawn.origin.real))
    if study.grown is None or study.ladder.saturated:
        return {"optimality": saturated(study.ladder.rows[0].js, null)}
    refits = Refits(study.ladder, drawn.pair, seeds, study.device)
    return {"optimality": weigh(drawn.pair, drawn.folds, study.grown, null, refits, seeds)}


def judge(
    pair: Pair, folds: Folds, ladder: Ladder, seeds: Seeds, budget: Budget, device: str
) -> tuple[Ladder, OptimalityRecord]:
    """The ladder with what audits found, and its record, where there is a pair and no study."""
    null, grown = null_control(pair, seeds), grow(pair, folds, ladder, seeds, budget)
    if grown.ladder.saturated:
        return grown.ladder, saturated(grown.ladder.rows[0].js, null)
    return grown.ladder, weigh(pair, folds, grown, null, Refits(grown.ladder, pair, seeds, device), seeds)


def weigh(
    pair: Pair, folds: Folds, grown: Grown, null: tuple[float, float], refits: Refits, seeds: Seeds
) -> OptimalityRecord:
    """The evidence on the stack of ``grown``; ``null`` is the null control's JS and its standard error."""
    logits = grown.ladder.logits
    headline = divergences.MEMBERS["js"].estimate(logits, seeds)
    se = (headline.high - headline.low) / (2 * divergences.Z_TWO_SIDED)
    limit = max(NEGLIGIBLE, se)
    expected = curve.learning_curve(folds, refits)
    # Nothing can be still to come that the ceiling does not leave.
    most = min(expected.most, LOG2 - headline.value)
    note = "JS still to come if the curves are as flat as n^-.3, beyond two errors of theirs"
    curved = Evidence("learning curve", most, limit, most <= limit, note)
    rows = [
        *(gained(f"audit: {name}", grown.before, after, limit, _ON_TOP) for name, after in grown.after.items()),
        *_capacity(folds, refits, limit),
        curved,
        soundness.calibration(logits),
        soundness.covered(logits, seeds),
        *planted.rows(pair, grown.ladder, seeds),
        soundness.null(*null),
    ]
    rows = [replace(row, passed=row.passed and math.isfinite(row.value)) for row in rows]
    # Of what the flattest curve leaves room for nothing is promised, unless that is why the probe is not near-optimal.
    counts = [row for row in rows if row.name.startswith(("audit", "capacity")) or (row is curved and not row.passed)]
    gap = max(0.0, expected.rise, *(row.value for row in counts))
    # No estimate may promise more than the ceiling leaves.
    gap, extrapolated = min(gap, LOG2 - headline.value), min(LOG2, headline.value + expected.rise)
    passed = all(row.passed for row in rows)
    return OptimalityRecord(passed, gap, extrapolated, expected.points, tuple(rows), grown.why_stopped, *null)


_ON_TOP = "on top of the stack"


def saturated(estimate: float, null: tuple[float, float]) -> OptimalityRecord:
    """The record of a run whose floor is at the ceiling: nothing is left to look for."""
    row = Evidence("ceiling", LOG2 - estimate, 0.01 * LOG2, True, "JS cannot exceed log 2")
    return OptimalityRecord(True, max(0.0, LOG2 - estimate), LOG2, (), (row,), CLOSED, *null)


def _capacity(folds: Folds, refits: Refits, limit: float) -> tuple[Evidence, ...]:
    larger = refits.stronger(Folds(folds.folds[:1]))
    if larger is None:
        return ()
    name, before, after = larger
    return (gained(f"capacity: {name}", before, after, limit, "with twice the capacity"),)
