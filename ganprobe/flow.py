"""ONE AUDIT, TOP TO BOTTOM. Read this first.

    load -> sample -> inspect -> probe -> near-optimality -> views -> KDE -> support
         -> smoothing -> distances -> gradients | findings

Everything left of the bar needs tensors and ends in `Measurements`, plain numbers; everything right of it judges those
numbers and needs no tensors. A number crosses the bar as a lower bound of JS or not at all.
"""

from __future__ import annotations

import math
import os
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
import torch
from threadpoolctl import threadpool_limits

from ganprobe import __version__, probes, views
from ganprobe.errors import GanprobeError, InputError, UsageError
from ganprobe.inputs import artefacts, checkpoints, datasets, usercode
from ganprobe.judge import checks
from ganprobe.logits import bounds, calibration, divergences
from ganprobe.logits.batch_means import batches
from ganprobe.logits.ladder import Ladder, against, climb, null_control
from ganprobe.measures import (
    distances,
    gradients,
    kde,
    labels,
    localise,
    memorisation,
    optimality,
    smoothing,
    support,
    tell,
)
from ganprobe.objective import LOG2, brier_bracket, js, value
from ganprobe.plan import Budget, Law, Part, Plan
from ganprobe.record.audit import Audit, Measurements, Stage
from ganprobe.record.crossed import CrossRecord
from ganprobe.record.distances import DistanceRecord
from ganprobe.record.divergences import DivergenceRecord
from ganprobe.record.gradients import GradientRecord
from ganprobe.record.headline import Estimate, Status
from ganprobe.record.optimality import OptimalityRecord
from ganprobe.record.sources import Artefact
from ganprobe.record.views import ViewRecord
from ganprobe.samples.draw import join_draw, plan_draw, subsample
from ganprobe.samples.folds import Folds, HeldOut, row_hashes, split_reals, split_sides
from ganprobe.samples.sides import Dataset, Exported, Generator, Origin, Pair, SideOrigin, Source, Stored
from ganprobe.seeds import Seeds
from ganprobe.views import Chain
from ganprobe.views.output_path import OutputPath, plan_path

# Fewer reals cannot be divided into parts that fit, validate and test.
LEAST_SAMPLES = 20
# Fakes drawn for each fit real and for each val and test real.
_FIT_RATIO = {"fast": 2.0, "standard": 4.0, "thorough": 8.0}
_TEST_RATIO = {"fast": 2.0, "standard": 4.0, "thorough": 4.0}
# Numbers held in all fakes together: with their copy in common units, 0.8 GB.
_MOST_NUMBERS = 1e8
# Rows of each side that inspection looks at, and rows of each part that a row for the raw samples is trained on.
_INSPECTED_ROWS = 20_000
# Fakes drawn where no probe is trained on them: they say where the output path leads.
_INSPECTED_FAKES = 2_000
_RAW_ROWS = 8_000
_GRADIENT_STEPS = {"fast": 300, "standard": 1_000, "thorough": 4_000}

# The parts that are read from probes trained on both sides.
_OF_PROBES: set[Part] = {"optimality", "views", "kde", "support"}
# Those that compare the samples of both sides, with those probes or without.
_OF_SAMPLES: set[Part] = {*_OF_PROBES, "smoothing", "distances"}


def audit(
    plan: Plan,
    command: tuple[str, ...] = (),
    progress: Callable[[str], None] = lambda stage: None,
    inputs: Callable[[Plan, str], tuple[Dataset, Source]] | None = None,
) -> Audit:
    """Run the whole diagnosis that ``plan`` asks for; ``progress`` is told the name of each stage as it begins.

    ``inputs`` gives both sides for a plan and a device; without it they are loaded from the plan's paths. Raises
    `UsageError`, `InputError` or `ResourceError` where there is nothing to report. The numbers depend on the plan, the
    two inputs, the number of threads and the device alone.
    """
    clock = Clock(progress)
    threads = plan.threads or default_threads()
    device = resolve_device(plan.device)
    check_settings(plan)
    with limit_threads(threads):
        measurements = measure(plan, device, clock, inputs or load)
    clock.stop()
    findings = checks.run(measurements)
    verdict, reason = checks.verdict(measurements, findings)
    return Audit(
        version=__version__,
        command=command,
        seed=plan.seed,
        seconds=clock.total,
        stages=clock.stages,
        # As JSON gives it back.
        plan={name: list(value) if isinstance(value, tuple) else value for name, value in asdict(plan).items()},
        environment=_environment(threads, device),
        measurements=measurements,
        findings=findings,
        verdict=verdict,
        verdict_reason=reason,
    )


