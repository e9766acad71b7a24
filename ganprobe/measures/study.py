"""What the parts of an audit are measured on: both sides drawn and divided, and the probes once they are trained.

`draw` makes it, `ganprobe.measures.climbing` adds the probes. Only the modules of this package see it, and each takes
out what it needs in its first lines: probes, views and nets have explicit arguments.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ganprobe import views
from ganprobe.errors import InputError, UsageError
from ganprobe.inputs.load import LEAST_SAMPLES
from ganprobe.logits.ladder import Ladder
from ganprobe.measures import drawing
from ganprobe.plan import Budget, Plan
from ganprobe.samples import together
from ganprobe.samples.draw import join_draw, plan_draw, subsample
from ganprobe.samples.folds import Folds, enough, row_hashes, split_reals, split_sides
from ganprobe.samples.gauge import Gauge
from ganprobe.samples.groups import Together
from ganprobe.samples.sides import Dataset, Exported, Hashes, Origin, Pair, SideOrigin, Source, Stored
from ganprobe.samples.together import Kin
from ganprobe.seeds import Seeds
from ganprobe.views import Chain
from ganprobe.views.output_path import OutputPath, plan_path

if TYPE_CHECKING:
    from ganprobe.measures.localise import Looks
    from ganprobe.measures.optimality.growth import Grown

# Fakes drawn for each fit real and for each val and test real.
_FIT_RATIO = {"fast": 1.0, "standard": 4.0, "thorough": 8.0}
_TEST_RATIO = {"fast": 1.0, "standard": 4.0, "thorough": 4.0}
# Reals that the headline is read on: folds beyond these only narrow its interval, and each costs a training of its own.
# So many that are told without a mistake put the floor within 1 % of log 2.
_TESTED = {"fast": 6_000, "standard": 6_000, "thorough": 20_000}
# From so many reals on `fast` divides them by thirds, of which two trainings read as many as four by fifths would.
_THIRDS_FROM = 4_000
# Fakes drawn where no probe is trained on them: they say where the output path leads.
_INSPECTED_FAKES = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Both sides in common units, divided; ``fake_raw`` are the fakes as generated, row for row those of ``pair``.

    Of large pictures that a generator drew ``fake_raw`` has the first ones. ``pair`` is what the view that was asked
    for shows of ``whole``; without one the two are the same. ``thinned`` says why fakes are fewer than would be best.
    """

    pair: Pair
    folds: Folds
    fake_raw: Stored
    path: OutputPath
    origin: Origin
    whole: Pair
    view: Chain
    kin: Kin
    thinned: str = ""

    @property
    def headline_view(self) -> str:
        """What ``pair`` is called as a view."""
        return self.view.name or self.whole_name

    @property
    def whole_name(self) -> str:
        """What ``whole`` is called as a view."""
        return "output_path" if self.path.quantises else "raw"


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """One audit's samples: where they came from, how they were ``drawn``, and the `ladder` once it is climbed."""

    plan: Plan
    data: Dataset
    source: Source
    drawn: Drawn
    seeds: Seeds
    device: str
    climbed: Ladder | None = None
    looks: Looks | None = None
    grown: Grown | None = None

    @property
    def ladder(self) -> Ladder:
        """The trained probes and what audits added to them, for parts that rest on them."""
        return self.grown.ladder if self.grown else self.probes

    @property
    def probes(self) -> Ladder:
        """The trained probes alone."""
        if self.climbed is None:
            raise RuntimeError("a part that rests on probes was measured without them")
        return self.climbed


def draw(plan: Plan, data: Dataset, source: Source, device: str, compared: bool) -> Study:
    """Both sides drawn and divided; few fakes where the samples are not ``compared``."""
    seeds = Seeds(plan.seed)
    return Study(plan, data, source, sample(plan, data, source, seeds, compared), seeds, device)


def sample(plan: Plan, data: Dataset, source: Source, seeds: Seeds, compared: bool = True) -> Drawn:
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
        path = plan_path(data, fake, source.full_range, plan.range, plan.quantise, plan.axes, drawn=False)
        pair = path.pair(path.real(values), path.fake(fake, quantise=True), data.kind, data.columns, _gauge(data))
        origin = Origin(reals, SideOrigin.of(source, chosen))
        kin = together.find(pair, origin, drawn=False)
        folds = divided(*together.hashes(pair, seeds), plan.budget, kin.real, kin.fake)
        return _seen(plan, pair, folds, fake, path, origin, kin, seeds)
    thirds = _thirds(plan.budget, len(values))
    splits = split_reals(row_hashes(values, seeds.small("folds")), together=together.named(reals), thirds=thirds)
    splits = splits[: enough([len(split.test) for split in splits], _TESTED[plan.budget])]
    most, why = drawing.most(plan, data, source)
    draw = plan_draw(
        splits, _FIT_RATIO[plan.budget], _TEST_RATIO[plan.budget], most if compared else min(most, _INSPECTED_FAKES)
    )
    if min(draw.val, *draw.test) < 2:
        raise UsageError(f"--num-fake {plan.num_fake} leaves a part without fakes", f"ask for {LEAST_SAMPLES} or more")
    drawn = drawing.fakes(plan, data, source, draw.total, draw.fit, seeds.integer("fakes"))
    pair = drawn.path.pair(drawn.path.real(values), drawn.seen, data.kind, data.columns, _gauge(data))
    fakes = SideOrigin(np.arange(draw.total, dtype=np.int64), source.labels(draw.total, seeds.integer("fakes")))
    kin = together.find(pair, origin := Origin(reals, fakes), drawn=True)
    # Once more, now that the fakes say which rows are atoms of a discrete law, and which depend on each other.
    splits = split_reals(*together.hashes(pair, seeds), kin.real, thirds=thirds)[: len(draw.test)]
    seen = _seen(plan, pair, join_draw(splits, draw), drawn.raw, drawn.path, origin, kin, seeds)
    return replace(seen, thinned=why) if draw.total >= most - len(draw.test) - 2 else seen


def divided(
    real_hashes: Hashes, fake_hashes: Hashes, budget: Budget, real: Together | None = None, fake: Together | None = None
) -> Folds:
    """The folds of two sets of rows that ``budget`` pays for; see `split_sides`."""
    thirds = _thirds(budget, min(len(real_hashes), len(fake_hashes)))
    return split_sides(real_hashes, fake_hashes, real, fake, thirds=thirds).testing(_TESTED[budget])


def _thirds(budget: Budget, n: int) -> bool:
    return budget == "fast" and n >= _THIRDS_FROM


def _gauge(data: Dataset) -> Gauge | None:
    """What leads from common units back to the file; pictures are shown as they are seen."""
    return None if data.kind == "image" else data.gauge


def _seen(
    plan: Plan, pair: Pair, folds: Folds, fake: Stored, path: OutputPath, origin: Origin, kin: Kin, seeds: Seeds
) -> Drawn:
    view = views.chain(plan)
    return Drawn(view.apply(pair, folds.folds[0], seeds), folds, fake, path, origin, pair, view, kin)
