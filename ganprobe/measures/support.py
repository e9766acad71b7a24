"""Support: which part of each side the other one reaches, and how many dimensions each fills.

**Covered mass.** With D* = p/(p+q) and f its logit, e^f = p/q wherever q > 0, so E_Q[e^f] is the mass of P on the
support of Q: 7/8 where a generator keeps seven of eight equal modes. Odds are capped at M = 50, or a few would be all:

    E_Q[min(e^f, M)] = E_P[min(1, M q/p)]

is the mass that the generator reaches at no less than 1/M of its density, and likewise with the sides exchanged. Both
are 1 for equal laws whatever the dimension, which no measure made of nearest neighbours is; above 1 the probe is too
sure.

**What that cannot tell.** Where logits thin out gradually, as between Gaussians or sequences, p/q has a heavy tail: the
mean of its values on a sample is .2 to 1.3 where the truth is 1, and what lies above M is rare there, not absent. The
mass is then a lower bound, and the interval goes up to 1. It is a share only where the logits leave a gap below log M
(`ganprobe.logits.bounds.resolved`): a mode is reached or it is not.

**What that costs.** Let A be where f > log M and B where f < -log M. JS is at least that of the masses of A, B and the
rest, whatever f is, and it is least at the ends of their intervals (it is convex, and rises with the mass of reals in A
and of fakes in B). Where a share a of the reals is in A and b of the fakes in B, and nothing else is there, that is

    (a + b)/2 log 2 + (2 - a - b)/2 [log 2 - h((1 - a)/(2 - a - b))].

**Precision and recall** (Sajjadi et al. 2018): at slope l the precision is the mass of min(l p, q), the recall that of
min(p, q/l). The likelihood-ratio test at l p = q reads both from its errors (Simon, Webster and Rabin 2019), and so any
probe overstates them.

**Density and coverage** (Naeem et al. 2020, k = 5): how many balls around reals a fake falls into, and how many such
balls hold a fake. Equal laws do not give 1 in many dimensions, so both are divided by what half of the reals scores
against the other half, from as many points.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from scipy import stats

from ganprobe.logits.bounds import MOST_ODDS, covered_mass
from ganprobe.measures import clusters, dimensions, memorisation
from ganprobe.measures.study import Study
from ganprobe.objective import js_of_cells
from ganprobe.plan import Budget
from ganprobe.record.memorisation import CopiesRecord
from ganprobe.record.support import Extreme, SupportRecord, TradeOff
from ganprobe.samples import thumbnails
from ganprobe.samples.draw import subsample
from ganprobe.samples.folds import Fold, Folds, HeldOut
from ganprobe.samples.neighbours import nearest
from ganprobe.samples.scaling import reduction, scaler
from ganprobe.samples.sides import Array, Floats, Indices, Origin, Pair, SideOrigin
from ganprobe.seeds import Seeds

MISMATCH_BELOW = 0.9
# Each of the four masses that the least JS is computed from has its share of the error.
_MASS_ALPHA = 0.05 / 4

_POINTS = {"fast": 2_000, "standard": 4_000, "thorough": 4_000}
_NEIGHBOURS = 5
_METRIC_DIMS = 64

_CURVE_POINTS = 19
_EXTREMES = 12


NEEDS = "probes"


def measure(study: Study) -> dict[str, SupportRecord]:
    """The support as the study's stack sees it."""
    drawn, latent = study.drawn, study.source.record.latent
    size = math.prod(latent) if latent else None
    logits, budget = study.ladder.logits, study.plan.budget
    return {"support": supports(logits, drawn.pair, drawn.folds, drawn.origin, size, study.seeds, budget)}


