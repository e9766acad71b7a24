r"""Relations among the digits of whole numbers: check digits, checksums, numbers that a divisor leaves a rest of.

The last digit of a card's number, of a book's or an article's, is a function of the others: every digit alone, and any
few of them, look like chance, and a tenth of all numbers is possible. With digits d_1 ... d_L of a number nearly all
such codes are of one form,

    f_1(d_1) + ... + f_L(d_L) = 0   (mod p),

with p prime: for a modulus of 10 once with 2 and once with 5; f_i(d) = w_i d with weights, or any function (Luhn's
doubled digit). That is linear in indicators of d_i = v, so that f is not searched for: it is a null vector, modulo p,
of the rows that obey it, which elimination finds in any few more rows than there are unknowns. Rows that do not obey
(one number in twenty mistyped) are why several blocks of rows are tried. Powers of primes (digit sums modulo 9) come as
the rests of the number itself, and Luhn's sum by name, for it is common and has many unknowns.

The same is done with the digits of all columns together, for a digit that checks another column or a number too long
for one; with the bits of numbers, of a column and of all, for parities; and with the numbers of several columns, for
sums that come out to the cent: opening + change = closing.

What is found is believed only on other rows: the rest is kept where it has another law on either side.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy import stats

from ganprobe.samples.digits import WholeColumn, figures, length
from ganprobe.samples.divisors import apart, coprime
from ganprobe.samples.sides import Array, Indices

# Numbers of fewer digits than this are few enough for trees and counts.
_FEWEST_DIGITS = 4
# Fewer are no code with a digit to check it, and rests tell what there is.
_FEWEST_SOLVED = 6
# Weighted digits; and functions of digits, which have nine times the unknowns.
_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 97)
_PRIMES_OF_FUNCTIONS = (2, 5)
# Of the digits of all columns together, or of all their bits, so many at most; of fewer bits each number has a cell.
_PRIMES_TOGETHER = (97, 11, 7, 5, 3, 2)
_MOST_TOGETHER, _MOST_BITS, _FEWEST_BITS = 60, 96, 6
# Sums that come out, of several columns: large, so that what is left of one that does not shows by how much; and small.
_PRIMES_OF_BALANCES = (10_007, 97, 11, 7, 5, 3, 2)
_DIVISORS = tuple(m for m in range(2, 128) if m not in (2, 5, 10, 100))
# A last digit that is the rest of the number before it, where the modulus is no prime.
_LEAST_DIGIT_FROM = (4, 6, 8, 9)
# Digits as they are, and doubled with the digits of the result added up.
_LUHN = np.array((range(10), (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)))
# Rows beyond the unknowns that a relation is solved in: by chance one in p^10 is solved.
_MORE_ROWS = 10
_BLOCKS, _BLOCKS_OF_FUNCTIONS = 10, 2
# Rests of a number that spans fewer multiples follow from its size.
_LEAST_SPAN = 50
# The chance of what is kept where both sides have one law: one in a thousand columns finds something.
_CHANCE = 1e-7
_MOST, _MOST_COLUMNS = 8, 16
# A null space of more dimensions says that digits are constant or repeat, and not how they are checked; of bits several
# are seldom set, and each of a byte's may have a relation of its own.
_MOST_NULL, _MOST_NULL_OF_BITS = 4, 16

Rest = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """What ``divisor`` leaves of ``weights[i, d_i]`` summed over the digits ``d_i``, the last one first.

    ``sure``: how much it differs between the sides, by Schwarz's criterion: a divisor of the right one has less. Digits
    are those of ``columns`` in their order, to ``base`` 10 or 2.
    """

    columns: tuple[int, ...]
    base: int
    divisor: int
    weights: Indices
    sure: float = 0.0

    def __call__(self, digits: Indices) -> Rest:
        """Of ``digits`` ``[n, L]`` to ``[n]``."""
        return np.asarray(self.weights[np.arange(digits.shape[1]), digits].sum(1) % self.divisor, np.int64)

    def judged(self, real: Indices, fake: Indices) -> Check | None:
        """How ``sure`` the rest is, of digits ``[n, L]`` that it was not solved in; None where chance explains it."""
        counts = np.stack([np.bincount(self(side), minlength=self.divisor) for side in (real, fake)]).astype(np.float64)
        statistic, free = apart(counts), int((counts.sum(0) > 0).sum()) - 1
        if free < 1 or stats.chi2.sf(statistic, free) >= _CHANCE:
            return None
        return replace(self, sure=statistic - free * math.log(counts.sum()))


@dataclass(frozen=True, slots=True, eq=False)
class Balance:
    """The rest modulo ``modulus`` of ``weights`` ``[columns]`` times the numbers of all columns, and a ``constant``."""

    modulus: int
    weights: Indices
    constant: int

    def __call__(self, numbers: Indices) -> Rest:
        """Of ``numbers`` ``[n, columns]`` to ``[n]``."""
        return np.asarray(((numbers % self.modulus) @ self.weights + self.constant) % self.modulus, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Checks:
    """Some ``checks`` of digits of ``columns``, of numbers up to ``largest`` each, and ``balances`` of these."""

    columns: tuple[WholeColumn, ...]
    largest: tuple[int, ...]
    checks: tuple[Check, ...]
    balances: tuple[Balance, ...] = ()

    def __call__(self, x: Array) -> Array:
        """``[n, d]`` to rests ``[n, k]``."""
        numbers = np.stack([column(x) for column in self.columns], 1)
        asked = {(check.columns, check.base) for check in self.checks}
        own = {which: figures(numbers, self.largest, *which) for which in asked}
        rests = [check(own[check.columns, check.base]) for check in self.checks]
        rests += [balance(numbers) for balance in self.balances]
        return np.stack(rests, 1).astype(np.float32)


def checks(columns: Sequence[WholeColumn], real: Array, fake: Array) -> Checks | None:
    """The rests that have another law among ``real`` than among ``fake`` ``[n, d]``, the surest first; None without."""
    found: list[Check] = []
    columns = tuple(columns[:_MOST_COLUMNS])
    if not columns:
        return None
    numbers = (np.stack([column(real) for column in columns], 1), np.stack([column(fake) for column in columns], 1))
    largest = tuple(max(int(np.abs(side[:, j]).max(initial=0)) for side in numbers) for j in range(len(columns)))
    for which, base, primes in _asked(largest):
        digits = figures(numbers[0], largest, which, base), figures(numbers[1], largest, which, base)
        if base == 10 and len(which) == 1:
            found += _known(which, digits, min(int(np.ptp(side[:, which[0]])) for side in numbers))
        found += _solved(which, base, digits, primes)
    balances = _balances(*numbers)
    best = tuple(sorted(found, key=lambda check: -check.sure)[:_MOST])
    return Checks(columns, largest, best, balances) if best or balances else None


def _asked(largest: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], int, tuple[int, ...]]]:
    """Columns whose digits are looked at together, of numbers up to ``largest``, to which base and for which primes."""
    every = tuple(range(len(largest)))
    digits, bits = ([length(most, base) for most in largest] for base in (10, 2))
    for j in every:
        if digits[j] >= _FEWEST_DIGITS:
            yield (j,), 10, _PRIMES if digits[j] >= _FEWEST_SOLVED else ()
        if bits[j] >= _FEWEST_BITS:
            yield (j,), 2, (2,)
    if len(every) > 1 and max(digits) >= _FEWEST_SOLVED and sum(digits) <= _MOST_TOGETHER:
        yield every, 10, _PRIMES_TOGETHER
    wide = [j for j in every if bits[j] >= _FEWEST_BITS]
    if len(first := tuple(j for i, j in enumerate(wide) if sum(bits[k] for k in wide[: i + 1]) <= _MOST_BITS)) > 1:
        yield first, 2, (2,)


def _balances(real: Indices, fake: Indices) -> tuple[Balance, ...]:
    """Relations between numbers of several columns ``[n, columns]`` that one side obeys and the other does not."""
    sides = (real, fake)
    for p in _PRIMES_OF_BALANCES if real.shape[1] > 1 else ():
        for side in (0, 1):
            for block in _blocks(len(sides[side]), real.shape[1] + 1 + _MORE_ROWS, _BLOCKS):
                null = _null_space(_with_one(sides[side][block] % p), p)
                solved = [Balance(p, vector[:-1], int(vector[-1])) for vector in null if (vector[:-1] != 0).sum() > 1]
                others = _without(sides, side, block)
                if found := [balance for balance in solved if _unlike(*(balance(part) == 0 for part in others))]:
                    return tuple(found[:_MOST_NULL])
    return ()


def _blocks(n: int, size: int, most: int) -> Iterator[slice]:
    """Some blocks of ``size`` of ``n`` rows, beside each of which rows are left to judge on."""
    return (slice(start, start + size) for start in range(0, min(n - 2 * size, most * size), size))


def _without(sides: tuple[Indices, Indices], side: int, block: slice) -> tuple[Indices, Indices]:
    """Both ``sides`` without a ``block`` of one of them."""
    rest = np.delete(sides[side], block, 0)
    return (rest, sides[1]) if side == 0 else (sides[0], rest)


def _with_one(rows: Indices) -> Indices:
    """``[n, u]`` with a column of ones."""
    return np.concatenate((rows, np.ones((len(rows), 1), np.int64)), 1)


def _unlike(real: npt.NDArray[np.bool_], fake: npt.NDArray[np.bool_]) -> bool:
    """Whether shares differ beyond what chance explains."""
    table = np.array([(side.sum(), (~side).sum()) for side in (real, fake)], np.float64)
    return bool(stats.chi2.sf(apart(table), 1) < _CHANCE)


def _known(which: tuple[int, ...], digits: tuple[Indices, Indices], span: int) -> list[Check]:
    """Rests of the number itself and Luhn's of a column that spans so much; of those with a common divisor the best."""
    length = digits[0].shape[1]
    powers = [10**i for i in range(length)]
    tried = [Check(which, 10, m, np.outer([power % m for power in powers], np.arange(10))) for m in _DIVISORS]
    tried = [check for check in tried if span >= _LEAST_SPAN * check.divisor]
    tried += [
        Check(which, 10, m, np.outer([sign, *(power % m for power in powers[:-1])], np.arange(10)))
        for m in _LEAST_DIGIT_FROM
        for sign in (-1, 1)
    ]
    tried += [Check(which, 10, 10, np.stack([_LUHN[(i + first) % 2] for i in range(length)])) for first in (0, 1)]
    return coprime(found for check in tried if (found := check.judged(*digits)) is not None)


