"""Training K nets as one: every fold's net is a slice of the same tensors, and one step updates them all.

On two cores a small net is bound by the overhead of each operation, so K nets in one batched computation cost little
more than one. A net maps a batch ``[K, b, ...]`` to logits ``[K, b]``, its k-th slice depending on fold k alone; then
the gradient of the summed loss is each fold's own gradient, and training together changes nothing but the time.

Each epoch passes once over the fit reals with as many fakes, fresh ones as long as the pool lasts. The learning rate
falls to zero along a cosine, and training goes on from half the rate while validation still rises at its end; the
weights that are judged are an exponential average. A net is kept where its validation loss *after the best temperature*
is least (refine, then calibrate), of at most a dozen looks a cycle, and training does not end before ``least_epochs``:
with plain patience, an MLP that starts on a plateau (two rings) was stopped at half a percent of the truth.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from ganprobe.nets.adam import Adam
from ganprobe.objective import tempered_loss
from ganprobe.samples.folds import Folds
from ganprobe.samples.sides import Floats, Indices
from ganprobe.seeds import Seeds

# Val loss that the last quarter of a cycle must gain, in nats, for another cycle to be worth its time.
_STILL_RISING = 1e-3

# The best of more looks at few val points is chance: of 1,000 equal pictures what val had shown by it was a fifth more.
_LOOKS = 12

Side = Literal["real", "fake"]
# From ``[K, b]`` row numbers of a side to the nets' input ``[K, b, ...]``.
Gather = Callable[[Side, Indices], Tensor]


@dataclass(frozen=True, slots=True)
class Schedule:
    """``batch``: reals (and as many fakes) per step and fold; ``patience`` counts epochs after ``least_epochs``.

    All three counts of epochs are stretched where they come to fewer than ``least_steps``: a net needs its steps
    however few the samples are. A cycle whose last quarter still gained is followed by another at half the rate, up to
    ``cycles``. ``precision`` "bf16" computes in bfloat16, two to three times faster where the processor has it.
    """

    epochs: int
    least_epochs: int
    patience: int
    batch: int
    rate: float
    decay: float
    least_steps: int = 0
    cycles: int = 1
    precision: Literal["float32", "bf16"] = "float32"
    average: float = 0.99

    def stretch(self, steps_per_epoch: int) -> float:
        """The factor by which epochs are stretched."""
        return max(1.0, self.least_steps / (self.epochs * steps_per_epoch))


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """The kept nets, how many steps each fold was trained, and why training ended."""

    net: nn.Module
    steps: int
    why_stopped: str


def train(
    net: nn.Module, folds: Folds, gather: Gather, schedule: Schedule, seeds: Seeds, val_rows: int = 4_000
) -> Trained:
    """Train ``net`` on every fold's fit part; returns it with each fold's best averaged weights."""
    batches = _Batches(folds, gather, schedule.batch, seeds.numpy("batches"))
    judge = _Judge(net, folds, gather, val_rows)
    descent = _Descent(net, schedule)
    stretch = schedule.stretch(batches.per_epoch)
    epochs = math.ceil(schedule.epochs * stretch)
    every = math.ceil(epochs / _LOOKS)
    why = "still rising at the ceiling of the budget"
    for cycle in range(schedule.cycles):
        history: list[float] = []
        for epoch in range(epochs):
            net.train()
            for i, (real, fake) in enumerate(batches.epoch()):
                place = _cosine(epoch * batches.per_epoch + i, epochs * batches.per_epoch)
                descent.step(real, fake, schedule.rate / 2**cycle * place)
            if (epochs - epoch - 1) % every:
                continue
            history.append(judge.look(descent.average))
            patience = math.ceil(schedule.patience * stretch / every)
            if epoch + 1 >= schedule.least_epochs * stretch and _stalled(history, patience):
                break
        rising = history[len(history) * 3 // 4 - 1] - history[-1] if len(history) >= 4 else math.inf
        if rising < _STILL_RISING:
            why = "no more gain on val"
            break
    return Trained(judge.restore(net), descent.steps, why)


def _stalled(history: list[float], patience: int) -> bool:
    """Whether the last ``patience`` looks gained nothing over those before them."""
    return history[-1] > min(history[:-patience], default=math.inf) - 1e-5


class _Batches:
    """An epoch passes once over equally many fit reals of each fold, with as many fakes."""

    def __init__(self, folds: Folds, gather: Gather, most: int, rng: np.random.Generator) -> None:
        self._gather, self._rng = gather, rng
        self._real = [fold.real.fit for fold in folds]
        fewest = min(map(len, self._real))
        self._size = min(most, max(8, fewest // 4), fewest)
        self.per_epoch = fewest // self._size
        self._fakes = [_Cycle(fold.fake.fit, np.random.default_rng(rng.integers(2**63))) for fold in folds]

    def epoch(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Reals and fakes, both ``[K, b, ...]``, batch by batch."""
        order = np.stack([self._rng.permutation(rows)[: self.per_epoch * self._size] for rows in self._real])
        for start in range(0, order.shape[1], self._size):
            real = self._gather("real", order[:, start : start + self._size])
            yield real, self._gather("fake", np.stack([fakes.take(self._size) for fakes in self._fakes]))


