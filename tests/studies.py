"""An audit's stages one by one, for tests that look between them."""

from __future__ import annotations

from typing import Any

from ganprobe.inputs.load import load
from ganprobe.measures import headline, sources
from ganprobe.measures.climbing import climb
from ganprobe.measures.study import Study, draw
from ganprobe.plan import Plan
from ganprobe.record.audit import Measurements


def drawn(plan: Plan) -> Study:
    """Both sides, loaded, drawn and divided."""
    return draw(plan, *load(plan, "cpu"), "cpu", compared=True)


def climbed(plan: Plan) -> Study:
    """The same with the plan's probes trained."""
    return climb(drawn(plan), lambda name: None)


def headlined(study: Study, **parts: Any) -> Measurements:
    """What the headline's part says of a climbed ``study``, beside ``parts`` that were measured already."""
    told = sources.measure(study) | parts
    return Measurements.of(told | headline.measure(study, told["artefacts"], None))