def _solved(
    which: tuple[int, ...], base: int, digits: tuple[Indices, Indices], primes: tuple[int, ...]
) -> Iterator[Check]:
    """The relations that elimination finds, in weighted digits or, of one column, else in functions of digits."""
    for side, p in itertools.product((0, 1), primes):
        found = _of_blocks(digits, side, p, functions=False)
        if not found and p in _PRIMES_OF_FUNCTIONS and base == 10 and len(which) == 1:
            found = _of_blocks(digits, side, p, functions=True)
        yield from (replace(check, columns=which, base=base) for check in found)


def _of_blocks(digits: tuple[Indices, Indices], side: int, p: int, functions: bool) -> list[Check]:
    """The relations modulo ``p`` that a block of a side's rows obeys, where the other rows say that they are known."""
    rows = digits[side]
    seen = _seen(rows)
    encode = partial(_indicators if functions else _weighted, seen=seen, p=p)
    size = encode(rows[:1]).shape[1] + _MORE_ROWS
    for block in _blocks(len(rows), size, _BLOCKS_OF_FUNCTIONS if functions else _BLOCKS):
        null = _null_space(encode(rows[block]), p)
        if not 0 < len(null) <= (_MOST_NULL_OF_BITS if p == 2 else _MOST_NULL):
            continue
        others = _without(digits, side, block)
        relations = [Check((), 10, p, _weights(vector[:-1], seen, functions)) for vector in null]
        if solved := [check for relation in relations if (check := relation.judged(*others)) is not None]:
            return solved
    return []


