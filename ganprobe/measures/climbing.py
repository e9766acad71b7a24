"""From a study to one with probes: the ladder, and what audits of it still find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ganprobe.logits import ladder
from ganprobe.measures.feeding import feed
from ganprobe.measures.localise import look
from ganprobe.measures.optimality.growth import grow
from ganprobe.measures.study import Study


def climb(study: Study, say: Callable[[str], None]) -> Study:
    """The study with its probes trained; ``say`` is told the name of each.

    Where near-optimality is asked for, what audits find on top of the stack joins it, until nothing is gained.
    """
    plan, drawn, seeds = study.plan, study.drawn, study.seeds
    climbed = ladder.climb(plan, drawn.pair, drawn.folds, seeds, study.device, say)
    if "views" in plan.parts and not climbed.saturated:
        say("views that the probes have not seen")
        looks = look(plan, drawn.pair, drawn.folds, seeds)
        climbed = feed(looks, drawn.pair, drawn.folds, climbed, seeds)
        study = replace(study, looks=looks)
    study = replace(study, climbed=climbed)
    if "optimality" not in plan.parts or climbed.saturated:
        return study
    say("audits")
    return replace(study, grown=grow(drawn.pair, drawn.folds, climbed, seeds, plan.budget))
