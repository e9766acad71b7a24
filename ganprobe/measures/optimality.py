r"""Is the probe near-optimal? The evidence, row by row, and the rule that judges it.

JS_D of the stacked probe falls short of JS by E_m kl(D* || D), which no sample can bound from above. What can be done
is to try, in several independent ways, to find some of what is missing:

- *residual audit*: another learner is fitted on [x, f] with the stack's logit f as its starting point, on samples that
  f was not trained on; whatever it gains on test samples, the stack had left lying there.
- *capacity*: the weightiest probe that has a size is trained with twice of it, on one fold; the stack must not gain.
- *learning curve*: the same probes trained on 1/4, 1/2 and all of the fit reals, with the same number of steps. Along
  js(n) = a - c n^-g, halving the data twice gives successive differences whose ratio is 2^-g, and
  a = js(n) + (last difference) r / (1 - r); r is held to g in [.5, 1.5] and drawn to g = 1 where noise hides it. ``a``
  is ``extrapolated``: an estimate, never a bound.
- *calibration slope*: the logistic slope of the test labels on f; 1 when f claims as much as it knows.
- *planted signal*: among the reals alone, labels are drawn from a known logit g(x), so that two laws with a known
  optimal probe and JS = .02 arise on this very data; the share of it that quick probes recover is their power here.
- *covered mass*: E_Q[D/(1 - D)] is the share of P that Q reaches, and likewise with the sides exchanged: above 1 the
  probe is too sure of what it says (`ganprobe.measures.support` has the derivation).
- *null control*: the reals against themselves.

``near_optimal`` holds when every row passes, and always when the floor is within 1 % of log 2: there the ceiling itself
closes the gap. ``gap`` is the largest shortfall that an audit, more capacity or the curve found: what the curve comes
to, or where it failed the most that it leaves room for. Sources: the audit is
the multi-accuracy audit of Kim et al. 2019 with a log loss; the curve follows Chong and Forsyth 2020, who extrapolate
FID in 1/n.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from scipy.optimize import brentq
from torch import Tensor, nn

from ganprobe import probes
from ganprobe.logits import bounds, divergences
from ganprobe.logits.calibration import calibrate, slope, stack
from ganprobe.measures import localise
from ganprobe.nets import training
from ganprobe.objective import LOG2, fake_scores, js, real_scores, sigmoid
from ganprobe.plan import Budget
from ganprobe.probes.mlp import Mlp
from ganprobe.record.all import CurvePoint, Evidence, OptimalityRecord
from ganprobe.samples import pixels, scaling
from ganprobe.samples.folds import Fold, Folds, HeldOut, Split, atoms, row_hashes, split_sides
from ganprobe.samples.once import once
from ganprobe.samples.sides import Array, Floats, Indices, Pair
from ganprobe.seeds import Seeds


class Again(Protocol):
    """How to train the run's probes again, on its first ``folds``; each verb gives held-out logits."""

    def fewer(self, folds: Folds, share: float) -> tuple[HeldOut, HeldOut]:
        """With a ``share`` of the fit reals: the stack, and the probe of most weight in it."""

    def all(self, folds: Folds) -> tuple[HeldOut, HeldOut]:
        """The same with all of them: as they are."""

    def stronger(self, folds: Folds) -> tuple[str, HeldOut] | None:
        """The stack with one probe of twice the capacity, and its name; None where no probe has a capacity."""


# A shortfall below this is no shortfall: it is what seeds and folds move the estimate by.
NEGLIGIBLE = 0.005
SLOPE_RANGE = (0.9, 1.1)
PLANTED = 0.02
# Of the planted signal, so much must come back.
RECOVERED = 0.5
# Rows that cost a refit are judged on the first folds: their test samples are enough for a paired difference.
_JUDGED_FOLDS = 2
_SHARES = (0.25, 0.5)
_RATIO_RANGE = (2**-1.5, 2**-0.5)
_FLATTEST_RATIO = 2**-0.3
# In squared standard errors of a difference: how much the curve must fall to speak for its own exponent.
_RATIO_PRIOR = 4.0


