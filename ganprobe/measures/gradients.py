"""Gradients: what a well-trained discriminator leaves of the generator's training signal.

The protocol of Arjovsky and Bottou (2017, figures 2 and 3): the generator stands still, a fresh probe f is trained
against it, and along that training we take the norm, over all parameters of the generator, of the gradients of

    saturating      E log(1 - D(G(z)))
    non-saturating  E[-log D(G(z))]
    critic          -E c(G(z)), c a 1-Lipschitz critic

on one batch of latents (`ganprobe.nets.rivals`). Where the supports do not meet, the first decays by decades and the
second grows, while the third is the slope of a function that cannot flatten: it stays of the order of 1 (Arjovsky et
al. 2017, figure 2).

Beside the probe on plain samples, probes are trained with Gaussian noise on both sides (instance noise; Sonderby et al.
2016), one for each of a few sigmas. Noise joins the supports, the gradient is then that of JS(sigma) (Arjovsky and
Bottou 2017, corollary 3.2), and the smallest sigma that keeps it alive is the scale on which the two sides differ.
sigma is in the unit of the noise view: the full range for pictures, data units for arrays, and for each column of a
table the pooled standard deviation within the two sides. The critic is 1-Lipschitz in the same unit.

Beside each norm stands its signal-to-noise ratio from batch to batch of latents (`ganprobe.nets.backward`).

Trained for long on few reals, D comes to know them by heart: it is certain on the samples that it was trained on and
wrong on others, and the gradient of such a D says nothing about the two laws. So reals are held out, at most half of
them, and the verdict is taken at the last step whose D is still about as good there as the best one.

The probes see samples as the generator emits them, unrounded, for that is what the gradient goes through; of large
pictures the means over squares that their sketch begins with, which it goes through as well. How many latents the
gradient is a mean over, and for how many it is computed at all, follows from the generator's work. A vanishing
gradient speaks of the saturating loss at this probe's strength, not of whether training can succeed: non-saturating
GANs have been seen to learn where JS is log 2 (Fedus et al. 2018).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ganprobe.measures import coarse_generator
from ganprobe.measures.study import Study
from ganprobe.nets.backward import BATCHES, Gradients, differentiable
from ganprobe.nets.rivals import Rivals, Sides, space_of
from ganprobe.plan import Plan
from ganprobe.record.gradients import GradientRecord, LayerGradient, NoiseRung
from ganprobe.record.unmeasured import Unmeasured
from ganprobe.samples.draw import subsample
from ganprobe.samples.scaling import UNITS
from ganprobe.samples.sides import Array, Floats, Generator, Kind
from ganprobe.seeds import Seeds

# Latents that gradients are averaged over: at most so many, and numbers in their samples; at least eight a batch.
_LATENTS, _FEWEST = 512, 8 * BATCHES
_LATENT_VALUES = 1_000_000
# Multiplications that the gradients of a budget may take, at 2e10 a second on a core: four seconds, one minute, five;
# and the share of them that one of several checkpoints may.
_WORK = {"fast": 7e10, "standard": 1.2e12, "thorough": 6e12}
_OF_A_CHECKPOINT = 1 / 3
# Of a loss and a latent, in samples generated.
_BACKWARD = 2
# Samples of either side that are trained on, and that are held out; numbers in them.
_POOL = 16_384
_HELD_OUT = 2_048
_POOL_VALUES = 64_000_000

_RETENTION_BELOW = 1e-2
_JS_ABOVE = 0.6
_SLOPE_POINTS = 3
# Nats of held-out JS that the judged probe may be short of the best one.
_AS_GOOD = 0.01


@dataclass(frozen=True, slots=True)
class Settings:
    """``steps`` of the probes' training; ``sigmas`` of the noise, None for a ladder read off the data's spread.

    ``every``: of that ladder each so-manieth rung from the least on. ``work``: multiplications that the generator's
    gradients may take. ``brief``: training ends where the gradient without noise has vanished at two marks in a row.
    """

    steps: int
    sigmas: tuple[float, ...] | None = None
    per_layer: bool = False
    work: float = math.inf
    every: int = 1
    brief: bool = False


NEEDS = "generator"
_STEPS = {"fast": 300, "standard": 1_000, "thorough": 4_000}
_EVERY = {"fast": 2, "standard": 1, "thorough": 1}
_NO_NOISE = "fast leaves it out for one of several checkpoints: give --sigma, or --budget standard"


def measure(study: Study) -> dict[str, GradientRecord | Unmeasured]:
    """The gradient of the study's generator, where there is one."""
    plan, path, source, seeds = study.plan, study.drawn.path, study.source, study.seeds
    if not isinstance(source, Generator):
        return {"gradients": Unmeasured("not applicable: the fakes were given, there is no generator")}
    unit = abs(path.to_data.scale * path.to_unit.scale)
    chosen = _settings(plan)
    if path.sketches:
        source, real, fake = coarse_generator.seen(source, study.drawn)
    else:
        values = study.data.values
        real, fake = path.as_generated(values[subsample(values, None, seeds, "gradients")]), study.drawn.fake_raw
    sides = sides_of(real, fake)
    found = along_training(source, sides, study.data.kind, unit, chosen, seeds, study.device)
    return {"gradients": found} | ({"gradients.noise": Unmeasured(_NO_NOISE)} if chosen.brief else {})


