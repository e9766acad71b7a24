r"""Planted signals: known differences put among the reals, and the share of each that the run's own probes recover.

Labels are drawn among the reals from a known logit g = sum_i g_i of several places, so that two laws with a known
optimal probe arise on this very data. Each g_i alone has a JS of `PLANTED`, or of what so few reals can show. Probes of
the run's kind are trained on the labels once, and give held-out logits f. What f has not recovered of a place is what
knowing that place would add: the gain of f + c g_i, for the best c, over f. The share recovered is 1 less that gain
over the gain of g over g without g_i. Half of every place must come back, or the run has no power there; that noise
would allow it is no excuse. Places: the leading components, the *smallest* one (where none is thinner than chance
makes it, a column), a pair of categories, a patch of a picture, a lag of a sequence.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq, minimize_scalar

from ganprobe import probes
from ganprobe.logits.calibration import calibrate, stack
from ganprobe.logits.ladder import Ladder
from ganprobe.measures.optimality.gain import joined
from ganprobe.objective import LOG2, sigmoid, softplus
from ganprobe.record.optimality import Evidence
from ganprobe.samples import pixels, scaling, sketch
from ganprobe.samples.folds import Fold, Folds, HeldOut, Split, atoms, row_hashes, split_sides
from ganprobe.samples.groups import Together
from ganprobe.samples.once import once
from ganprobe.samples.sides import Array, Floats, Pair
from ganprobe.seeds import Seeds

PLANTED = 0.02
# With few reals a place is given this JS over their number: what a sound probe of some tens of parameters learns.
_PER_REAL = 60.0
# A patch of a picture that is seen whole has few pixels, whose roughness is noisy, and may be anywhere: what labels on
# half of the reals teach of it is what the run, on all of them, learns of half as much.
_PER_REAL_OF_PATCH = 120.0
_MOST_PLANTED = 0.2
# Of the planted signal, so much must come back.
RECOVERED = 0.5
# Fewer on a side cannot be divided into parts that fit, validate and test.
_FEWEST_PLANTED = 20
# Rows that are labelled and folds that are trained: where there are more rows, as many are tested by one training.
_MOST_ROWS = 4_000
_FOLDS = 2
_MOST_ROWS_BY_THIRDS = 6_000
# Where places crowd out each other (strength beyond this) a place holds no signal of that size.
_STRONGEST = 20.0


def rows(pair: Pair, ladder: Ladder, seeds: Seeds, together: Together | None = None) -> list[Evidence]:
    """One row a place. ``together``: groups of reals that depend on each other, which stay in one fold here as well."""
    most = _MOST_ROWS_BY_THIRDS if len(pair.real) >= _MOST_ROWS_BY_THIRDS else _MOST_ROWS
    pair = replace(pair, real=pair.real[:most])
    together = together and together.of(np.arange(len(pair.real)))
    n = together.n if together else len(pair.real)
    found = signals(pair, seeds)
    sizes = {place: min(max(PLANTED, _per_real(pair, place) / n), _MOST_PLANTED) for place in found}
    logits = {place: g for place, signal in found.items() if (g := _strong(signal, sizes[place])) is not None}
    if not logits:
        return [_row("nowhere", 1.0, PLANTED, "not applicable: the reals hardly vary")]
    chosen = _labels(pair, sum(logits.values(), np.zeros(len(pair.real))), seeds, together)
    if min(chosen.sum(), (~chosen).sum()) < _FEWEST_PLANTED:
        return [_row("nowhere", 0.0, PLANTED, "too few reals to find a signal among them")]
    labelled = replace(pair, real=pair.real[chosen], fake=pair.real[~chosen])
    asked = {member.name: member.settings for member in ladder.members if member.probe is not None and _asked(member)}
    names = tuple(logits)
    each = np.stack([logits[name] for name in names], 1)
    groups = None if together is None else tuple(together.of(np.flatnonzero(side)) for side in (chosen, ~chosen))
    shares = once(_recovered, labelled, each[chosen], each[~chosen], asked, seeds, groups)
    return [_row(name, float(share), sizes[name], _HOW) for name, share in zip(names, shares, strict=True)]


_HOW = "share recovered of a JS of {size:.3f} put among the reals"


def _per_real(pair: Pair, place: str) -> float:
    return _PER_REAL_OF_PATCH if place == "local patch" and pair.sketch is None else _PER_REAL


def _row(place: str, share: float, size: float, note: str) -> Evidence:
    return Evidence(f"planted: {place}", share, RECOVERED, share >= RECOVERED, note.format(size=size))


def _asked(member: Any) -> bool:
    """A costly net takes part where the stack leans on it."""
    return member.name not in ("mlp", "conv") or member.weight >= 0.05


# -- where ---------------------------------------------------------------------


def signals(pair: Pair, seeds: Seeds) -> dict[str, Floats]:
    """What is planted at each place that such reals have, ``[n]``, of mean 0 and unknown strength."""
    return {place: np.clip(s, -3, 3) - np.clip(s, -3, 3).mean() for place, s in _places(pair, seeds) if np.ptp(s) > 0}


def _places(pair: Pair, seeds: Seeds) -> Iterator[tuple[str, Floats]]:
    n, flat = len(pair.real), scaling.flat(pair.real)
    every = Split(*(np.arange(n),) * 3)
    alone = Pair(pair.real, pair.real, pair.kind)
    scores = _scaled(scaling.reduction(alone, Fold(every, every), 2, seeds)(pair.real))
    yield "leading component", np.tanh(scores[:, 0]) + _centred(np.tanh(scores[:, -1]) ** 2)
    if sketch.is_pictures(pair):
        yield "local patch", _patch(*_roughness(pair))
    elif 2 <= pair.width <= n // 20:
        yield "smallest component", np.tanh(_smallest(flat)) ** 2
    # Pixels of few levels are no categories: a picture has components and patches.
    columns = range(flat.shape[1]) if flat.shape[1] < _WIDE and not sketch.is_pictures(pair) else ()
    codes = [j for j in columns if 2 <= len(np.unique(flat[:, j])) <= _LEVELS]
    if len(codes) > 1:
        upper = [_upper(flat[:, j]) for j in codes]
        a, b = sorted(sorted(range(len(codes)), key=lambda i: abs(upper[i].mean() - 0.5))[:2])
        yield "pair of categories", np.where(upper[a] == upper[b], 1.0, -1.0)
    if len(pair.shape) == 2 and min(pair.shape) > 1:
        yield "lag", _lag(pair.real)


# A column of no more values than this is a category; wider samples have no pairs worth the search.
_LEVELS = 20
_WIDE = 200


def _upper(column: Array) -> npt.NDArray[np.bool_]:
    """The levels above the one that divides the rows most evenly."""
    levels, counts = np.unique(column, return_counts=True)
    below = np.cumsum(counts)[:-1]
    return np.asarray(column > levels[int(np.abs(below - len(column) / 2).argmin())])


def _smallest(flat: Array) -> Floats:
    """The component of least variance that float32 can still tell from none, of columns in their own spreads.

    Columns that do not depend on each other have a smallest component by chance alone, a mixture of all of them that no
    law singles out. Where it is no thinner than that, the column with the largest part in it stands for it.
    """
    x = flat.astype(np.float64)[:, np.ptp(flat, 0) > 0]
    x = _scaled(x)
    n, d = x.shape
    if d < 2:
        return np.zeros(n)
    variance, axes = np.linalg.eigh(np.cov(x.T))
    least = int(np.argmax(variance > _RESOLVED * variance[-1]))
    # Where the spectrum of independent columns begins (Marchenko and Pastur 1967).
    if variance[least] >= (1 - math.sqrt(min(1.0, d / n))) ** 2:
        return x[:, int(np.abs(axes[:, least]).argmax())]
    return _scaled(x @ axes[:, [least]])[:, 0]


_RESOLVED = 1e-8
# Numbers of pictures looked at at once.
_AT_ONCE = 2**22


def _roughness(pair: Pair) -> tuple[Array, int]:
    """How much neighbours across differ ``[n, height, width]``, and a quarter of the side.

    Of large pictures in grey and by the blocks of their sketch, as texture is seen there.
    """
    if pair.sketch is None:
        return np.abs(np.diff(pair.real, axis=3)).mean(1), min(pair.shape[1:]) // 4
    pictures, step = sketch.full(pair.real), max(1, _AT_ONCE // math.prod(pair.sketch.shape))
    parts = (pictures(slice(start, start + step)) for start in range(0, len(pair.real), step))
    rough = (np.abs(np.diff(part.mean(1, keepdims=True), axis=3)) for part in parts)
    means = np.concatenate([pixels.block_means(part, pair.sketch.block)[:, 0] for part in rough])
    return means, min(pair.sketch.grid[1:]) // 4


def _patch(rough: Array, side: int) -> Floats:
    """How rough the liveliest patch is, ``side`` wide; ``rough`` ``[n, height, width]``."""
    height, width = (min(max(2, side), whole) for whole in rough.shape[1:])
    # Sums over all that lies above and left of a corner: those of a patch are a difference of four.
    sums = np.pad(rough.astype(np.float64).cumsum(1).cumsum(2), ((0, 0), (1, 0), (1, 0)))
    lower = sums[:, height:] - sums[:, :-height]
    patches = (lower[:, :, width:] - lower[:, :, :-width]).reshape(len(rough), -1)
    return _scaled(patches[:, [int(patches.std(0).argmax())]])[:, 0]


def _lag(sequences: Array) -> Floats:
    """Products of neighbours along the longer axis, summed."""
    n, first, second = sequences.shape
    x = _scaled(sequences.reshape(n, -1)).reshape(n, first, second)
    x = x if first >= second else x.transpose(0, 2, 1)
    return _scaled((x[:, 1:] * x[:, :-1]).mean((1, 2))[:, None])[:, 0]


def _scaled(columns: npt.NDArray[np.floating]) -> Floats:
    x = np.asarray(columns, np.float64) - np.mean(columns, 0, dtype=np.float64)
    spread = x.std(0)
    return np.asarray(x / np.where(spread > 0, spread, 1.0))


def _centred(signal: Floats) -> Floats:
    return np.asarray(signal - signal.mean())


# -- how strong, and who is who ------------------------------------------------


def _demonstrated(logit: Floats) -> float:
    """JS of the two laws that labels drawn by ``logit`` make: log 2 - h(p), without a logarithm of p."""
    p = sigmoid(logit)
    return LOG2 - float((p * softplus(-logit) + (1 - p) * softplus(logit)).mean())


def _strong(signal: Floats, size: float) -> Floats | None:
    """``signal`` times what makes its JS ``size``; None where it cannot be so much."""
    if _demonstrated(_STRONGEST * signal) <= size:
        return None
    return float(brentq(lambda s: _demonstrated(s * signal) - size, 0.0, _STRONGEST)) * signal


def _labels(pair: Pair, logit: Floats, seeds: Seeds, together: Together | None) -> npt.NDArray[np.bool_]:
    """Which reals play the reals. One throw for copies of a row, or of a group, or they would sit on both sides."""
    hashes, fakes = row_hashes(pair.real, 0), row_hashes(pair.fake, 0)
    uniform = np.random.default_rng(seeds.integer("planted")).random(len(logit))
    _, first = np.unique(hashes, return_inverse=True)
    if together is not None:
        return np.asarray(uniform[np.unique(together.groups, return_inverse=True)[1]] < sigmoid(logit))
    return np.asarray(np.where(atoms(hashes, fakes), uniform, uniform[first]) < sigmoid(logit))


# -- what comes back -----------------------------------------------------------


def _recovered(
    pair: Pair,
    real: Floats,
    fake: Floats,
    asked: Mapping[str, Any],
    seeds: Seeds,
    groups: tuple[Together, ...] | None = None,
) -> tuple[float, ...]:
    """The share recovered of each place's logits ``[n, places]``, by the probes ``asked`` for with their settings."""
    hashes = [row_hashes(side, seeds.small("planted folds")) for side in (pair.real, pair.fake)]
    thirds = len(real) + len(fake) >= _MOST_ROWS_BY_THIRDS
    divided = split_sides(hashes[0], hashes[1], *(groups or ()), thirds=thirds)
    folds = Folds(divided.folds[: 1 if thirds else _FOLDS])
    found = _trained(pair, folds, asked, seeds)
    logits, known = (
        np.concatenate([joined(real), joined(fake)])
        for real, fake in (
            (found.test_real, found.test_fake),
            (tuple(real[f.real.test] for f in folds), tuple(fake[f.fake.test] for f in folds)),
        )
    )
    total = known.sum(1)
    fair = sigmoid(total)
    shares = []
    for own in known.T:
        worth = _shown(total, fair) - _shown(total - own, fair)
        shares.append(1 - _gain(logits, own, fair) / worth if worth > 0 else 0.0)
    return tuple(shares)


def _trained(pair: Pair, folds: Folds, asked: Mapping[str, Any], seeds: Seeds) -> HeldOut:
    members = []
    for name, settings in asked.items():
        probe = probes.member(name).fit(pair, folds, settings, seeds, "cpu")
        members.append(calibrate(probes.score(probe, pair, folds)))
    return stack(members)[0]


def _shown(logits: Floats, fair: Floats) -> float:
    """The JS that ``logits`` show of rows that are real with the probability ``fair``, whatever their labels became.

    The labels of tested rows are a throw that is known to be fair: what it happened to give would be noise, as much as
    a quarter of what is planted among a thousand reals.
    """
    real, fake = fair / fair.mean(), (1 - fair) / (1 - fair).mean()
    return LOG2 - float((real * softplus(-logits) + fake * softplus(logits)).mean()) / 2


def _gain(logits: Floats, signal: Floats, fair: Floats) -> float:
    """What the best multiple of ``signal`` adds to what ``logits`` show."""
    best = minimize_scalar(lambda c: -_shown(logits + c * signal, fair), bounds=(-0.5, 2))
    gain = -float(best.fun) - _shown(logits, fair)
    return max(0.0, gain) if math.isfinite(gain) else math.inf
