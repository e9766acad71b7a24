"""Residual audits: another learner on [x, f] with the stack's logit f as its starting point, on samples new to f.

Whatever it gains on test samples, the stack had left lying there: the multi-accuracy audit of Kim et al. 2019 with a
log loss.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from ganprobe import probes
from ganprobe.logits.calibration import calibrate, stack
from ganprobe.measures.optimality.curve import JUDGED_FOLDS
from ganprobe.measures.optimality.gain import gained
from ganprobe.nets import training
from ganprobe.nets.mlp import Mlp
from ganprobe.plan import Budget
from ganprobe.record.optimality import Evidence
from ganprobe.samples import pixels, scaling
from ganprobe.samples.folds import Fold, Folds, HeldOut, Split
from ganprobe.samples.sides import Array, Floats, Indices, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True, eq=False)
class _Audited:
    """Samples with their held-out logits: features ``[n, d]``, logits ``[n]``, and who fits, judges and tests."""

    pair: Pair
    real_logit: Floats
    fake_logit: Floats
    folds: Folds


def rows(
    pair: Pair, folds: Folds, logits: HeldOut, seeds: Seeds, budget: Budget, limit: float
) -> tuple[Evidence, Evidence]:
    """What trees and a perceptron gain on top of the stack."""
    audited = _audited(pair, folds, logits)
    before = _logits_of(audited)
    return (
        gained("audit: boosting", before, _boosting_audit(audited, before, seeds), limit, "on top of the stack"),
        gained("audit: mlp", before, _mlp_audit(audited, before, seeds, budget), limit, "on top of the stack"),
    )


def _audited(pair: Pair, folds: Folds, logits: HeldOut) -> _Audited:
    """Under cross-fitting the other folds' test samples, whose logits are held out too, fit the audit of a fold.

    With a single split the val part does: it chose a few numbers of the stack, not its probes.
    """
    if len(folds) > 1:
        parts = [(fold.real.test, fold.fake.test) for fold in folds]
        scores = list(zip(logits.test_real, logits.test_fake, strict=True))
    else:
        fold = folds.folds[0]
        parts = [(fold.real.test, fold.fake.test), (fold.real.val, fold.fake.val)]
        scores = [(logits.test_real[0], logits.test_fake[0]), (logits.val_real[0], logits.val_fake[0])]
    judged = min(JUDGED_FOLDS, len(folds))
    sides = [_renumbered([part[side] for part in parts], judged) for side in (0, 1)]
    features = [
        _features(pair.kind, values[np.concatenate([part[side] for part in parts])])
        for side, values in enumerate((pair.real, pair.fake))
    ]
    return _Audited(
        Pair(features[0], features[1], "table" if pair.kind == "table" else "array"),
        np.concatenate([s[0] for s in scores]),
        np.concatenate([s[1] for s in scores]),
        Folds(tuple(Fold(real, fake) for real, fake in zip(*sides, strict=True))),
    )


def _renumbered(parts: list[Indices], judged: int) -> list[Split]:
    """For each of the first ``judged`` parts: itself as test; of the others every eighth row as val, else as fit."""
    edges = np.cumsum([0, *map(len, parts)])
    splits = []
    for k in range(judged):
        others = np.concatenate([np.arange(edges[j], edges[j + 1]) for j in range(len(parts)) if j != k])
        val = np.arange(len(others)) % 8 == 7
        splits.append(Split(others[~val], others[val], np.arange(edges[k], edges[k + 1])))
    return splits


def _features(kind: str, values: Array) -> Array:
    """What the auditors see of a sample: of pictures their statistics and block means, for the sake of time."""
    if kind != "image":
        return scaling.flat(values)
    return np.concatenate((pixels.statistics(values), scaling.flat(pixels.block_means(values, 2))), 1)


def _logits_of(audited: _Audited) -> HeldOut:
    real, fake = audited.real_logit, audited.fake_logit
    return HeldOut(
        tuple(real[fold.real.val] for fold in audited.folds),
        tuple(fake[fold.fake.val] for fold in audited.folds),
        tuple(real[fold.real.test] for fold in audited.folds),
        tuple(fake[fold.fake.test] for fold in audited.folds),
    )


def _boosting_audit(audited: _Audited, before: HeldOut, seeds: Seeds) -> HeldOut:
    """Trees on [x, f], stacked with f."""
    pair = audited.pair
    real = np.concatenate((pair.real, audited.real_logit[:, None]), 1).astype(np.float32)
    fake = np.concatenate((pair.fake, audited.fake_logit[:, None]), 1).astype(np.float32)
    with_logit = Pair(real, fake, pair.kind)
    boosting = probes.MEMBERS["boosting"]
    probe = boosting.fit(with_logit, audited.folds, boosting.settings("fast", with_logit), seeds, "cpu")
    return stack([before, calibrate(probes.score(probe, with_logit, audited.folds))])[0]


_AUDIT_STEPS = {"fast": 300, "standard": 600, "thorough": 2_000}


def _mlp_audit(audited: _Audited, before: HeldOut, seeds: Seeds, budget: Budget) -> HeldOut:
    """A perceptron on [x, f] that starts at f and learns what to add to it."""
    inputs = _WithLogit(audited, seeds)
    net = _Residual(Mlp(len(audited.folds), inputs.width, 96, 2, seeds))
    schedule = training.Schedule(1, 1, 10, batch=256, rate=1e-3, decay=1e-2, least_steps=_AUDIT_STEPS[budget])
    kept = training.train(net, audited.folds, inputs.gather, schedule, seeds).net
    nets = [training.slice_of(kept, k) for k in range(len(audited.folds))]

    def logits(side: training.Side, part: str) -> tuple[Floats, ...]:
        rows = [getattr(getattr(fold, side), part) for fold in audited.folds]
        return tuple(inputs.score(nets[k], k, side, own) for k, own in enumerate(rows))

    learnt = HeldOut(logits("real", "val"), logits("fake", "val"), logits("real", "test"), logits("fake", "test"))
    return stack([before, learnt])[0]


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
