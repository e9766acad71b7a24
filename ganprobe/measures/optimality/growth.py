"""The stack grows: what an audit finds joins it, and the audit is repeated until nothing is left or the budget ends.

Whether something joins is decided on the val part alone, by a likelihood ratio: the headline stays what a probe that
was fixed before the test samples demonstrates. The last round's audits found nothing, or there was no budget left to
use what they found; what they gain on the test part is the evidence.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass

from ganprobe.logits.calibration import calibrate, stack
from ganprobe.logits.ladder import Ladder, joined
from ganprobe.measures.optimality import audits
from ganprobe.measures.optimality.curve import judged_of
from ganprobe.objective import LOG2, js
from ganprobe.plan import Budget
from ganprobe.samples.folds import Folds, HeldOut
from ganprobe.samples.sides import Pair
from ganprobe.seeds import Seeds

_ROUNDS: dict[Budget, int] = {"fast": 1, "standard": 3, "thorough": 6}
# Twice the log likelihood that a member must gain on val: chance does so in one of two hundred, whatever is tried.
_TELLING = 8.0
# A shortfall below this is no shortfall: it is what seeds and folds move the estimate by.
NEGLIGIBLE = 0.005


@dataclass(frozen=True, slots=True, eq=False)
class Grown:
    """The ``ladder`` with all that audits found, and the last round.

    ``before`` and ``after``: the stack on the judged folds, and the stack with each audit, by the learner's name.
    """

    ladder: Ladder
    before: HeldOut
    after: Mapping[str, HeldOut]
    why_stopped: str


def closed(ladder: Ladder) -> bool:
    """Whether next to nothing is left to find: on these samples no discriminator shows more than log 2."""
    return ladder.saturated or LOG2 - ladder.rows[0].js <= NEGLIGIBLE


def grow(pair: Pair, folds: Folds, ladder: Ladder, seeds: Seeds, budget: Budget) -> Grown:
    """Audit the stack of ``ladder``, let join what tells, and again."""
    judged, samples = len(judged_of(folds)), audits.seen(pair, folds)
    for done in range(_ROUNDS[budget] + 1):
        start, own = time.perf_counter(), seeds if done == 0 else Seeds(seeds.small("audit", done))
        steps = audits.STEPS[budget] * 2**done
        found: dict[str, HeldOut] = {
            name: audits.learn(name, samples, folds, ladder.logits, judged, own, steps) for name in audits.LEARNERS
        }
        before, after = with_each(ladder, found, judged)
        telling = [name for name in audits.LEARNERS if tells(before, after[name], len(audits.LEARNERS))]
        if not telling or done == _ROUNDS[budget]:
            break
        whole = {
            f"audit {done + 1}: {name}": found[name]
            if judged == len(folds)
            else audits.learn(name, samples, folds, ladder.logits, len(folds), own, steps)
            for name in telling
        }
        ladder = joined(ladder, whole, seeds, time.perf_counter() - start)
    why = "the budget ended while audits found more" if telling else f"audits found nothing{' more' if done else ''}"
    return Grown(ladder, before, after, f"after {done} rounds {why}" if done else why)


def with_each(ladder: Ladder, found: Mapping[str, HeldOut], n_folds: int) -> tuple[HeldOut, dict[str, HeldOut]]:
    """The stack on the first folds, and the stack with each of ``found``."""
    members = [calibrate(member.logits.first(n_folds)) for member in ladder.members]
    return stack(members)[0], {name: stack([*members, calibrate(raw)])[0] for name, raw in found.items()}


def tells(before: HeldOut, after: HeldOut, tried: int) -> bool:
    """Whether the val part shows that ``after``, the best of as many as were ``tried``, knows more.

    Under cross-fitting what is val for one fold is tested by another: what joins by chance would be chance again there.
    """
    return gain(before, after) > _TELLING + 2 * math.log(tried)


def gain(before: HeldOut, after: HeldOut) -> float:
    """Twice the log likelihood of the val labels that ``after`` has more."""
    parts = zip(before.val_real, before.val_fake, after.val_real, after.val_fake, strict=True)
    return sum(4 * min(len(real), len(fake)) * (js(*new) - js(real, fake)) for real, fake, *new in parts)
