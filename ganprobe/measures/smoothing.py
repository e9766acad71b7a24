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

Every rung of the ladder is calibrated and stacked by itself on validation samples with that noise, and scored on test
samples, several draws of noise each and the same draws on every rung.

**What is certified.** Each rung is a held-out lower bound of JS(sigma), hence of JS at every smaller sigma too: a rung
takes over what a noisier one shows if that is more, so the curve falls as it must and remains a lower bound. Floors
hold for all rungs at once, by an equal share of the error for each, since the largest of several is taken. The scales
are lower bounds with them: a better probe moves ``half_scale`` up.

**The ladder** comes from the data. Its upper end is where differences of mean and covariance, all that much noise
leaves (JS ~ |m|^2 / 8 sigma^2 + |C|_F^2 / 16 sigma^4), are down to a few hundredths; its lower end is well below the
distance from a fake to the nearest real, where noise cannot make the samples meet.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ganprobe.logits import bounds, divergences
from ganprobe.logits.calibration import calibrate, stack
from ganprobe.nets import kernels
from ganprobe.nets.noise_conditioned import Judge, Noisy, Sides, Work, judge_of
from ganprobe.objective import LOG2, delta_of, fake_scores, real_scores
from ganprobe.plan import Budget
from ganprobe.record.smoothing import SmoothingRecord
from ganprobe.samples import scaling
from ganprobe.samples.folds import Fold, Folds, HeldOut
from ganprobe.samples.neighbours import nearest
from ganprobe.samples.sides import Array, Floats, Indices, Pair
from ganprobe.seeds import Seeds

# Samples of more coordinates cost more a step, and are scored less often.
_WIDE = 256
# Test reals that show two decimals of every rung; folds are added until there are as many.
_TEST_REALS = 2_000
_FAKES_PER_REAL = 2

# Samples that are scored at once.
_BLOCK = 1_024

# Neighbouring rungs differ by this factor, if that does not make too many of them.
_RATIO = math.sqrt(2)
_MOST_RUNGS = 24
# Upper end: what mean and covariance may still show there, in nats. Lower end, in spreads of a coordinate: no higher
# than the first, whatever the distances say, and no lower than the second.
_LEFT = 0.02
_LOW_END, _LEAST_END = 0.02, 1e-4
# Noise of an eighth of a distance leaves J(8) = .9999 log 2 of it.
_HIDES_NOTHING = 8.0
_LADDER_ROWS = 2_000

# Nearer to log 2 than this the inverse of J is all noise.
_READABLE = 0.99


@dataclass(frozen=True, slots=True)
class Settings:
    """``sigmas``: the ladder, in the unit of the kind; None for one chosen from the data.

    A net of ``width`` units in each of two layers is trained for ``steps`` steps of ``batch`` samples a side; the
    densities are of at most ``kernels`` fit rows a side; ``draws`` of noise for each test sample.
    """

    sigmas: tuple[float, ...] | None = None
    width: int = 64
    steps: int = 800
    batch: int = 256
    rate: float = 3e-3
    draws: int = 4
    kernels: int = 500


def settings(budget: Budget, pair: Pair, sigmas: tuple[float, ...] | None = None) -> Settings:
    """Steps and kernels by budget; a wider net and more kernels for wide samples."""
    if pair.width > _WIDE:
        steps, rows = {"fast": (400, 1_500), "standard": (1_500, 2_000), "thorough": (6_000, 6_000)}[budget]
        batch, draws = (64, 1) if budget == "fast" else (128, 2)
        return Settings(sigmas, width=256, steps=steps, batch=batch, rate=2e-3, draws=draws, kernels=rows)
    # Of few coordinates the net learns nearly all there is to be seen.
    steps, rows = {"fast": (300, 500), "standard": (800, 500), "thorough": (4_000, 2_000)}[budget]
    return Settings(sigmas, steps=steps, kernels=rows)


