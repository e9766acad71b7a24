"""Gradients: what a well-trained discriminator leaves of the generator's training signal.

The protocol of Arjovsky and Bottou (2017, figures 2 and 3): the generator stands still, a fresh probe f is trained
against it, and along that training we take the norm, over all parameters of the generator, of the gradients of

    saturating      E log(1 - D(G(z))) = -E softplus(f(G(z)))
    non-saturating  E[-log D(G(z))]    =  E softplus(-f(G(z)))

on one batch of latents. Where the supports do not meet, the first decays by decades and the second grows. Both are
formed from logits: log(1 - D + 1e-8), or a loss clamped at -100, would show a vanishing gradient that is a rounding
error.

The probe sees samples as the generator emits them, in its own units and unrounded, for that is what its gradient goes
through. A vanishing gradient speaks of the saturating loss at this probe's strength, not of whether training can
succeed: non-saturating GANs have been seen to learn where JS is log 2 (Fedus et al. 2018).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from ganprobe import objective
from ganprobe.records import GradientRecord
from ganprobe.samples import Array, Fold, Generator, Kind, Pair, Split
from ganprobe.scales import flat, scaler
from ganprobe.seeds import Seeds

_WIDTH = 256
_RATE = 1e-3
_LATENTS = 512
# Latents whose graph through the generator is held at once.
_LATENTS_AT_ONCE = 128
# Drawing from a large generator costs more than a step of the probe, so its fakes are drawn once and cycled.
_POOL = 8_192
_HELD_OUT = 2_048
_POOL_VALUES = 64_000_000

_RETENTION_BELOW = 1e-2
_JS_ABOVE = 0.6
_SLOPE_BELOW = -0.5
_SLOPE_POINTS = 3


def measure(
    generator: Generator, real: Array, kind: Kind, seeds: Seeds, steps: int, batch: int, device: str
) -> GradientRecord:
    """Gradient norms at log-spaced steps of a fresh probe, up to ``steps``, ``batch`` samples of each side a step.

    ``real`` ``[n, *shape]`` is in the generator's own units, in random order: one half trains the probe, and JS along
    the way is measured on the other. The generator is taken in the mode that it draws in and left as it was. Where it
    has no parameters to differentiate by, norms are over its outputs: the root mean square over samples.
    """
    pool = min(_POOL, _POOL_VALUES // max(1, real[0].size))
    half = len(real) // 2
    train, train_fakes = real[: min(half, pool)], generator.draw(pool, seeds.integer("gradients", "fakes"))
    test, test_fakes = real[half : half + _HELD_OUT], generator.draw(_HELD_OUT, seeds.integer("gradients", "held-out"))
    scaled = _scale(train, train_fakes, kind, seeds, device)
    probe = _probe(flat(train).shape[1], seeds).to(device)
    marks = _milestones(steps)
    training = _train(probe, scaled.array(train), scaled.array(train_fakes), marks, batch, seeds)
    sides = scaled.array(test), scaled.array(test_fakes)
    curves: list[tuple[float, float, float]] = []
    with _differentiable(generator, seeds) as (wrt, norms):
        for _ in training:
            with torch.no_grad():
                js = objective.js(*(probe(side).double().cpu().numpy() for side in sides))
            curves.append((*norms(lambda x: probe(scaled.tensor(x))), js))
    saturating, non_saturating, js_curve = zip(*curves, strict=True)
    retention = saturating[-1] / max(saturating) if max(saturating) > 0 else 1.0
    falling = _slope(marks, saturating) < _SLOPE_BELOW
    return GradientRecord(
        saturating=saturating[-1],
        non_saturating=non_saturating[-1],
        retention=retention,
        vanishing=retention < _RETENTION_BELOW and js_curve[-1] > _JS_ABOVE and falling,
        wrt=wrt,
        steps=marks,
        saturating_curve=saturating,
        non_saturating_curve=non_saturating,
        js_curve=js_curve,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Scaled:
    """Samples as the probe sees them: flat, centred and divided by their spread. Both are ``[width]``."""

    centre: Tensor
    spread: Tensor

    def tensor(self, x: Tensor) -> Tensor:
        """``[n, *shape]`` on any device to ``[n, width]`` on the probe's; differentiable."""
        return (x.to(self.centre.device).flatten(1) - self.centre) / self.spread

    def array(self, values: Array) -> Tensor:
        return self.tensor(torch.from_numpy(values))


def _scale(real: Array, fake: Array, kind: Kind, seeds: Seeds, device: str) -> _Scaled:
    splits = (Split(np.arange(len(side)), np.arange(0), np.arange(0)) for side in (real, fake))
    scale = scaler(Pair(flat(real), flat(fake), kind), Fold(*splits), seeds)
    return _Scaled(torch.from_numpy(scale.centre).to(device), torch.from_numpy(scale.spread).to(device))


