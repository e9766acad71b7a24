"""The ladder of probes: each trained, calibrated and scored on held-out samples, and the stack of them all.

The stack is the headline; every probe is a row beside it, because which family saw the difference says what kind of
difference it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from ganprobe import bounds, divergences, optimality, probes
from ganprobe.calibration import calibrate, stack
from ganprobe.config import Plan
from ganprobe.errors import UsageError
from ganprobe.objective import LOG2
from ganprobe.records import ProbeRecord
from ganprobe.samples import Folds, HeldOut, Pair, row_hashes, split_halves, split_sides
from ganprobe.seeds import Seeds

# Above this share of log 2 the ceiling itself closes the gap: no better probe has anything left to find.
SATURATED = 0.99
# In this order, so that what the cheap ones leave open decides whether the dear ones are needed.
_COSTLY = ("mlp", "conv")
# A probe of less weight is left out where the ladder is climbed again for the learning curve.
_WORTH_REFITTING = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Ladder:
    """What the probes say of one pair.

    ``logits``: the stack's, held out. ``rows``: the stack's and each probe's. ``members``: (name, settings, weight) of
    each probe. ``skipped``: why a probe that applies was left out.
    """

    logits: HeldOut
    rows: tuple[ProbeRecord, ...]
    members: tuple[tuple[str, Any, float], ...]
    skipped: dict[str, str]

    @property
    def saturated(self) -> bool:
        """Whether the certified floor is at the ceiling."""
        return self.rows[0].floor > SATURATED * LOG2


def climb(plan: Plan, pair: Pair, folds: Folds, seeds: Seeds, device: str, say: Callable[[str], None]) -> Ladder:
    """Train the probes that ``plan`` asks for, cheap ones first; ``say`` is told the name of each.

    Where the cheap ones already reach the ceiling the costly ones are left out, unless they were asked for.
    """
    logits: list[HeldOut] = []
    fitted: list[tuple[str, Any, probes.Probe, float]] = []
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
        logits.append(calibrate(probes.score(probe, pair, folds)))
        fitted.append((name, settings, probe, time.perf_counter() - start))
    start = time.perf_counter()
    stacked, weights = stack(logits)
    rows = [_row("stack", stacked, None, None, seeds, time.perf_counter() - start)]
    for (name, _, probe, seconds), held_out, weight in zip(fitted, logits, weights, strict=True):
        rows.append(_row(name, held_out, probe, float(weight), seeds, seconds))
    members = tuple((f[0], f[1], float(weight)) for f, weight in zip(fitted, weights, strict=True))
    return Ladder(stacked, tuple(rows), members, skipped)


def _turn(name: str) -> tuple[bool, int]:
    """Where in the ladder a probe comes: one of the user's own after the cheap members."""
    names = probes.MEMBERS.names
    return name in _COSTLY, names.index(name) if name in names else len(names)


def _demonstrated(logits: HeldOut, seeds: Seeds) -> float:
    return float(divergences.MEMBERS["js"].estimate(logits, seeds).value)


def again(ladder: Ladder, pair: Pair, seeds: Seeds, device: str) -> optimality.Refit:
    """How to climb once more with fewer reals to fit: the probes that carry the stack, trained alike."""
    members = [m for m in ladder.members if m[2] >= _WORTH_REFITTING] or [max(ladder.members, key=lambda m: m[2])]

    def refit(folds: Folds, share: float) -> HeldOut:
        fewer = optimality.reduced(folds, share)
        logits = []
        for name, settings, _ in members:
            probe = probes.member(name).fit(pair, fewer, settings, seeds, device)
            logits.append(calibrate(probes.score(probe, pair, fewer)))
        return stack(logits)[0]

    return refit


def null_control(pair: Pair, seeds: Seeds) -> tuple[float, float]:
    """JS of one half of the reals against the other, by boosting, and its standard error: what no difference reads."""
    hashes, fakes = (row_hashes(side, seeds.small("folds")) for side in (pair.real, pair.fake))
    halves = split_halves(hashes, fakes)
    null = Pair(pair.real[halves[0]], pair.real[halves[1]], pair.kind, pair.columns)
    folds = split_sides(hashes[halves[0]], hashes[halves[1]])
    member = probes.MEMBERS["boosting"]
    probe = member.fit(null, folds, member.settings("fast", null), seeds, "cpu")
    logits = stack([calibrate(probes.score(probe, null, folds))])[0]
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