def measure(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> SmoothingRecord:
    """The curve for ``pair``, in its unit (`scales.unit`)."""
    few = Folds(folds.folds[: math.ceil(_TEST_REALS / len(folds.folds[0].real.test))])
    unit = scaling.unit(pair, folds.folds[0])
    sigmas = tuple(sorted(set(settings.sigmas or ladder(pair, few.folds[0], unit, seeds))))
    sides: Sides = {"real": scaling.flat(pair.real), "fake": scaling.flat(pair.fake)}
    judges = (
        _net(Noisy(pair, few, unit.size, seeds, device), sides, few, sigmas, settings, seeds),
        _kernels(sides, few, unit, sigmas, settings, seeds),
    )
    rungs = _rungs(judges, sides, few, sigmas, settings.draws, seeds)
    return _record(sigmas, unit, rungs)


def _record(sigmas: tuple[float, ...], unit: scaling.Measure, rungs: list[_Rung]) -> SmoothingRecord:
    # A lower bound at a larger sigma is one at every smaller sigma.
    best = [max(rungs[i:], key=lambda rung: rung.js) for i in range(len(rungs))]
    js = tuple(rung.js for rung in best)
    half = half_scale(sigmas, js)
    return SmoothingRecord(
        sigma=sigmas,
        unit=unit.name,
        js=js,
        low=tuple(rung.low for rung in best),
        high=tuple(rung.high for rung in best),
        floor=tuple(max(rung.floor for rung in rungs[i:]) for i in range(len(rungs))),
        gap=tuple(effective_gap(*point) for point in zip(sigmas, js, strict=True)),
        half_scale=half,
        effective_gap=None if half is None else half * delta_of(LOG2 / 2),
    )


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


# -- the ladder ----------------------------------------------------------------


def ladder(pair: Pair, fold: Fold, unit: scaling.Measure, seeds: Seeds) -> tuple[float, ...]:
    """Sizes of noise from where it hides next to nothing to where it hides nearly everything."""
    rng = seeds.numpy("smoothing", "ladder")
    real, fake = (
        unit(side[rng.permutation(rows)[:_LADDER_ROWS]]).astype(np.float64)
        for side, rows in ((pair.real, fold.real.fit), (pair.fake, fold.fake.fit))
    )
    spread = math.sqrt(np.concatenate((real, fake)).var(0).mean()) or 1.0
    mean, covariance = _moment_differences(real, fake)
    high = max(spread, math.sqrt(mean / (8 * _LEFT)), (covariance / (16 * _LEFT)) ** 0.25)
    near = float(np.median(nearest(fake.astype(np.float32), real.astype(np.float32), 1)[0]))
    low = min(_LOW_END * spread, max(near / _HIDES_NOTHING, _LEAST_END * spread))
    rungs = min(_MOST_RUNGS, 1 + math.ceil(math.log(high / low) / math.log(_RATIO)))
    return tuple(float(f"{sigma:.3g}") for sigma in np.geomspace(low, high, rungs))


def _moment_differences(real: Floats, fake: Floats) -> tuple[float, float]:
    """|m|^2 and |C|_F^2 for the differences of mean and covariance, without the bias that chance gives to squares."""
    means = [side.mean(0) for side in (real, fake)]
    real, fake = real - means[0], fake - means[1]
    traces = [float((side**2).sum()) / len(side) for side in (real, fake)]
    mean = float(((means[0] - means[1]) ** 2).sum()) - traces[0] / len(real) - traces[1] / len(fake)
    covariance = _squares_within(real) + _squares_within(fake) - 2 * float(((real @ fake.T) ** 2).mean())
    return max(mean, 0.0), max(covariance, 0.0)


def _squares_within(side: Floats) -> float:
    """tr(S^2) of the covariance S of centred rows: the mean of squared inner products of different rows."""
    squares = (side @ side.T) ** 2
    n = len(side)
    return float(squares.sum() - np.trace(squares)) / (n * (n - 1))


# -- the net and the kernels ---------------------------------------------------


def _net(
    noisy: Noisy, sides: Sides, folds: Folds, sigmas: tuple[float, ...], settings: Settings, seeds: Seeds
) -> Judge:
    """One net a fold, trained on noise of all sizes."""
    wide = noisy.inputs > _WIDE
    # Few samples, of which every fold trains on its own, are soon known by heart: the folds share the steps.
    steps = max(settings.steps // len(folds), min(300, settings.steps)) if wide else settings.steps
    return judge_of(noisy, sides, folds, sigmas, Work(settings.width, steps, settings.batch, settings.rate), seeds)


def _kernels(
    sides: Sides, folds: Folds, unit: scaling.Measure, sigmas: tuple[float, ...], settings: Settings, seeds: Seeds
) -> Judge:
    """The laws of each fold's fit rows under the same noise: kernel densities whose bandwidth is sigma."""
    rng = seeds.numpy("smoothing", "kernels")
    # Squared distances are differences of squares: far from the origin little would be left of them.
    centre: Array = unit(sides["real"]).mean(0, dtype=np.float32)

    def some(side: Array, rows: Indices) -> Array:
        return unit(side[rng.permutation(rows)[: settings.kernels]]) - centre

    kept = [(some(sides["real"], fold.real.fit), some(sides["fake"], fold.fake.fit)) for fold in folds]

    def judge(k: int, samples: Array, noise: Tensor) -> Floats:
        real, fake = kept[k]
        return kernels.bounded(kernels.log_ratio(unit(samples) - centre, real, fake, sigmas, noise))

    return judge


# -- the rungs -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rung:
    js: float
    low: float
    high: float
    floor: float


def _rungs(
    judges: Sequence[Judge], sides: Sides, folds: Folds, sigmas: tuple[float, ...], draws: int, seeds: Seeds
) -> list[_Rung]:
    """What the judges show together at each sigma, with ``draws`` of noise a sample."""
    held_out = _held_out(judges, sides, folds, draws, seeds)
    return [
        _rung([calibrate(_at(held_out, j, s)) for j in range(len(judges))], draws, 1 / len(sigmas))
        for s in range(len(sigmas))
    ]


def _held_out(judges: Sequence[Judge], sides: Sides, folds: Folds, draws: int, seeds: Seeds) -> HeldOut:
    """Logits ``[len(judges), len(sigmas), draws * n]`` of each part and fold."""
    parts: dict[str, list[Floats]] = {"val_real": [], "val_fake": [], "test_real": [], "test_fake": []}
    reals = math.ceil(_TEST_REALS / len(folds))
    for k, fold in enumerate(folds):
        # The same noise at every sigma, or the curve would be rough.
        noise = torch.Generator().manual_seed(seeds.integer("smoothing", "noise", k))
        for name, side, rows, most in (
            ("val_real", sides["real"], fold.real.val, reals),
            ("val_fake", sides["fake"], fold.fake.val, _FAKES_PER_REAL * reals),
            ("test_real", sides["real"], fold.real.test, reals),
            ("test_fake", sides["fake"], fold.fake.test, _FAKES_PER_REAL * reals),
        ):
            scored = np.tile(rows[:most], draws)
            logits = []
            for start in range(0, len(scored), _BLOCK):
                block = side[scored[start : start + _BLOCK]]
                drawn = torch.randn(block.shape, generator=noise)
                logits.append(np.stack([judge(k, block, drawn) for judge in judges]))
            parts[name].append(np.concatenate(logits, 2))
    return HeldOut(**{name: tuple(part) for name, part in parts.items()})


def _at(held_out: HeldOut, j: int, s: int) -> HeldOut:
    """The logits of the ``j``-th judge at the ``s``-th sigma."""
    parts = (held_out.val_real, held_out.val_fake, held_out.test_real, held_out.test_fake)
    return HeldOut(*(tuple(logits[j, s] for logits in part) for part in parts))


def _rung(judged: list[HeldOut], draws: int, share: float) -> _Rung:
    """What calibrated logits show at one sigma; its floor has the ``share`` of the error."""
    logits, _ = stack(judged)
    shown = divergences.read(
        tuple(real_scores(f).reshape(draws, -1).mean(0) for f in logits.test_real),
        tuple(fake_scores(f).reshape(draws, -1).mean(0) for f in logits.test_fake),
    )
    first = HeldOut(
        logits.val_real,
        logits.val_fake,
        tuple(f[: len(f) // draws] for f in logits.test_real),
        tuple(f[: len(f) // draws] for f in logits.test_fake),
    )
    floor = bounds.floor(first, 1 - share * (1 - bounds.LEVEL))
    return _Rung(shown.value, shown.low, min(shown.high, LOG2), max(0.0, min(floor, shown.value)))
