"""Relations among digits are found whatever their weights, and none where there is none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganprobe.samples.cells import Column
from ganprobe.samples.checksums import Checks, checks
from ganprobe.samples.digits import whole_columns
from ganprobe.samples.gauge import Gauge
from ganprobe.samples.rests import rests
from ganprobe.samples.sides import Array, Pair

N = 600


def codes(check: Callable[[list[int]], int], rng: np.random.Generator, bad: float = 0.0) -> Array:
    """Six digits and one that ``check`` makes of them, the nearest first; in a ``bad`` share any."""
    bodies = rng.integers(100_000, 1_000_000, N)
    last = [check([int(c) for c in reversed(str(body))]) for body in bodies]
    return (10 * bodies + np.where(rng.random(N) < bad, rng.integers(0, 10, N), last))[:, None].astype(np.float32)


def free(rng: np.random.Generator) -> Array:
    return rng.integers(1_000_000, 10_000_000, (N, 1)).astype(np.float32)


def weighted(*weights: int, modulus: int = 10) -> Callable[[list[int]], int]:
    return lambda digits: sum(weights[i % len(weights)] * d for i, d in enumerate(digits)) % modulus


def luhn(digits: list[int]) -> int:
    return -sum(sum(divmod((2 - i % 2) * d, 10)) for i, d in enumerate(digits)) % 10


def scrambled(digits: list[int]) -> int:
    """Any function of each digit: no weights, no name."""
    table = np.random.default_rng(7).integers(0, 10, (6, 10))
    return int(sum(table[i, d] for i, d in enumerate(digits)) % 10)


def obeying(found: Checks, *sides: Array) -> list[float]:
    """The share of rows of each side that leave the rests which nearly all rows of the first one do."""
    rests = [found(side) for side in sides]
    usual = np.array([np.bincount(rest.astype(int)).argmax() for rest in rests[0].T])
    strict = (rests[0] == usual).mean(0) > 0.85
    return [float((rest == usual)[:, strict].all(1).mean()) for rest in rests]


KINDS = {
    "digit sum": weighted(1),
    "article": weighted(3, 1),
    "bank": weighted(7, 3, 1),
    "book": weighted(2, 3, 4, 5, 6, 7, modulus=7),
    "rest of 9": lambda digits: int("".join(map(str, reversed(digits)))) % 9,
    "luhn": luhn,
    "scrambled": scrambled,
}


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("kind", KINDS)
def test_a_check_digit_is_found_on_either_side(kind: str, side: int) -> None:
    rng = np.random.default_rng(1)
    sides = [codes(KINDS[kind], rng), free(rng)]
    sides = sides if side == 0 else sides[::-1]
    found = checks(whole_columns(Pair(sides[0], sides[1], "table"), sides), sides[0], sides[1])
    assert found is not None
    obeyed, other = obeying(found, *(sides[i] for i in (side, 1 - side)))
    assert obeyed > 0.95
    assert other < 0.2


@pytest.mark.parametrize("kind", ["article", "luhn"])
def test_numbers_mistyped_do_not_hide_the_others(kind: str) -> None:
    rng = np.random.default_rng(2)
    real, fake = codes(KINDS[kind], rng, bad=0.08), free(rng)
    found = checks(whole_columns(Pair(real, fake, "table"), (real, fake)), real, fake)
    assert found is not None
    obeyed, other = obeying(found, real, fake)
    assert obeyed > 0.85
    assert other < 0.2


@pytest.mark.parametrize("law", ["free", "checked", "seconds", "even", "few", "prices", "constant"])
def test_one_law_has_no_relation_of_its_own(law: str) -> None:
    rng = np.random.default_rng(3)
    draws: dict[str, Callable[[], Array]] = {
        "free": lambda: free(rng),
        "checked": lambda: codes(luhn, rng),
        "seconds": lambda: rng.integers(10**6, 10**6 + 86_400, (N, 1)),
        "even": lambda: 20 * rng.integers(0, 10**6, (N, 2)),
        "few": lambda: rng.integers(0, 9, (N, 2)),
        "prices": lambda: np.rint(np.exp(rng.normal(9, 2, (N, 1)))),
        "constant": lambda: np.full((N, 1), 123_456),
    }
    for _ in range(2):
        real, fake = (draws[law]().astype(np.float32) for _ in range(2))
        assert checks(whole_columns(Pair(real, fake, "table"), (real, fake)), real, fake) is None


@pytest.mark.parametrize("side", [0, 1])
def test_a_balance_that_comes_out_is_found(side: int) -> None:
    rng = np.random.default_rng(5)
    opening, change, other = rng.integers(-40_000, 40_000, (3, N))
    off = rng.integers(-2, 3, N)
    sides = [np.stack((opening, change, other, opening + change + e), 1).astype(np.float32) for e in (0, off)]
    sides = sides if side == 0 else sides[::-1]
    found = checks(whole_columns(Pair(sides[0], sides[1], "table"), sides), *sides)
    assert found is not None
    rests = [found(part) for part in sides]
    assert (rests[side] == 0).mean(0).max() == 1
    assert (rests[1 - side] == 0).mean(0).min() < 0.3
    exact = sides[side]
    pair = Pair(exact, exact[::-1].copy(), "table")
    assert checks(whole_columns(pair, (pair.real, pair.fake)), pair.real, pair.fake) is None


def test_digits_of_one_column_check_those_of_another() -> None:
    """As an account's in Europe do: what 97 leaves of a bank and a number stands in front of the bank."""
    rng = np.random.default_rng(6)

    def rows(valid: bool) -> Array:
        bank, account = rng.integers(100, 1_000, N), rng.integers(0, 1_000_000, N)
        left = (bank * 1_000_000 + account) % 97 if valid else rng.integers(0, 97, N)
        return np.stack((1_000 * left + bank, account, rng.integers(0, 999, N)), 1).astype(np.float32)

    sides = [rows(True), rows(False)]
    found = checks(whole_columns(Pair(sides[0], sides[1], "table"), sides), *sides)
    assert found is not None
    assert obeying(found, *sides)[0] == 1
    assert obeying(found, *sides)[1] < 0.05
    again = [rows(True), rows(True)]
    assert checks(whole_columns(Pair(again[0], again[1], "table"), again), *again) is None


