"""The ladder of probes: each trained, calibrated and scored on held-out samples, and the stack of them all.

The stack is the headline; every probe is a row beside it, because which family saw the difference says what kind of
difference it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from ganprobe import probes
from ganprobe.errors import UsageError
from ganprobe.logits import bounds, divergences
from ganprobe.logits.calibration import calibrate, stack
from ganprobe.logits.reading import read
from ganprobe.objective import LOG2, js
from ganprobe.plan import Plan
from ganprobe.record.probes import ProbeRecord
from ganprobe.samples import sequences
from ganprobe.samples.folds import Folds, HeldOut, row_hashes, split_halves, split_sides
from ganprobe.samples.groups import Together
from ganprobe.samples.once import once
from ganprobe.samples.sides import Array, Pair
from ganprobe.seeds import Seeds

# Above this share of log 2 the ceiling itself closes the gap: no better probe has anything left to find.
SATURATED = 0.99
# A probe of less weight is left out where the ladder is climbed again, or its probes score other fakes.
_WORTH_IT = 0.05
# Reals that the null control is read on, and of how many in a half the first third has so many.
_NULL_TESTED, _NULL_BY_THIRDS_FROM = 1_500, 3_750


@dataclass(frozen=True, slots=True, eq=False)
class TrainedProbe:
    """A probe of the ladder, its held-out ``logits`` before and after calibration, and its ``weight`` in the stack.

    What joined the stack later, a view or what an audit found, has no ``probe`` of its own to train again.
    """

    name: str
    settings: Any
    probe: probes.Probe | None
    logits: HeldOut
    calibrated: HeldOut
    weight: float
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Ladder:
    """What the probes say of one pair.

    ``logits``: the stack's, held out. ``rows``: the stack's and each probe's. ``members``: the probes. ``skipped``: why
    a probe that applies was left out.
    """

    logits: HeldOut
    rows: tuple[ProbeRecord, ...]
    members: tuple[TrainedProbe, ...]
    skipped: dict[str, str]

    @property
    def saturated(self) -> bool:
        """Whether the certified floor is at the ceiling."""
        return self.rows[0].floor > SATURATED * LOG2

    @property
    def by_weight(self) -> list[TrainedProbe]:
        """The probes that can be trained again, the weightiest first."""
        return sorted((m for m in self.members if m.probe is not None), key=lambda m: -m.weight)

    @property
    def carrying(self) -> list[TrainedProbe]:
        """Those of them that carry the stack."""
        return [m for m in self.by_weight if m.weight >= _WORTH_IT] or self.by_weight[:1]


def climb(plan: Plan, pair: Pair, folds: Folds, seeds: Seeds, device: str, say: Callable[[str], None]) -> Ladder:
    """Train the probes that ``plan`` asks for, cheap ones first; ``say`` is told the name of each.

    Where the cheap ones already reach the ceiling the costly ones are left out, unless they were asked for. Of one of
    several checkpoints so are cheap ones, where those before are certified to be there.
    """
    trained: list[TrainedProbe] = []
    skipped: dict[str, str] = {}
    # Through a view samples have other axes than those that were spoken of.
    pair = pair if plan.view else sequences.declared(pair, plan.axes)
    asked = {name: probes.member(name) for name in probes.wanted(plan.probes, plan.budget)}
    # So that what the cheap ones leave open decides whether the dear ones are needed.
    for name in sorted(asked, key=lambda name: _turn(name, asked[name])):
        reason = asked[name].applies(pair)
        if reason is not None:
            if name in plan.probes:
                raise UsageError(f"--probe {name}: {reason}", "leave it out")
            continue
        if not plan.probes and _needless(asked[name], trained, certified=plan.series):
            skipped[f"probes.{name}"] = "the other probes are already within 1 % of the ceiling, log 2"
            continue
        say(f"probe: {name}")
        settings = plan.override(f"probes.{name}", asked[name].settings(plan.budget, pair))
        trained.append(train(name, pair, folds, settings, seeds, device))
    return stacked(trained, skipped, seeds)


def train(name: str, pair: Pair, folds: Folds, settings: Any, seeds: Seeds, device: str) -> TrainedProbe:
    """The probe called ``name``, fitted and scored; it has no weight in a stack yet."""
    start = time.perf_counter()
    probe = probes.member(name).fit(pair, folds, settings, seeds, device)
    logits = probes.score(probe, pair, folds)
    return TrainedProbe(name, settings, probe, logits, calibrate(logits), 0.0, time.perf_counter() - start)


def stacked(trained: Sequence[TrainedProbe], skipped: dict[str, str], seeds: Seeds) -> Ladder:
    """The ladder of probes that are trained."""
    start = time.perf_counter()
    logits, weights = stack([member.calibrated for member in trained])
    members = tuple(replace(m, weight=float(weight)) for m, weight in zip(trained, weights, strict=True))
    row = _row("stack", logits, None, None, seeds, time.perf_counter() - start)
    rows = [_row(m.name, m.calibrated, m.probe, m.weight, seeds, m.seconds) for m in members]
    return Ladder(logits, (row, *rows), members, skipped)


def joined(ladder: Ladder, found: Mapping[str, HeldOut], seeds: Seeds, seconds: float) -> Ladder:
    """The ladder with more members in its stack, by name, which took ``seconds`` to find."""
    each = seconds / max(1, len(found))
    new = [TrainedProbe(name, None, None, raw, calibrate(raw), 0.0, each) for name, raw in found.items()]
    return stacked((*ladder.members, *new), ladder.skipped, seeds)


def _turn(name: str, member: probes.Member) -> tuple[bool, int]:
    """Where in the ladder a probe comes: one of the user's own after the cheap members."""
    names = probes.MEMBERS.names
    return member.COSTLY, names.index(name) if name in names else len(names)


