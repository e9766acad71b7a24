"""JS through every view: where the mismatch lives.

Each row is a valid lower bound of the raw JS: the kernel is the same on both sides, and the rows' own probe (boosting
and logistic regression, stacked: seconds, not minutes) is scored on held-out samples like any other. Rows that keep
what the headline shows say that the difference is already visible there; rows that lose it say that it is finer. What
a row is about is never chosen by what it shows on the test part: columns are chosen on the fit part.

Where one view is a function of another, what it shows the other shows too (`nested`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np

from ganprobe import probes, views
from ganprobe.logits.batch_means import batches
from ganprobe.logits.calibration import calibrate, stack
from ganprobe.logits.reading import read
from ganprobe.measures import column_ranking
from ganprobe.objective import LOG2, js
from ganprobe.plan import Budget, Plan
from ganprobe.record.headline import BatchRecord
from ganprobe.record.views import ViewRecord
from ganprobe.samples.folds import Fold, Folds, HeldOut, Split
from ganprobe.samples.sides import Array, Indices, Pair
from ganprobe.seeds import Seeds
from ganprobe.views import Chain
from ganprobe.views.columns import listed

T = TypeVar("T")

# The probes of a row: trees see atoms and thresholds, the quadratic form sees smooth shifts and scales.
QUICK = ("logistic", "boosting")
# Steps of either; trees are smaller, learn faster and see fewer columns than at `fast`, for what is seen is simple.
_ITERATIONS = 40
_TREES = {"rate": 0.2, "leaves": 8, "patience": 6, "most_columns": 100}
# Rows of each side that a row of the table is fitted, calibrated and tested on, and the most folds, each of which costs
# its own training. Two decimals need no more.
_ROWS = {"fast": (2_000, 1_000, 1_000), "standard": (4_000, 1_500, 2_000), "thorough": (4_000, 1_500, 2_000)}
# For a checkpoint of a series, a tenth of the time.
_FEW_ROWS = (1_500, 500, 1_500)
_MOST_FOLDS = 2
# Of log 2, what val shows where no second probe is needed.
_ALL = 0.998


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: ``chain`` leads to it from the headline, ``val`` is what the val part shows.

    ``batches``: see `ganprobe.logits.batch_means`.
    """

    chain: Chain
    record: ViewRecord
    val: float
    batches: BatchRecord | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What the quick probes saw through one view, held out, and in how many seconds."""

    logits: HeldOut
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """An excerpt ``pair`` of the samples, its ``folds``, and what was seen of it through each view of its `family`."""

    pair: Pair
    folds: Folds
    through: Mapping[Chain, Look]


def look(plan: Plan, pair: Pair, folds: Folds, seeds: Seeds) -> Looks:
    """A look through every view at some rows of ``pair``."""
    real, fake, few = excerpt(pair.real, pair.fake, folds, _FEW_ROWS if plan.series else _ROWS[plan.budget])
    seen = replace(pair, real=real, fake=fake)
    return Looks(seen, few, {chain: look_through(chain, seen, few, seeds) for chain in family(plan, seen, few)})


def look_through(chain: Chain, pair: Pair, folds: Folds, seeds: Seeds) -> Look:
    """A look at ``pair`` through one view."""
    start = time.perf_counter()
    logits = quick(chain.apply(pair, folds.folds[0], seeds), folds, seeds)
    return Look(logits, time.perf_counter() - start)


def tabulate(looks: Looks, before: Chain, headline: Row, seeds: Seeds) -> tuple[Row, ...]:
    """The rows below ``headline``, in the order of `family` and `nested`; ``before`` leads to what was looked at."""
    return nested(headline, [_through(chain, looks, before, seeds) for chain in looks.through])


def _through(chain: Chain, looks: Looks, before: Chain, seeds: Seeds) -> Row:
    whole, seen = Chain(before.steps + chain.steps), looks.through[chain]
    own = row(chain, whole.name, seen.logits, seeds, whole.settings, seen.seconds)
    # Fakes of the same latents have the same places here.
    fakes = np.arange(len(looks.pair.fake), dtype=np.int64)
    return replace(own, batches=batches(seen.logits, looks.folds, looks.pair.real, fakes))


def row(chain: Chain, name: str, logits: HeldOut, seeds: Seeds, settings: Mapping[str, Any], seconds: float) -> Row:
    """What held-out ``logits`` say, as a row of the table of views."""
    record = ViewRecord(name, read(logits, seeds), dict(settings), seconds)
    return Row(chain, record, js(np.concatenate(logits.val_real), np.concatenate(logits.val_fake)))


def quick(pair: Pair, folds: Folds, seeds: Seeds) -> HeldOut:
    """Stacked held-out logits of the quick probes; of the first alone where it leaves nothing to find."""
    logits: list[HeldOut] = []
    for name in QUICK:
        if any(js(np.concatenate(seen.val_real), np.concatenate(seen.val_fake)) > _ALL * LOG2 for seen in logits):
            break
        member = probes.MEMBERS[name]
        small = _TREES if name == "boosting" else {}
        settings = replace(member.settings("fast", pair), iterations=_ITERATIONS, **small)
        probe = member.fit(pair, folds, settings, seeds, "cpu")
        logits.append(calibrate(probes.score(probe, pair, folds)))
    return stack(logits)[0]


def nested(headline: Row, rows: Sequence[Row]) -> tuple[Row, ...]:
    """``rows`` such that none shows more than one that it is a function of.

    What a coarser view shows, a finer one shows too, even where the finer one's own probe missed it: by what the val
    part shows, the finer row takes over the coarser one's numbers. What is left is the noise of the test part. There
    the coarser row comes down to the finer one's number, which is true of it a fortiori: every row stays a lower bound,
    and none is the best of several read on the test part. A row that is certified to show more than the headline's
    interval is left there: then the headline's probes missed something.
    """
    raised = []
    for fine in rows:
        best = max((r for r in rows if fine.chain.covers(r.chain)), key=lambda r: r.val)
        raised.append(fine if fine.val >= best.val else _reading(fine, best))
    lowered = []
    for coarse in raised:
        over = [r for r in raised if r.chain.covers(coarse.chain)]
        if coarse.record.floor <= headline.record.high:
            over.append(headline)
        lowest = min(over, key=lambda r: r.record.js)
        lowered.append(coarse if coarse.record.js <= lowest.record.js else _reading(coarse, lowest))
    return tuple(lowered)


def _reading(own: Row, other: Row) -> Row:
    """The row ``own`` with the numbers of ``other``."""
    return Row(own.chain, replace(own.record, bound=other.record.bound), other.val, other.batches)


# -- which views ---------------------------------------------------------------

# Of more columns the worst, by a look at the fit part: alone, in pairs, and left out one after the other.
_MOST_COLUMNS = {"fast": (6, 2, 2), "standard": (12, 3, 3), "thorough": (12, 3, 3)}
_BLOCKS = (2, 4, 8)
# Hides fine detail, leaves shapes, leaves next to nothing: shares of a picture's range, of a column's spread.
_NOISE = (0.1, 0.3, 1.0)
_DECIMALS = (1, 0)
# A row of more columns than this costs what the cheap probes do, and one of each kind is measured.
_WIDE = 64
# Below this side a picture has too few 4x4 blocks to show what is in it.
_SMALL_PICTURE = 16


def family(plan: Plan, pair: Pair, folds: Folds) -> list[Chain]:
    """The views worth a row for such samples, with the settings that ``plan`` gives them.

    Settings of a view that is the headline are meant for it, not for what is looked at behind it.
    """
    fold = folds.folds[0]
    headline = tuple(f"views.{name}." for name in (plan.view or "").split("+"))
    plan = replace(plan, settings={k: value for k, value in plan.settings.items() if not k.startswith(headline)})

    def single(name: str, **changes: Any) -> Chain:
        return Chain(((name, views.settings(plan, name, **changes)),))

    chains = []
    if pair.sketch is not None:
        return [*_of_sketch(single, pair.sketch.block), *([single("features")] if plan.features else [])]
    if pair.kind == "image":
        side = min(pair.shape[1:])
        coarse = views.settings(plan, "blocks", size=4 if side >= _SMALL_PICTURE else 2)
        chains += [single(name) for name in ("histogram", "statistics", "highpass", "threshold")]
        chains += [single("threshold").then("blocks", coarse)]
        chains += [single("blocks", size=size) for size in _BLOCKS if 2 * size <= side]
        chains += [single("blur")]
    else:
        chains += [single("columns", **changes) for changes in _columns(pair, fold, plan.budget)]
        chains += [single("block_means"), single("spectrogram")]
        chains += [single("rounding", decimals=decimals) for decimals in _few(pair, _DECIMALS)]
    chains += [single("noise", sigma=sigma) for sigma in _few(pair, _sigmas(pair, fold))]
    chains += [single("pca")]
    chains += [single("features")] if plan.features else []
    applying = [c for c in chains if views.MEMBERS[c.steps[0][0]].applies(pair) is None]
    distinct = list(dict.fromkeys(applying))  # settings of the plan may have made two of them one
    return _of_series(distinct) if plan.series else distinct


# What may be the tell at a glance, and what is blind to it.
_AT_A_GLANCE = ("histogram", "statistics", "threshold", "threshold+blocks", "features")
_WORST_COLUMNS = 3


def _of_series(chains: list[Chain]) -> list[Chain]:
    """Those of ``chains`` that a series is read by."""
    columns = [c for c in chains if c.name == "columns"]
    alone, dropping = ([c for c in columns if getattr(c.steps[0][1], name)] for name in ("keep", "drop"))
    noise = [c for c in chains if c.name == "noise"]
    few = [c for c in chains if c.name in _AT_A_GLANCE]
    return [*few, *alone[:_WORST_COLUMNS], *dropping, *noise[len(noise) // 2 : len(noise) // 2 + 1]]


def _of_sketch(single: Callable[..., Chain], block: int) -> Iterator[Chain]:
    """What a sketch tells by itself, and coarser pictures: its block means, which lie ``block`` pixels apart."""
    yield from (single(name) for name in ("histogram", "statistics", "highpass"))
    yield from (single("blocks", size=size * block) for size in (1, 2, 4))
    coarse = single("blocks", size=block)
    for name, changes in (("threshold", {}), *(("noise", {"sigma": sigma}) for sigma in _NOISE), ("pca", {})):
        yield coarse.then(*single(name, **changes).steps[0])


def _columns(pair: Pair, fit: Fold, budget: Budget) -> list[dict[str, str]]:
    """Settings of the view `columns`: the worst ones alone, pairs, and all but the worst."""
    if views.MEMBERS["columns"].applies(pair) is not None:
        return []
    worst = column_ranking.columns(pair, fit)
    alone, pairs, dropped = _MOST_COLUMNS[budget]
    rows = [{"keep": listed([name])} for name in worst[:alone]]
    if len(worst) > 2:
        rows += [{"keep": listed(names)} for names in column_ranking.pairs(pair, fit, worst)[:pairs]]
    left_out = _few(pair, tuple(range(1, 1 + min(dropped, len(worst) - 2))))
    return rows + [{"drop": listed(worst[:n])} for n in left_out]


def _few(pair: Pair, settings: tuple[T, ...]) -> tuple[T, ...]:
    """The middle one alone for wide arrays and tables."""
    middle = (len(settings) - 1) // 2
    return settings[middle : middle + 1] if pair.kind != "image" and pair.width > _WIDE else settings


def _sigmas(pair: Pair, fold: Fold) -> tuple[float, ...]:
    """The ladder of noise, in the unit of the kind; arrays have no unit but their own spread."""
    if pair.kind != "array":
        return _NOISE
    fit = np.concatenate((pair.real[fold.real.fit], pair.fake[fold.fake.fit]))
    spread = float(np.median(fit.reshape(len(fit), -1).std(0, dtype=np.float64)))
    return tuple(float(f"{share * spread:.2g}") for share in _NOISE) if spread > 0 else _NOISE


# -- fewer rows ----------------------------------------------------------------


def excerpt(real: Array, fake: Array, folds: Folds, most: tuple[int, int, int]) -> tuple[Array, Array, Folds]:
    """The rows of a few folds: ``most`` are those of a side's fit, val and test part, the last over all folds.

    Returns both sides with no other rows, and the folds renumbered to them.
    """
    n_fit, n_val, n_test = most
    needed = min(-(-n_test // max(1, len(folds.folds[0].real.test))), len(folds), _MOST_FOLDS)
    each = -(-n_test // needed)
    sides, parts = [], []
    for values, name in ((real, "real"), (fake, "fake")):
        own: list[Split] = [getattr(fold, name) for fold in folds.folds[:needed]]
        cut = [(s.fit[:n_fit], s.val[:n_val], s.test[:each]) for s in own]
        rows: Indices = np.unique(np.concatenate([part for split in cut for part in split]))
        sides.append(values[rows])
        parts.append([Split(*(np.searchsorted(rows, part) for part in split)) for split in cut])
    return sides[0], sides[1], Folds(tuple(Fold(r, f) for r, f in zip(*parts, strict=True)))
