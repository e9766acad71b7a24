r"""Where a generator no longer reaches what it once reached, and where it begins not to.

**Collapse** is seen in the covered share of the reals (`onset`), and late: fakes leave the law of the reals before they
leave any of them out. **What both laws share** falls first (`falling`): the overlap

    O = 1 - JS / log 2,    and where JS is at log 2 throughout    O = 1 - A / log(sigma_max / sigma_min),

A being the area under JS under noise (`ganprobe.judge.statistic`), is 1 for equal laws and 0 where nothing is shared.
The k-th checkpoint is below the best before it where the rise of JS, paired, exceeds z_k standard errors, and O is less
by more than `_MATERIAL` of that best. With

    z_k = Phi^-1(1 - .025 * 6 / (pi k)^2 / (k - 1))

the band holds at all looks of a run that goes on, and for all pairs of checkpoints, by Bonferroni's inequality. A
training that wobbles moves by more than chance, so a fall is one where two checkpoints in a row are below. It is a fall
of what the probes demonstrate: trained alike on the same reals, they are taken to miss alike.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

from ganprobe.judge.ranking import Series
from ganprobe.record.audit import Audit
from ganprobe.record.history import FallRecord

_LEVEL = 0.95
# A loss of less of the overlap is a wobble; tuned on ten trainings of `examples/benchmark_alarm.py`.
_MATERIAL = 0.3
_IN_A_ROW = 2


def onset(audits: Sequence[Audit]) -> int | None:
    """The first position from which to the end the whole interval of the covered share of the reals is below an
    earlier one's: what the generator once reached, it no longer does.

    The intervals are widened until all hold together, the k-th by its share 6 / (pi k)^2 of the error, so that they do
    at every look of a run that goes on. One that is above 1 comes from a probe that is too sure, and is
    nothing to fall short of.
    """
    first, most, fell = None, -math.inf, []
    for k, audit in enumerate(audits, 1):
        error = (1 - _LEVEL) / 2
        wider = NormalDist().inv_cdf(1 - error * 6 / (math.pi * k) ** 2) / NormalDist().inv_cdf(1 - error)
        support = audit.measurements.support
        if support is None:
            fell.append(False)
            continue
        low, share, high = support.real_covered_low, support.real_covered, support.real_covered_high
        fell.append(share + wider * (high - share) < most)
        least = share - wider * (share - low)
        most = max(most, least if least <= 1 else -math.inf)
    for position in reversed(range(len(audits))):
        if not fell[position]:
            break
        first = position
    return first


def falling(series: Series) -> FallRecord | None:
    """Since when the overlap is out of the band below its best, to the end; None where it is not."""
    overlap, below, best = _overlap(series), [False], 0
    for k in range(1, len(overlap)):
        beyond = (1 - _LEVEL) / 2 * 6 / (math.pi * (k + 1)) ** 2 / k
        fell = overlap[k] < (1 - _MATERIAL) * overlap[best]
        below.append(fell and series.rise(best, k) > NormalDist().inv_cdf(1 - beyond))
        if overlap[k] > overlap[best]:
            best = k
    since = max((position + 1 for position, fell in enumerate(below) if not fell), default=0)
    if len(overlap) - since < _IN_A_ROW:
        return None
    best = max(range(since), key=overlap.__getitem__)
    return FallRecord(since, best, overlap[best], overlap[-1])


def _overlap(series: Series) -> list[float]:
    """1 - JS / log 2 of each, or the like share of the ladder."""
    most = math.log(2) if series.statistic == "js" else math.log(series.window[-1] / series.window[0])
    return [max(0.0, 1 - reading.value / most) for reading in series.readings]
