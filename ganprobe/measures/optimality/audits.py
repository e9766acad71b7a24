"""Residual audits: another learner on [x, f] with the stack's logit f as its starting point, on samples new to f.

Whatever it gains on test samples, the stack had left lying there: the multi-accuracy audit of Kim et al. 2019 with a
log loss. Under cross-fitting the other folds' test samples, whose logits are held out too, fit the audit of a fold,
and its val part stops it; with a single split each half of the val part fits an audit that the other half stops. So
an audit gives logits for the same val and test rows as any probe, and can join the stack.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from ganprobe import probes
from ganprobe.nets import training
from ganprobe.nets.mlp import Mlp
from ganprobe.plan import Budget
from ganprobe.samples import pixels, scaling
from ganprobe.samples.folds import Fold, Folds, HeldOut, Split
from ganprobe.samples.sides import Array, Floats, Indices, Pair
from ganprobe.seeds import Seeds

Learner = Literal["boosting", "mlp"]
LEARNERS: tuple[Learner, ...] = ("boosting", "mlp")


@dataclass(frozen=True, slots=True, eq=False)
class _Audited:
    """Samples with their held-out logits: features ``[n, d]``, logits ``[n]``, and who fits, judges and tests."""

    pair: Pair
    real_logit: Floats
    fake_logit: Floats
    folds: Folds


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What the auditors see of the test and val samples, fold by fold, ``[n, d]``.

    ``atoms``: whether equal values say something, which those of block means do not.
    """

    pair: Pair
    atoms: bool


def seen(pair: Pair, folds: Folds) -> Seen:
    """Of pictures their statistics and block means, for the sake of time."""
    sides = [[getattr(fold, side) for fold in folds] for side in ("real", "fake")]
    real, fake = (
        _features(pair.kind, values[np.concatenate([rows for s in side for rows in (s.test, s.val)])])
        for values, side in zip((pair.real, pair.fake), sides, strict=True)
    )
    return Seen(Pair(real, fake, "table" if pair.kind == "table" else "array"), atoms=pair.kind != "image")


def learn(
    learner: Learner, samples: Seen, folds: Folds, logits: HeldOut, judged: int, seeds: Seeds, steps: int
) -> HeldOut:
    """What ``learner`` makes of the stack's ``logits`` on the first ``judged`` of all ``folds``.

    ``steps``: of the perceptron.
    """
    audited = _audited(samples.pair, folds, logits, judged)
    found = (
        _boosting(audited, seeds, atoms=samples.atoms) if learner == "boosting" else _perceptron(audited, seeds, steps)
    )
    if len(folds) == 1:
        return _of_halves(found)
    return HeldOut(*found, apart=Folds(folds.folds[:judged]).apart)


Parts = tuple[tuple[Floats, ...], tuple[Floats, ...], tuple[Floats, ...], tuple[Floats, ...]]


def _audited(pair: Pair, folds: Folds, logits: HeldOut, judged: int) -> _Audited:
    scores = ((logits.test_real, logits.val_real), (logits.test_fake, logits.val_fake))
    sides = [[getattr(fold, side) for fold in folds] for side in ("real", "fake")]
    splits = [_halved(side[0]) if len(folds) == 1 else _renumbered(side, judged) for side in sides]
    real, fake = (np.concatenate([f for both in zip(*score, strict=True) for f in both]) for score in scores)
    return _Audited(pair, real, fake, Folds(tuple(Fold(*both) for both in zip(*splits, strict=True))))


def _renumbered(splits: Sequence[Split], judged: int) -> list[Split]:
    """One side's rows as they come: test and val part, fold by fold. Others' test rows fit, but for a fold's val."""
    edges = np.cumsum([0, *(len(rows) for s in splits for rows in (s.test, s.val))])
    places = [
        (np.arange(*edges[2 * k : 2 * k + 2]), np.arange(*edges[2 * k + 1 : 2 * k + 3])) for k in range(len(splits))
    ]
    return [
        Split(
            np.concatenate([places[j][0][~np.isin(s.test, splits[k].val)] for j, s in enumerate(splits) if j != k]),
            places[k][1],
            places[k][0],
        )
        for k in range(judged)
    ]


