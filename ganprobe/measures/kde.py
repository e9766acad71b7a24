"""The KDE cross-check: do kernel densities and a trained probe agree where kernel densities can be trusted?

A KDE with bandwidth s does not estimate JS(P, Q) but JS(P * N_s, Q * N_s); its match is a probe trained on inputs with
noise s. Both are scored on the same held-out samples with the same noise, on a ladder of s, in the standardised columns
where there are at most five and on five principal components otherwise. Below some s KDE is starved (it then falls,
even below zero, because its ratio is over-confident); from there up the two must agree. A KDE that demonstrates *more*
than the probe convicts the probe. Resubstitution, scoring a KDE on the samples it is made of, is never done: for P = Q
in ten dimensions it says .6.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch

from ganprobe.logits.calibration import calibrate
from ganprobe.measures.study import Study
from ganprobe.nets import kernels, training
from ganprobe.nets.mlp import Mlp
from ganprobe.objective import fake_scores, js, real_scores
from ganprobe.plan import Budget
from ganprobe.record.kde import KdeRecord, KdeRung
from ganprobe.record.unmeasured import Unmeasured
from ganprobe.samples import scaling
from ganprobe.samples.folds import Folds, HeldOut
from ganprobe.samples.sides import Array, Indices, Pair
from ganprobe.seeds import Seeds

DIMS = 5
# In spreads of the leading coordinate.
LADDER = (0.05, 0.1, 0.2, 0.4, 0.8)
# Closer than this is agreement even where the standard error is smaller: both are estimates with biases of their own.
# A difference known no better than that is not evidence of agreement.
_CLOSE = 0.02
# KDE must beat the probe by this and by three standard errors to convict it.
_BEATEN = 0.01
# Where both read less than this while the headline reads more than four times as much, this space does not show the
# difference, and agreement on nothing says nothing.
_NOTHING = 0.005

_KERNELS = {"fast": 800, "standard": 2_500, "thorough": 10_000}
# Steps of a matched probe: it has few coordinates and endless noise, so it learns as long as it is let.
_STEPS = {"fast": 160, "standard": 600, "thorough": 4_000}
_TEST_REALS, _TEST_FAKES = 2_000, 4_000


NEEDS = "probes"


def measure(study: Study) -> dict[str, KdeRecord | Unmeasured]:
    """The cross-check of the study's stack."""
    drawn = study.drawn
    if study.plan.series and study.ladder.saturated:
        return {"kde": Unmeasured("nothing beats probes that are certified to be within 1 % of the ceiling, log 2")}
    return {"kde": crosscheck(drawn.pair, drawn.folds, study.ladder.rows[0].js, study.seeds, study.plan.budget)}


def crosscheck(pair: Pair, folds: Folds, headline: float, seeds: Seeds, budget: Budget) -> KdeRecord:
    """Climb the ladder on the first fold; ``headline`` is the JS that the stack demonstrates, in nats."""
    fold = folds.folds[0]
    reduce = scaling.reduction(pair, fold, DIMS, seeds)
    real, fake = reduce(pair.real), reduce(pair.fake)
    rng = seeds.numpy("crosscheck")
    n = min(_KERNELS[budget], len(fold.real.fit), len(fold.fake.fit))
    real_kernels = real[rng.permutation(fold.real.fit)[:n]]
    fake_kernels = fake[rng.permutation(fold.fake.fit)[:n]]
    probes = _matched_probes(real, fake, Folds((fold,) * len(LADDER)), seeds, budget)
    rungs = []
    for s, sigma in enumerate(LADDER):
        noise = seeds.numpy("crosscheck noise", s)

        def noised(side: Array, rows: Indices, sigma: float = sigma, noise: np.random.Generator = noise) -> Array:
            return side[rows] + sigma * noise.standard_normal((len(rows), side.shape[1]), np.float32)

        parts = {
            "val_real": noised(real, fold.real.val),
            "val_fake": noised(fake, fold.fake.val[:_TEST_FAKES]),
            "test_real": noised(real, fold.real.test[:_TEST_REALS]),
            "test_fake": noised(fake, fold.fake.test[:_TEST_FAKES]),
        }
        net = training.slice_of(probes, s)
        probe = calibrate(HeldOut(*((training.score(net, _slices(x), len(x)),) for x in parts.values())))
        kde = [
            kernels.log_ratio(parts[name], real_kernels, fake_kernels, (sigma,))[0]
            for name in ("test_real", "test_fake")
        ]
        difference = (
            real_scores(kde[0]) - real_scores(probe.test_real[0]),
            fake_scores(kde[1]) - fake_scores(probe.test_fake[0]),
        )
        se = math.sqrt(sum(float(d.var()) / len(d) for d in difference)) / 2
        rungs.append(KdeRung(sigma, js(kde[0], kde[1]), js(probe.test_real[0], probe.test_fake[0]), se))
    space = "standardised columns" if pair.width <= DIMS else f"{DIMS} principal components"
    return _judge(tuple(rungs), headline, space)


def _slices(x: Array) -> Callable[[int, int], torch.Tensor]:
    return lambda start, stop: torch.from_numpy(x[start:stop])[None]


def _matched_probes(real: Array, fake: Array, rungs: Folds, seeds: Seeds, budget: Budget) -> torch.nn.Module:
    """One small net for each rung, each trained on its own noise, all in one batched computation."""
    sides = {"real": real, "fake": fake}
    noise = seeds.numpy("crosscheck training noise")
    sigmas = np.asarray(LADDER, np.float32)[:, None, None]

    def gather(side: training.Side, rows: Indices) -> torch.Tensor:
        points = sides[side][rows]
        return torch.from_numpy(points + sigmas * noise.standard_normal(points.shape, np.float32))

    schedule = training.Schedule(1, 1, 1, batch=256, rate=3e-3, decay=1e-2, least_steps=_STEPS[budget])
    net = Mlp(len(LADDER), real.shape[1], 64, 2, seeds)
    return training.train(net, rungs, gather, schedule, seeds).net


def _judge(ladder: tuple[KdeRung, ...], headline: float, space: str) -> KdeRecord:
    def more(rung: KdeRung) -> float:
        # A net that fell below 0 is worse than none: what D = 1/2 shows is 0, and densities must show more than that.
        return rung.kde - max(0.0, rung.probe)

    convicting = [rung for rung in ladder if more(rung) > max(_BEATEN, 3 * rung.se)]
    if convicting:
        worst = max(convicting, key=more)
        return KdeRecord(worst.kde, worst.probe, worst.sigma, "probe weaker than KDE", space, ladder)
    agreeing: KdeRung | None = None
    for rung in reversed(ladder):
        if abs(rung.kde - rung.probe) > max(_CLOSE, 2 * rung.se) or rung.se > _CLOSE:
            break
        agreeing = rung
    if agreeing is None or (max(agreeing.kde, agreeing.probe) < _NOTHING and headline > 4 * _NOTHING):
        rung = agreeing or ladder[-1]
        return KdeRecord(rung.kde, rung.probe, rung.sigma, "not informative here", space, ladder)
    return KdeRecord(agreeing.kde, agreeing.probe, agreeing.sigma, "agrees", space, ladder)