def probe(
    generator: torch.nn.Module,
    real: Any,
    *,
    step: int | None = None,
    z_dim: int | str | None = None,
    z_dist: Law = "normal",
    budget: Budget = "fast",
    parts: tuple[Part, ...] = ("optimality", "support"),
    probes: tuple[str, ...] = ("logistic", "boosting", "kde", "knn", "mlp"),
    num_real: int | None = 1_000,
    seed: int = 0,
    device: str = "auto",
    threads: int | None = None,
) -> Audit:
    """An audit from inside a training: ``real`` ``[n, ...]`` and what ``generator`` gives are in the same units.

    ``real`` is an array or a tensor. A copy of the generator is sampled, in evaluation mode; the one that is trained,
    and the global random streams, are left as they were. With the same reals and seed each time, `ganprobe.compare`
    finds paired differences between the audits. Fields and errors are those of `Plan` and `audit`, but training must
    not wait long: at most ``num_real`` reals are used, and ``conv``, which alone takes as long as all other ``probes``,
    is trained only where it is named.
    """
    memory = str(datasets.IN_MEMORY)
    plan = Plan(
        memory, memory, z_dim=None if z_dim is None else str(z_dim), z_dist=z_dist, range="none", num_real=num_real,
        budget=budget, seed=seed, device=device, threads=threads, probes=probes, parts=parts,
    )  # fmt: skip

    def given(plan: Plan, device: str) -> tuple[Dataset, Source]:
        samples = real.detach().cpu().numpy() if isinstance(real, torch.Tensor) else np.asarray(real)
        data = datasets.of_array(samples, datasets.DataOptions(seed=plan.seed))
        options = checkpoints.CheckpointOptions(z_dim=plan.z_dim, z_dist=plan.z_dist, device=device)
        return _enough(data, datasets.IN_MEMORY), checkpoints.of_module(generator, step, options)

    return audit(plan, inputs=given)


def measure(
    plan: Plan, device: str, clock: Clock, inputs: Callable[[Plan, str], tuple[Dataset, Source]]
) -> Measurements:
    """The warm wing: from both sides to numbers, those that the plan asks for."""
    seeds = Seeds(plan.seed)

    clock.stage("load")
    data, source = inputs(plan, device)

    clock.stage("sample")
    sampled = sample(plan, data, source, seeds)

    clock.stage("inspect")
    measured = Measurements(
        checkpoint=source.record,
        data=data.record,
        artefacts=inspect(data, sampled),
        output_path=sampled.path.steps,
        headline_view=sampled.view.name or sampled.whole_name,
        headline_settings=sampled.view.settings,
    )
    if {*plan.parts} & _OF_PROBES:
        measured = read_probes(plan, measured, sampled, data, seeds, device, clock)
    if "smoothing" in plan.parts:
        clock.stage("smoothing")
        settings = smoothing.settings(plan.budget, sampled.pair, plan.sigmas or None, common=plan.series)
        curve = smoothing.measure(sampled.pair, sampled.folds, sampled.origin.fake.rows, settings, seeds, device)
        measured = replace(measured, smoothing=curve)
    if "distances" in plan.parts:
        clock.stage("distances")
        measured = replace(measured, distances=_distances(plan, sampled, seeds))
    if "gradients" in plan.parts:
        clock.stage("gradients")
        if isinstance(source, Generator):
            norms = _gradients(plan, data, source, sampled.path, seeds, device)
            measured = replace(measured, gradients=norms)
        else:
            why = "not applicable: the fakes were given, there is no generator"
            measured = replace(measured, unmeasured=measured.unmeasured | {"gradients": why})
    return measured


