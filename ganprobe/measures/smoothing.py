r"""JS(sigma): what is left of the difference under Gaussian noise of every size, and the scale at which it goes.

    JS(sigma) = JS(P * N(0, sigma^2 I), Q * N(0, sigma^2 I))

never rises with sigma (data processing), starts at JS(P, Q), and is 0 at any one sigma > 0 only where P = Q. Two laws
that share no mass have JS = log 2 whether they are far apart or nearly on top of one another; how much noise it takes
to hide the difference tells these apart. For two points, or parallel lines, at distance t it is J(t / sigma) with J the
curve of two unit Gaussians (`objective.shift_js`), so every laws' curve can be read as a distance,

    effective gap = sigma J^-1(JS(sigma)),

and ``half_scale`` is the sigma at which half of log 2 is left. Instance noise as a remedy: Sonderby et al. 2017, Roth
et al. 2017; as a divergence of its own: Zhang et al. 2020.

**One net for the whole curve** (`ganprobe.nets.noise_conditioned`), which sees samples with noise of every size, and
the size itself.

**And the laws of the fit samples themselves.** Under noise these are kernel densities (`ganprobe.nets.kernels`) whose
bandwidth is no choice but sigma, so at large sigma, where a batch of noisy samples teaches a net next to nothing, their
ratio is close to the best there is: for digits of a DCGAN, 900 fit reals, noise of .87 of the full range left .18 by
the net, .34 by the kernels and .36 by both.

Every rung of the ladder (`ganprobe.measures.rungs`) is calibrated and stacked by itself on validation samples with that
noise, and scored on test samples, several draws of noise each and the same draws on every rung.

**What is certified.** Each rung is a held-out lower bound of JS(sigma), hence of JS at every smaller sigma too: a rung
takes over what a noisier one shows if that is more, so the curve falls as it must and remains a lower bound. Where the
kernels alone tell all val samples apart halfway down, the lower half is not measured and takes that over too; of wide
samples `fast` then leaves the other half to the kernels (a DCGAN's four checkpoints, 10,000 digits: areas of 6.945,
6.941, 6.938 and 6.937 so, of 6.944, 6.940, 6.937 and 6.936 with a net, and the same standard errors). Floors hold for
all rungs at once, by an equal share of the error for each, since the largest of several is taken. The scales are lower
bounds with them: a better probe moves ``half_scale`` up.

**The area** under the curve over log sigma ranks generators whose JS is at its ceiling: it is there for every curve,
and of one that falls in a step it is the log of where. Its batches pair two checkpoints of the same reals and latents.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from torch import Tensor

from ganprobe.logits import batch_means
from ganprobe.measures import noise_ladder
from ganprobe.measures.rungs import Rung, Scored
from ganprobe.measures.study import Study
from ganprobe.nets import kernels
from ganprobe.nets.noise_conditioned import Judge, Noisy, Sides, Work, judge_of
from ganprobe.objective import LOG2, delta_of
from ganprobe.plan import Budget
from ganprobe.record import area
from ganprobe.record.headline import BatchRecord
from ganprobe.record.smoothing import SmoothingRecord
from ganprobe.samples import scaling, sketch
from ganprobe.samples.folds import CROSS_FIT_FOLDS, Folds
from ganprobe.samples.sides import Array, Floats, Indices, Pair
from ganprobe.seeds import Seeds

# Samples of more coordinates cost more a step, and are scored less often.
_WIDE = 256
# Of few pictures five folds would take half of a checkpoint's time.
_FOLDS_OF_A_CHECKPOINT = 3

# In units of the gauge, in which nearly all numbers are below ten.
_FARTHEST = 1e15

# Nearer to log 2 than this the inverse of J is all noise.
_READABLE = 0.99


@dataclass(frozen=True, slots=True)
class Settings:
    """``sigmas``: the ladder, in the unit of the kind; None for one chosen from the data.

    A net of ``width`` units in each of two layers is trained for ``steps`` steps of ``batch`` samples a side; the
    densities are of at most ``kernels`` fit rows a side; ``draws`` of noise for each of ``tested`` reals, for which
    folds are added until there are as many, ``folds`` at most: each trains a net, unless the noisier half is all that
    is measured and ``bare`` leaves that to the densities. ``common``: a ladder in a unit that the fakes have no part
    in.
    """

    sigmas: tuple[float, ...] | None = None
    width: int = 64
    steps: int = 800
    batch: int = 256
    rate: float = 3e-3
    draws: int = 4
    kernels: int = 500
    tested: int = 2_000
    folds: int = CROSS_FIT_FOLDS
    bare: bool = False
    common: bool = False


def settings(budget: Budget, pair: Pair, sigmas: tuple[float, ...] | None = None, *, common: bool = False) -> Settings:
    """Steps and kernels by budget; a wider net and more kernels for wide samples."""
    if sketch.coarse(pair).width > _WIDE:
        steps, rows = {"fast": (400, 1_500), "standard": (1_500, 2_000), "thorough": (6_000, 6_000)}[budget]
        batch, draws = (64, 1) if budget == "fast" else (128, 2)
        if budget == "fast" and not common:
            return Settings(sigmas, 256, 300, batch, 2e-3, draws, kernels=1_000, tested=1_000, bare=True)
        bare = budget == "fast"
        few = _FOLDS_OF_A_CHECKPOINT if bare else CROSS_FIT_FOLDS
        return Settings(sigmas, 256, steps, batch, 2e-3, draws, rows, folds=few, bare=bare, common=common)
    # Of few coordinates the net learns nearly all there is to be seen.
    if budget == "fast" and not common:
        return Settings(sigmas, steps=150, draws=2, kernels=400, tested=800)
    steps, rows = {"fast": (300, 500), "standard": (500, 500), "thorough": (4_000, 2_000)}[budget]
    return Settings(sigmas, steps=steps, kernels=rows, common=common)


NEEDS = "samples"


def measure(study: Study) -> dict[str, SmoothingRecord]:
    """The curve of the study's pair."""
    plan, drawn = study.plan, study.drawn
    chosen = settings(plan.budget, drawn.pair, plan.sigmas or None, common=plan.series)
    rows = drawn.origin.fake.rows
    return {"smoothing": under_noise(drawn.pair, drawn.folds, rows, chosen, study.seeds, study.device)}