def measure(
    pair: Pair, folds: Folds, logits: HeldOut, null: tuple[float, float], again: Again, seeds: Seeds, budget: Budget
) -> OptimalityRecord:
    """The evidence on the stacked ``logits``; ``null`` is the null control's JS and its standard error."""
    headline = divergences.MEMBERS["js"].estimate(logits, seeds)
    se = (headline.high - headline.low) / (2 * divergences.Z_TWO_SIDED)
    limit = max(NEGLIGIBLE, se)
    curve, rise, most = _learning_curve(folds, again)
    # Nothing can be still to come that the ceiling does not leave.
    most = min(most, LOG2 - headline.value)
    note = "JS still to come if the curves are as flat as n^-.3"
    curved = Evidence("learning curve", most, limit, most <= limit, note)
    rows = [
        *_audits(pair, folds, logits, seeds, budget, limit),
        *_capacity(folds, logits, again, limit),
        curved,
        _calibration(logits),
        _covered(logits, seeds),
        _planted(pair, seeds),
        _null(*null),
    ]
    # Of what the flattest curve leaves room for nothing is promised, unless that is why the probe is not near-optimal.
    counts = [row for row in rows if row.name.startswith(("audit", "capacity")) or (row is curved and not row.passed)]
    gap = max(0.0, rise, *(row.value for row in counts))
    # No estimate may promise more than the ceiling leaves.
    gap, extrapolated = min(gap, LOG2 - headline.value), min(LOG2, headline.value + rise)
    return OptimalityRecord(all(row.passed for row in rows), gap, extrapolated, curve, tuple(rows))


def saturated(estimate: float) -> OptimalityRecord:
    """The record of a run whose floor is at the ceiling: nothing is left to look for."""
    row = Evidence("ceiling", LOG2 - estimate, 0.01 * LOG2, True, "JS cannot exceed log 2")
    return OptimalityRecord(True, max(0.0, LOG2 - estimate), LOG2, (), (row,))


# -- learning curve ---------------------------------------------------------


def _learning_curve(folds: Folds, again: Again) -> tuple[tuple[CurvePoint, ...], float, float]:
    """The curve on the judged folds, how much JS is still to rise along it, and how much at most.

    The estimate trusts the curve's own exponent as far as noise lets it be known. The verdict does not: nets in many
    dimensions creep upwards so slowly that three points look like an end, so it takes the flattest curve. And not of
    the stack alone: where a simple probe is at its end and a net comes up from below, the stack looks finished until
    the net has passed, so the weightiest probe's own curve counts too, with what it would end above the stack.
    """
    judged = Folds(folds.folds[:_JUDGED_FOLDS])
    fits = [*(again.fewer(judged, share) for share in _SHARES), again.all(judged)]
    n = float(np.mean([len(fold.real.fit) for fold in judged]))
    stacked, weightiest = ([js(_all(f[i].test_real), _all(f[i].test_fake)) for f in fits] for i in (0, 1))
    points = tuple(CurvePoint(share, int(share * n), y) for share, y in zip((*_SHARES, 1.0), stacked, strict=True))
    first, last = stacked[1] - stacked[0], stacked[2] - stacked[1]
    flattest = _FLATTEST_RATIO / (1 - _FLATTEST_RATIO)
    most = max(now + max(0.0, now - before) * flattest - stacked[2] for _, before, now in (stacked, weightiest))
    return points, extrapolate(first, last, _paired_se(fits[1][0], fits[2][0])), max(0.0, most)


def extrapolate(first: float, last: float, noise: float) -> float:
    """What is still to come after two successive differences along halvings of the data; ``noise``: their se."""
    prior = _RATIO_PRIOR * noise**2
    ratio = (first * last + 0.5 * prior) / (first**2 + prior) if first**2 + prior > 0 else 0.5
    ratio = min(max(ratio, _RATIO_RANGE[0]), _RATIO_RANGE[1])
    return max(0.0, last) * ratio / (1 - ratio)