def read_probes(
    plan: Plan, measured: Measurements, sampled: Sampled, data: Dataset, seeds: Seeds, device: str, clock: Clock
) -> Measurements:
    """``measured`` with all that rests on probes: JS, then what the plan asks for of the rest."""
    pair, folds, parts = sampled.pair, sampled.folds, plan.parts
    ladder = climb(plan, pair, folds, seeds, device, clock.stage)
    left_out = ladder.skipped
    crossed: list[CrossRecord] = []
    if plan.neighbours:
        clock.stage("neighbouring checkpoints")
        crossed, why_not = cross(plan, ladder, sampled, data, measured.checkpoint.format, seeds, device)
        left_out = left_out | why_not
    null = optimal = None
    if "optimality" in parts:
        clock.stage("null control")
        null = null_control(pair, seeds)
        clock.stage("near-optimality")
        ladder, optimal = optimality.judge(pair, folds, ladder, null, seeds, plan.budget, device)
    else:
        left_out = left_out | {"js.near_optimal": "this command leaves it out, ganprobe js measures it"}
    measured = replace(
        measured,
        probes=ladder.rows,
        js=estimate(ladder, optimal, null, _status(ladder, measured.artefacts, plan), seeds),
        batches=batches(ladder.logits, folds, pair.real, sampled.origin.fake.rows),
        optimality=optimal,
        divergences=_other_divergences(ladder.logits, seeds),
        logits=calibration.describe(ladder.logits, pair, folds),
        crossed=tuple(crossed),
        unmeasured=measured.unmeasured | left_out,
    )
    if "views" in parts:
        clock.stage("views")
        rows, words, why = tabulate(plan, sampled, ladder.logits, measured.headline_view, seeds)
        untold = {} if words else {"tell": why}
        measured = replace(measured, views=rows, tell=words, unmeasured=measured.unmeasured | untold)
    if "kde" in parts:
        clock.stage("KDE cross-check")
        rungs = kde.measure(pair, folds, ladder.rows[0].js, seeds, plan.budget)
        measured = replace(measured, kde=rungs)
    if "support" in parts:
        clock.stage("support")
        latent = math.prod(measured.checkpoint.latent) if measured.checkpoint.latent else None
        covered = support.measure(ladder.logits, pair, folds, sampled.origin, latent, seeds, plan.budget)
        measured = replace(measured, support=covered)
        clock.stage("labels")
        measured = by_label(measured, ladder.logits, sampled, seeds)
        clock.stage("memorisation")
        measured = remember(plan, measured, sampled, data, seeds)
    return measured


def by_label(measured: Measurements, logits: HeldOut, sampled: Sampled, seeds: Seeds) -> Measurements:
    """``measured`` with JS per label, or the reason why there is none."""
    why = labels.unfit(sampled.origin)
    if why is not None:
        return replace(measured, unmeasured=measured.unmeasured | {"labels": why})
    return replace(measured, labels=labels.measure(logits, sampled.pair, sampled.folds, sampled.origin, seeds))


def remember(plan: Plan, measured: Measurements, sampled: Sampled, data: Dataset, seeds: Seeds) -> Measurements:
    """``measured`` with the fakes held against what the generator was trained on, where that is given."""
    if plan.train_data is None:
        why = "no --train-data, which fakes are held against"
        return replace(measured, unmeasured=measured.unmeasured | {"memorisation": why})
    train = datasets.load_like(Path(plan.train_data), data, datasets.DataOptions(seed=plan.seed))
    record = memorisation.measure(
        sampled.path.real(train.values), plan.train_data, sampled.whole, sampled.folds.folds[0], sampled.origin, seeds
    )
    return replace(measured, memorisation=record)


# -- load ----------------------------------------------------------------------


def load(plan: Plan, device: str) -> tuple[Dataset, Source]:
    """Both inputs. A generator comes first, for pictures are brought to its size; samples are read as the data is."""
    checkpoint, path = Path(plan.checkpoint), Path(plan.data)
    named = plan.labels not in ("data", "uniform")
    common = datasets.DataOptions(
        seed=plan.seed, array=plan.override("datasets.arrays", datasets.MEMBERS["arrays"].Settings()).name
    )
    options = replace(common, limit=plan.num_real, labels=datasets.read_labels(Path(plan.labels)) if named else None)
    if checkpoints.is_exported(checkpoint):
        data = datasets.load(path, options)
        return _enough(data, path), checkpoints.load_exported(checkpoint, data, replace(common, limit=plan.num_fake))
    generator = _network(plan, checkpoint, device)
    shape = generator.shape
    picture = (shape[0], shape[1], shape[2]) if len(shape) == 3 and shape[0] in (1, 3) else None
    data = datasets.load(path, replace(options, picture_shape=picture))
    return _enough(data, path), checkpoints.with_labels(generator, data, plan.labels)


