"""From a study to one with probes: the ladder, and what audits of it still find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ganprobe.logits import ladder
from ganprobe.logits.ladder import Ladder
from ganprobe.measures.feeding import feed
from ganprobe.measures.localise import Looks, look
from ganprobe.measures.optimality.growth import closed, grow
from ganprobe.measures.study import Study
from ganprobe.plan import Plan
from ganprobe.samples.folds import Folds
from ganprobe.samples.sides import Pair
from ganprobe.seeds import Seeds


def climb(study: Study, say: Callable[[str], None]) -> Study:
    """The study with its probes trained; ``say`` is told the name of each.

    Where near-optimality is asked for, what audits find on top of the stack joins it, until nothing is gained.
    """
    plan, drawn, seeds = study.plan, study.drawn, study.seeds
    climbed, looks = probed(plan, drawn.pair, drawn.folds, seeds, study.device, say)
    study = replace(study, climbed=climbed, looks=looks)
    if "optimality" not in plan.parts or closed(climbed):
        return study
    say("audits")
    return replace(study, grown=grow(drawn.pair, drawn.folds, climbed, seeds, plan.budget))


def probed(
    plan: Plan, pair: Pair, folds: Folds, seeds: Seeds, device: str, say: Callable[[str], None]
) -> tuple[Ladder, Looks | None]:
    """The ladder of ``pair``, with views that its probes have not seen, and what was seen through all views."""
    climbed = ladder.climb(plan, pair, folds, seeds, device, say)
    if "views" not in plan.parts or climbed.saturated:
        return climbed, None
    say("views that the probes have not seen")
    looks = look(plan, pair, folds, seeds)
    return feed(looks, pair, folds, climbed, seeds), looks
