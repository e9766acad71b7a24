r"""A 1-Lipschitz critic: the held-out lower bound of the Wasserstein distance W1 by Kantorovich duality.

    W1(P, Q) = sup { E_P f - E_Q f : f 1-Lipschitz }

The network is 1-Lipschitz by construction (`ganprobe.nets.lipschitz`), trained on some of the points, chosen on others
and read on the rest, so that what it reads is at most W1 in expectation, as a probe's value is at most that of D*.
WGAN's critic has no such guarantee: its constant is not known. How near the bound is to W1 depends on the training.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from scipy import stats
from torch import Tensor

from ganprobe.errors import UsageError
from ganprobe.measures.distances import Points, Reading, Sides
from ganprobe.nets.adam import Adam
from ganprobe.nets.lipschitz import Critic, certify
from ganprobe.plan import Budget
from ganprobe.record.headline import LEAST_P
from ganprobe.samples.once import once
from ganprobe.seeds import Seeds

_BATCH = 256
# Steps between looks at the validation part.
_LOOK = 25


@dataclass(frozen=True, slots=True)
class Settings:
    """``layers`` hidden layers of ``width`` units, trained for ``steps`` steps at ``rate``, which falls to zero."""

    width: int = 64
    layers: int = 2
    steps: int = 600
    rate: float = 5e-3

    def __post_init__(self) -> None:
        if self.width < 2 or self.width % 2:
            raise UsageError(
                f"distances.critic.width cannot be {self.width}", "an even number: units are sorted in pairs"
            )
        for name in ("layers", "steps", "rate"):
            if not getattr(self, name) > 0:
                raise UsageError(f"distances.critic.{name} cannot be {getattr(self, name)}", "it must be above 0")


def settings(budget: Budget) -> Settings:
    """More steps with more time."""
    return Settings(steps={"fast": 100, "standard": 300, "thorough": 3_000}[budget])


def measure(sides: Sides, settings: Settings, seeds: Seeds) -> Reading:
    """Both comparisons, each with a critic of its own; p-value by a one-sided z-test of a mean above 0."""
    value, se = _bound(sides.between, settings, seeds)
    null, _ = once(_bound, sides.null, settings, seeds)
    p = max(float(stats.norm.sf(value / se)), LEAST_P) if se > 0 else None
    return Reading(value, value - 1.96 * se, value + 1.96 * se, null, p)


def _bound(points: Points, settings: Settings, seeds: Seeds) -> tuple[float, float]:
    """What a critic reads on points that it never saw, and the standard error of that."""
    both = np.concatenate((points.real, points.fake))
    centre = both.mean(0, dtype=np.float64)
    # One scale for all coordinates keeps the constant 1; without it a step would be too long or too short.
    size = math.sqrt(float(np.mean(np.sum((both - centre) ** 2, 1)))) or 1.0
    real, fake = (torch.from_numpy(((side - centre) / size).astype(np.float32)) for side in (points.real, points.fake))
    n = len(real)
    fit, val = n // 2, n // 8
    function = _train(real[: fit + val], fake[: fit + val], fit, settings, seeds)
    with torch.no_grad():
        values = [function(side[fit + val :]) * size for side in (real, fake)]
    se = math.sqrt(sum(float(v.var()) / len(v) for v in values))
    return float(values[0].mean() - values[1].mean()), se


def _train(real: Tensor, fake: Tensor, fit: int, settings: Settings, seeds: Seeds) -> Callable[[Tensor], Tensor]:
    """Maximise the mean difference on the first ``fit`` rows; the best on the rest, certified."""
    critic = Critic(real.shape[1], settings.width, settings.layers, seeds)
    adam = Adam(list(critic.parameters()), settings.rate, (0.5, 0.9))
    draw = torch.Generator().manual_seed(seeds.integer("distances", "critic"))
    best, kept = -math.inf, certify(critic)
    for step in range(settings.steps):
        adam.rate = settings.rate * (1 - step / settings.steps)
        rows = torch.randint(fit, (2, min(_BATCH, fit)), generator=draw)
        values = critic(torch.cat((real[rows[0]], fake[rows[1]]))).reshape(2, -1).mean(1)
        adam.step(values[1] - values[0])
        if step % _LOOK == _LOOK - 1 or step == settings.steps - 1:
            with torch.no_grad():
                gained = float(critic(real[fit:]).mean() - critic(fake[fit:]).mean())
            if gained > best:
                best, kept = gained, certify(critic)
    return kept
