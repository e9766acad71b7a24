r"""The learning curve: how much JS is still to come with more reals.

Chong and Forsyth 2020 extrapolate FID in 1/n. Of js(n) = a - c n^-g the exponent can be had from three sizes, but noise
hides it: what the last doubling brought says as much of what is missing as the curve's own exponent does, and better.
Half of the reals and all of them are therefore enough, and smaller shares are trained to be shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ganprobe.logits.refits import Refits
from ganprobe.measures.optimality.gain import paired_se, shown
from ganprobe.plan import Budget
from ganprobe.record.optimality import CurvePoint
from ganprobe.samples.folds import Folds

# What costs a refit is judged on the first fold, or two where its test part has fewer reals: enough for a paired
# difference.
_JUDGED = 2_000
_SHARES: dict[Budget, tuple[float, ...]] = {"fast": (0.5,), "standard": (0.5,), "thorough": (0.25, 0.5)}
_FLATTEST_RATIO = 2**-0.3
# Standard errors that the last rise must exceed before the flattest curve multiplies it, and its noise, by 4.3.
_SURE = 2.0


@dataclass(frozen=True, slots=True)
class Curve:
    """The curve on the judged folds, and how much JS is still to come along it at ``most``."""

    points: tuple[CurvePoint, ...]
    most: float


def judged_of(folds: Folds) -> Folds:
    """The folds that refits are judged on."""
    return Folds(folds.folds[: 1 if len(folds.folds[0].real.test) >= _JUDGED else 2])


def learning_curve(folds: Folds, refits: Refits) -> Curve:
    """The probes of the run, trained on shares and on all of the fit reals, with the same number of steps.

    Nets in many dimensions creep upwards so slowly that a step looks like the last, so the verdict takes the flattest
    curve. And not of the stack alone: where a simple probe is at its end and a net comes up from below, the stack looks
    finished until the net has passed, so the weightiest probe's own curve counts too, with what it would end above the
    stack.
    """
    judged = judged_of(folds)
    shares = _SHARES[refits.budget]
    fits = [*(refits.fewer(judged, share) for share in shares), refits.all(judged)]
    n = float(np.mean([len(fold.real.trained) for fold in judged]))
    stacked, weightiest = ([shown(fit[i]) for fit in fits] for i in (0, 1))
    points = tuple(CurvePoint(share, int(share * n), y) for share, y in zip((*shares, 1.0), stacked, strict=True))
    flattest = _FLATTEST_RATIO / (1 - _FLATTEST_RATIO)
    noise = [paired_se(fits[-2][i], fits[-1][i]) for i in (0, 1)]
    most = max(
        now + max(0.0, now - half - _SURE * se) * flattest - stacked[-1]
        for (*_, half, now), se in zip((stacked, weightiest), noise, strict=True)
    )
    return Curve(points, max(0.0, most))


# Of 803 known laws of 30 families, 60 to 4,000 rows a side, what was missing was, with least absolute error, the larger
# of these two: at ``standard`` it errs by .0027 from 2,000 rows on, where the curve's own exponent errs by .0040 and no
# correction by .0049, and by .0053 against .0078 and .0098 from 1,000 on. Their sum does a little better there and
# promises too much of few rows, whose curve is mostly noise. Form and factor were chosen on the laws of these figures.
_OF_ROOM = 1.75


def to_come(last: float, slow: float) -> float:
    """What is likely still missing: what the ``last`` doubling of the reals brought, or a share of the room left.

    ``slow`` is JS (1 - JS / log 2) over the root of the number of reals: a curve on few tested rows misses that much.
    """
    return max(last, _OF_ROOM * slow)