def _network(plan: Plan, path: Path, device: str) -> Generator:
    """What is in the checkpoint at ``path``, read as ``plan`` says, with labels uniform."""
    return checkpoints.load(
        path,
        checkpoints.CheckpointOptions(
            model=plan.model,
            model_args=plan.model_args,
            key=plan.key,
            ema=plan.ema,
            mode=plan.mode,
            z_dim=plan.z_dim,
            z_dist=plan.z_dist,
            num_classes=plan.num_classes,
            call=plan.call,
            output_name=plan.output_name,
            trust_checkpoint=plan.trust_checkpoint,
            device=device,
        ),
    )


def _enough(data: Dataset, path: Path) -> Dataset:
    if len(data.values) < LEAST_SAMPLES:
        raise InputError(
            f"{path}: {len(data.values)} samples are too few to train and test a probe on",
            f"give at least {LEAST_SAMPLES}; a few thousand resolve a JS of .01",
        )
    return data


# -- sample and split ----------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Sampled:
    """Both sides in common units, divided; ``fake_raw`` are the fakes as generated, row for row those of ``pair``.

    ``pair`` is what the view that was asked for shows of ``whole``; without one the two are the same.
    """

    pair: Pair
    folds: Folds
    fake_raw: Stored
    path: OutputPath
    origin: Origin
    whole: Pair
    view: Chain

    @property
    def whole_name(self) -> str:
        """What ``whole`` is called as a view."""
        return "output_path" if self.path.quantises else "raw"


def sample(plan: Plan, data: Dataset, source: Source, seeds: Seeds) -> Sampled:
    """Draw the fakes, take both sides along the output path, and divide them by the hash of their rows."""
    chosen = subsample(data.values, plan.num_real, seeds, "reals")
    values, reals = data.values[chosen], SideOrigin.of(data, chosen)
    if isinstance(source, Exported):
        chosen = subsample(source.values, plan.num_fake, seeds, "fakes")
        fake = source.values[chosen]
        if len(fake) < LEAST_SAMPLES:
            raise InputError(
                f"{source.record.path}: {len(fake)} samples are too few to train and test a probe on",
                f"give at least {LEAST_SAMPLES}",
            )
        path = plan_path(data, fake, source.full_range, plan.range, plan.quantise)
        real = path.real(values)
        pair = Pair(real, path.fake(fake, quantise=True), data.kind, data.columns)
        folds = split_sides(row_hashes(real, seeds.small("folds")), row_hashes(pair.fake, seeds.small("folds")))
        return _seen(plan, pair, folds, fake, path, Origin(reals, SideOrigin.of(source, chosen)), seeds)
    splits = split_reals(row_hashes(values, seeds.small("folds")))
    width = math.prod(source.shape)
    most = min(plan.num_fake or math.inf, _MOST_NUMBERS / width)
    if not {*plan.parts} & _OF_SAMPLES:
        most = min(most, _INSPECTED_FAKES)
    draw = plan_draw(splits, _FIT_RATIO[plan.budget], _TEST_RATIO[plan.budget], int(most))
    if min(draw.val, *draw.test) < 2:
        raise UsageError(f"--num-fake {plan.num_fake} leaves a part without fakes", f"ask for {LEAST_SAMPLES} or more")
    fake = source.draw(draw.total, seeds.integer("fakes"))
    path = plan_path(data, fake[: draw.fit], None, plan.range, plan.quantise)
    pair = Pair(path.real(values), path.fake(fake, quantise=True), data.kind, data.columns)
    # Once more, now that the fakes say which rows are atoms of a discrete law.
    splits = split_reals(*(row_hashes(side, seeds.small("folds")) for side in (pair.real, pair.fake)))
    fakes = SideOrigin(np.arange(draw.total, dtype=np.int64), source.labels(draw.total, seeds.integer("fakes")))
    return _seen(plan, pair, join_draw(splits, draw), fake, path, Origin(reals, fakes), seeds)