def _halved(split: Split) -> list[Split]:
    """The rows of a single split, test and then val: each half of val fits for the other."""
    test, val = np.arange(len(split.test)), np.arange(len(split.test), len(split.test) + len(split.val))
    return [Split(val[::2], val[1::2], test), Split(val[1::2], val[::2], test)]


def _of_halves(found: Parts) -> HeldOut:
    """Val rows in their order again, scored by the half that they were not in; test rows by both."""
    vals = []
    for late, early in found[:2]:
        val = np.empty(len(early) + len(late))
        val[::2], val[1::2] = early, late
        vals.append((val,))
    tests = [((first + second) / 2,) for first, second in found[2:]]
    return HeldOut(vals[0], vals[1], tests[0], tests[1])


def _features(kind: str, values: Array) -> Array:
    if kind != "image":
        return scaling.flat(values)
    return np.concatenate((pixels.statistics(values), scaling.flat(pixels.block_means(values, 2))), 1)


def _boosting(audited: _Audited, seeds: Seeds, *, atoms: bool) -> Parts:
    """Trees on [x, f]; ``atoms``: and on the shares of reals among equal values, which block means have by chance."""
    pair = audited.pair
    real = np.concatenate((pair.real, audited.real_logit[:, None]), 1).astype(np.float32)
    fake = np.concatenate((pair.fake, audited.fake_logit[:, None]), 1).astype(np.float32)
    with_logit = Pair(real, fake, pair.kind)
    boosting = probes.MEMBERS["boosting"]
    settings = replace(boosting.settings("fast", with_logit), atoms=atoms)
    probe = boosting.fit(with_logit, audited.folds, settings, seeds, "cpu")
    found = probes.score(probe, with_logit, audited.folds)
    return found.val_real, found.val_fake, found.test_real, found.test_fake


STEPS: dict[Budget, int] = {"fast": 200, "standard": 600, "thorough": 2_000}


def _perceptron(audited: _Audited, seeds: Seeds, steps: int) -> Parts:
    """A perceptron on [x, f] that starts at f and learns what to add to it."""
    inputs = _WithLogit(audited, seeds)
    net = _Residual(Mlp(len(audited.folds), inputs.width, 96, 2, seeds))
    schedule = training.Schedule(1, 1, 10, batch=256, rate=1e-3, decay=1e-2, least_steps=steps)
    kept = training.train(net, audited.folds, inputs.gather, schedule, seeds).net
    nets = [training.slice_of(kept, k) for k in range(len(audited.folds))]

    def logits(side: training.Side, part: str) -> tuple[Floats, ...]:
        rows = [getattr(getattr(fold, side), part) for fold in audited.folds]
        return tuple(inputs.score(nets[k], k, side, own) for k, own in enumerate(rows))

    return logits("real", "val"), logits("fake", "val"), logits("real", "test"), logits("fake", "test")


class _WithLogit:
    """[x, f] as every fold's net sees it: x scaled by the fold, f as it is."""

    def __init__(self, audited: _Audited, seeds: Seeds) -> None:
        self._inputs = scaling.FoldInputs(audited.pair, audited.folds, seeds, "cpu")
        self._values = {"real": audited.pair.real, "fake": audited.pair.fake}
        self._logit = {"real": audited.real_logit.astype(np.float32), "fake": audited.fake_logit.astype(np.float32)}
        self.width = self._inputs.width + 1

    def gather(self, side: training.Side, rows: Indices) -> Tensor:
        """``[K, b]`` row numbers to ``[K, b, width]``."""
        return torch.cat((self._inputs.gather(side, rows), torch.from_numpy(self._logit[side][rows])[..., None]), 2)

    def score(self, net: nn.Module, k: int, side: training.Side, rows: Indices) -> Floats:
        """Logits of ``rows`` ``[n]`` by the net of fold ``k``, which is alone in ``net``."""

        def batch(start: int, stop: int) -> Tensor:
            some = rows[start:stop]
            logit = torch.from_numpy(self._logit[side][some])[None, :, None]
            return torch.cat((self._inputs.of_fold(k, self._values[side][some]), logit), 2)

        return training.score(net, batch, len(rows))


class _Residual(nn.Module):
    """f + net([x, f]); the last input is f."""

    def __init__(self, net: Mlp) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        out: Tensor = x[..., -1] + self.net(x)
        return out