def _settings(plan: Plan) -> Settings:
    """What the budget buys. What noise does to one of several checkpoints, smoothing shows; `fast` rests on that."""
    steps, work = _STEPS[plan.budget], _WORK[plan.budget]
    if plan.series and plan.budget == "fast" and not plan.sigmas:
        return Settings(steps, (), plan.per_layer, work * _OF_A_CHECKPOINT, brief=True)
    return Settings(steps, plan.sigmas or None, plan.per_layer, work, _EVERY[plan.budget])


def along_training(
    generator: Generator, sides: Sides, kind: Kind, unit: float, settings: Settings, seeds: Seeds, device: str
) -> GradientRecord:
    """Gradient norms at log-spaced steps of fresh probes and of a critic that is a little ahead of them.

    ``sides`` are in the generator's own units, and one of these is ``unit`` of the units that noise is measured in (for
    tables columns have units of their own). JS along the way is measured on those held out. The generator is taken in
    the mode that it draws in and left as it was. Where it has no parameters, or its code lets no gradient through,
    norms are over its outputs: the root mean square over samples.
    """
    space = space_of(sides, kind, unit, seeds, device)
    width = len(space.centre)
    ladder = settings.sigmas
    noise = noise_ladder(space.extent)[:: settings.every] if ladder is None else sorted(ladder)
    sigmas = (0.0, *noise)
    rivals = Rivals(space, sigmas, sides, seeds, device)
    marks = _milestones(settings.steps)
    latents = min(_LATENTS, _LATENT_VALUES // width)
    if generator.work:
        each = (1 + _BACKWARD * (2 * len(sigmas) + 1)) * len(marks) * generator.work
        latents = min(latents, max(_FEWEST, int(settings.work / each)))
    with differentiable(generator, width, latents, seeds, device) as (wrt, read):
        readings: list[_Reading] = []
        for _ in rivals.train(marks):
            readings.append(_Reading(*rivals.js(), read(rivals.losses), rivals.distance()))
            if settings.brief and _settled(readings):
                break
    return _record(readings, wrt, marks[: len(readings)], sigmas, kind, settings.per_layer)


@dataclass(frozen=True, slots=True, eq=False)
class _Reading:
    """The rivals at one step: JS by sigma on samples held out, and without noise on those that were trained on."""

    js: list[float]
    training_js: float
    gradients: Gradients
    distance: float


def _settled(readings: Sequence[_Reading]) -> bool:
    """Whether the gradient without noise had vanished at the last two marks: from there it only gets less."""
    norms = [float(at.gradients.norms[0]) for at in readings]
    last = [*zip(readings, norms, strict=True)][-2:]
    return all(at.js[0] > _JS_ABOVE and norm < _RETENTION_BELOW * max(norms) for at, norm in last)


def _record(
    readings: Sequence[_Reading], wrt: str, marks: tuple[int, ...], sigmas: Sequence[float], kind: Kind, per_layer: bool
) -> GradientRecord:
    norms, snr = (np.stack([getattr(at.gradients, name) for at in readings]) for name in ("norms", "snr"))
    plain, *rungs = (
        _rung(sigma, marks, norms[:, 2 * k : 2 * k + 2], snr[:, 2 * k : 2 * k + 2], [at.js[k] for at in readings])
        for k, sigma in enumerate(sigmas)
    )
    return GradientRecord(
        saturating=plain.saturating,
        non_saturating=plain.non_saturating,
        retention=plain.retention,
        vanishing=plain.vanishing,
        wrt=wrt,
        steps=marks,
        saturating_curve=plain.saturating_curve,
        non_saturating_curve=plain.non_saturating_curve,
        js_curve=plain.js_curve,
        judged_step=plain.judged_step,
        training_js_curve=tuple(at.training_js for at in readings),
        saturating_snr_curve=plain.saturating_snr_curve,
        non_saturating_snr_curve=plain.non_saturating_snr_curve,
        critic=float(norms[-1, -1]),
        critic_curve=_numbers(norms[:, -1]),
        critic_snr_curve=_ratios(snr[:, -1]),
        critic_distance_curve=tuple(at.distance for at in readings),
        unit=UNITS[kind],
        noise=tuple(rungs),
        alive_sigma=_alive((plain, *rungs)),
        layers=_layers([at.gradients.layers for at in readings]) if per_layer else None,
    )


def noise_ladder(extent: float) -> tuple[float, ...]:
    """The three round numbers (1, 2 and 5 times a power of ten) from a tenth of ``extent`` to below it."""
    if not extent > 0:
        return ()
    power = math.floor(math.log10(extent))
    numbers = (float(f"{digit}e{power + p}") for p in (-1, 0) for digit in (1, 2, 5))
    return tuple(number for number in numbers if extent / 10 <= number < extent)


# -- what the probes are trained on -----------------------------------------------------------------------------------


def sides_of(real: Array, fake: Array) -> Sides:
    """``real`` and ``fake`` ``[n, *shape]`` in the generator's units and in random order; some of each are held out."""
    pool = min(_POOL, _POOL_VALUES // max(1, real[0].size))
    kept = [min(len(side) // 2, _HELD_OUT) for side in (real, fake)]
    (held_out_real, real), (held_out_fake, fake) = (
        (side[:n], side[n : n + pool]) for side, n in zip((real, fake), kept, strict=True)
    )
    return Sides(real, fake, held_out_real, held_out_fake)


def _milestones(steps: int) -> tuple[int, ...]:
    """0, 10, 30, 100, 300, ... and ``steps`` itself."""
    marks = (factor * 10**power for power in range(1, 8) for factor in (1, 3))
    return (0, *(mark for mark in marks if mark < steps), steps)


# -- what it comes to -------------------------------------------------------------------------------------------------


def _rung(sigma: float, marks: Sequence[int], norms: Floats, snr: Floats, js: Sequence[float]) -> NoiseRung:
    """``norms`` and ``snr`` ``[marks, 2]``: saturating, non-saturating."""
    judged = max(i for i, held_out in enumerate(js) if held_out >= max(js) - _AS_GOOD)
    saturating = norms[: judged + 1, 0]
    retention = float(saturating[-1] / saturating.max()) if saturating.max() > 0 else 1.0
    # However slowly: one that has lost all by step 100 falls no faster than what is left of it.
    falling = _slope(marks[: judged + 1], saturating) < 0
    return NoiseRung(
        sigma=sigma,
        saturating=float(saturating[-1]),
        non_saturating=float(norms[judged, 1]),
        retention=retention,
        vanishing=retention < _RETENTION_BELOW and js[judged] > _JS_ABOVE and falling,
        judged_step=marks[judged],
        saturating_curve=_numbers(norms[:, 0]),
        non_saturating_curve=_numbers(norms[:, 1]),
        saturating_snr_curve=_ratios(snr[:, 0]),
        non_saturating_snr_curve=_ratios(snr[:, 1]),
        js_curve=tuple(js),
    )


def _alive(rungs: Sequence[NoiseRung]) -> float | None:
    """The least sigma from which on no gradient vanishes."""
    alive = itertools.takewhile(lambda rung: not rung.vanishing, reversed(rungs))
    return min((rung.sigma for rung in alive), default=None)


def _slope(marks: Sequence[int], norms: Floats) -> float:
    """The slope of log norm against log step over the last points; level where there is but one."""
    if len(marks) < 2:
        return 0.0
    steps = np.log(np.maximum(marks[-_SLOPE_POINTS:], 1))
    return float(np.polyfit(steps, np.log(np.maximum(norms[-_SLOPE_POINTS:], 1e-300)), 1)[0])


def _layers(readings: Sequence[dict[str, Floats]]) -> tuple[LayerGradient, ...] | None:
    """None where gradients are by outputs, which have no layers."""
    if not readings[0]:
        return None
    curves = {name: np.stack([layers[name] for layers in readings]) for name in readings[0]}
    return tuple(
        LayerGradient(name, _numbers(curve[:, 0]), _numbers(curve[:, 1]), _numbers(curve[:, -1]))
        for name, curve in curves.items()
    )


def _numbers(values: Floats) -> tuple[float, ...]:
    return tuple(map(float, values))


def _ratios(values: Floats) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(value) else float(value) for value in values)
