"""The gradient of losses by all parameters of somebody's generator: its norm, its signal-to-noise, that of each layer.

The signal-to-noise ratio compares the mean gradient of `BATCHES` batches of latents with its spread from batch to
batch: g = |mean| / sqrt(trace of the covariance), the square of the mean freed of its own noise, so that 0 stands for
no direction at all. Where there are no parameters, or the code lets no gradient through, norms are over the outputs:
the root mean square over samples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ganprobe.samples.sides import Floats, Generator
from ganprobe.seeds import Seeds

# Batches that latents are divided into: few enough to be large, enough to see a spread.
BATCHES = 8


@dataclass(frozen=True, slots=True, eq=False)
class Gradients:
    """At one step, by loss: norm ``[losses]``, signal-to-noise (NaN where there is none), norm of each layer."""

    norms: Floats
    snr: Floats
    layers: dict[str, Floats]


Losses = Callable[[Tensor, Tensor], list[Tensor]]
Read = Callable[[Losses], Gradients]


@contextmanager
def differentiable(
    generator: Generator, width: int, latents: int, seeds: Seeds, device: str
) -> Iterator[tuple[str, Read]]:
    """What gradients are taken by, and the function that takes them; flags are restored after.

    They are means over ``latents``; a sample has ``width`` numbers.
    """
    named = dict(getattr(generator.module, "named_parameters", dict)())
    named = {name: p for name, p in named.items() if p.is_floating_point()}
    flags = [p.requires_grad for p in named.values()]
    each = max(1, latents // BATCHES)
    inputs = generator.inputs(each * BATCHES, seeds.integer("gradients", "latents"))
    stream = torch.Generator().manual_seed(seeds.integer("gradients", "noise"))
    noise = torch.randn(each * BATCHES, width, generator=stream).to(device)
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
            yield "generator parameters", lambda losses: by_parameters(outputs(True), named, losses)
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


def by_parameters(outputs: Iterator[tuple[Tensor, Tensor]], named: dict[str, Tensor], losses: Losses) -> Gradients:
    """Gradients of ``losses`` by the ``named`` parameters, from ``outputs``: a batch's samples and noise at a time."""
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
    layers: dict[str, Floats] = {}
    for name, column in zip(named, by_parameter.T, strict=True):
        layer = name.rpartition(".")[0] or name
        layers[layer] = layers.get(layer, np.zeros(len(column))) + column
    norms, snr = _norms(by_parameter.sum(1), np.array(squares), n)
    return Gradients(norms, snr, {name: np.sqrt(total) / n for name, total in layers.items()})


def _norms(whole: Floats, squares: Floats, n: int) -> tuple[Floats, Floats]:
    """The norm of the mean over ``n`` samples and its signal-to-noise.

    ``whole``: squares of the sum over all batches. ``squares``: the sum of each batch's square.
    """
    # Of the sums over batches: |mean|^2 B^2, and the trace of the covariance of one batch's gradient.
    spread = np.maximum(squares - whole / BATCHES, 0) / (BATCHES - 1)
    signal = np.maximum(whole / BATCHES**2 - spread / BATCHES, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sqrt(whole) / n, np.where(spread > 0, np.sqrt(signal / spread), np.nan)


def _by_outputs(outputs: Iterator[tuple[Tensor, Tensor]], losses: Losses) -> Gradients:
    squares, n = [], 0
    for x, noise in outputs:
        n += len(x)
        leaf = x.detach().requires_grad_(True)
        parts = (torch.autograd.grad(loss, leaf, retain_graph=True)[0] for loss in losses(leaf, noise))
        squares.append([_square(part) for part in parts])
    norms = np.sqrt(np.sum(squares, 0) / n)
    return Gradients(norms, np.full(len(norms), np.nan), {})


def _square(part: Tensor | None) -> float:
    """The sum of squares, in float64: those of a vanishing gradient are below what float32 holds."""
    return 0.0 if part is None else float(part.double().square().sum())


def _sum(total: Tensor | None, part: Tensor | None) -> Tensor | None:
    return total if part is None else part if total is None else total + part