def _probe(width: int, seeds: Seeds) -> nn.Module:
    """An MLP with one logit per sample; its weights leave the global stream as it was."""
    with torch.random.fork_rng([]):
        torch.manual_seed(seeds.integer("gradients", "weights"))
        hidden = [nn.Linear(width, _WIDTH), nn.ReLU(), nn.Linear(_WIDTH, _WIDTH), nn.ReLU()]
        return nn.Sequential(*hidden, nn.Linear(_WIDTH, 1), nn.Flatten(0))


def _milestones(steps: int) -> tuple[int, ...]:
    """0, 10, 30, 100, 300, ... and ``steps`` itself."""
    marks = (factor * 10**power for power in range(1, 8) for factor in (1, 3))
    return (0, *(mark for mark in marks if mark < steps), steps)


def _train(
    probe: nn.Module, real: Tensor, fake: Tensor, marks: Sequence[int], batch: int, seeds: Seeds
) -> Iterator[int]:
    """Train ``probe`` on both sides, pausing at each of ``marks``, which it yields."""
    stream = torch.Generator().manual_seed(seeds.integer("gradients", "batches"))
    optimiser = torch.optim.Adam(probe.parameters(), lr=_RATE)
    for step in range(marks[-1] + 1):
        if step in marks:
            yield step
        rows = (torch.randint(len(side), (batch,), generator=stream).to(side.device) for side in (real, fake))
        real_logit, fake_logit = (probe(side[r]) for side, r in zip((real, fake), rows, strict=True))
        optimiser.zero_grad()
        torch.autograd.backward(softplus(-real_logit).mean() + softplus(fake_logit).mean())
        optimiser.step()


Norms = Callable[[Callable[[Tensor], Tensor]], tuple[float, float]]


@contextmanager
def _differentiable(generator: Generator, seeds: Seeds) -> Iterator[tuple[str, Norms]]:
    """What the gradient is taken by, and the function from a probe to both norms; flags are restored after."""
    parameters = [p for p in getattr(generator.module, "parameters", tuple)() if p.is_floating_point()]
    flags = [p.requires_grad for p in parameters]
    inputs = generator.inputs(_LATENTS, seeds.integer("gradients", "latents"))
    seed = seeds.integer("gradients", "network")

    def outputs() -> Iterator[Tensor]:
        for start in range(0, _LATENTS, _LATENTS_AT_ONCE):
            # Networks that draw noise of their own draw the same each time, and from no one else's stream.
            with torch.random.fork_rng([inputs[0].device] if inputs[0].is_cuda else []):
                torch.manual_seed(seed + start)
                samples = generator.module(*(tensor[start : start + _LATENTS_AT_ONCE] for tensor in inputs))
            yield samples

    try:
        for p in parameters:
            p.requires_grad_(True)
        if next(outputs()).requires_grad:
            yield "generator parameters", lambda logit: _parameter_norms(outputs(), parameters, logit)
        else:
            yield "outputs", lambda logit: _output_norms(outputs(), logit)
    finally:
        for p, flag in zip(parameters, flags, strict=True):
            p.requires_grad_(flag)


def _losses(logit: Tensor) -> tuple[Tensor, Tensor]:
    """The saturating and the non-saturating loss, summed over samples."""
    return -softplus(logit).sum(), softplus(-logit).sum()


def _parameter_norms(
    outputs: Iterator[Tensor], parameters: list[Tensor], logit: Callable[[Tensor], Tensor]
) -> tuple[float, float]:
    totals = [[torch.zeros_like(p, dtype=torch.float64) for p in parameters] for _ in range(2)]
    for x in outputs:
        for loss, total in zip(_losses(logit(x)), totals, strict=True):
            parts = torch.autograd.grad(loss, parameters, retain_graph=True, allow_unused=True)
            for sum_, part in zip(total, parts, strict=True):
                if part is not None:
                    sum_ += part
    saturating, non_saturating = (float(sum(t.square().sum() for t in total)) ** 0.5 / _LATENTS for total in totals)
    return saturating, non_saturating


def _output_norms(outputs: Iterator[Tensor], logit: Callable[[Tensor], Tensor]) -> tuple[float, float]:
    squares = [0.0, 0.0]
    for x in outputs:
        leaf = x.detach().requires_grad_(True)
        for side, loss in enumerate(_losses(logit(leaf))):
            (part,) = torch.autograd.grad(loss, leaf, retain_graph=True)
            squares[side] += float(part.double().square().sum())
    return (squares[0] / _LATENTS) ** 0.5, (squares[1] / _LATENTS) ** 0.5


def _slope(marks: Sequence[int], norms: Sequence[float]) -> float:
    """The slope of log norm against log step over the last points."""
    steps = np.log(np.maximum(marks[-_SLOPE_POINTS:], 1))
    return float(np.polyfit(steps, np.log(np.maximum(norms[-_SLOPE_POINTS:], 1e-300)), 1)[0])