def supports(
    logits: HeldOut, pair: Pair, folds: Folds, origin: Origin, latent: int | None, seeds: Seeds, budget: Budget
) -> SupportRecord:
    """How far the supports of both sides agree, and which samples show that they do not.

    ``logits``: calibrated, held out, of ``folds``. ``pair``: both sides after the same quantisation; the fit part of
    the first fold is what scales and clusters are taken from.
    """
    real_logit, fake_logit = np.concatenate(logits.test_real), np.concatenate(logits.test_fake)
    fold, most = folds.folds[0], _POINTS[budget]
    real_covered, real_low, real_high = covered_mass(fake_logit, real_logit, seeds, "real")
    fake_covered, fake_low, fake_high = covered_mass(-real_logit, -fake_logit, seeds, "fake")
    density, coverage, null_density, null_coverage = _density_and_coverage(pair, fold, most, seeds)
    near = _Near(pair, fold, most, seeds)
    missed = _largest([fold.real.test for fold in folds], real_logit)
    stray = _largest([fold.fake.test for fold in folds], -fake_logit)
    return SupportRecord(
        real_covered=real_covered,
        real_covered_low=real_low,
        real_covered_high=real_high,
        fake_covered=fake_covered,
        fake_covered_low=fake_low,
        fake_covered_high=fake_high,
        density=density,
        coverage=coverage,
        null_density=null_density,
        null_coverage=null_coverage,
        dimension=dimensions.measure(pair, fold, latent, most, seeds),
        mismatch=real_high < MISMATCH_BELOW or fake_high < MISMATCH_BELOW,
        js_floor=js_floor(real_logit, fake_logit),
        curve=tuple(_trade_off(slope, real_logit, fake_logit) for slope in _slopes()),
        modes=clusters.measure(pair, fold, origin, seeds),
        missed_reals=near.extremes(*missed, "real", origin.real),
        stray_fakes=near.extremes(*stray, "fake", origin.fake),
        copies=near.copies(origin),
    )


def js_floor(real_logit: Floats, fake_logit: Floats) -> float:
    """The least JS, in nats, at 95 %, given how many of either side lie where the other is fifty times rarer."""
    bound = math.log(MOST_ODDS)
    a = _least(real_logit > bound), _most(fake_logit > bound)
    b = _most(real_logit < -bound), _least(fake_logit < -bound)
    rest = 1 - a[0] - b[0], 1 - a[1] - b[1]
    found = [0.0]
    # Only in this order of the odds is JS least at these ends of the intervals.
    if a[0] > a[1]:
        found.append(js_of_cells((a[0], 1 - a[0]), (a[1], 1 - a[1])))
    if b[1] > b[0]:
        found.append(js_of_cells((b[0], 1 - b[0]), (b[1], 1 - b[1])))
    if min(rest) > 0 and a[0] * rest[1] >= a[1] * rest[0] and rest[0] * b[1] >= rest[1] * b[0]:
        found.append(js_of_cells((a[0], b[0], rest[0]), (a[1], b[1], rest[1])))
    return max(found)


def _least(hits: npt.NDArray[np.bool_]) -> float:
    """Clopper and Pearson's lower limit of a share."""
    k, n = int(hits.sum()), len(hits)
    return float(stats.beta.ppf(_MASS_ALPHA, k, n - k + 1)) if k else 0.0


def _most(hits: npt.NDArray[np.bool_]) -> float:
    """Clopper and Pearson's upper limit of a share."""
    return 1 - _least(~hits)


def _slopes() -> list[float]:
    """From nearly 0 to nearly infinity, symmetric about 1."""
    return [math.tan(math.pi / 2 * i / (_CURVE_POINTS + 1)) for i in range(1, _CURVE_POINTS + 1)]


def _trade_off(slope: float, real_logit: Floats, fake_logit: Floats) -> TradeOff:
    threshold = -math.log(slope)
    precision = slope * float((real_logit <= threshold).mean()) + float((fake_logit > threshold).mean())
    precision = min(precision, 1.0, slope)
    return TradeOff(slope, precision, precision / slope)


def _largest(rows: list[Indices], logit: Floats) -> tuple[Indices, Floats]:
    """The rows of the largest ``logit``, and these, largest first."""
    largest = np.argsort(-logit, kind="stable")[:_EXTREMES]
    return np.concatenate(rows)[largest], logit[largest]