def under_noise(
    pair: Pair, folds: Folds, fake_rows: Indices, settings: Settings, seeds: Seeds, device: str
) -> SmoothingRecord:
    """The curve for ``pair`` (of large pictures their means), in its unit; ``fake_rows``: see `batch_means.batches`."""
    pair = _within(sketch.coarse(pair))
    few = Folds(folds.folds[: min(settings.folds, math.ceil(settings.tested / len(folds.folds[0].real.test)))])
    unit = scaling.unit_of_reals(pair) if settings.common else scaling.unit(pair, folds.folds[0])
    chosen = (
        noise_ladder.of_reals(pair, unit, seeds)
        if settings.common
        else noise_ladder.of_pair(pair, few.folds[0], unit, seeds)
    )
    sigmas = tuple(sorted(set(settings.sigmas or chosen)))
    sides: Sides = {"real": scaling.flat(pair.real), "fake": scaling.flat(pair.fake)}
    scored = Scored(sides, few, len(sigmas), settings.tested, settings.draws)
    by_kernels = _kernels(sides, few, unit, settings, seeds)
    told = scored.told(by_kernels, sigmas, seeds)
    left, judges = sigmas[told:], [by_kernels]
    if not (told and settings.bare):
        noisy = Noisy(pair, few, unit.size, seeds, device)
        judges.insert(0, _net(noisy, sides, few, left, len(left) / len(sigmas), settings, seeds))
    measured = scored.by(judges, left, seeds)
    rungs = [measured[0]] * told + measured
    # A lower bound at a larger sigma is one at every smaller sigma.
    best = [max(rungs[i:], key=lambda rung: rung.js) for i in range(len(rungs))]
    reals, fakes = (np.concatenate(rows) for rows in scored.tested)
    batches = _batches(best, sigmas, pair.real[reals], fake_rows[fakes])
    floors = tuple(max(rung.floor for rung in rungs[i:]) for i in range(len(rungs)))
    return _record(sigmas, unit, best, floors, batches)


