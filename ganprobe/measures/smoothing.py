r"""JS(sigma): what is left of the difference under Gaussian noise of every size, and the scale at which it goes.

    JS(sigma) = JS(P * N(0, sigma^2 I), Q * N(0, sigma^2 I))

never rises with sigma (data processing), starts at JS(P, Q), and is 0 at any one sigma > 0 only where P = Q. Two laws
that share no mass have JS = log 2 whether they are far apart or nearly on top of one another; how much noise it takes
to hide the difference tells these apart. For two points, or parallel lines, at distance t it is J(t / sigma) with J the
curve of two unit Gaussians (`objective.shift_js`), so every laws' curve can be read as a distance,

    effective gap = sigma J^-1(JS(sigma)),

and ``half_scale`` is the sigma at which half of log 2 is left. Instance noise as a remedy: Sonderby et al. 2017, Roth
et al. 2017; as a divergence of its own: Zhang et al. 2020.

**One net for the whole curve.** It sees samples with noise of a size drawn log-uniformly, sample by sample, and
the size itself: its layers are scaled and shifted by bumps of log sigma, so that neighbouring sizes share what they
learn.

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
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from ganprobe.logits import bounds, divergences
from ganprobe.logits.calibration import calibrate, stack
from ganprobe.nets import kernels, training
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
    sides: _Sides = {"real": scaling.flat(pair.real), "fake": scaling.flat(pair.fake)}
    judges = (
        _net(pair, sides, few, unit, sigmas, settings, seeds, device),
        _kernels(sides, few, unit, sigmas, settings, seeds),
    )
    rungs = _rungs(judges, sides, few, sigmas, settings.draws, seeds)
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

# The two sides as flat samples, ``[n, d]``.
_Sides = dict[training.Side, Array]
# A probe's logits at every sigma, ``[len(sigmas), n]``, from a fold, samples and noise for them, both ``[n, d]``.
_Judge = Callable[[int, Array, Tensor], Floats]


class _Noisy:
    """Samples with noise as the net of each fold sees them; ``unit`` is that of the noise, ``[d]``.

    A coordinate enters centred, divided by the root of the sum of its own variance and that of the noise, squashed
    beyond three deviations as for other probes; then come the sums of the coordinates and of their squares, and last
    log sigma.
    """

    def __init__(self, pair: Pair, folds: Folds, unit: Array, seeds: Seeds, device: str) -> None:
        self._unit = torch.from_numpy(unit)
        scalers = [scaling.scaler(pair, fold, seeds) for fold in folds]
        self._centre = torch.from_numpy(np.stack([s.centre for s in scalers]))[:, None].to(device)
        self._variance = torch.from_numpy(np.stack([s.spread**2 for s in scalers]))[:, None].to(device)
        self.device = device
        self.inputs = len(unit) + 2

    def __call__(self, folds: slice, samples: Array, log_sigma: Tensor, noise: Tensor) -> Tensor:
        """``[K, b, inputs + 1]`` from ``samples`` and ``noise`` ``[K, b, d]`` and ``log_sigma`` ``[K, b]``."""
        sigma = log_sigma.exp()[..., None] * self._unit
        x = torch.addcmul(torch.from_numpy(samples), sigma, noise).to(self.device)
        sigma, log_sigma = sigma.to(self.device), log_sigma.to(self.device)
        z = (x - self._centre[folds]) * torch.rsqrt(self._variance[folds] + sigma**2)
        tail = z.abs()
        z = torch.where(tail > 3, z.sign() * (3 + torch.log1p((tail - 3).clamp(min=0))), z)
        root = math.sqrt(z.shape[-1])
        totals = torch.stack((z.mean(-1), z.square().mean(-1) - 1), -1) * root
        return torch.cat((z, totals.asinh(), log_sigma[..., None]), -1)


class _Net(nn.Module):
    """K perceptrons side by side, conditioned on log sigma: ``[K, b, inputs + 1]`` to ``[K, b]``.

    Bumps of log sigma, which sum to 1, weigh gains and offsets of each layer, and the rows of the last one; with its
    linear skip the net holds the exact logit of shifted Gaussians at every sigma.
    """

    def __init__(self, nets: int, inputs: int, width: int, sigmas: tuple[float, ...], seeds: Seeds) -> None:
        super().__init__()
        draw = torch.Generator().manual_seed(seeds.integer("smoothing", "weights"))
        # A bump an octave: JS moves by a fifth of log 2 in one at most.
        low, high = math.log(sigmas[0]), math.log(sigmas[-1])
        bumps = 1 + math.ceil((high - low) / LOG2)
        self.centres: Tensor
        self.register_buffer("centres", torch.linspace(low, high, bumps), persistent=False)
        self.distance = (high - low) / (bumps - 1) if bumps > 1 else 1.0

        def layer(fan_in: int, fan_out: int, gain: float) -> nn.Parameter:
            weight = torch.randn(fan_in, fan_out, generator=draw) * (gain / math.sqrt(fan_in))
            return nn.Parameter(weight.repeat(nets, 1, 1))

        def by_sigma(units: int) -> nn.Parameter:
            return nn.Parameter(torch.zeros(nets, bumps, units))

        self.weights = nn.ParameterList([layer(inputs, width, math.sqrt(2)), layer(width, width, math.sqrt(2))])
        self.gains = nn.ParameterList([by_sigma(width), by_sigma(width)])
        self.biases = nn.ParameterList([by_sigma(width), by_sigma(width)])
        self.out, self.skip, self.offset = layer(width, bumps, 0.1), layer(inputs, bumps, 0.01), by_sigma(1)

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        x, log_sigma = x[..., :-1], x[..., -1:]
        bumps = torch.softmax(-0.5 * ((log_sigma - self.centres) / self.distance) ** 2, -1)
        hidden = x
        for weight, gain, bias in zip(self.weights, self.gains, self.biases, strict=True):
            hidden = torch.bmm(hidden, weight) * (1 + torch.bmm(bumps, gain)) + torch.bmm(bumps, bias)
            hidden = nn.functional.silu(hidden)
        rows = torch.bmm(hidden, self.out) + torch.bmm(x, self.skip)
        return (rows * bumps).sum(-1) + torch.bmm(bumps, self.offset)[..., 0]


def _net(
    pair: Pair,
    sides: _Sides,
    folds: Folds,
    unit: scaling.Measure,
    sigmas: tuple[float, ...],
    settings: Settings,
    seeds: Seeds,
    device: str,
) -> _Judge:
    """One net a fold, trained on noise of all sizes."""
    noisy = _Noisy(pair, folds, unit.size, seeds, device)
    noise = torch.Generator().manual_seed(seeds.integer("smoothing", "training noise"))
    low, high = math.log(sigmas[0]), math.log(sigmas[-1])

    def gather(side: training.Side, rows: Indices) -> Tensor:
        # One sigma from each of equal parts of the range, so that no batch leaves one out.
        place = (torch.arange(rows.shape[1]) + torch.rand(rows.shape, generator=noise)) / rows.shape[1]
        samples = sides[side][rows]
        return noisy(slice(None), samples, low + (high - low) * place, torch.randn(samples.shape, generator=noise))

    wide = noisy.inputs > _WIDE
    # Few samples, of which every fold trains on its own, are soon known by heart: the folds share the steps.
    steps = max(settings.steps // len(folds), min(300, settings.steps)) if wide else settings.steps
    schedule = training.Schedule(1, 1, 1, settings.batch, settings.rate, decay=1e-2, least_steps=steps)
    net = _Net(len(folds), noisy.inputs, settings.width, sigmas, seeds).to(device)
    trained = training.train(net, folds, gather, schedule, seeds, val_rows=1_000).net
    nets = [training.slice_of(trained, k) for k in range(len(folds))]

    def judge(k: int, samples: Array, noise: Tensor) -> Floats:
        def inputs(sigma: float) -> Callable[[int, int], Tensor]:
            log_sigma = torch.full((1, len(samples)), math.log(sigma))
            seen = noisy(slice(k, k + 1), samples[None], log_sigma, noise[None])
            return lambda start, stop: seen[:, start:stop]

        return np.stack([training.score(nets[k], inputs(sigma), len(samples)) for sigma in sigmas])

    return judge


def _kernels(
    sides: _Sides, folds: Folds, unit: scaling.Measure, sigmas: tuple[float, ...], settings: Settings, seeds: Seeds
) -> _Judge:
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
    judges: Sequence[_Judge], sides: _Sides, folds: Folds, sigmas: tuple[float, ...], draws: int, seeds: Seeds
) -> list[_Rung]:
    """What the judges show together at each sigma, with ``draws`` of noise a sample."""
    held_out = _held_out(judges, sides, folds, draws, seeds)
    return [
        _rung([calibrate(_at(held_out, j, s)) for j in range(len(judges))], draws, 1 / len(sigmas))
        for s in range(len(sigmas))
    ]


def _held_out(judges: Sequence[_Judge], sides: _Sides, folds: Folds, draws: int, seeds: Seeds) -> HeldOut:
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
