"""The ladder climbed once more under other conditions: with fewer reals, with more capacity."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ganprobe import probes
from ganprobe.logits.calibration import calibrate, stack
from ganprobe.logits.ladder import Ladder, TrainedProbe
from ganprobe.plan import Budget
from ganprobe.probes import Probe
from ganprobe.samples.folds import Folds, HeldOut, Split
from ganprobe.samples.sides import Indices, Pair
from ganprobe.seeds import Seeds


@dataclass(frozen=True, slots=True, eq=False)
class Refits:
    """The ``ladder`` of ``pair`` and how to climb it again within ``budget``, on the first of the folds it was
    climbed on.
    """

    ladder: Ladder
    pair: Pair
    seeds: Seeds
    device: str
    budget: Budget

    def fewer(self, folds: Folds, share: float) -> tuple[HeldOut, HeldOut]:
        """The probes that carry the stack, trained alike where only a ``share`` of the fit reals is there.

        The stack of them, and the one that weighs most in the whole ladder.
        """
        fewer = reduced(folds, share)
        logits = [self._fit(member.name, member.settings, fewer) for member in self.ladder.carrying]
        return stack(logits)[0], logits[0]

    def all(self, folds: Folds) -> tuple[HeldOut, HeldOut]:
        """What `fewer` gives where none of the reals is left out, without training: of the ladder's first ``folds``."""
        logits = [self._of_fit(member, folds) for member in self.ladder.carrying]
        return stack(logits)[0], logits[0]

    def stronger(self, folds: Folds) -> tuple[str, HeldOut, HeldOut] | None:
        """The stack, and the stack where one probe has twice its capacity, after its name.

        Of those that have a capacity, the weightiest; None where no probe has.
        """
        for chosen in self.ladder.by_weight:
            settings = probes.member(chosen.name).stronger(chosen.settings)
            if settings is not None:
                larger = self._fit(chosen.name, settings, folds)
                others = [calibrate(m.logits.first(len(folds))) for m in self.ladder.members if m is not chosen]
                before = stack([calibrate(chosen.logits.first(len(folds))), *others])[0]
                return chosen.name, before, stack([larger, *others])[0]
        return None

    def _fit(self, name: str, settings: Any, folds: Folds) -> HeldOut:
        probe = probes.member(name).fit(self.pair, folds, settings, self.seeds, self.device)
        return calibrate(probes.score(_once(probe), self.pair, folds))

    def _of_fit(self, member: TrainedProbe, folds: Folds) -> HeldOut:
        """What ``member`` says of the first ``folds`` by their fit part alone."""
        if member.probe is None or _once(member.probe) is member.probe:
            return calibrate(member.logits.first(len(folds)))
        return calibrate(probes.score(_once(member.probe), self.pair, folds))


def _once(probe: Probe) -> Probe:
    """The probe before it learnt from val too, of which no share is left out."""
    return probe if probe.last is None or probe.calibrated else replace(probe, last=None)


def reduced(folds: Folds, share: float) -> Folds:
    """The same folds with evenly spaced ``share`` of their fit reals, which are in hash order: a random subset."""

    def fewer(real: Split) -> Split:
        return replace(real, fit=_thinned(real.fit, share), inner=tuple(_thinned(part, share) for part in real.inner))

    return Folds(tuple(replace(fold, real=fewer(fold.real)) for fold in folds))


def _thinned(rows: Indices, share: float) -> Indices:
    return rows[:: round(1 / share)]
