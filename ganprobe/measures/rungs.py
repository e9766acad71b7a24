"""The rungs of JS(sigma): what judges of noisy samples show together at each size of noise, on samples held out.

Noise is the same at every size, or the curve would be rough.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from ganprobe.logits import bounds, divergences
from ganprobe.logits.calibration import calibrate, stack
from ganprobe.nets.noise_conditioned import Judge, Sides
from ganprobe.objective import LOG2, fake_scores, js, real_scores
from ganprobe.record.bound import Bound, Bounded
from ganprobe.samples.folds import Folds, HeldOut
from ganprobe.samples.sides import Floats, Indices
from ganprobe.seeds import Seeds

_FAKES_PER_REAL = 2
# Samples of a side that calibrate and stack in a fold, and that say whether a judge tells all of them apart.
_VALIDATED, _ASKED = 1_000, 500
# Samples that are scored at once.
_BLOCK = 1_024
# The share of log 2 from which on less noise has nothing left to show.
_ALL = 0.998


@dataclass(frozen=True, slots=True)
class Rung(Bounded):
    """``scores``: what each test real, and each test fake, adds to ``js``."""

    bound: Bound
    scores: tuple[Floats, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """What is scored on a ladder of so many ``rungs``: ``most`` reals of all folds, ``draws`` of noise for each."""

    sides: Sides
    folds: Folds
    rungs: int
    most: int
    draws: int

    def told(self, judge: Judge, sigmas: tuple[float, ...], seeds: Seeds) -> int:
        """How many of the smallest ``sigmas`` need not be measured: half, where the two above tell all samples apart.

        So they do for ``judge`` alone on val samples, and JS never rises with noise. Half or none, so that of two
        checkpoints that are compared the same rungs are measured, by nets that learnt the same.
        """
        half = len(sigmas) // 2
        noise = torch.Generator().manual_seed(seeds.integer("smoothing", "told"))
        fold = self.folds.folds[0]
        logits = []
        for side, rows in ((self.sides["real"], fold.real.val), (self.sides["fake"], fold.fake.val)):
            samples = side[rows[: min(self._each, _ASKED)]]
            logits.append(judge(0, samples, torch.randn(samples.shape, generator=noise), sigmas[half : half + 2]))
        return half if all(js(real, fake) > _ALL * LOG2 for real, fake in zip(*logits, strict=True)) else 0

    def by(self, judges: Sequence[Judge], sigmas: tuple[float, ...], seeds: Seeds) -> list[Rung]:
        """What the judges show together at each of ``sigmas``; floors hold for the whole ladder at once."""
        held_out = self._held_out(judges, sigmas, seeds)
        return [
            _rung([calibrate(_at(held_out, j, s)) for j in range(len(judges))], self.draws, 1 / self.rungs)
            for s in range(len(sigmas))
        ]

    @property
    def tested(self) -> tuple[list[Indices], list[Indices]]:
        """The rows of both sides that are scored in each fold's test part."""
        most = self._each
        return [f.real.test[:most] for f in self.folds], [f.fake.test[: _FAKES_PER_REAL * most] for f in self.folds]

    @property
    def _each(self) -> int:
        """Reals of each part of a fold that are scored."""
        return math.ceil(self.most / len(self.folds))

    def _held_out(self, judges: Sequence[Judge], sigmas: tuple[float, ...], seeds: Seeds) -> HeldOut:
        """Logits ``[len(judges), len(sigmas), draws * n]`` of each part and fold."""
        parts: dict[str, list[Floats]] = {"val_real": [], "val_fake": [], "test_real": [], "test_fake": []}
        real, fake, (test_reals, test_fakes) = self.sides["real"], self.sides["fake"], self.tested
        val_reals, val_fakes = (min(most * self._each, _VALIDATED) for most in (1, _FAKES_PER_REAL))
        for k, fold in enumerate(self.folds):
            noise = torch.Generator().manual_seed(seeds.integer("smoothing", "noise", k))
            for name, side, rows in (
                ("val_real", real, fold.real.val[:val_reals]),
                ("val_fake", fake, fold.fake.val[:val_fakes]),
                ("test_real", real, test_reals[k]),
                ("test_fake", fake, test_fakes[k]),
            ):
                scored = np.tile(rows, self.draws)
                logits = []
                for start in range(0, len(scored), _BLOCK):
                    block = side[scored[start : start + _BLOCK]]
                    drawn = torch.randn(block.shape, generator=noise)
                    logits.append(np.stack([judge(k, block, drawn, sigmas) for judge in judges]))
                parts[name].append(np.concatenate(logits, 2))
        return HeldOut(*map(tuple, parts.values()))


def _at(held_out: HeldOut, j: int, s: int) -> HeldOut:
    """The logits of the ``j``-th judge at the ``s``-th sigma."""
    parts = (held_out.val_real, held_out.val_fake, held_out.test_real, held_out.test_fake)
    return HeldOut(*(tuple(logits[j, s] for logits in part) for part in parts))


def _rung(judged: list[HeldOut], draws: int, share: float) -> Rung:
    """What calibrated logits show at one sigma; its floor has the ``share`` of the error."""
    logits, _ = stack(judged)
    real = tuple(real_scores(f).reshape(draws, -1).mean(0) for f in logits.test_real)
    fake = tuple(fake_scores(f).reshape(draws, -1).mean(0) for f in logits.test_fake)
    shown = divergences.read(real, fake)
    first = HeldOut(
        logits.val_real,
        logits.val_fake,
        tuple(f[: len(f) // draws] for f in logits.test_real),
        tuple(f[: len(f) // draws] for f in logits.test_fake),
    )
    scores = np.concatenate(real), np.concatenate(fake)
    floor = bounds.floor(first, 1 - share * (1 - bounds.LEVEL))
    bound = Bound(shown.value, shown.low, min(shown.high, LOG2), max(0.0, min(floor, shown.value)))
    return Rung(bound, scores)