def _seen(
    plan: Plan, pair: Pair, folds: Folds, fake: Stored, path: OutputPath, origin: Origin, seeds: Seeds
) -> Sampled:
    view = views.chain(plan)
    return Sampled(view.apply(pair, folds.folds[0], seeds), folds, fake, path, origin, pair, view)


def inspect(data: Dataset, sampled: Sampled) -> tuple[Artefact, ...]:
    """What the files themselves would give away, before anything is trained."""
    return artefacts.detect_all(
        artefacts.Inspected(
            data.values[:_INSPECTED_ROWS],
            sampled.fake_raw[:_INSPECTED_ROWS],
            data.kind,
            data.columns,
            data.full_range,
            sampled.path.rescales,
        )
    )


# -- cross-apply ---------------------------------------------------------------


def cross(
    plan: Plan, ladder: Ladder, sampled: Sampled, data: Dataset, source: str, seeds: Seeds, device: str
) -> tuple[list[CrossRecord], dict[str, str]]:
    """The probes on the fakes of each of ``plan.neighbours``, and why there is none of some.

    Fakes of a neighbour come from the latents of the own ones, so that its val and test fakes are none that the probes
    were trained on.
    """
    if source == "exported":
        return [], {"crossed": "the fakes were given, and a neighbour's may be among those that the probes know"}
    found, left_out = [], []
    for path in plan.neighbours:
        try:
            found.append(_cross(plan, ladder, sampled, data, _network(plan, Path(path), device), seeds))
        except GanprobeError as error:
            left_out.append(error.message)
        except MemoryError:
            left_out.append("out of memory")
    return found, {"crossed": "; ".join(dict.fromkeys(left_out))} if left_out else {}


def _cross(
    plan: Plan, ladder: Ladder, sampled: Sampled, data: Dataset, neighbour: Generator, seeds: Seeds
) -> CrossRecord:
    source, fold = checkpoints.with_labels(neighbour, data, plan.labels), sampled.folds.folds[0]
    raw, n_fit = source.draw(len(sampled.whole.fake), seeds.integer("fakes")), len(fold.fake.fit)
    if plan_path(data, raw[:n_fit], None, plan.range, plan.quantise) != sampled.path:
        raise InputError("a neighbour's fakes take another output path: the probes see them in other units", "")
    # Whatever a view fits, it fits on what the probes saw through it.
    fake = np.concatenate((sampled.whole.fake[:n_fit], sampled.path.fake(raw[n_fit:], quantise=True)))
    seen = sampled.view.apply(replace(sampled.whole, fake=fake), fold, seeds).fake
    logits = against(ladder, seen, sampled.folds)
    reading = divergences.MEMBERS["js"].estimate(logits, seeds)
    return CrossRecord(
        sha256=source.record.sha256,
        validation=_on_validation(logits),
        nats=reading.value,
        low=reading.low,
        high=reading.high,
        floor=bounds.floor(logits),
        batches=batches(logits, sampled.folds, sampled.pair.real, sampled.origin.fake.rows),
    )


def _on_validation(logits: HeldOut) -> float:
    return js(np.concatenate(logits.val_real), np.concatenate(logits.val_fake))


# -- judge and estimate --------------------------------------------------------


def estimate(
    ladder: Ladder, optimal: OptimalityRecord | None, null: tuple[float, float] | None, status: Status, seeds: Seeds
) -> Estimate:
    """The headline: what the stack demonstrates, with everything that says how far to trust it."""
    stacked = ladder.rows[0]
    n_real, n_fake = (sum(map(len, parts)) for parts in (ladder.logits.test_real, ladder.logits.test_fake))
    return Estimate(
        nats=stacked.js,
        bits=stacked.js / LOG2,
        low=stacked.low,
        high=stacked.high,
        level=divergences.LEVEL,
        floor=stacked.floor,
        extrapolated=None if optimal is None else optimal.extrapolated,
        value=value(stacked.js),
        saturation=stacked.js / LOG2,
        ceiling=LOG2,
        p_value=bounds.rank_test(ladder.logits),
        null=None if null is None else null[0],
        near_optimal=None if optimal is None else optimal.near_optimal,
        gap=None if optimal is None else optimal.gap,
        status=status,
        log_e_value=bounds.log_e_value(ladder.logits),
        brier_bracket=brier_bracket(divergences.MEMBERS["henze_penrose"].estimate(ladder.logits, seeds).value),
        zero_error_floor=bounds.zero_error_floor(n_real, n_fake),
        null_se=None if null is None else null[1],
        n_real=n_real,
        n_fake=n_fake,
        validation=_on_validation(ladder.logits),
    )


