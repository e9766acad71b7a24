"""The ladder of probes: each trained, calibrated and scored on held-out samples, and the stack of them all.

The stack is the headline; every probe is a row beside it, because which family saw the difference says what kind of
difference it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ganprobe import probes
from ganprobe.errors import UsageError
from ganprobe.logits import bounds, divergences
from ganprobe.logits.calibration import calibrate, stack
from ganprobe.objective import LOG2
from ganprobe.plan import Plan
from ganprobe.record.all import ProbeRecord
from ganprobe.samples.folds import Folds, HeldOut, reduced, row_hashes, split_halves, split_sides
from ganprobe.samples.once import once
from ganprobe.samples.sides import Array, Pair
from ganprobe.seeds import Seeds

# Above this share of log 2 the ceiling itself closes the gap: no better probe has anything left to find.
SATURATED = 0.99
# In this order, so that what the cheap ones leave open decides whether the dear ones are needed.
_COSTLY = ("mlp", "conv")
# A probe of less weight is left out where the ladder is climbed again, or its probes score other fakes.
_WORTH_IT = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A trained probe of the ladder, its held-out ``logits`` before calibration, and its ``weight`` in the stack."""

    name: str
    settings: Any
    probe: probes.Probe
    logits: HeldOut
    weight: float


@dataclass(frozen=True, slots=True, eq=False)
class Ladder:
    """What the probes say of one pair.

    ``logits``: the stack's, held out. ``rows``: the stack's and each probe's. ``members``: the probes. ``skipped``: why
    a probe that applies was left out.
    """

    logits: HeldOut
    rows: tuple[ProbeRecord, ...]
    members: tuple[Member, ...]
    skipped: dict[str, str]

    @property
    def saturated(self) -> bool:
        """Whether the certified floor is at the ceiling."""
        return self.rows[0].floor > SATURATED * LOG2

    @property
    def by_weight(self) -> list[Member]:
        """The probes, the weightiest first."""
        return sorted(self.members, key=lambda m: -m.weight)

    @property
    def carrying(self) -> list[Member]:
        """Those of them that carry the stack."""
        return [m for m in self.by_weight if m.weight >= _WORTH_IT] or self.by_weight[:1]


def climb(plan: Plan, pair: Pair, folds: Folds, seeds: Seeds, device: str, say: Callable[[str], None]) -> Ladder:
    """Train the probes that ``plan`` asks for, cheap ones first; ``say`` is told the name of each.

    Where the cheap ones already reach the ceiling the costly ones are left out, unless they were asked for.
    """
    logits: list[HeldOut] = []
    fitted: list[tuple[str, Any, probes.Probe, HeldOut, float]] = []
    skipped: dict[str, str] = {}
    asked = {name: probes.member(name) for name in plan.probes or probes.MEMBERS}
    for name in sorted(asked, key=_turn):
        member = asked[name]
        reason = member.applies(pair)
        if reason is not None:
            if name in plan.probes:
                raise UsageError(f"--probe {name}: {reason}", "leave it out")
            continue
        if name in _COSTLY and not plan.probes and _demonstrated(stack(logits)[0], seeds) > SATURATED * LOG2:
            skipped[f"probes.{name}"] = "the other probes are already within 1 % of the ceiling, log 2"
            continue
        say(f"probe: {name}")
        start = time.perf_counter()
        settings = plan.override(f"probes.{name}", member.settings(plan.budget, pair))
        probe = member.fit(pair, folds, settings, seeds, device)
        raw = probes.score(probe, pair, folds)
        logits.append(calibrate(raw))
        fitted.append((name, settings, probe, raw, time.perf_counter() - start))
    start = time.perf_counter()
    stacked, weights = stack(logits)
    rows = [_row("stack", stacked, None, None, seeds, time.perf_counter() - start)]
    members = []
    for (name, settings, probe, raw, seconds), held_out, weight in zip(fitted, logits, weights, strict=True):
        rows.append(_row(name, held_out, probe, float(weight), seeds, seconds))
        members.append(Member(name, settings, probe, raw, float(weight)))
    return Ladder(stacked, tuple(rows), tuple(members), skipped)


def _turn(name: str) -> tuple[bool, int]:
    """Where in the ladder a probe comes: one of the user's own after the cheap members."""
    names = probes.MEMBERS.names
    return name in _COSTLY, names.index(name) if name in names else len(names)


