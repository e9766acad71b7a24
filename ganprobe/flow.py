"""ONE AUDIT, TOP TO BOTTOM. Read this first.

    load -> draw -> inspect -> climb -> measure | judge

Everything left of the bar needs tensors and ends in `Measurements`, plain numbers; what is right of it judges those
numbers and needs no tensors. A number crosses the bar as a lower bound of JS or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ganprobe import __version__, machine, measures
from ganprobe.inputs.load import load
from ganprobe.judge import checks
from ganprobe.machine import Machine
from ganprobe.measures import headline, requested, sources
from ganprobe.measures.climbing import climb
from ganprobe.measures.study import draw
from ganprobe.plan import Plan
from ganprobe.record.audit import Audit, Measurements
from ganprobe.samples.sides import Dataset, Source

Inputs = Callable[[Plan, str], tuple[Dataset, Source]]


def audit(
    plan: Plan,
    command: tuple[str, ...] = (),
    progress: Callable[[str], None] = lambda stage: None,
    inputs: Inputs = load,
) -> Audit:
    """Run the whole diagnosis that ``plan`` asks for; ``progress`` is told the name of each stage as it begins.

    ``inputs`` gives both sides. Raises `UsageError`, `InputError` or `ResourceError` where there is nothing to report.
    The numbers depend on the plan, the two inputs, the number of threads and the device alone.
    """
    requested.check(plan)
    with machine.ready(plan.threads, plan.device, progress) as here:
        measurements = measure(plan, here, inputs)
    findings = checks.run(measurements)
    verdict, reason = checks.verdict(measurements, findings)
    ran = (here.clock.total, here.clock.stages, plan.as_json(), here.environment())
    return Audit(__version__, command, plan.seed, *ran, measurements, findings, verdict, reason)


def measure(plan: Plan, here: Machine, inputs: Inputs = load) -> Measurements:
    """The warm wing: from both sides to numbers, those that the plan asks for."""
    stage = here.clock.stage
    stage("load")
    data, source = inputs(plan, here.device)
    stage("sample")
    study = draw(plan, data, source, here.device, compared=measures.need(plan.parts, "probes", "samples"))
    stage("inspect")
    parts: dict[str, Any] = sources.measure(study)
    if climbing := measures.need(plan.parts, "probes"):
        study = climb(study, stage)
    for name in measures.PARTS:
        if name in plan.parts:
            stage(name)
            parts |= measures.PARTS[name].measure(study)
    if climbing:
        parts |= headline.measure(study, parts["artefacts"], parts.get("optimality"))
    return Measurements.of(parts)