def _all(parts: tuple[Floats, ...]) -> Floats:
    return np.concatenate(parts)


def _paired_se(before: HeldOut, after: HeldOut) -> float:
    real = real_scores(_all(after.test_real)) - real_scores(_all(before.test_real))
    fake = fake_scores(_all(after.test_fake)) - fake_scores(_all(before.test_fake))
    return math.sqrt(float(real.var()) / len(real) + float(fake.var()) / len(fake)) / 2


# -- residual audits --------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Audited:
    """Samples with their held-out logits: features ``[n, d]``, logits ``[n]``, and who fits, judges and tests."""

    pair: Pair
    real_logit: Floats
    fake_logit: Floats
    folds: Folds


def _audits(
    pair: Pair, folds: Folds, logits: HeldOut, seeds: Seeds, budget: Budget, limit: float
) -> tuple[Evidence, Evidence]:
    audited = _audited(pair, folds, logits)
    before = _logits_of(audited)
    return (
        _gained("audit: boosting", before, _boosting_audit(audited, before, seeds), limit, "on top of the stack"),
        _gained("audit: mlp", before, _mlp_audit(audited, before, seeds, budget), limit, "on top of the stack"),
    )


def _capacity(folds: Folds, logits: HeldOut, again: Again, limit: float) -> tuple[Evidence, ...]:
    larger = again.stronger(Folds(folds.folds[:1]))
    if larger is None:
        return ()
    name, after = larger
    return (_gained(f"capacity: {name}", logits.first(1), after, limit, "with twice the capacity"),)


def _gained(name: str, before: HeldOut, after: HeldOut, limit: float, how: str) -> Evidence:
    """What ``after`` shows more of the same test samples: a shortfall if it is neither negligible nor luck."""
    gain = js(_all(after.test_real), _all(after.test_fake)) - js(_all(before.test_real), _all(before.test_fake))
    se = _paired_se(before, after)
    note = f"gained {how}; z = {gain / se:.1f}" if se > 0 else f"gained nothing {how}"
    return Evidence(name, gain, max(limit, 2 * se), gain <= max(limit, 2 * se), note)


def _audited(pair: Pair, folds: Folds, logits: HeldOut) -> _Audited:
    """Under cross-fitting the other folds' test samples, whose logits are held out too, fit the audit of a fold.

    With a single split the val part does: it chose a few numbers of the stack, not its probes.
    """
    if len(folds) > 1:
        parts = [(fold.real.test, fold.fake.test) for fold in folds]
        scores = list(zip(logits.test_real, logits.test_fake, strict=True))
    else:
        fold = folds.folds[0]
        parts = [(fold.real.test, fold.fake.test), (fold.real.val, fold.fake.val)]
        scores = [(logits.test_real[0], logits.test_fake[0]), (logits.val_real[0], logits.val_fake[0])]
    judged = min(_JUDGED_FOLDS, len(folds))
    sides = [_renumbered([part[side] for part in parts], judged) for side in (0, 1)]
    features = [
        _features(pair.kind, values[np.concatenate([part[side] for part in parts])])
        for side, values in enumerate((pair.real, pair.fake))
    ]
    return _Audited(
        Pair(features[0], features[1], "table" if pair.kind == "table" else "array"),
        np.concatenate([s[0] for s in scores]),
        np.concatenate([s[1] for s in scores]),
        Folds(tuple(Fold(real, fake) for real, fake in zip(*sides, strict=True))),
    )


def _renumbered(parts: list[Indices], judged: int) -> list[Split]:
    """For each of the first ``judged`` parts: itself as test; of the others every eighth row as val, else as fit."""
    edges = np.cumsum([0, *map(len, parts)])
    splits = []
    for k in range(judged):
        others = np.concatenate([np.arange(edges[j], edges[j + 1]) for j in range(len(parts)) if j != k])
        val = np.arange(len(others)) % 8 == 7
        splits.append(Split(others[~val], others[val], np.arange(edges[k], edges[k + 1])))
    return splits


