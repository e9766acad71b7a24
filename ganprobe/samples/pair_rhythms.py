r"""Rhythms of two columns together: a lattice that is turned, ends that are quarters of an hour after their starts.

Each column alone is even, so is each of their differences at a glance; the two-dimensional characteristic function is
not. With both sides binned in the plane of two columns,

    d_k = mean_P exp(2 pi i k.x) - mean_Q exp(2 pi i k.x),        |d_k|^2 n m / (n + m) ~ Exp(1) where P = Q,

is one fast Fourier transform a pair, and where it stands out beyond chance the phase of k.x is a coordinate in which
the rhythm is one split. The difference and the sum of two columns may have rhythms far finer than such bins (a quarter
of an hour in a year of seconds), and are held to the same test in one dimension. And one whole number may be a multiple
of the other: a total of so many articles of a price, whose number no column tells. What division leaves, as a share of
the divisor, is 0 then.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import fft, stats

from ganprobe.samples.digits import WholeColumn, whole_columns
from ganprobe.samples.scaling import flat
from ganprobe.samples.sides import Array, Floats, Indices, Pair

See = Callable[[Array], Floats]

# Of more numbers a row no pairs are looked at, of more than a few only those of the first whole numbers.
MOST_COLUMNS, _FEW_COLUMNS, _MOST_WHOLE = 32, 6, 6
# A column of fewer values has cells, and these are counted.
_LEAST_VALUES = 32
_BINS, _BINS_OF_SUM = 256, 2**14
# Slower rhythms than so many cycles a range are what nets and trees see; faster ones than a quarter of the bins none.
_FEWEST_CYCLES = 5
# exp(-x) is the chance of a value: one false rhythm in a thousand audits.
_SURE = 7.0
_TAIL = 0.002
_OF_PAIR, _MOST = 3, 6
_BETWEEN = np.linspace(-0.5, 0.5, 9)
# The chance of rests that differ by so much where both sides have one law.
_CHANCE = 1e-7
# A divisor is so much smaller than what it divides, in the middle.
_SMALLER = 1.5


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A coordinate that tells the sides apart: ``see`` maps ``[n, d]`` to ``[n, k]``, ``sure`` by how much."""

    sure: float
    see: See


def pair_rhythms(pair: Pair, real: Array, fake: Array) -> tuple[Found, ...]:
    """What pairs of columns show of ``real`` and ``fake`` ``[n, *shape]`` beyond chance, the surest first."""
    sides = flat(real), flat(fake)
    both = np.concatenate(sides)
    many = [j for j in pair.numbers if len(np.unique(both[:, j])) >= _LEAST_VALUES]
    if not 2 <= len(many) <= MOST_COLUMNS:
        return ()
    few = many if len(many) <= _FEW_COLUMNS else []
    found = [wave for two in itertools.combinations(few, 2) for wave in _in_plane(sides, two)]
    whole = {column.main: column for column in whole_columns(pair, sides) if column.main in many}
    for one, other in itertools.combinations([_filed(pair, j, whole.get(j)) for j in few], 2):
        found += _along(sides, one, other)
    for a, b in itertools.permutations(list(whole.values())[:_MOST_WHOLE], 2):
        found += _rests(sides, a, b)
    return tuple(sorted(found, key=lambda f: -f.sure)[:_MOST])


def _filed(pair: Pair, j: int, whole: WholeColumn | None) -> See:
    """How the numbers of a column are read as they stand in the file, exactly where they are whole in some unit."""
    zero, unit = (float(part[j]) for part in pair.scales)
    if whole is None:
        return lambda x: np.asarray(zero + unit * x[:, j].astype(np.float64))
    return lambda x: np.asarray(whole(x) / whole.units)


def _phases(angle: Floats) -> Floats:
    """Of cycles ``[n]`` the phase in [0, 1), its cosine and its sine, ``[n, 3]``."""
    phase = angle % 1.0
    return np.stack((phase, np.cos(2 * math.pi * phase), np.sin(2 * math.pi * phase)), 1)


def _in_plane(sides: Sequence[Array], two: tuple[int, int]) -> Iterator[Found]:
    """The rhythms in the plane of ``two`` columns, those along either of them left out."""
    x = [side[:, list(two)].astype(np.float64) for side in sides]
    low, high = np.quantile(np.concatenate(x), (_TAIL, 1 - _TAIL), axis=0)
    if not (high > low).all():
        return
    x = [(side - low) / (high - low) for side in x]
    power = _power(x)
    least = math.log(power.size * _FEW_COLUMNS**2) + _SURE
    for _ in range(_OF_PAIR):
        row, across = (int(at) for at in np.unravel_index(int(power.argmax()), power.shape))
        if (sure := float(power[row, across])) <= least:
            return
        cycles = _refined(x, np.array((_DOWN[row], across), np.float64))
        yield Found(sure, _wave(two, low, cycles / (high - low)))
        power[max(0, row - 2) : row + 3, max(0, across - 2) : across + 3] = 0.0


