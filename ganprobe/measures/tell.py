"""The tell: the simplest view that shows nearly all of the difference, in words, and what is left without it.

Raw JS of a generator is often near log 2 for a dull reason: too many nearly black pixels, a column without its zeros.
The tell names the reason, so that it can be mended, and says what the coarser views still show when it is taken away,
so that what the generator has learned is seen. Views are tried from the one that is simplest to look at; which of them
keeps `KEEPS` of the headline is judged on the val part, and the numbers that are told are those of the test part.

The fact beside it is a single event, "column age is above 80" or "pixels are exactly black", and its share on either
side: the event whose own JS is largest on the fit part, counted on the test part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from ganprobe.measures.localise import Row, excerpt
from ganprobe.objective import js_of_masses
from ganprobe.samples.digits import OURS
from ganprobe.samples.folds import Folds
from ganprobe.samples.gauge import Gauge
from ganprobe.samples.sides import Array, Pair
from ganprobe.seeds import Seeds
from ganprobe.views.columns import names_in

# The share of the headline that a view must keep to be the tell.
KEEPS = 0.95
# Less than this is beneath telling, whatever its share is of.
_LEAST = 0.005
_ROWS = 4_000


def tell(headline: Row, rows: Sequence[Row], pair: Pair, folds: Folds, seeds: Seeds) -> tuple[str | None, str]:
    """The tell of ``pair``, or None and why there is none. ``rows`` are those below ``headline``."""
    whole = headline.record
    if whole.floor <= 0 or whole.js < _LEAST:
        return None, "no difference is certified that a view could show"
    candidates = [r for r in rows if _kind(r) in _SIMPLEST_FIRST]
    if not candidates:
        return None, "no view of such samples is simpler than they are"
    found = simplest(headline, rows)
    if found is None:
        best = max(candidates, key=lambda r: r.val)
        share = f"{max(best.record.js, 0) / whole.js:.0%}"
        return None, f"no simple view keeps {KEEPS:.0%} of it; through {best.chain.words} {share} show"
    share = f"{min(found.record.js / whole.js, 1.0):.0%}"
    shows = f"Through {found.chain.words} alone {found.record.js:.3f} of {whole.js:.3f} nats show ({share})"
    return ": ".join(filter(None, (shows, _fact(found, pair, folds, seeds)))) + "." + _beyond(found, rows, whole.js), ""


def simplest(headline: Row, rows: Sequence[Row]) -> Row | None:
    """The simplest of ``rows`` that keeps the ``headline``, judged on the val part; None where none does."""
    whole = headline.record
    if whole.floor <= 0 or whole.js < _LEAST:
        return None
    candidates = (r for r in rows if _kind(r) in _SIMPLEST_FIRST)
    keeping = [r for r in candidates if r.val >= KEEPS * headline.val and r.record.js > 0]
    return min(keeping, key=lambda r: (_effort(r), -r.val), default=None)


# From what a person sees at a glance to what takes many numbers. Views that leave nearly everything (a little noise,
# all columns but one) are not simpler than the sample: that they keep a difference names nothing.
_SIMPLEST_FIRST = (
    *("a column", "histogram", "highpass", "statistics", "two columns", "pca", "blocks", "threshold+blocks"),
    *("threshold", "features"),
)


def _kind(row: Row) -> str:
    """The view by name; of columns, how many are kept."""
    kept = len(names_in(row.chain.steps[0][1].keep)) if row.chain.name == "columns" else 0
    return {1: "a column", 2: "two columns"}.get(kept, row.chain.name)


def _effort(row: Row) -> tuple[int, int]:
    """How much there is to look at; of two sizes of blocks, the larger first."""
    last = row.chain.steps[-1][1]
    return _SIMPLEST_FIRST.index(_kind(row)), -last.size if row.chain.name == "blocks" else 0


# Views that are blind to grey levels and fine detail, or nearly so.
_WITHOUT_GREYS = "threshold+blocks"


def _beyond(found: Row, rows: Sequence[Row], whole: float) -> str:
    """What is left when the tell is taken away."""
    name, settings = found.chain.steps[-1]
    if name == "columns":
        told = set(names_in(settings.keep))
        left = [r for r in rows if r.chain.name == name and told and told <= set(names_in(r.chain.steps[0][1].drop))]
    elif name in ("histogram", "highpass", "statistics"):
        left = [r for r in rows if r.chain.name == _WITHOUT_GREYS]
    else:
        left = []
    if not left:
        return ""
    js = max(left[0].record.js, 0.0)
    return f" Without it, through {left[0].chain.words}, {js:.3f} nats ({js / whole:.0%}) are left."


# -- the fact beside it --------------------------------------------------------

# An event of less JS than this tells a reader nothing.
_TELLING = 0.005
_QUANTILES = np.linspace(0, 1, 17)[1:-1]
# A value this frequent on a side is an event of its own.
_FREQUENT = 0.02

_Test = Callable[[Array], npt.NDArray[np.bool_]]


@dataclass(frozen=True, slots=True)
class _Event:
    """``what`` happens in a share of each side."""

    what: str
    real: float
    fake: float

    @property
    def js(self) -> float:
        """JS of the event alone."""
        return js_of_masses(np.array((self.real, 1 - self.real)), np.array((self.fake, 1 - self.fake)))


def _fact(found: Row, pair: Pair, folds: Folds, seeds: Seeds) -> str:
    """The most telling event in what ``found`` shows, with its share on both sides; "" where none tells anything."""
    real, fake, few = excerpt(pair.real, pair.fake, folds, (_ROWS, 1, _ROWS))
    fold = few.folds[0]
    seen = found.chain.apply(replace(pair, real=real, fake=fake), fold, seeds)
    fit, test = (
        (_flat(seen.real[getattr(fold.real, part)]), _flat(seen.fake[getattr(fold.fake, part)]))
        for part in ("fit", "test")
    )
    if found.chain.steps[-1][0] == "histogram":
        kinds = [(j, _Event(name, *(float(side[:, j].mean()) for side in fit))) for j, name in enumerate(seen.columns)]
        j, kind = max(kinds, key=lambda k: k[1].js)
        if kind.js >= _TELLING:
            return _pixels(kind.what, *(float(side[:, j].mean()) for side in test))
    shown = _Coordinates(_names(seen, found.chain.steps[-1][0]), seen.gauge)
    best = max(_events(*fit, shown), key=lambda e: e[0].js, default=None)
    if best is None or best[0].js < _TELLING:
        return ""
    shares = [float(best[1](side).mean()) for side in test]
    return f"{best[0].what} in {_percent(shares[1])} of the fakes, against {_percent(shares[0])} of the reals"


def _flat(values: Array) -> Array:
    return values.reshape(len(values), -1)


def _pixels(kind: str, real: float, fake: float) -> str:
    kind, _, values = kind.partition(" (")
    values = f" ({values}" if values else ""
    low, high = sorted((real, fake))
    shares = f"{_percent(fake)} of the pixels, against {_percent(real)}"
    if high < 1.5 * low or low == 0:
        return f"of the fakes {shares} of the reals' are {kind}{values}"
    ratio = f"{float(f'{high / low:.2g}'):g}"
    times = f"{ratio} times as many" if fake > real else f"{ratio} times fewer"
    return f"the fakes have {times} {kind} pixels{values}: {_percent(fake)} against {_percent(real)}"


def _percent(share: float) -> str:
    return "under 0.1%" if 0 < share < 0.001 else f"{100 * share:.2g}%" if share < 0.995 else f"{100 * share:.3g}%"


def _events(real: Array, fake: Array, coordinates: _Coordinates) -> Iterator[tuple[_Event, _Test]]:
    """Events of each column: above a quantile of both sides, or exactly a frequent value."""
    for j in range(len(coordinates.names)):
        beside = coordinates.beside(j)
        if beside is None:
            continue
        r, f = (side[_plain(beside, side), j] for side in (real, fake))
        tests: list[tuple[str, _Test]] = [
            (coordinates.exactly(j, value), partial(_equal, j, value, beside))
            for value in np.unique(np.concatenate([_frequent(side) for side in (r, f)]))
        ]
        both = np.concatenate((r, f))
        for edge in np.unique(np.quantile(both, _QUANTILES, method="nearest")) if len(both) else ():
            tests.append((coordinates.above(j, edge), partial(_above, j, edge, beside)))
        for what, holds in tests:
            yield _Event(what, float(holds(real).mean()), float(holds(fake).mean())), holds


def _frequent(column: Array) -> Array:
    values, counts = np.unique(column, return_counts=True)
    return values[counts >= _FREQUENT * len(column)]


def _plain(beside: Sequence[int], rows: Array) -> npt.NDArray[np.bool_]:
    """The rows that none of the levels ``beside`` a number says anything of."""
    return np.asarray(~(rows[:, list(beside)] > 0).any(1), np.bool_)


def _above(j: int, edge: float, beside: Sequence[int], rows: Array) -> npt.NDArray[np.bool_]:
    return np.asarray((rows[:, j] > edge) & _plain(beside, rows))


def _equal(j: int, value: float, beside: Sequence[int], rows: Array) -> npt.NDArray[np.bool_]:
    return np.asarray((rows[:, j] == value) & _plain(beside, rows))


@dataclass(frozen=True, slots=True)
class _Coordinates:
    """What a view shows, in a reader's words and numbers: those that stand in the file."""

    names: list[str]
    gauge: Gauge | None

    def beside(self, j: int) -> tuple[int, ...] | None:
        """The levels that stand in for the number ``j`` where there is none (``age=missing``).

        None where the coordinate itself is no number of the file (``city=code``).
        """
        column, equals, level = self.names[j].partition("=")
        if equals:
            return None if level in OURS else ()
        return tuple(k for k, name in enumerate(self.names) if name.startswith(f"{column}="))

    def exactly(self, j: int, value: float) -> str:
        """A level of a category, coded as 0 or 1 in ``column=level``, or a number."""
        column, equals, level = self.names[j].partition("=")
        if equals and value in (0, 1):
            return f"{column} is {'' if value else 'not '}{level}"
        return f"{self.names[j]} is {self._text(j, value, 6)}"

    def above(self, j: int, edge: float) -> str:
        """That the number is above ``edge``."""
        return f"{self.names[j]} is above {self._text(j, edge, 4)}"

    def _text(self, j: int, value: float, digits: int) -> str:
        return f"{value:.{digits}g}" if self.gauge is None else self.gauge.text(j, value, digits)


def _names(seen: Pair, view: str) -> list[str]:
    if seen.columns:
        return list(seen.columns)
    if seen.kind == "image":
        thing = "block" if view == "blocks" else "pixel"
        return [f"the {thing} in row {y + 1}, column {x + 1}" for _, y, x in np.ndindex(seen.shape)]
    return [f"{'component' if view == 'pca' else 'coordinate'} {i + 1}" for i in range(seen.width)]