def _features(kind: str, values: Array) -> Array:
    """What the auditors see of a sample: of pictures their statistics and block means, for the sake of time."""
    if kind != "image":
        return scaling.flat(values)
    return np.concatenate((pixels.statistics(values), scaling.flat(pixels.block_means(values, 2))), 1)


def _logits_of(audited: _Audited) -> HeldOut:
    real, fake = audited.real_logit, audited.fake_logit
    return HeldOut(
        tuple(real[fold.real.val] for fold in audited.folds),
        tuple(fake[fold.fake.val] for fold in audited.folds),
        tuple(real[fold.real.test] for fold in audited.folds),
        tuple(fake[fold.fake.test] for fold in audited.folds),
    )


def _boosting_audit(audited: _Audited, before: HeldOut, seeds: Seeds) -> HeldOut:
    """Trees on [x, f], stacked with f."""
    pair = audited.pair
    real = np.concatenate((pair.real, audited.real_logit[:, None]), 1).astype(np.float32)
    fake = np.concatenate((pair.fake, audited.fake_logit[:, None]), 1).astype(np.float32)
    with_logit = Pair(real, fake, pair.kind)
    boosting = probes.MEMBERS["boosting"]
    probe = boosting.fit(with_logit, audited.folds, boosting.settings("fast", with_logit), seeds, "cpu")
    return stack([before, calibrate(probes.score(probe, with_logit, audited.folds))])[0]


_AUDIT_STEPS = {"fast": 300, "standard": 600, "thorough": 2_000}


def _mlp_audit(audited: _Audited, before: HeldOut, seeds: Seeds, budget: Budget) -> HeldOut:
    """A perceptron on [x, f] that starts at f and learns what to add to it."""
    inputs = scaling.FoldInputs(audited.pair, audited.folds, seeds, "cpu")
    offsets = {"real": audited.real_logit.astype(np.float32), "fake": audited.fake_logit.astype(np.float32)}

    def gather(side: training.Side, rows: Indices) -> Tensor:
        return torch.cat((inputs.gather(side, rows), torch.from_numpy(offsets[side][rows])[..., None]), 2)

    net = _Residual(Mlp(len(audited.folds), inputs.width + 1, 96, 2, seeds))
    steps = _AUDIT_STEPS[budget]
    schedule = training.Schedule(1, 1, 10, batch=256, rate=1e-3, decay=1e-2, least_steps=steps)
    kept = training.train(net, audited.folds, gather, schedule, seeds).net
    after = []
    for k, fold in enumerate(audited.folds):
        alone = training.slice_of(kept, k)
        for side, rows in (("real", fold.real), ("fake", fold.fake)):
            for part in (rows.val, rows.test):
                one = np.stack([part])

                def batch(start: int, stop: int, side: str = side, one: Indices = one, k: int = k) -> Tensor:
                    rows = one[0, start:stop]
                    values = audited.pair.real if side == "real" else audited.pair.fake
                    offset = torch.from_numpy(offsets[side][rows])[None, :, None]
                    return torch.cat((inputs.of_fold(k, values[rows]), offset), 2)

                after.append(training.score(alone, batch, len(part)))
    learnt = HeldOut(tuple(after[0::4]), tuple(after[2::4]), tuple(after[1::4]), tuple(after[3::4]))
    return stack([before, learnt])[0]


class _Residual(nn.Module):
    """f + net([x, f]); the last input is f."""

    def __init__(self, net: Mlp) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        out: Tensor = x[..., -1] + self.net(x)
        return out


# -- calibration, planted signal, null --------------------------------------


def _calibration(logits: HeldOut) -> Evidence:
    """The slope must be near 1, unless the right slope would gain next to nothing (where there is little to see)."""
    real, fake = _all(logits.test_real), _all(logits.test_fake)
    found, se = slope(real, fake)
    low, high = SLOPE_RANGE
    gain = js(found * real, found * fake) - js(real, fake)
    passed = low - 2 * se <= found <= high + 2 * se or gain < NEGLIGIBLE / 5
    note = f"1 is calibrated; standard error {se:.2f}, the right slope would gain {gain:.4f}"
    return Evidence("calibration slope", found, high, passed, note)