def _wave(two: tuple[int, int], low: Floats, frequency: Floats) -> See:
    return lambda x: _phases((x[:, list(two)].astype(np.float64) - low) @ frequency)


# Cycles a range along one column, down and up, and along the other; those of no use.
_DOWN, _ACROSS = np.arange(1 - _BINS // 4, _BINS // 4), np.arange(_BINS // 4)
_LEFT_OUT = (np.hypot(_DOWN[:, None], _ACROSS) < _FEWEST_CYCLES) | (_DOWN[:, None] == 0) | (_ACROSS == 0)


def _power(x: Sequence[Floats]) -> Array:
    """How sure each frequency is, ``[down, across]``, of sides ``[n, 2]`` within the unit square."""
    n, m = map(len, x)
    counts = []
    for side in x:
        place = (side[((side >= 0) & (side < 1)).all(1)] * _BINS).astype(np.int64)
        counts.append(np.bincount(place[:, 0] * _BINS + place[:, 1], minlength=_BINS**2) / len(side))
    apart = (counts[0] - counts[1]).reshape(_BINS, _BINS).astype(np.float32)
    power = np.abs(fft.rfft2(apart)[_DOWN][:, _ACROSS]) ** 2 * np.float32(n * m / (n + m))
    power[_LEFT_OUT] = 0.0
    return np.asarray(power)


def _refined(x: Sequence[Floats], cycles: Floats) -> Floats:
    """Next to ``cycles`` ``[k]`` of sides ``[n, k]`` those at which these differ most, one column after another."""
    for between in (_BETWEEN, _BETWEEN / 8):
        for axis in 2 * list(range(len(cycles))):
            tried = np.repeat(cycles[None], len(between), 0)
            tried[:, axis] += between
            means = [np.exp(2j * math.pi * side @ tried.T).mean(0) for side in x]
            cycles = tried[np.abs(means[0] - means[1]).argmax()]
    return cycles


def _along(sides: Sequence[Array], one: See, other: See) -> Iterator[Found]:
    """The rhythms of the difference and of the sum of two columns."""
    for sign in (-1, 1):
        x = [one(side) + sign * other(side) for side in sides]
        low, high = np.quantile(np.concatenate(x), (_TAIL, 1 - _TAIL))
        if not high > low:
            continue
        counts = [np.histogram(side, _BINS_OF_SUM, (low, high))[0] / len(side) for side in x]
        n, m = map(len, x)
        power = (np.abs(fft.rfft(counts[0] - counts[1])) ** 2 * (n * m / (n + m)))[: _BINS_OF_SUM // 4]
        power[:_FEWEST_CYCLES] = 0.0
        k = int(power.argmax())
        if power[k] > math.log(_BINS_OF_SUM * _FEW_COLUMNS**2) + _SURE:
            cycles = _refined([side[:, None] / (high - low) for side in x], np.array([float(k)]))
            yield Found(float(power[k]), _combined(one, other, sign, (high - low) / float(cycles[0])))


def _combined(one: See, other: See, sign: int, period: float) -> See:
    return lambda x: _phases((one(x) + sign * other(x)) / period)


def _in_one_unit(x: Array, one: WholeColumn, other: WholeColumn) -> tuple[Indices, Indices]:
    """Both as whole numbers of the finer unit of the two."""
    units = max(one.units, other.units)
    return one(x) * round(units / one.units), other(x) * round(units / other.units)


def _rests(sides: Sequence[Array], one: WholeColumn, by: WholeColumn) -> Iterator[Found]:
    """What dividing ``one`` ``by`` another column leaves, where it is 0 more often on one side."""

    def see(x: Array) -> Floats:
        number, divisor = _in_one_unit(x, one, by)
        rest = np.mod(number, np.maximum(divisor, 1))
        share = rest / np.maximum(divisor, 1)
        return np.stack((rest == 0, share, np.minimum(share, 1 - share)), 1).astype(np.float64)

    for side in sides:
        number, divisor = _in_one_unit(side, one, by)
        # Small divisors leave 0 by chance, and what no divisor is smaller than is its own rest.
        if (divisor < 2).mean() > 0.5 or not np.median(np.abs(number)) > _SMALLER * np.median(divisor):
            return
    none = [int(see(side)[:, 0].sum()) for side in sides]
    rows = [len(side) for side in sides]
    table = [none, [n - zeros for n, zeros in zip(rows, none, strict=True)]]
    p = float(stats.fisher_exact(np.array(table)).pvalue)
    if p < _CHANCE:
        yield Found(-math.log(max(p, 1e-300)), see)