def _demonstrated(logits: HeldOut, seeds: Seeds) -> float:
    return float(divergences.MEMBERS["js"].estimate(logits, seeds).value)


@dataclass(frozen=True, slots=True, eq=False)
class Again:
    """The ``ladder`` of ``pair``, climbed once more under other conditions: what `ganprobe.measures.optimality`
    asks for.
    """

    ladder: Ladder
    pair: Pair
    seeds: Seeds
    device: str

    def fewer(self, folds: Folds, share: float) -> tuple[HeldOut, HeldOut]:
        """The probes that carry the stack, trained alike where only a ``share`` of the fit reals is there.

        The stack of them, and the one that weighs most in the whole ladder.
        """
        fewer = reduced(folds, share)
        logits = [self._fit(member.name, member.settings, fewer) for member in self.ladder.carrying]
        return stack(logits)[0], logits[0]

    def all(self, folds: Folds) -> tuple[HeldOut, HeldOut]:
        """What `fewer` gives where none of the reals is left out, without training: of the ladder's first ``folds``."""
        weightiest = self.ladder.carrying[0].logits.first(len(folds))
        return self.ladder.logits.first(len(folds)), calibrate(weightiest)

    def stronger(self, folds: Folds) -> tuple[str, HeldOut] | None:
        """The stack where one probe has twice its capacity, and its name: of those that have one, the weightiest.

        ``folds`` are the first ones that the ladder was climbed on. None where no probe has a capacity.
        """
        for chosen in self.ladder.by_weight:
            settings = probes.member(chosen.name).stronger(chosen.settings)
            if settings is not None:
                larger = self._fit(chosen.name, settings, folds)
                others = [member for member in self.ladder.members if member is not chosen]
                return chosen.name, stack([larger, *(calibrate(m.logits.first(len(folds))) for m in others)])[0]
        return None

    def _fit(self, name: str, settings: Any, folds: Folds) -> HeldOut:
        probe = probes.member(name).fit(self.pair, folds, settings, self.seeds, self.device)
        return calibrate(probes.score(probe, self.pair, folds))


def against(ladder: Ladder, fake: Array, folds: Folds) -> HeldOut:
    """The probes that carry the stack on the val and test rows of other fakes, calibrated and stacked for these.

    ``fake`` ``[m, *shape]`` is laid out as the fakes that the probes were trained on; none of these is among its val
    and test rows. The reals are the same.
    """
    logits = []
    for member in ladder.carrying:
        own, logit = member.logits, member.probe.logit
        val, test = (
            tuple(np.asarray(logit(k, fake[rows]), np.float64) for k, rows in enumerate(parts))
            for parts in ([fold.fake.val for fold in folds], [fold.fake.test for fold in folds])
        )
        logits.append(calibrate(HeldOut(own.val_real, val, own.test_real, test)))
    return stack(logits)[0]


def null_control(pair: Pair, seeds: Seeds) -> tuple[float, float]:
    """JS of one half of the reals against the other, by boosting, and its standard error: what no difference reads."""
    hashes, fakes = (row_hashes(side, seeds.small("folds")) for side in (pair.real, pair.fake))
    halves = split_halves(hashes, fakes)
    null = Pair(pair.real[halves[0]], pair.real[halves[1]], pair.kind, pair.columns)
    return once(_boosted, null, split_sides(hashes[halves[0]], hashes[halves[1]]), seeds)


def _boosted(pair: Pair, folds: Folds, seeds: Seeds) -> tuple[float, float]:
    """JS by boosting alone, and its standard error."""
    member = probes.MEMBERS["boosting"]
    probe = member.fit(pair, folds, member.settings("fast", pair), seeds, "cpu")
    logits = stack([calibrate(probes.score(probe, pair, folds))])[0]
    js = divergences.MEMBERS["js"].estimate(logits, seeds)
    return js.value, (js.high - js.low) / (2 * divergences.Z_TWO_SIDED)


def _row(
    name: str, logits: HeldOut, probe: probes.Probe | None, weight: float | None, seeds: Seeds, seconds: float
) -> ProbeRecord:
    js = divergences.MEMBERS["js"].estimate(logits, seeds)
    return ProbeRecord(
        name,
        js.value,
        js.low,
        js.high,
        bounds.floor(logits),
        seconds,
        settings=asdict(probe.settings) if probe else {},
        steps=probe.steps if probe else None,
        why_stopped=probe.why_stopped if probe else None,
        weight=weight,
    )
