"""Known differences put into samples of an unknown law, so that the estimator can be judged on a user's own data.

The law P is that of a file's rows. The reals are one half of them, the fakes the other half with a change whose JS
does not depend on what P is:

- a part S of the space, of mass s, becomes likelier or rarer: JS is that of (s, 1 - s) against the new masses;
- a share of the fakes moves to where no row is: JS is that of a missing mass.

S is where the leading principal component of the rows is large, so that finding it takes what the data look like.
Halves are by the hash of the rows, as in the null control: copies of a row stay on one side, and are never in the
fit part and the test part at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq

from ganprobe.errors import InputError
from ganprobe.known.truths import Sampler, Truth
from ganprobe.objective import js_of_cells, js_of_masses
from ganprobe.samples import scaling
from ganprobe.samples.folds import Fold, Split, row_hashes, split_halves
from ganprobe.samples.sides import Array, Floats, Kind, Pair
from ganprobe.seeds import Seeds

# The share of the rows that S holds, where ties allow it, and the share of the fakes that is moved away.
_PART = 0.2
_MOVED = 0.2


class Planted:
    """Rows ``[n, *shape]`` in the units that probes see, and the pairs that are made of them."""

    def __init__(self, values: Array, kind: Kind, seeds: Seeds) -> None:
        self._kind = kind
        hashes = row_hashes(values, seeds.small("planted"))
        # Row by row: halves of whole values would have nothing in common where the law is discrete.
        halves = split_halves(hashes, hashes)
        self._real, self._fake = (values[half] for half in halves)
        rows = np.arange(len(values), dtype=np.int64)
        everything = Split(rows, rows, rows)
        self._reduced = scaling.reduction(Pair(values, values, kind), Fold(everything, everything), 1, seeds)
        scores = self._score(values)
        lower = scores[scores < scores.max()]
        if not len(lower):
            raise InputError("the rows of the data hardly vary", "a difference can only be put into data that vary")
        # The second condition is for ties: S must hold something.
        self._above = float(min(np.quantile(scores, 1 - _PART, method="lower"), lower.max()))
        self._mass = float((scores > self._above).mean())
        flat = scaling.flat(values)
        self._column = int(flat.std(0).argmax())
        self._most = float(flat[:, self._column].max())
        self._beyond = self._most + float(np.ptp(flat[:, self._column]))

    @property
    def n(self) -> int:
        """The most samples a side that there are."""
        return min(len(self._real), len(self._fake))

    @property
    def suite(self) -> dict[str, Callable[[], Truth]]:
        """The pairs by name."""
        return {"same": self.same, "dropped": self.dropped, "faded": self.faded, "moved": self.moved}

    def same(self) -> Truth:
        """Reals against reals: JS = 0."""
        return self._truth("same", 0.0, self._drawn(self._fake), lambda x: np.zeros(len(x)))

    def dropped(self) -> Truth:
        """The fakes have nothing of S."""
        return self._reweighted("dropped", 1.0)

    def faded(self, loss: float = 0.5) -> Truth:
        """The fakes lost the share ``loss`` of S."""
        return self._reweighted("faded", loss)

    def moved(self, share: float = _MOVED) -> Truth:
        """A share of the fakes has one coordinate, that of the greatest variance, beyond all that is in the data."""
        pick = self._drawn(self._fake)

        def fake(rng: np.random.Generator, n: int) -> Floats:
            rows = pick(rng, n)
            rows.reshape(len(rows), -1)[rng.random(len(rows)) < share, self._column] = self._beyond
            return rows

        def logit(x: Floats) -> Floats:
            return np.where(x.reshape(len(x), -1)[:, self._column] > self._most, -np.inf, -math.log1p(-share))

        return self._truth("moved", js_of_cells((1.0, 0.0), (1 - share, share)), fake, logit)

    def faded_to(self, js: float) -> Truth | None:
        """S faded until JS is ``js``; None where even its absence is less."""
        if self._js(1.0) <= js:
            return None
        return self.faded(float(brentq(lambda loss: self._js(loss) - js, 0.0, 1.0)))

    def _masses(self, loss: float) -> tuple[Floats, Floats]:
        left = self._mass * (1 - loss)
        return np.array([self._mass, 1 - self._mass]), np.array([left, 1 - self._mass]) / (left + 1 - self._mass)

    def _js(self, loss: float) -> float:
        return js_of_masses(*self._masses(loss))

    def _reweighted(self, name: str, loss: float) -> Truth:
        inside = self._score(self._fake) > self._above
        with np.errstate(divide="ignore"):
            real, fakes = (np.log(masses) for masses in self._masses(loss))
        odds: Floats = real - fakes

        def fake(rng: np.random.Generator, n: int) -> Floats:
            kept = self._fake[~(inside & (rng.random(len(inside)) < loss))]
            return self._drawn(kept)(rng, n)

        def logit(x: Floats) -> Floats:
            return odds[np.where(self._score(x.astype(np.float32)) > self._above, 0, 1)]

        return self._truth(name, self._js(loss), fake, logit)

    def _truth(self, name: str, js: float, fake: Sampler, logit: Callable[[Floats], Floats]) -> Truth:
        return Truth(name, js, self._drawn(self._real), fake, logit, self._kind)

    def _drawn(self, rows: Array) -> Sampler:
        """Rows without replacement; where there are fewer than asked for, all of them."""
        return lambda rng, n: np.asarray(rows[rng.permutation(len(rows))[:n]], np.float64)

    def _score(self, values: Array) -> Floats:
        return np.asarray(self._reduced(values)[:, 0], np.float64)
