"""A generator's opponents: probes under noise of several sizes, trained as one computation, and a 1-Lipschitz critic.

They are trained against a generator that stands still, and give the losses that it would descend:

    saturating      E log(1 - D(G(z))) = -E softplus(f(G(z)))
    non-saturating  E[-log D(G(z))]    =  E softplus(-f(G(z)))
    critic          -E c(G(z)), c a 1-Lipschitz critic trained for E_P c - E_Q c

formed from logits: log(1 - D + 1e-8), or a loss clamped at -100, would show a vanishing gradient that is a rounding
error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import softplus

from ganprobe import objective
from ganprobe.nets.adam import Adam
from ganprobe.nets.lipschitz import Critic
from ganprobe.nets.mlp import Mlp
from ganprobe.samples.folds import Fold, Split
from ganprobe.samples.scaling import flat, scaler
from ganprobe.samples.sides import Array, Floats, Kind, Pair
from ganprobe.seeds import Seeds

_WIDTH = 128
_LAYERS = 2
_RATE = 1e-3
_CRITIC_WIDTH = 64
# Steps that the critic is ahead by: a Wasserstein GAN asks it only when it is near its optimum, and never a fresh one.
_HEAD_START = 100
# Samples of each side in a step.
_BATCH = 64
# Samples of each side that probes trained on, scored again for the JS that they know by heart.
_LEARNT = 2_048


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """Samples ``[n, *shape]`` in the generator's units: those that probes are trained on, and those held out."""

    real: Array
    fake: Array
    held_out_real: Array
    held_out_fake: Array


@dataclass(frozen=True, slots=True, eq=False)
class Space:
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


def space_of(sides: Sides, kind: Kind, unit: float, seeds: Seeds, device: str) -> Space:
    """The space of ``sides``, of whose units one is ``unit`` of those that noise is measured in."""
    real, fake = flat(sides.real), flat(sides.fake)
    splits = (Split(np.arange(len(side)), np.arange(0), np.arange(0)) for side in (real, fake))
    scale = scaler(Pair(real, fake, kind), Fold(*splits), seeds)
    within = (real.var(0, dtype=np.float64) + fake.var(0, dtype=np.float64)) / 2
    total = within + (real.mean(0, dtype=np.float64) - fake.mean(0, dtype=np.float64)) ** 2 / 4
    steps = np.sqrt(within) if kind == "table" else np.full(len(within), 1 / unit)
    varied = steps > 0

    def tensor(values: Array | Floats) -> Tensor:
        return torch.from_numpy(np.asarray(values, np.float32)).to(device)

    return Space(
        centre=tensor(scale.centre),
        spread=tensor(scale.spread),
        unit=tensor(steps),
        scale=tensor(np.where(varied, steps, 1.0)),
        extent=float(np.sqrt(np.mean(total[varied] / steps[varied] ** 2))) if varied.any() else 0.0,
    )


class Rivals:
    """The generator's opponents: a probe for each sigma, trained as one computation, and a critic.

    Losses, and their gradients, come in this order: saturating and non-saturating for each sigma, then the critic's.
    """

    def __init__(self, space: Space, sigmas: Sequence[float], sides: Sides, seeds: Seeds, device: str) -> None:
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
        rows = min(len(self._real), _LEARNT)
        self._scored = [(side, self._noise(len(side))) for side in held_out]
        self._learnt = [(side[:rows], self._noise(rows)) for side in (self._real, self._fake)]

    def train(self, marks: Sequence[int]) -> Iterator[int]:
        """Train all on both sides, pausing at each of ``marks``, which it yields."""
        probes, critic = (Adam(list(network.parameters()), _RATE) for network in (self._probes, self._critic))
        for _ in range(_HEAD_START):
            critic.step(-self._gap(*self._batch()))
        for step in range(marks[-1] + 1):
            if step in marks:
                yield step
            real, fake = self._batch()
            both = torch.cat((real, fake))
            logits = self._logits(both, self._noise(len(both)))
            # A sum over probes: each has its own weights, and so its own gradient.
            entropy = softplus(-logits[:, :_BATCH]).mean(1) + softplus(logits[:, _BATCH:]).mean(1)
            probes.step(entropy.sum())
            critic.step(-self._gap(real, fake))

    def _batch(self) -> tuple[Tensor, Tensor]:
        real, fake = (
            side[torch.randint(len(side), (_BATCH,), generator=self._stream).to(side.device)]
            for side in (self._real, self._fake)
        )
        return real, fake

    def _gap(self, real: Tensor, fake: Tensor) -> Tensor:
        """What the critic makes of two batches: its lower bound of their Wasserstein distance."""
        values = self._values(torch.cat((real, fake)))
        gap: Tensor = values[: len(real)].mean() - values[len(real) :].mean()
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