def _needless(member: probes.Member, trained: list[TrainedProbe], certified: bool) -> bool:
    """Whether probes that are ``trained`` leave ``member`` nothing to find, as far as they show.

    Where that is ``certified`` it says so of cheap members too.
    """
    if not trained or not (member.COSTLY or certified):
        return False
    logits, _ = stack([one.calibrated for one in trained])
    if js(np.concatenate(logits.test_real), np.concatenate(logits.test_fake)) <= SATURATED * LOG2:
        return False
    return member.COSTLY or bounds.floor(logits) > SATURATED * LOG2


def against(ladder: Ladder, fake: Array, folds: Folds) -> HeldOut:
    """The probes that carry the stack on the val and test rows of other fakes, calibrated and stacked for these.

    ``fake`` ``[m, *shape]`` is laid out as the fakes that the probes were trained on; none of these is among its val
    and test rows. The reals are the same.
    """
    logits = []
    for member in ladder.carrying:
        if member.probe is None:
            continue
        own, val_rows, test_rows = member.logits, [f.fake.val for f in folds], [f.fake.test for f in folds]
        val, test = (
            tuple(np.asarray(logit(k, fake[rows]), np.float64) for k, rows in enumerate(parts))
            for logit, parts in ((member.probe.logit, val_rows), (member.probe.tested, test_rows))
        )
        logits.append(calibrate(replace(own, val_fake=val, test_fake=test)))
    return stack(logits)[0]


def null_control(pair: Pair, seeds: Seeds, together: Together | None = None) -> tuple[float, float, float]:
    """JS of one half of the reals against the other, by boosting: what no difference reads; its standard error.

    The third number is the least JS between the halves that so many rows would have noticed. ``together``: groups of
    reals that depend on each other.
    """
    hashes, fakes = (row_hashes(side, seeds.small("folds")) for side in (pair.real, pair.fake))
    halves = split_halves(hashes, fakes, together)
    groups = [None if together is None else together.of(half) for half in halves]
    null = replace(pair, real=pair.real[halves[0]], fake=pair.real[halves[1]])
    thirds = min(map(len, halves)) >= _NULL_BY_THIRDS_FROM
    folds = split_sides(hashes[halves[0]], hashes[halves[1]], *groups, thirds=thirds).testing(_NULL_TESTED)
    return once(_boosted, null, folds, seeds)


def _boosted(pair: Pair, folds: Folds, seeds: Seeds) -> tuple[float, float, float]:
    """JS by boosting alone, its standard error, and the least JS that would be noticed on so many rows."""
    member = probes.MEMBERS["boosting"]
    probe = member.fit(pair, folds, member.settings("fast", pair), seeds, "cpu")
    logits = stack([calibrate(probes.score(probe, pair, folds))])[0]
    shown = divergences.MEMBERS["js"].estimate(logits, seeds)
    n = min(sum(map(len, side)) for side in (logits.test_real, logits.test_fake))
    return shown.value, (shown.high - shown.low) / (2 * divergences.Z_TWO_SIDED), noticed(n)


# The null control fails beyond three of its standard errors; what exceeds them in 19 of 20 runs is said to be noticed.
_NULL_Z, _NULL_POWER_Z = 3.0, 1.645


def noticed(n: int) -> float:
    """The least JS that reads above three of its standard errors in 19 of 20 runs, on ``n`` rows of either side.

    Scores of two near laws spread by sqrt(JS), so that the standard error of JS is sqrt(JS / n).
    """
    return min(LOG2, (_NULL_Z + _NULL_POWER_Z) ** 2 / max(1, n))


def _row(
    name: str, logits: HeldOut, probe: probes.Probe | None, weight: float | None, seeds: Seeds, seconds: float
) -> ProbeRecord:
    return ProbeRecord(
        name,
        read(logits, seeds),
        seconds,
        settings=asdict(probe.settings) if probe else {},
        steps=probe.steps if probe else None,
        why_stopped=probe.why_stopped if probe else None,
        weight=weight,
    )