@pytest.mark.parametrize("columns", [1, 3])
def test_parities_of_bits_are_found(columns: int) -> None:
    """An even number of the bits of a number, or of all of a row, is set: no digit says so."""
    rng = np.random.default_rng(8)

    def rows(even: bool) -> Array:
        x = rng.integers(0, 2**12, (N, columns))
        odd = np.bitwise_count(np.bitwise_xor.reduce(x, axis=1)) % 2 == 1
        x[:, 0] = np.where(odd & even, x[:, 0] ^ 16, x[:, 0])
        return x.astype(np.float32)

    sides = [rows(True), rows(False)]
    found = checks(whole_columns(Pair(sides[0], sides[1], "table"), sides), *sides)
    assert found is not None
    assert obeying(found, *sides)[0] == 1
    assert obeying(found, *sides)[1] < 0.6


@settings(max_examples=12, deadline=None)
@given(
    st.sampled_from(["constant", "sparse", "huge", "tied", "odd", "decimals"]),
    st.sampled_from(["constant", "sparse", "huge", "tied", "odd", "decimals"]),
    st.sampled_from([0.0, 1e3, 2.0**60, -(2.0**60)]),
    st.integers(0, 9),
)
def test_no_column_breaks_it(one: str, other: str, zero: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    draws = {
        "constant": lambda: np.full(90, 7.0),
        "sparse": lambda: np.where(rng.random(90) < 0.9, 0, rng.integers(0, 10**7, 90)),
        "huge": lambda: rng.choice([-1.0, 1.0], 90) * 2.0 ** rng.integers(30, 120, 90),
        "tied": lambda: rng.choice([5.0, 123_456.0], 90),
        "odd": lambda: np.where(np.arange(90) == 3, 1e38, rng.standard_normal(90)),
        "decimals": lambda: rng.integers(-(10**6), 10**6, 90) / 100,
    }
    real, fake = (np.stack((draws[one](), draws[other]()), 1).astype(np.float32) for _ in range(2))
    pair = Pair(real, fake, "table", gauge=Gauge(np.array([zero, 0.0]), np.ones(2)))
    columns = whole_columns(pair, (real, fake))
    for found in (checks(columns, real, fake), checks(columns, real, real.copy())):
        if found is not None:
            assert np.isfinite(found(real)).all()
    levels = Column.of(np.concatenate((real, fake)), np.array([1]), 2, 40)
    if levels.edges is None:
        assert all((rest(real) >= 0).all() for rest in rests(columns, [levels], real, fake))
