"""A probe of your own: ``--probe file.py:fn``, beside the members or in their place.

    fn(real, fake) -> score

``real`` and ``fake`` are float32 tensors ``[n, *shape]`` as every probe gets them (pictures in [0, 1], all else in the
data's units), to train on. ``score`` takes such a tensor and gives ``[n]`` numbers that are larger the likelier a
sample is real. Calibration on other samples makes logits of them, so their scale does not matter, and what they then
demonstrate on samples that neither saw is a lower bound as any other probe's. What is random in the function runs with
a seed of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from ganprobe.errors import InputError
from ganprobe.inputs.usercode import UserCodeError, contained, function
from ganprobe.plan import Budget
from ganprobe.probes import Probe
from ganprobe.samples.folds import Folds
from ganprobe.samples.sides import Array, Floats, Pair
from ganprobe.seeds import Seeds

_BATCH = 4_096


@dataclass(frozen=True, slots=True)
class Settings:
    """``source``: ``file.py:fn`` or ``pkg.mod:fn``."""

    source: str


class Own:
    """The function that ``source`` names, as a member of the family; raises `UsageError` where it is not there."""

    COSTLY = False

    def __init__(self, source: str) -> None:
        self._source = source
        self._train = function(source, "--probe")

    def applies(self, pair: Pair) -> str | None:
        """Always: what it cannot take it says itself."""
        return None

    def settings(self, budget: Budget, pair: Pair) -> Settings:
        """Its own affair."""
        return Settings(self._source)

    def stronger(self, settings: Settings) -> Settings | None:
        """None: its size is its own affair too."""
        return None

    def fit(self, pair: Pair, folds: Folds, settings: Settings, seeds: Seeds, device: str) -> Probe:
        """Call the function on each fold's fit part; code that fails is an `InputError`."""
        scores = []
        for k, fold in enumerate(folds):
            real, fake = (torch.from_numpy(np.array(x)) for x in (pair.real[fold.real.fit], pair.fake[fold.fake.fit]))
            score = self._called(seeds.integer("own", k), self._train, real, fake)
            if not callable(score):
                said = f"--probe {self._source} gives {type(score).__name__}, which cannot be called"
                raise InputError(said, "return a function from samples [n, *shape] to scores [n]")
            scores.append(score)

        def logit(k: int, values: Array) -> Floats:
            batches = (values[i : i + _BATCH] for i in range(0, len(values), _BATCH))
            return np.concatenate([self._scored(scores[k], batch, seeds.integer("own score", k)) for batch in batches])

        return Probe(logit, settings, None, "as its own code says")

    def _scored(self, score: Callable[..., Any], values: Array, seed: int) -> Floats:
        given = self._called(seed, score, torch.from_numpy(np.array(values)))
        try:
            out = np.asarray(given.detach().cpu() if isinstance(given, torch.Tensor) else given, np.float64)
        except (TypeError, ValueError) as error:
            raise InputError(f"--probe {self._source}: its scores are no numbers ({error})", "return [n]") from None
        if out.shape != (len(values),) or not np.isfinite(out).all():
            what = "values that are not finite" if out.shape == (len(values),) else "x".join(map(str, out.shape))
            raise InputError(f"--probe {self._source} scores {len(values)} samples by {what}", "return one number each")
        return out

    def _called(self, seed: int, work: Callable[..., Any], *arguments: torch.Tensor) -> Any:
        try:
            with contained(seed):
                return work(*arguments)
        except UserCodeError as error:
            takes = f"it is given float32 tensors [n, {', '.join(map(str, arguments[0].shape[1:]))}]"
            raise InputError(f"--probe {self._source} failed: {error}", takes) from error
