"""Gradients: what a well-trained discriminator leaves of the generator's training signal.

The protocol of Arjovsky and Bottou (2017, figures 2 and 3): the generator stands still, a fresh probe f is trained
against it, and along that training we take the norm, over all parameters of the generator, of the gradients of

    saturating      E log(1 - D(G(z))) = -E softplus(f(G(z)))
    non-saturating  E[-log D(G(z))]    =  E softplus(-f(G(z)))
    critic          -E c(G(z)), c a 1-Lipschitz critic trained for E_P c - E_Q c

on one batch of latents. Where the supports do not meet, the first decays by decades and the second grows, while the
third is the slope of a function that cannot flatten: it stays of the order of 1 (Arjovsky et al. 2017, figure 2). Both
losses are formed from logits: log(1 - D + 1e-8), or a loss clamped at -100, would show a vanishing gradient that is a
rounding error.

Beside the probe on plain samples, probes are trained with Gaussian noise on both sides (instance noise; Sonderby et al.
2016), one for each of a few sigmas. Noise joins the supports, the gradient is then that of JS(sigma) (Arjovsky and
Bottou 2017, corollary 3.2), and the smallest sigma that keeps it alive is the scale on which the two sides differ.
sigma is in the unit of the noise view: the full range for pictures, data units for arrays, and for each column of a
table the pooled standard deviation within the two sides. The critic is 1-Lipschitz in the same unit.

The signal-to-noise ratio compares the mean gradient of `_BATCHES` batches of latents with its spread from batch to
batch: g = |mean| / sqrt(trace of the covariance), the square of the mean freed of its own noise, so that 0 stands for
no direction at all.

Trained for long on few reals, D comes to know them by heart: it is certain on the samples that it was trained on and
wrong on others, and the gradient of such a D says nothing about the two laws. So reals are held out, at most half of
them, and the verdict is taken at the last step whose D is still about as good there as the best one.

The probes see samples as the generator emits them, unrounded, for that is what the gradient goes through. A vanishing
gradient speaks of the saturating loss at this probe's strength, not of whether training can succeed: non-saturating
GANs have been seen to learn where JS is log 2 (Fedus et al. 2018).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import softplus

from ganprobe import objective
from ganprobe.nets.lipschitz import Critic
from ganprobe.probes.mlp import Mlp
from ganprobe.record.gradients import GradientRecord, LayerGradient, NoiseRung
from ganprobe.samples.folds import Fold, Split
from ganprobe.samples.scaling import UNITS, flat, scaler
from ganprobe.samples.sides import Array, Floats, Generator, Kind, Pair
from ganprobe.seeds import Seeds

_WIDTH = 128
_LAYERS = 2
_RATE = 1e-3
_CRITIC_WIDTH = 64
# Steps that the critic is ahead by: a Wasserstein GAN asks it only when it is near its optimum, and never a fresh one.
_HEAD_START = 100
# Samples of each side in a step.
_BATCH = 64
# Latents that gradients are averaged over, and numbers in their samples: wide samples come from slow generators.
_LATENTS = 512
_LATENT_VALUES = 1_000_000
# Batches that they are divided into: few enough to be large, enough to see a spread.
_BATCHES = 8
# Drawing from a large generator costs more than a step of the probe, so its fakes are drawn once and cycled.
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
    """``steps`` of the probes' training; ``sigmas`` of the noise, None for a ladder read off the data's spread."""

    steps: int
    sigmas: tuple[float, ...] | None = None
    per_layer: bool = False


def measure(
    generator: Generator, real: Array, kind: Kind, unit: float, settings: Settings, seeds: Seeds, device: str
) -> GradientRecord:
    """Gradient norms at log-spaced steps of fresh probes and of a critic that is a little ahead of them.

    ``real`` ``[n, *shape]`` is in the generator's own units, in random order, and one of these is ``unit`` of the units
    that noise is measured in (for tables columns have units of their own). Some are held out, and JS along the way is
    measured on those. The generator is taken in the mode that it draws in and left as it was. Where it has no
    parameters, or its code lets no gradient through, norms are over its outputs: the root mean square over samples.
    """
    sides = _sides(generator, real, seeds)
    space = _space(sides, kind, unit, seeds, device)
    sigmas = (0.0, *(sorted(settings.sigmas) if settings.sigmas else noise_ladder(space.extent)))
    rivals = _Rivals(space, sigmas, sides, seeds, device)
    marks = _milestones(settings.steps)
    readings = []
    with _differentiable(generator, space, seeds, device) as (wrt, read):
        for _ in rivals.train(marks):
            readings.append((rivals.js(), read(rivals.losses), rivals.distance()))
    js, gradients, distances = zip(*readings, strict=True)
    norms, snr = (np.stack([getattr(g, name) for g in gradients]) for name in ("norms", "snr"))
    plain, *rungs = (
        _rung(sigma, marks, norms[:, 2 * k : 2 * k + 2], snr[:, 2 * k : 2 * k + 2], [held_out[k] for held_out, _ in js])
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
        training_js_curve=tuple(training for _, training in js),
        saturating_snr_curve=plain.saturating_snr_curve,
        non_saturating_snr_curve=plain.non_saturating_snr_curve,
        critic=float(norms[-1, -1]),
        critic_curve=_numbers(norms[:, -1]),
        critic_snr_curve=_ratios(snr[:, -1]),
        critic_distance_curve=distances,
        unit=UNITS[kind],
        noise=tuple(rungs),
        alive_sigma=_alive((plain, *rungs)),
        layers=_layers([g.layers for g in gradients]) if settings.per_layer and gradients[0].layers else None,
    )


def noise_ladder(extent: float) -> tuple[float, ...]:
    """The three round numbers (1, 2 and 5 times a power of ten) from a tenth of ``extent`` to below it."""
    if not extent > 0:
        return ()
    power = math.floor(math.log10(extent))
    numbers = (float(f"{digit}e{power + p}") for p in (-1, 0) for digit in (1, 2, 5))
    return tuple(number for number in numbers if extent / 10 <= number < extent)


# -- what the probes are trained on -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Sides:
    """Samples ``[n, *shape]`` in the generator's units: those that probes are trained on, and those held out."""

    real: Array
    fake: Array
    held_out_real: Array
    held_out_fake: Array


