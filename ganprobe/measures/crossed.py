"""The probes of one checkpoint on the fakes of its neighbours: a lower bound for each of them.

Fakes of a neighbour come from the latents of the own ones, so that its val and test fakes are none that the probes were
trained on.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ganprobe.errors import GanprobeError, InputError
from ganprobe.inputs import checkpoints
from ganprobe.inputs.load import network
from ganprobe.logits.batch_means import batches
from ganprobe.logits.ladder import against
from ganprobe.logits.reading import read
from ganprobe.measures import drawing
from ganprobe.measures.headline import on_validation
from ganprobe.measures.study import Study
from ganprobe.record.crossed import CrossRecord
from ganprobe.record.unmeasured import Unmeasured
from ganprobe.samples import sketch
from ganprobe.samples.sides import Generator

NEEDS = "probes"


def measure(study: Study) -> dict[str, tuple[CrossRecord, ...] | Unmeasured]:
    """What the probes demonstrate on each of the plan's neighbours, or why on some they do not."""
    if not study.plan.neighbours:
        return {}
    if study.source.record.format == "exported":
        why = "the fakes were given, and a neighbour's may be among those that the probes know"
        return {"crossed": Unmeasured(why)}
    records: list[CrossRecord] = []
    left_out: list[str] = []
    for path in study.plan.neighbours:
        try:
            records.append(_cross(study, network(study.plan, Path(path), study.device)))
        except GanprobeError as error:
            left_out.append(error.message)
        except MemoryError:
            left_out.append("out of memory")
    why = "; ".join(dict.fromkeys(left_out))
    return {"crossed": Unmeasured(why, tuple(records)) if why else tuple(records)}


def _cross(study: Study, neighbour: Generator) -> CrossRecord:
    plan, drawn, seeds = study.plan, study.drawn, study.seeds
    source, fold = checkpoints.with_labels(neighbour, study.data, plan.labels), drawn.folds.folds[0]
    n, n_fit = len(drawn.whole.fake), len(fold.fake.fit)
    fakes = drawing.fakes(plan, study.data, source, n, n_fit, seeds.integer("fakes"))
    if fakes.path != drawn.path:
        raise InputError("a neighbour's fakes take another output path: the probes see them in other units", "")
    # Whatever a view fits, it fits on what the probes saw through it.
    fake = sketch.joined(drawn.whole.fake[:n_fit], fakes.seen[n_fit:])
    seen = drawn.view.apply(replace(drawn.whole, fake=fake), fold, seeds).fake
    # What audits added scores the own fakes alone.
    logits = against(study.probes, seen, drawn.folds)
    return CrossRecord(
        sha256=source.record.sha256,
        validation=on_validation(logits),
        bound=read(logits, seeds),
        batches=batches(logits, drawn.folds, drawn.pair.real, drawn.origin.fake.rows),
    )
