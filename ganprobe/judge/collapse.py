r"""Where a generator no longer reaches what it once reached, and where it begins not to.

**Collapse** is seen in the covered share of the reals (`onset`), and late: fakes leave the law of the reals before they
leave any of them out. **What both laws share** falls first (`falling`). Each way to read JS, by the stack, under noise
or by a single probe, gives an overlap

    O = 1 - JS / log 2,    and of noise    O = 1 - A / log(sigma_max / sigma_min),

A being the area under JS under noise (`ganprobe.judge.statistic`): 1 for equal laws and 0 where nothing is shared. A
training that goes well raises y = log(O + .01), or leaves it, and **wobbles**: from one checkpoint to the next y moves
by more than chance, and by how much differs tenfold between trainings. So its own second differences give the size,

    s^2 = (n s_0^2 + sum_i r_i^2) / (n + number of i),    r_i = (y_i - (y_(i-1) + y_(i+1)) / 2) / sqrt(3/2),

in which a steady rise or fall cancels, and s_0 is what is usual. At the k-th checkpoint the mean of the last w = 1 or
2 is out of the band where it is below some mean of w before by more than z_k s sqrt(2 / w), with

    z_k = Phi^-1(1 - .025 * 6 / (pi k)^2 / m_k),

m_k the number of such comparisons, over all readings: by Bonferroni's inequality the band holds at all looks of a run
that goes on. The fall is one where O lost `_MATERIAL` of its best too, and more than z_k standard errors of samples.

**Two witnesses.** Probes see fine detail, and a training that only blurs it loses overlap and reaches all it reached.
So the nearest-neighbour coverage of the reals, where it was measured, must be out of its own band of two standard
errors as well. It is a fall of what probes demonstrate: trained alike on the same reals, they are taken to miss alike.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import NormalDist, fmean

from ganprobe.judge.differences import TWO_SIDED
from ganprobe.judge.ranking import Series
from ganprobe.judge.statistic import Reading
from ganprobe.record.audit import Audit
from ganprobe.record.history import FallRecord

_LEVEL = 0.95
# A loss of less of the overlap, or of less coverage, is none to stop for.
_MATERIAL, _MATERIAL_COVERAGE = 0.3, 0.03
# How much y and the coverage usually wobble, and how many second differences that knowledge counts for; tuned with what
# is above on the trainings of seeds 0 to 39 of `examples/benchmark_alarm.py`.
_USUAL, _USUAL_COVERAGE, _COUNTS_FOR = 0.15, 0.02, 8
_WINDOWS = (1, 2)
# What audits of a thousand samples err by: two overlaps below it are alike.
_RESOLVED = 0.01
_WITNESS = 2.0
# Fewer audits do not show how a training wobbles.
_LEAST_AUDITS = 5


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
    """Since when an overlap is out of the band below its best, to the end, and coverage too; None where none is."""
    readings, fell = _readings(series), out_of_band(series)
    if (by := fell[-1]) is None:
        return None
    since = 1 + max(position for position, out in enumerate(fell) if out is None)
    overlaps = [overlap for overlap, _ in readings[by]]
    best = max(range(len(overlaps) - 1), key=overlaps.__getitem__)
    return FallRecord(since, best, overlaps[best], overlaps[-1], by)


def out_of_band(series: Series) -> list[str | None]:
    """Of each checkpoint, by which reading most it was out of the band when it was the last one; None where by none."""
    readings = _readings(series)
    beyond = {by: _beyond(overlaps, len(readings)) for by, overlaps in readings.items()}
    found: list[str | None] = []
    for k, witnessed in enumerate(_witness(series.audits)):
        by = max(beyond, key=lambda name: beyond[name][k])
        found.append(by if witnessed and beyond[by][k] > 0 else None)
    return found


# The overlap at each checkpoint, and its standard error.
_Overlaps = list[tuple[float, float]]


def _readings(series: Series) -> dict[str, _Overlaps]:
    """The overlaps by all that was measured of every checkpoint, the statistic first."""
    log2 = math.log(2)
    found = {"js": _overlaps(series.readings, log2)} if series.statistic == "js" else {}
    if series.window:
        found["area"] = _overlaps(series.areas, math.log(series.window[-1] / series.window[0]))
    probes = [{probe.name: probe for probe in audit.measurements.probes} for audit in series.audits]
    for name in probes[0]:
        if name != "stack" and all(name in measured for measured in probes):
            each = (measured[name] for measured in probes)
            found[name] = _overlaps((Reading(probe.js, probe.low, probe.high) for probe in each), log2)
    return found


def _overlaps(readings: Iterable[Reading], most: float) -> _Overlaps:
    return [(max(0.0, 1 - r.value / most), (r.high - r.low) / (2 * TWO_SIDED * most)) for r in readings]


def _beyond(overlaps: _Overlaps, readings: int) -> list[float]:
    """At each checkpoint, by how many standard errors the fall is beyond the band; 0 or less where there is none."""
    logs = [math.log(overlap + _RESOLVED) for overlap, _ in overlaps]
    beyond = []
    for k, fall in enumerate(_falls(logs, _USUAL, -math.log(1 - _MATERIAL))):
        if k + 1 < _LEAST_AUDITS:
            beyond.append(0.0)
            continue
        compared = readings * sum(max(0, k + 2 - 2 * width) for width in _WINDOWS)
        z = NormalDist().inv_cdf(1 - (1 - _LEVEL) / 2 * 6 / (math.pi * (k + 1)) ** 2 / compared)
        best = max(range(k), key=lambda position: overlaps[position][0])
        lost, error = overlaps[best][0] - overlaps[k][0], math.hypot(overlaps[best][1], overlaps[k][1])
        beyond.append(fall - z if lost > z * error else 0.0)
    return beyond


def _witness(audits: Sequence[Audit]) -> list[bool]:
    """At each checkpoint whether the coverage of the reals is below its best; yes where it was not measured."""
    supports = [audit.measurements.support for audit in audits]
    coverage = [support.coverage for support in supports if support is not None and support.coverage is not None]
    if len(coverage) < len(audits):
        return [True] * len(audits)
    return [fall > _WITNESS for fall in _falls(coverage, _USUAL_COVERAGE, _MATERIAL_COVERAGE)]


def _falls(values: Sequence[float], usual: float, material: float) -> list[float]:
    """At each position, how far the mean of the last ones is below the best such mean before, in standard errors by
    the wobble until then; 0 where it is by less than ``material``.
    """
    squares, count, found = _COUNTS_FOR * usual**2, _COUNTS_FOR, []
    best = dict.fromkeys(_WINDOWS, -math.inf)
    for k in range(len(values)):
        # The steep rise of the first steps is no wobble, and a fall that begins here not yet one.
        if k >= 4:
            squares += (values[k - 2] - (values[k - 3] + values[k - 1]) / 2) ** 2 / 1.5
            count += 1
        most = 0.0
        for width in _WINDOWS:
            if (end := k + 1 - width) >= width:
                best[width] = max(best[width], fmean(values[end - width : end]))
                fall = best[width] - fmean(values[end : k + 1])
                most = max(most, fall / math.sqrt(squares / count * 2 / width) if fall > material else 0.0)
        found.append(most)
    return found
