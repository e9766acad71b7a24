r"""Is the probe near-optimal? The evidence, row by row, and the rule that judges it.

JS_D of the stacked probe falls short of JS by E_m kl(D* || D), which no sample can bound from above. What can be done
is to try, in several independent ways, to find some of what is missing:

- *residual audit*: another learner is fitted on [x, f] with the stack's logit f as its starting point, on samples that
  f was not trained on; whatever it gains, the stack had left lying there. What it finds joins the stack, and the audit
  is repeated (`ganprobe.measures.optimality.growth`); the last round is the row.
- *capacity*: the weightiest probe that has a size is trained with twice of it, on one fold; the stack must not gain.
  Left out at the budget `fast`, whose audits look for the same.
- *learning curve*: the same probes trained on 1/2 and all of the fit reals (`thorough`: and on 1/4), with the same
  number of steps. What known laws with such a last step still missed makes ``extrapolated``: an estimate, never a
  bound.
- *calibration slope*: the logistic slope of the test labels on f; 1 when f claims as much as it knows.
- *planted signals*: among the reals alone, labels are drawn from a known logit g(x), so that two laws with a known
  optimal probe arise on this very data, with signals at several places; each must come back by half.
- *covered mass*: E_Q[D/(1 - D)] is the share of P that Q reaches, and likewise with the sides exchanged: above 1 the
  probe is too sure of what it says (`ganprobe.measures.support` has the derivation).
- *null control*: the reals against themselves.

``gap`` is what may be missing, a calibrated 95 % quantile given this evidence (`ganprobe.measures.optimality.gap`).
``near_optimal`` holds when every row passes and ``gap`` is at most .01: of laws with evidence like this, 95 % missed
less. It always holds when the floor is within 1 % of log 2, or the estimate within .005 nats of it: there the ceiling
itself closes the gap, for no discriminator shows more than log 2 on any samples, and nothing is looked for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from ganprobe.logits import divergences
from ganprobe.logits.ladder import Ladder, null_control
from ganprobe.logits.refits import Refits
from ganprobe.measures.optimality import curve, gap, planted, soundness
from ganprobe.measures.optimality.gain import gained, paired_se
from ganprobe.measures.optimality.growth import NEGLIGIBLE, Grown, closed, grow
from ganprobe.measures.study import Study
from ganprobe.objective import LOG2
from ganprobe.plan import Budget
from ganprobe.record.optimality import Evidence, OptimalityRecord
from ganprobe.samples.folds import Folds
from ganprobe.samples.groups import Together
from ganprobe.samples.sides import Pair
from ganprobe.samples.together import named
from ganprobe.seeds import Seeds

__all__ = ["NEAR", "NEGLIGIBLE", "Grown", "grow", "judge", "measure", "saturated", "weigh"]

# A probe is near-optimal if 95 % of laws with such evidence have no more than this left to find.
NEAR = 0.01
# Why an audit that had nothing to look for stopped.
CLOSED = "nothing is left to look for"


NEEDS = "probes"


def measure(study: Study) -> dict[str, OptimalityRecord]:
    """Is the stack near-optimal? At the ceiling the question is closed; below it, it takes evidence."""
    drawn, seeds = study.drawn, study.seeds
    groups = named(drawn.origin.real)
    null = null_control(drawn.pair, seeds, groups)
    if study.grown is None or closed(study.ladder):
        return {"optimality": saturated(study.ladder.rows[0].js, null)}
    refits = Refits(study.ladder, drawn.pair, seeds, study.device, study.plan.budget)
    return {"optimality": weigh(drawn.pair, drawn.folds, study.grown, null, refits, seeds, groups)}


def judge(
    pair: Pair, folds: Folds, ladder: Ladder, seeds: Seeds, budget: Budget, device: str
) -> tuple[Ladder, OptimalityRecord]:
    """The ladder with what audits found, and its record, where there is a pair and no study."""
    null = null_control(pair, seeds)
    if closed(ladder):
        return ladder, saturated(ladder.rows[0].js, null)
    grown = grow(pair, folds, ladder, seeds, budget)
    if closed(grown.ladder):
        return grown.ladder, saturated(grown.ladder.rows[0].js, null)
    return grown.ladder, weigh(pair, folds, grown, null, Refits(grown.ladder, pair, seeds, device, budget), seeds)


def weigh(
    pair: Pair,
    folds: Folds,
    grown: Grown,
    null: tuple[float, float, float],
    refits: Refits,
    seeds: Seeds,
    groups: Together | None = None,
) -> OptimalityRecord:
    """The evidence on the stack of ``grown``; ``null`` is what `null_control` gives, ``groups`` those of the reals."""
    logits = grown.ladder.logits
    headline = divergences.MEMBERS["js"].estimate(logits, seeds)
    se = (headline.high - headline.low) / (2 * divergences.Z_TWO_SIDED)
    limit = max(NEGLIGIBLE, se)
    expected = curve.learning_curve(folds, refits)
    rows = [
        *(gained(f"audit: {name}", grown.before, after, limit, _ON_TOP) for name, after in grown.after.items()),
        *_capacity(folds, refits, limit),
        # Nothing can be still to come that the ceiling does not leave.
        _at_most("learning curve", min(expected.most, LOG2 - headline.value), limit, _FLATTEST),
        soundness.calibration(logits),
        soundness.covered(logits, seeds),
        *planted.rows(pair, grown.ladder, seeds, groups),
        soundness.null(*null),
    ]
    signs = _signs(pair, grown, expected, rows, headline.value, se)
    # What was found missing is missing, and no estimate may promise more than the ceiling leaves.
    least = max((row.value for row in rows if row.name.startswith(_MISSING) and not row.passed), default=0.0)
    missing = min(max(gap.predicted(signs), least), LOG2 - headline.value)
    rows.append(_at_most("gap", missing, NEAR, "of laws with evidence like this, 95 % miss less"))
    rows = [replace(row, passed=row.passed and math.isfinite(row.value)) for row in rows]
    extrapolated = min(LOG2, headline.value + curve.to_come(signs["last"], signs["slow"]))
    passed = all(row.passed for row in rows)
    return OptimalityRecord(
        passed, missing, extrapolated, expected.points, tuple(rows), grown.why_stopped, *null, signs=signs
    )


# Rows that measure what is missing.
_MISSING = ("audit", "capacity", "learning curve")
_FLATTEST = "JS still to come if the curves are as flat as n^-.3, beyond two errors of theirs"


def _at_most(name: str, value: float, limit: float, note: str) -> Evidence:
    return Evidence(name, value, limit, value <= limit, note)


def _signs(
    pair: Pair, grown: Grown, expected: curve.Curve, rows: Sequence[Evidence], nats: float, se: float
) -> dict[str, float]:
    """What `ganprobe.measures.optimality.gap` predicts from."""
    audits, capacity, shares = (
        [row.value for row in rows if row.name.startswith(kind)] for kind in ("audit", "capacity", "planted")
    )
    singles = [row.js for row in grown.ladder.rows[1:]]
    n, room = len(pair.real), max(0.0, nats) * max(0.0, 1 - nats / LOG2)
    return {
        "audit": max(0.0, *audits),
        "audit_noise": max(paired_se(grown.before, after) for after in grown.after.values()),
        "capacity": max([0.0, *capacity]),
        "last": max(0.0, expected.points[-1].js - expected.points[-2].js),
        "most": expected.most,
        "spread": max(0.0, nats - max(singles)),
        "unrecovered": max(0.0, 1 - min(shares)),
        "se": se,
        "room": room,
        "slow": room / math.sqrt(n),
        "few": 1 / n,
        "faint": math.sqrt(se / n),
    }


_ON_TOP = "on top of the stack"


def saturated(estimate: float, null: tuple[float, float, float]) -> OptimalityRecord:
    """The record of a run whose floor or estimate is at the ceiling: nothing is left to look for."""
    row = Evidence("ceiling", LOG2 - estimate, 0.01 * LOG2, True, "JS cannot exceed log 2")
    return OptimalityRecord(True, max(0.0, LOG2 - estimate), LOG2, (), (row,), CLOSED, *null)


def _capacity(folds: Folds, refits: Refits, limit: float) -> tuple[Evidence, ...]:
    larger = None if refits.budget == "fast" else refits.stronger(Folds(folds.folds[:1]))
    if larger is None:
        return ()
    name, before, after = larger
    return (gained(f"capacity: {name}", before, after, limit, "with twice the capacity"),)