def _other_divergences(logits: HeldOut, seeds: Seeds) -> tuple[DivergenceRecord, ...]:
    records = []
    for name in divergences.MEMBERS:
        if name != "js":
            reading = divergences.MEMBERS[name].estimate(logits, seeds)
            records.append(DivergenceRecord(name, reading.value, reading.low, reading.high))
    return tuple(records)


def _distances(plan: Plan, sampled: Sampled, seeds: Seeds) -> tuple[DistanceRecord, ...]:
    records, fold = [], sampled.folds.folds[0]
    sides = distances.prepare(sampled.pair, fold, plan.budget, seeds)
    for name in distances.MEMBERS:
        start, member = time.perf_counter(), distances.MEMBERS[name]
        read = member.measure(sides, plan.override(f"distances.{name}", member.settings(plan.budget)), seeds)
        seconds = time.perf_counter() - start
        records.append(DistanceRecord(name, **asdict(read), unit=sides.unit, seconds=seconds))
    return tuple(records)


# P = Q is rejected at this level; stricter than the interval, for a status is read as a fact.
_REJECTED = 0.01
# "No difference seen" says something only where a difference of this size would have been seen.
_RESOLVED = 0.02


def _status(ladder: Ladder, found: tuple[Artefact, ...], plan: Plan) -> Status:
    """The headline in one word; see `ganprobe.record.headline.Status`."""
    stacked = ladder.rows[0]
    if plan.quantise == "off" and any(a.name == "lattice" for a in found):
        # JS is log 2 then whatever the laws are, and what a smooth probe makes of it says nothing about them.
        return "artefact"
    if ladder.saturated:
        return "saturated"
    if stacked.low > 0 or bounds.rank_test(ladder.logits) < _REJECTED:
        return "distinguishable"
    n = sum(map(len, ladder.logits.test_real))
    return "underpowered" if _detectable(n) > _RESOLVED else "indistinguishable"


def _detectable(n: int) -> float:
    """The JS that ``n`` pairs tell from 0: their scores spread by sqrt(JS), so (1.645 + 1.282)^2 / n at 90 % power."""
    return 8.6 / n


# -- views, gradients ----------------------------------------------------------


def tabulate(
    plan: Plan, sampled: Sampled, logits: HeldOut, name: str, seeds: Seeds
) -> tuple[tuple[ViewRecord, ...], str | None, str]:
    """JS through every view, from the raw samples over the headline (``name``) to the coarser ones; and the tell.

    Where there is no tell, the last says why.
    """
    headline = localise.row(Chain(), name, logits, seeds, sampled.view.settings, 0.0)
    rows = localise.tabulate(plan, sampled.view, sampled.pair, sampled.folds, headline, seeds)
    words, why = tell.tell(headline, rows, sampled.pair, sampled.folds, seeds)
    records = [headline.record, *(row.record for row in rows)]
    if sampled.view.steps:
        records.insert(0, _finer(sampled.whole_name, sampled.whole, sampled.folds, records, seeds))
    if sampled.path.quantises:
        records.insert(0, _raw_row(sampled, records, seeds))
    return tuple(records), words, why


def _raw_row(sampled: Sampled, records: list[ViewRecord], seeds: Seeds) -> ViewRecord:
    """JS of the samples as they came: through their distance to the data's lattice where that tells them apart."""
    first = Folds(sampled.folds.folds[:1])
    real, fake, folds = localise.excerpt(sampled.whole.real, sampled.fake_raw, first, (_RAW_ROWS,) * 3)
    raw = replace(sampled.whole, real=real, fake=sampled.path.fake(fake, quantise=False))
    lattice = views.MEMBERS["lattice"]
    if lattice.applies(raw) is None:
        raw = lattice.apply(raw, folds.folds[0], lattice.Settings(), seeds)
    return _finer("raw", raw, folds, records, seeds)