class _Descent:
    """`Adam` on a net of K slices; ``average`` is the exponential average of its weights."""

    def __init__(self, net: nn.Module, schedule: Schedule) -> None:
        self._net, self._schedule = net, schedule
        self._adam = Adam(list(net.parameters()), schedule.rate, (0.9, 0.99), schedule.decay)
        self.average = copy.deepcopy(net).requires_grad_(False)
        self._weights = list(self.average.parameters()), list(net.parameters())
        self.steps = 0

    def step(self, real: Tensor, fake: Tensor, rate: float) -> None:
        """One step on a batch of each side, both ``[K, b, ...]``."""
        self._adam.rate = rate
        batch = real.shape[1]
        with torch.autocast(real.device.type, torch.bfloat16, enabled=self._schedule.precision == "bf16"):
            logit = self._net(torch.cat((real, fake), 1)).float()
        loss = softplus(-logit[:, :batch]).mean(1) + softplus(logit[:, batch:]).mean(1)
        # Summed over folds, so that each net has the step it would have alone.
        self._adam.step(loss.sum())
        self.steps += 1
        self._move(min(self._schedule.average, self.steps / (self.steps + 10)))

    @torch.no_grad()
    def _move(self, keep: float) -> None:
        """Move the averaged weights; a young average (small ``keep``) forgets the first weights fast."""
        for mean, now in zip(*self._weights, strict=True):
            mean.lerp_(now, 1 - keep)


class _Cycle:
    """Rows of a pool in random order, each once before any comes again."""

    def __init__(self, rows: Indices, rng: np.random.Generator) -> None:
        self._rows, self._rng = rows, rng
        self._order, self._at = rng.permutation(rows), 0

    def take(self, n: int) -> Indices:
        """The next ``n`` rows; a pool smaller than ``n`` repeats."""
        parts = []
        while n > 0:
            if self._at == len(self._order):
                self._order, self._at = self._rng.permutation(self._rows), 0
            part = self._order[self._at : self._at + n]
            parts.append(part)
            self._at += len(part)
            n -= len(part)
        return np.concatenate(parts)


def _cosine(step: int, total: int) -> float:
    warmup = max(1, min(100, total // 20))
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, total - warmup)))


class _Judge:
    """Keeps, for every fold, the averaged weights with the least temperature-scaled validation loss."""

    def __init__(self, net: nn.Module, folds: Folds, gather: Gather, val_rows: int) -> None:
        self._gather = gather
        self._real = _aligned([fold.real.val for fold in folds], val_rows)
        self._fake = _aligned([fold.fake.val for fold in folds], val_rows)
        self._best = np.full(len(folds), np.inf)
        self._kept = {name: value.clone() for name, value in net.state_dict().items()}

    def look(self, net: nn.Module) -> float:
        """Judge ``net``; returns the least loss so far, averaged over folds, in nats."""
        net.eval()
        real = _logits(net, self._gather, "real", self._real)
        fake = _logits(net, self._gather, "fake", self._fake)
        state = net.state_dict()
        for k in range(len(self._best)):
            loss = tempered_loss(real[k], fake[k])
            if loss < self._best[k]:
                self._best[k] = loss
                for name, value in state.items():
                    self._kept[name][k] = value[k]
        return float(self._best.mean())

    def restore(self, net: nn.Module) -> nn.Module:
        """``net`` with the kept weights, in evaluation mode."""
        net.load_state_dict(self._kept)
        return net.eval().requires_grad_(False)


def _aligned(rows: list[Indices], most: int) -> Indices:
    """Equally many rows of each fold, ``[K, n]``."""
    n = min(most, *map(len, rows))
    return np.stack([r[:n] for r in rows])


_SCORE_ROWS = 1_024


@torch.no_grad()
def _logits(net: nn.Module, gather: Gather, side: Side, rows: Indices) -> Floats:
    parts = [net(gather(side, rows[:, i : i + _SCORE_ROWS])) for i in range(0, rows.shape[1], _SCORE_ROWS)]
    return torch.cat(parts, 1).double().cpu().numpy()


def slice_of(net: nn.Module, fold: int) -> nn.Module:
    """The ``fold``-th net alone, as a net of one slice."""
    alone = copy.deepcopy(net)
    for parameter in alone.parameters():
        parameter.data = parameter.data[fold : fold + 1].clone()
    return alone


@torch.no_grad()
def score(net: nn.Module, inputs: Callable[[int, int], Tensor], n: int) -> Floats:
    """Logits of ``n`` samples by a net of one slice; ``inputs(start, stop)`` gives ``[1, b, ...]``."""
    parts = [net(inputs(start, min(n, start + _SCORE_ROWS)))[0] for start in range(0, n, _SCORE_ROWS)]
    return torch.cat(parts).double().cpu().numpy() if parts else np.empty(0)