def _within(pair: Pair) -> Pair:
    """``pair`` with no number so far off that the square of a distance is infinite in float32."""
    if pair.kind == "image":
        return pair
    real, fake = (np.clip(side, -_FARTHEST, _FARTHEST) for side in (pair.real, pair.fake))
    return replace(pair, real=real, fake=fake)


def _record(
    sigmas: tuple[float, ...],
    unit: scaling.Measure,
    best: list[Rung],
    floors: tuple[float, ...],
    batches: BatchRecord,
) -> SmoothingRecord:
    js = tuple(rung.js for rung in best)
    half = half_scale(sigmas, js)
    return SmoothingRecord(
        sigma=sigmas,
        unit=unit.name,
        js=js,
        low=tuple(rung.low for rung in best),
        high=tuple(rung.high for rung in best),
        floor=floors,
        gap=tuple(effective_gap(*point) for point in zip(sigmas, js, strict=True)),
        half_scale=half,
        effective_gap=None if half is None else half * delta_of(LOG2 / 2),
        batches=batches,
    )


def _batches(best: list[Rung], sigmas: tuple[float, ...], reals: Array, fake_rows: Indices) -> BatchRecord:
    """Of the area under the rungs ``best``, which is as linear in their scores as each of them is."""
    weights = area.weights(sigmas)
    real, fake = (sum(w * rung.scores[side] for w, rung in zip(weights, best, strict=True)) for side in (0, 1))
    return batch_means.of_scores((np.asarray(real), np.asarray(fake)), (reals, fake_rows))


def half_scale(sigmas: tuple[float, ...], js: tuple[float, ...]) -> float | None:
    """The sigma at which the falling curve ``js`` passes log 2 / 2, between rungs on a line in log sigma; or None."""
    for (near, above), (far, below) in itertools.pairwise(zip(sigmas, js, strict=True)):
        if above >= LOG2 / 2 > below:
            share = (above - LOG2 / 2) / (above - below)
            return math.exp((1 - share) * math.log(near) + share * math.log(far))
    return None


def effective_gap(sigma: float, js: float) -> float | None:
    """The distance of two points whose JS under noise ``sigma`` is ``js``; None at either end, where J is flat."""
    return sigma * delta_of(js) if 0 < js < _READABLE * LOG2 else None


# -- the net and the kernels ---------------------------------------------------


def _net(
    noisy: Noisy, sides: Sides, folds: Folds, sigmas: tuple[float, ...], share: float, settings: Settings, seeds: Seeds
) -> Judge:
    """One net a fold, trained on noise of all sizes; ``sigmas`` are a ``share`` of the ladder."""
    wide = noisy.inputs > _WIDE
    # Few samples, of which every fold trains on its own, are soon known by heart: the folds share the steps.
    steps = max(settings.steps // len(folds), min(300, settings.steps)) if wide else settings.steps
    work = Work(settings.width, math.ceil(share * steps), settings.batch, settings.rate)
    return judge_of(noisy, sides, folds, sigmas, work, seeds)


def _kernels(sides: Sides, folds: Folds, unit: scaling.Measure, settings: Settings, seeds: Seeds) -> Judge:
    """The laws of each fold's fit rows under the same noise: kernel densities whose bandwidth is sigma."""
    rng = seeds.numpy("smoothing", "kernels")
    # Squared distances are differences of squares: far from the origin little would be left of them.
    centre: Array = unit(sides["real"]).mean(0, dtype=np.float32)

    def some(side: Array, rows: Indices) -> Array:
        return unit(side[rng.permutation(rows)[: settings.kernels]]) - centre

    kept = [(some(sides["real"], fold.real.fit), some(sides["fake"], fold.fake.fit)) for fold in folds]

    def judge(k: int, samples: Array, noise: Tensor, sigmas: Sequence[float]) -> Floats:
        real, fake = kept[k]
        return kernels.bounded(kernels.log_ratio(unit(samples) - centre, real, fake, tuple(sigmas), noise))

    return judge