def _finer(name: str, pair: Pair, folds: Folds, records: list[ViewRecord], seeds: Seeds) -> ViewRecord:
    """The row of a ``pair`` that all of ``records`` are functions of: what they show, it shows too."""
    start = time.perf_counter()
    real, fake, few = localise.excerpt(pair.real, pair.fake, folds, (_RAW_ROWS,) * 3)
    logits = localise.quick(replace(pair, real=real, fake=fake), few, seeds)
    own = localise.row(Chain(), name, logits, seeds, {}, time.perf_counter() - start).record
    best = max((own, *records), key=lambda record: record.js)
    return replace(best, name=name, settings={}, seconds=own.seconds)


def _gradients(
    plan: Plan, data: Dataset, source: Generator, path: OutputPath, seeds: Seeds, device: str
) -> GradientRecord:
    real = path.as_generated(data.values[subsample(data.values, None, seeds, "gradients")])
    unit = abs(path.to_data.scale * path.to_unit.scale)
    settings = gradients.Settings(_GRADIENT_STEPS[plan.budget], plan.sigmas or None, plan.per_layer)
    return gradients.measure(source, real, data.kind, unit, settings, seeds, device)


# -- the run itself ------------------------------------------------------------


class Clock:
    """Seconds by stage; a stage ends when the next begins."""

    def __init__(self, progress: Callable[[str], None]) -> None:
        self._progress = progress
        self._start = self._since = time.perf_counter()
        self._name: str | None = None
        self._done: list[Stage] = []

    def stage(self, name: str) -> None:
        """The stage called ``name`` begins."""
        self.stop()
        self._name = name
        self._progress(name)

    def stop(self) -> None:
        """The running stage ends."""
        now = time.perf_counter()
        if self._name is not None:
            self._done.append(Stage(self._name, now - self._since))
        self._since, self._name = now, None

    @property
    def total(self) -> float:
        """Seconds from the first stage to now."""
        return time.perf_counter() - self._start

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The finished stages, in order."""
        return tuple(self._done)


def check_settings(plan: Plan) -> None:
    """That every ``--set``, ``--view``, ``--probe`` and ``--features`` names what is there, before minutes are spent.

    Raises `UsageError`.
    """
    families = {
        package.__name__.rpartition(".")[2]: package.MEMBERS for package in (datasets, distances, probes, views)
    }
    for name in plan.settings:
        family, member, setting = (*name.split(".", 2), "", "")[:3]
        if family not in families or not setting:
            raise UsageError(f"--set {name}: not of the form FAMILY.MEMBER.SETTING", "for example probes.mlp.width=256")
        settings = getattr(families[family][member], "Settings", None)
        if settings is None:
            raise UsageError(f"--set {name}: {family}.{member} has no settings", "leave it out")
        plan.override(f"{family}.{member}", settings())
    views.chain(plan)
    for name in plan.probes:
        probes.member(name)
    if plan.features:
        usercode.function(plan.features, "--features")


def default_threads() -> int:
    """Half the cores that this process may use: with a busy neighbour, one thread too many is twenty times slower."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // 2)


@contextmanager
def limit_threads(n: int) -> Iterator[None]:
    """Every library at ``n`` threads, and as they were afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        with threadpool_limits(n):
            yield
    finally:
        torch.set_num_threads(before)


def resolve_device(name: str) -> str:
    """``auto``, ``cpu`` or ``cuda[:N]`` as a device that is there; else `UsageError`."""
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    kind, _, number = name.partition(":")
    if name == "cpu" or (kind == "cuda" and (not number or number.isdigit())):
        if kind == "cpu" or (torch.cuda.is_available() and int(number or 0) < torch.cuda.device_count()):
            return name
        raise UsageError(f"--device {name}: no such CUDA device here", "use --device cpu, or auto")
    raise UsageError(f"--device {name}: not a device", "use auto, cpu, cuda or cuda:1")


def _environment(threads: int, device: str) -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
        "platform": platform.platform(),
        "threads": threads,
        "device": device,
    }
