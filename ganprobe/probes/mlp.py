"""A multilayer perceptron with a linear skip from the input (`ganprobe.nets.mlp`): the smooth probe."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ganprobe.nets import training
from ganprobe.nets.mlp import Mlp
from ganprobe.plan import Budget
from ganprobe.probes import Probe
from ganprobe.samples import scaling
from ganprobe.samples.folds import Folds
from ganprobe.samples.sides import Array, Floats, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Settings:
    """``layers`` hidden layers of ``width`` units; the rest is the training schedule."""

    width: int = 128
    layers: int = 2
    epochs: int = 40
    least_epochs: int = 25
    patience: int = 10
    least_steps: int = 1_000
    batch: int = 256
    rate: float = 2e-3
    decay: float = 1e-2
    cycles: int = 1
    precision: Literal["float32", "bf16"] = "float32"


COSTLY = True


def applies(pair: Pair) -> str | None:
    """Always."""
    return None


def settings(budget: Budget, pair: Pair) -> Settings:
    """``fast`` trains a third as long, ``thorough`` a wider net for longer; wide samples cost more an epoch."""
    wide = pair.width > 256
    if budget == "fast":
        # Small batches show as much in as many steps, for half of the time.
        return Settings(width=96, epochs=3, least_epochs=2, least_steps=230 if wide else 300, batch=128 if wide else 64)
    epochs = {"standard": 24, "thorough": 120}[budget] // (2 if wide else 1)
    width = {"standard": 128, "thorough": 256}[budget]
    return Settings(
        width=width,
        layers=3 if budget == "thorough" else 2,
        epochs=epochs,
        least_epochs=epochs * 5 // 8,
        patience=6 if budget == "standard" else 10,
        # A short first cycle is enough for most laws, and what still rises goes on.
        cycles={"standard": 4, "thorough": 6}[budget],
        least_steps={"standard": 600, "thorough": 4_000}[budget] // (2 if wide else 1),
    )


def stronger(settings: Settings) -> Settings:
    """Twice the width; it is trained on for as long as it gains in any case."""
    return replace(settings, width=2 * settings.width)


def fit(pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
    """All folds' nets at once."""
    inputs = scaling.FoldInputs(pair, folds, seeds, device)
    net = Mlp(len(folds), inputs.width, settings.width, settings.layers, seeds).to(device)
    schedule = training.Schedule(
        settings.epochs,
        settings.least_epochs,
        settings.patience,
        settings.batch,
        settings.rate,
        settings.decay,
        settings.least_steps,
        settings.cycles,
        settings.precision,
    )
    trained = training.train(net, folds, inputs.gather, schedule, seeds)
    nets = [training.slice_of(trained.net, k) for k in range(len(folds))]

    def logit(k: int, values: Array) -> Floats:
        return training.score(nets[k], lambda i, j: inputs.of_fold(k, values[i:j]), len(values))

    return Probe(logit, settings, trained.steps, trained.why_stopped)
