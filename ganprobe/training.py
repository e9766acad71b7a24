"""Training K nets as one: every fold's net is a slice of the same tensors, and one step updates them all.

On two cores a small net is bound by the overhead of each operation, so K nets in one batched computation cost little
more than one. A net maps a batch ``[K, b, ...]`` to logits ``[K, b]``, its k-th slice depending on fold k alone; then
the gradient of the summed loss is each fold's own gradient, and training together changes nothing but the time.

Each epoch passes once over the fit reals with as many fakes, fresh ones as long as the pool lasts. The learning rate
falls to zero along a cosine; the weights that are judged are an exponential average. A net is kept where its validation
loss *after the best temperature* is least (refine, then calibrate), and not before ``least_epochs``: with plain
patience, an MLP that starts on a plateau (two rings) was stopped at half a percent of the truth.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from ganprobe.calibration import tempered_loss
from ganprobe.samples import Floats, Folds, Indices
from ganprobe.seeds import Seeds

Side = Literal["real", "fake"]
# From ``[K, b]`` row numbers of a side to the nets' input ``[K, b, ...]``.
Gather = Callable[[Side, Indices], Tensor]


@dataclass(frozen=True, slots=True)
class Schedule:
    """``batch``: reals (and as many fakes) per step and fold; ``patience`` counts epochs after ``least_epochs``."""

    epochs: int
    least_epochs: int
    patience: int
    batch: int
    rate: float
    decay: float
    average: float = 0.99


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
    rng = seeds.numpy("batches")
    real_fit = [fold.real.fit for fold in folds]
    batch = min(schedule.batch, max(8, min(map(len, real_fit)) // 4))
    per_epoch = min(map(len, real_fit)) // batch
    fakes = [_Cycle(fold.fake.fit, np.random.default_rng(rng.integers(2**63))) for fold in folds]
    judge = _Judge(net, folds, gather, val_rows)
    decay = [p for p in net.parameters() if p.ndim > 2]
    plain = [p for p in net.parameters() if p.ndim <= 2]
    optimiser = torch.optim.AdamW(
        [{"params": decay, "weight_decay": schedule.decay}, {"params": plain, "weight_decay": 0.0}],
        lr=schedule.rate,
        betas=(0.9, 0.99),
    )
    total = schedule.epochs * per_epoch
    warmup = max(1, min(100, total // 20))
    average = copy.deepcopy(net).requires_grad_(False)
    why, step = "schedule ended", 0
    for epoch in range(schedule.epochs):
        order = np.stack([rng.permutation(rows)[: per_epoch * batch] for rows in real_fit])
        net.train()
        for start in range(0, per_epoch * batch, batch):
            for group in optimiser.param_groups:
                group["lr"] = schedule.rate * _cosine(step, warmup, total)
            real = gather("real", order[:, start : start + batch])
            fake = gather("fake", np.stack([f.take(batch) for f in fakes]))
            logit = net(torch.cat((real, fake), 1))
            # Summed over folds, so that each net has the step it would have alone.
            loss = (
                nn.functional.softplus(-logit[:, :batch]).mean(1) + nn.functional.softplus(logit[:, batch:]).mean(1)
            ).sum()
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            step += 1
            with torch.no_grad():
                # A young average forgets faster, or it would remember the first weights for hundreds of steps.
                keep = min(schedule.average, step / (step + 10))
                for mean, now in zip(average.parameters(), net.parameters(), strict=True):
                    mean.lerp_(now, 1 - keep)
        judge.look(average, epoch)
        if epoch + 1 >= schedule.least_epochs and epoch - judge.latest_gain >= schedule.patience:
            why = "no more gain on val"
            break
    return Trained(judge.restore(net), step, why)


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


def _cosine(step: int, warmup: int, total: int) -> float:
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
        self.latest_gain = 0

    def look(self, net: nn.Module, epoch: int) -> None:
        """Judge ``net`` after ``epoch``."""
        net.eval()
        real = _logits(net, self._gather, "real", self._real)
        fake = _logits(net, self._gather, "fake", self._fake)
        state = net.state_dict()
        for k in range(len(self._best)):
            loss = tempered_loss(real[k], fake[k])
            if loss < self._best[k] - 1e-5:
                self.latest_gain = epoch
            if loss < self._best[k]:
                self._best[k] = loss
                for name, value in state.items():
                    self._kept[name][k] = value[k]

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