# A covered mass this far above all there is, its whole interval, is no accident.
_TOO_MUCH = 1.05


def _covered(logits: HeldOut, seeds: Seeds) -> Evidence:
    real, fake = _all(logits.test_real), _all(logits.test_fake)
    found = {
        "reals": bounds.covered_mass(fake, real, seeds, "real"),
        "fakes": bounds.covered_mass(-real, -fake, seeds, "fake"),
    }
    side, (mass, low, high) = max(found.items(), key=lambda item: item[1][1])
    note = f"share of the {side} that the other side reaches, {low:.3f} to {high:.3f}; no more than all can be"
    return Evidence("covered mass", mass, _TOO_MUCH, low <= _TOO_MUCH, note)


# Fewer on a side cannot be divided into parts that fit, validate and test.
_FEWEST_PLANTED = 20


def _planted(pair: Pair, seeds: Seeds) -> Evidence:
    """Recover a JS of .02 from labels drawn among the reals by a known logit of their two leading components."""
    every = Split(*(np.arange(len(pair.real)),) * 3)
    alone = Pair(pair.real, pair.real, pair.kind)
    scores = scaling.reduction(alone, Fold(every, every), 2, seeds)(pair.real).astype(np.float64)
    scores = (scores - scores.mean(0)) / np.where(scores.std(0) > 0, scores.std(0), 1.0)
    signal = np.tanh(scores[:, 0]) + (np.tanh(scores[:, -1]) ** 2 if scores.shape[1] > 1 else 0.0)
    signal -= signal.mean()

    def demonstrated(strength: float) -> float:
        p = sigmoid(strength * signal)
        return LOG2 + float((p * np.log(p) + (1 - p) * np.log(1 - p)).mean())

    if demonstrated(20.0) < PLANTED:
        return Evidence("planted signal", 1.0, RECOVERED, True, "not applicable: the reals hardly vary")
    strength = float(brentq(lambda s: demonstrated(s) - PLANTED, 0.0, 20.0))
    # One label for copies of a row, or they would sit on both sides.
    rows, fakes = row_hashes(pair.real, 0), row_hashes(pair.fake, 0)
    uniform = np.random.default_rng(seeds.integer("planted")).random(len(signal))
    _, first = np.unique(rows, return_inverse=True)
    chosen = np.where(atoms(rows, fakes), uniform, uniform[first]) < sigmoid(strength * signal)
    real, fake = pair.real[chosen], pair.real[~chosen]
    if min(len(real), len(fake)) < _FEWEST_PLANTED:
        return Evidence("planted signal", 0.0, RECOVERED, False, "too few reals to find a signal among them")
    hashes = [row_hashes(side, seeds.small("planted folds")) for side in (real, fake)]
    folds = split_sides(hashes[0], hashes[1])
    known = HeldOut(
        (),
        (),
        tuple(strength * signal[chosen][fold.real.test] for fold in folds),
        tuple(strength * signal[~chosen][fold.fake.test] for fold in folds),
    )
    truth = js(_all(known.test_real), _all(known.test_fake))
    shown, se = once(_quick, Pair(real, fake, pair.kind, pair.columns), folds, known, seeds)
    recovered, noise = shown / max(truth, 1e-9), 2 * se / max(truth, 1e-9)
    note = f"share recovered of a JS of {truth:.3f} put among the reals"
    return Evidence("planted signal", recovered, RECOVERED, recovered + noise >= RECOVERED, note)


def _quick(pair: Pair, folds: Folds, known: HeldOut, seeds: Seeds) -> tuple[float, float]:
    """JS that quick probes show, and the standard error of its difference to that of ``known`` logits."""
    found = localise.quick(pair, folds, seeds)
    return js(_all(found.test_real), _all(found.test_fake)), _paired_se(known, found)


def _null(value: float, se: float) -> Evidence:
    limit = max(3 * se, NEGLIGIBLE / 5)
    return Evidence("null control", value, limit, value <= limit, "reals against reals; 0 is the truth")