def _seen(rows: Indices) -> npt.NDArray[np.bool_]:
    """Which digit is somewhere at which place, ``[L, 10]``; of each place the smallest is left out: it is what others
    are not.
    """
    seen = np.stack([np.bincount(place, minlength=10) > 0 for place in rows.T])
    seen[np.arange(len(seen)), seen.argmax(1)] = False
    return seen


def _indicators(rows: Indices, seen: npt.NDArray[np.bool_], p: int) -> Indices:
    """``[n, L]`` to indicators of digits that are ``seen`` at their place, and a one."""
    return _with_one((rows[:, :, None] == np.arange(10))[:, seen].astype(np.int64))


def _weighted(rows: Indices, seen: npt.NDArray[np.bool_], p: int) -> Indices:
    """``[n, L]`` to the digits that vary, modulo ``p``, and a one."""
    return _with_one(rows[:, seen.any(1)] % p)


def _weights(vector: Indices, seen: npt.NDArray[np.bool_], functions: bool) -> Indices:
    """A null vector as weights ``[L, 10]``."""
    weights = np.zeros(seen.shape, np.int64)
    if functions:
        weights[seen] = vector
    else:
        weights[seen.any(1)] = vector[:, None] * np.arange(10)
    return weights


def _null_space(a: Indices, p: int) -> Indices:
    """A basis ``[k, u]`` of the vectors that ``a`` ``[m, u]`` takes to 0 modulo the prime ``p``."""
    a = (a % p).astype(np.int16 if p < 128 else np.int64)
    pivots: list[int] = []
    for j in range(a.shape[1]):
        row = len(pivots)
        below = np.flatnonzero(a[row:, j])
        if not len(below):
            continue
        a[[row, row + below[0]]] = a[[row + below[0], row]]
        a[row] = a[row] * pow(int(a[row, j]), -1, p) % p
        factor = a[:, j].copy()
        factor[row] = 0
        a = (a - factor[:, None] * a[row]) % p
        pivots.append(j)
        if len(pivots) == len(a):
            break
    free = [j for j in range(a.shape[1]) if j not in pivots]
    basis = np.zeros((len(free), a.shape[1]), np.int64)
    for k, j in enumerate(free):
        basis[k, j] = 1
        basis[k, pivots] = -a[: len(pivots), j] % p
    return basis