class _Near:
    """Distances in scaled coordinates, in units of the median distance of a fresh real to the nearest fit real."""

    def __init__(self, pair: Pair, fold: Fold, most: int, seeds: Seeds) -> None:
        self._pair, self._scale = pair, scaler(pair, fold, seeds)
        fresh = np.concatenate([fold.real.val, fold.real.test])
        self._fit, self._fresh = (
            rows[subsample(pair.real[rows], most, seeds, f"near {name}")]
            for name, rows in (("fit", fold.real.fit), ("fresh", fresh))
        )
        self._fakes = subsample(pair.fake, most, seeds, "near fakes")
        self._unit = float(np.median(self._to_nearest(pair.real[self._fresh], pair.real[self._fit]))) or 1.0

    def _to_nearest(self, query: Array, reference: Array) -> Floats:
        distances, _ = nearest(self._scale.coordinates(query), self._scale.coordinates(reference), 1)
        return distances[:, 0].astype(np.float64)

    def extremes(
        self, rows: Indices, logit: Floats, name: Literal["real", "fake"], origin: SideOrigin
    ) -> tuple[Extreme, ...]:
        """The ``rows`` of the side called ``name``, with their ``logit`` and their distance to the other side."""
        pair = self._pair
        side, other = (pair.real, pair.fake) if name == "real" else (pair.fake, pair.real)
        distances = self._to_nearest(side[rows], other) / self._unit
        labels = [None] * len(rows) if origin.labels is None else origin.labels[rows].tolist()
        found = zip(rows.tolist(), origin.rows[rows].tolist(), logit.tolist(), distances.tolist(), labels, strict=True)
        return tuple(
            Extreme(number, f, distance, label, *thumbnails.shown(side, row, pair))
            for row, number, f, distance, label in found
        )

    def copies(self, origin: Origin) -> CopiesRecord | None:
        """Fakes that are to a fit real what hardly any fresh real is."""
        pair, scale = self._pair, self._scale
        fit, fresh, fakes = (
            scale.coordinates(side[rows])
            for side, rows in ((pair.real, self._fit), (pair.real, self._fresh), (pair.fake, self._fakes))
        )
        return memorisation.near_copies(fit, fresh, fakes, origin.fake.rows[self._fakes], origin.real.rows[self._fit])


def _density_and_coverage(
    pair: Pair, fold: Fold, most: int, seeds: Seeds
) -> tuple[float | None, float | None, float | None, float | None]:
    """Density and coverage over their real-against-real values, and these; None where there are too few points."""
    # Components fitted on some of the points would spread these wider than the others.
    real = pair.real[np.concatenate([fold.real.val, fold.real.test])]
    fake = pair.fake[np.concatenate([fold.fake.val, fold.fake.test])]
    n = min(most, len(real) // 2, len(fake))
    if n < 10 * _NEIGHBOURS:
        return None, None, None, None
    reduce = reduction(pair, fold, _METRIC_DIMS, seeds)
    real = reduce(real[subsample(real, 2 * n, seeds, "support real")])
    fake = reduce(fake[subsample(fake, n, seeds, "support fake")])
    centres, others = real[:n], real[n:]
    radii = nearest(centres, centres, _NEIGHBOURS, exclude_self=True)[0][:, -1]
    density, coverage = _in_balls(fake, centres, radii)
    null_density, null_coverage = _in_balls(others, centres, radii)
    if not null_density or not null_coverage:
        return None, None, null_density, null_coverage
    return density / null_density, coverage / null_coverage, null_density, null_coverage


def _in_balls(points: Array, centres: Array, radii: Array) -> tuple[float, float]:
    """Density and coverage of ``points`` by the balls of ``radii`` around ``centres``."""
    distances = torch.cdist(torch.from_numpy(centres), torch.from_numpy(points))
    inside = distances <= torch.from_numpy(radii)[:, None]
    return int(inside.sum()) / (_NEIGHBOURS * len(points)), float(inside.any(1).double().mean())