def _sides(generator: Generator, real: Array, seeds: Seeds) -> _Sides:
    pool = min(_POOL, _POOL_VALUES // max(1, real[0].size))
    kept = min(len(real) // 2, _HELD_OUT)
    fake = generator.draw(pool, seeds.integer("gradients", "fakes"))
    held_out = generator.draw(_HELD_OUT, seeds.integer("gradients", "held-out"))
    return _Sides(real[kept : kept + pool], fake, real[:kept], held_out)


@dataclass(frozen=True, slots=True, eq=False)
class _Space:
    """Samples as the probes see them: flat, centred and divided by their spread, all ``[width]``.

    ``unit`` is what noise of sigma 1 measures in the generator's units, by coordinate: 0 for a column of a table that
    varies on neither side. To the critic such a column is one like any other, and ``scale`` is what it divides by.
    ``extent`` is the root mean square of the standard deviation of both sides together, in units of noise.
    """

    centre: Tensor
    spread: Tensor
    unit: Tensor
    scale: Tensor
    extent: float

    def __call__(self, x: Tensor) -> Tensor:
        """``[..., width]`` in the generator's units to what a probe sees; differentiable."""
        return (x - self.centre) / self.spread


def _space(sides: _Sides, kind: Kind, unit: float, seeds: Seeds, device: str) -> _Space:
    real, fake = flat(sides.real), flat(sides.fake)
    splits = (Split(np.arange(len(side)), np.arange(0), np.arange(0)) for side in (real, fake))
    scale = scaler(Pair(real, fake, kind), Fold(*splits), seeds)
    within = (real.var(0, dtype=np.float64) + fake.var(0, dtype=np.float64)) / 2
    total = within + (real.mean(0, dtype=np.float64) - fake.mean(0, dtype=np.float64)) ** 2 / 4
    steps = np.sqrt(within) if kind == "table" else np.full(len(within), 1 / unit)
    varied = steps > 0

    def tensor(values: Array | Floats) -> Tensor:
        return torch.from_numpy(np.asarray(values, np.float32)).to(device)

    return _Space(
        centre=tensor(scale.centre),
        spread=tensor(scale.spread),
        unit=tensor(steps),
        scale=tensor(np.where(varied, steps, 1.0)),
        extent=float(np.sqrt(np.mean(total[varied] / steps[varied] ** 2))) if varied.any() else 0.0,
    )


def _descend(optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
    optimiser.zero_grad()
    torch.autograd.backward(loss)
    optimiser.step()


class _Rivals:
    """The generator's opponents: a probe for each sigma, trained as one computation, and a critic.

    Losses, and their gradients, come in this order: saturating and non-saturating for each sigma, then the critic's.
    """

    def __init__(self, space: _Space, sigmas: Sequence[float], sides: _Sides, seeds: Seeds, device: str) -> None:
        self._space = space
        self._sigmas = torch.tensor(sigmas, device=device)[:, None, None]
        named = Seeds(seeds.small("gradients"))
        width = len(space.centre)
        self._probes = Mlp(len(sigmas), width, _WIDTH, _LAYERS, named).to(device)
        self._critic = Critic(width, _CRITIC_WIDTH, _LAYERS, named).to(device)
        self._real, self._fake, *held_out = (
            torch.from_numpy(flat(side)).to(device)
            for side in (sides.real, sides.fake, sides.held_out_real, sides.held_out_fake)
        )
        self._stream = torch.Generator().manual_seed(seeds.integer("gradients", "batches"))
        rows = min(len(self._real), _HELD_OUT)
        self._scored = [(side, self._noise(len(side))) for side in held_out]
        self._learnt = [(side[:rows], self._noise(rows)) for side in (self._real, self._fake)]

    def train(self, marks: Sequence[int]) -> Iterator[int]:
        """Train all on both sides, pausing at each of ``marks``, which it yields."""
        probes, critic = (
            torch.optim.Adam(network.parameters(), lr=_RATE, fused=True) for network in (self._probes, self._critic)
        )
        for _ in range(_HEAD_START):
            _descend(critic, -self._gap(*self._batch()))
        for step in range(marks[-1] + 1):
            if step in marks:
                yield step
            real, fake = self._batch()
            both = torch.cat((real, fake))
            logits = self._logits(both, self._noise(len(both)))
            # A sum over probes: each has its own weights, and so its own gradient.
            entropy = softplus(-logits[:, :_BATCH]).mean(1) + softplus(logits[:, _BATCH:]).mean(1)
            _descend(probes, entropy.sum())
            _descend(critic, -self._gap(real, fake))

    def _batch(self) -> tuple[Tensor, Tensor]:
        real, fake = (
            side[torch.randint(len(side), (_BATCH,), generator=self._stream).to(side.device)]
            for side in (self._real, self._fake)
        )
        return real, fake

    def _gap(self, real: Tensor, fake: Tensor) -> Tensor:
        """What the critic makes of two batches: its lower bound of their Wasserstein distance."""
        gap: Tensor = self._values(real).mean() - self._values(fake).mean()
        return gap

    def losses(self, x: Tensor, noise: Tensor) -> list[Tensor]:
        """What the generator would descend on its samples ``x`` ``[n, width]``, summed over them."""
        logits = self._logits(x, noise)
        pairs = ((-softplus(logit).sum(), softplus(-logit).sum()) for logit in logits)
        return [*(loss for pair in pairs for loss in pair), -self._values(x).sum()]

    def js(self) -> tuple[list[float], float]:
        """JS of each probe on held-out samples, and that of the one without noise on samples that it trained on."""
        with torch.no_grad():
            scored, learnt = (
                [self._logits(*side).double().cpu().numpy() for side in sides] for sides in (self._scored, self._learnt)
            )
        held_out = [objective.js(real, fake) for real, fake in zip(*scored, strict=True)]
        return held_out, objective.js(learnt[0][0], learnt[1][0])

    def distance(self) -> float:
        """What the critic demonstrates of Wasserstein's distance on held-out samples, in units of the noise."""
        with torch.no_grad():
            real, fake = (float(self._values(side).double().mean()) for side, _ in self._scored)
        return real - fake

    def _noise(self, n: int) -> Tensor:
        return torch.randn(n, len(self._space.centre), generator=self._stream).to(self._real.device)

    def _logits(self, x: Tensor, noise: Tensor) -> Tensor:
        logits: Tensor = self._probes(self._space(x + self._sigmas * self._space.unit * noise))
        return logits

    def _values(self, x: Tensor) -> Tensor:
        values: Tensor = self._critic((x - self._space.centre) / self._space.scale)
        return values


def _milestones(steps: int) -> tuple[int, ...]:
    """0, 10, 30, 100, 300, ... and ``steps`` itself."""
    marks = (factor * 10**power for power in range(1, 8) for factor in (1, 3))
    return (0, *(mark for mark in marks if mark < steps), steps)


# -- the generator's gradient -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Gradients:
    """At one step, by loss: norm ``[losses]``, signal-to-noise (NaN where there is none), norm of each layer."""

    norms: Floats
    snr: Floats
    layers: dict[str, Floats]


Losses = Callable[[Tensor, Tensor], list[Tensor]]
Read = Callable[[Losses], _Gradients]


@contextmanager
def _differentiable(generator: Generator, space: _Space, seeds: Seeds, device: str) -> Iterator[tuple[str, Read]]:
    """What gradients are taken by, and the function that takes them; flags are restored after."""
    named = dict(getattr(generator.module, "named_parameters", dict)())
    named = {name: p for name, p in named.items() if p.is_floating_point()}
    flags = [p.requires_grad for p in named.values()]
    width = len(space.centre)
    each = max(1, min(_LATENTS, _LATENT_VALUES // width) // _BATCHES)
    inputs = generator.inputs(each * _BATCHES, seeds.integer("gradients", "latents"))
    stream = torch.Generator().manual_seed(seeds.integer("gradients", "noise"))
    noise = torch.randn(each * _BATCHES, width, generator=stream).to(device)
    seed = seeds.integer("gradients", "network")

    def outputs(track: bool) -> Iterator[tuple[Tensor, Tensor]]:
        for start in range(0, len(noise), each):
            # Networks that draw noise of their own draw the same each time, and from no one else's stream.
            with torch.random.fork_rng([inputs[0].device] if inputs[0].is_cuda else []):
                torch.manual_seed(seed + start)
                with torch.set_grad_enabled(track):
                    samples = generator.module(*(tensor[start : start + each] for tensor in inputs))
            yield samples.to(device).flatten(1), noise[start : start + each]

    try:
        for p in named.values():
            p.requires_grad_(True)
        if _differentiates(outputs(True), [*named.values()]):
            yield "generator parameters", lambda losses: _by_parameters(outputs(True), named, losses)
        else:
            yield "outputs", lambda losses: _by_outputs(outputs(False), losses)
    finally:
        for p, flag in zip(named.values(), flags, strict=True):
            p.requires_grad_(flag)


def _differentiates(outputs: Iterator[tuple[Tensor, Tensor]], parameters: list[Tensor]) -> bool:
    """Whether gradients go through the user's code, which may detach, round, or write in place what they need."""
    try:
        samples, _ = next(outputs)
        return samples.requires_grad and bool(torch.autograd.grad(samples.sum(), parameters, allow_unused=True))
    except torch.OutOfMemoryError:
        raise
    except RuntimeError:
        return False


def _by_parameters(outputs: Iterator[tuple[Tensor, Tensor]], named: dict[str, Tensor], losses: Losses) -> _Gradients:
    totals: list[list[Tensor | None]] = []
    squares: list[float] = []
    n = 0
    for x, noise in outputs:
        n += len(x)
        for side, loss in enumerate(losses(x, noise)):
            parts = torch.autograd.grad(loss, [*named.values()], retain_graph=True, allow_unused=True)
            if side == len(totals):
                totals.append([None] * len(parts))
                squares.append(0.0)
            squares[side] += sum(_square(part) for part in parts)
            totals[side] = [_sum(total, part) for total, part in zip(totals[side], parts, strict=True)]
    by_parameter = np.array([[_square(total) for total in side] for side in totals])
    whole = by_parameter.sum(1)
    # Of the sums over batches: |mean|^2 B^2, and the trace of the covariance of one batch's gradient.
    spread = np.maximum(np.array(squares) - whole / _BATCHES, 0) / (_BATCHES - 1)
    signal = np.maximum(whole / _BATCHES**2 - spread / _BATCHES, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        snr = np.where(spread > 0, np.sqrt(signal / spread), np.nan)
    layers: dict[str, Floats] = {}
    for name, column in zip(named, by_parameter.T, strict=True):
        layer = name.rpartition(".")[0] or name
        layers[layer] = layers.get(layer, np.zeros(len(whole))) + column
    return _Gradients(np.sqrt(whole) / n, snr, {name: np.sqrt(total) / n for name, total in layers.items()})


def _by_outputs(outputs: Iterator[tuple[Tensor, Tensor]], losses: Losses) -> _Gradients:
    squares, n = [], 0
    for x, noise in outputs:
        n += len(x)
        leaf = x.detach().requires_grad_(True)
        parts = (torch.autograd.grad(loss, leaf, retain_graph=True)[0] for loss in losses(leaf, noise))
        squares.append([_square(part) for part in parts])
    norms = np.sqrt(np.sum(squares, 0) / n)
    return _Gradients(norms, np.full(len(norms), np.nan), {})


def _square(part: Tensor | None) -> float:
    """The sum of squares, in float64: those of a vanishing gradient are below what float32 holds."""
    return 0.0 if part is None else float(part.double().square().sum())


def _sum(total: Tensor | None, part: Tensor | None) -> Tensor | None:
    return total if part is None else part if total is None else total + part


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


def _layers(readings: Sequence[dict[str, Floats]]) -> tuple[LayerGradient, ...]:
    curves = {name: np.stack([layers[name] for layers in readings]) for name in readings[0]}
    return tuple(
        LayerGradient(name, _numbers(curve[:, 0]), _numbers(curve[:, 1]), _numbers(curve[:, -1]))
        for name, curve in curves.items()
    )


def _numbers(values: Floats) -> tuple[float, ...]:
    return tuple(map(float, values))


def _ratios(values: Floats) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(value) else float(value) for value in values)
