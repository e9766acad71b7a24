"""Kinds of structure that the columns as they are do not show, each with the probe that is for it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ganprobe import probes
from ganprobe.known import truths
from ganprobe.logits.calibration import calibrate
from ganprobe.objective import LOG2, js, js_se
from ganprobe.samples import sketch
from ganprobe.samples.folds import Folds, row_hashes, split_sides
from ganprobe.samples.sides import Array, Kind, Pair
from ganprobe.seeds import Seeds

N = 1_500


def shown(name: str, real: Array, fake: Array, kind: Kind = "array", columns: tuple[str, ...] = ()) -> float:
    """JS by the probe alone at ``fast``, on one fold, held out; 0 where it does not apply."""
    return of_pair(name, Pair(real.astype(np.float32), fake.astype(np.float32), kind, columns))


def of_pair(name: str, pair: Pair) -> float:
    member = probes.MEMBERS[name]
    if member.applies(pair) is not None:
        return 0.0
    folds = Folds(split_sides(row_hashes(pair.real, 0), row_hashes(pair.fake, 0)).folds[:1])
    settings = member.settings("fast", pair)
    logits = calibrate(probes.score(member.fit(pair, folds, settings, Seeds(0), "cpu"), pair, folds))
    return js(logits.test_real[0], logits.test_fake[0])


RNG = np.random.default_rng(0)


def ledger(within: float, total: bool, n: int = N) -> Array:
    """Two parts, and their sum to ``within``; where not ``total``, the sum of other rows."""
    a, b = 100 * RNG.standard_normal((2, n))
    c = a + b + within * RNG.uniform(-1, 1, n)
    return np.stack((a, b, c if total else RNG.permutation(c)), 1)


@pytest.mark.parametrize("within", [0.0, 0.001, 0.1])
def test_a_total_that_is_the_sum_of_its_parts(within: float) -> None:
    assert shown("whitened", ledger(within, True), ledger(within, False)) > 0.6
    assert shown("whitened", ledger(within, False), ledger(within, True)) > 0.6
    assert abs(shown("whitened", ledger(within, True), ledger(within, True))) < 0.01


def test_the_thinnest_of_twelve_directions_is_wider() -> None:
    """By 1.4, of truth .029: the squares and products of the columns are ninety features, those of components 24."""
    mixing = np.random.default_rng(3).standard_normal((12, 12))
    thinnest = np.linalg.svd(mixing)[0][:, -1]

    def rows(wider: float) -> Array:
        x = RNG.standard_normal((2 * N, 12)) @ mixing.T
        return x + (wider - 1) * np.outer(x @ thinnest, thinnest)

    assert shown("logistic", rows(1.4), rows(1.0)) > 0.015
    assert abs(shown("logistic", rows(1.0), rows(1.0))) < 0.006


@pytest.mark.parametrize("law", ["product", "ratio", "circle"])
def test_other_relations(law: str) -> None:
    def rows(holds: bool) -> Array:
        a, b = np.exp(RNG.standard_normal((2, N))) if law == "ratio" else RNG.standard_normal((2, N))
        if law == "circle":
            angle = RNG.uniform(0, 2 * math.pi, N)
            a, c = np.cos(angle), np.sin(angle)
        else:
            c = a * b if law == "product" else a / b
        return np.stack((a, b, c if holds else RNG.permutation(c)), 1)

    assert shown("whitened", rows(True), rows(False)) > 0.55


def test_the_thinnest_direction_is_a_little_too_wide() -> None:
    rotation = np.linalg.qr(RNG.standard_normal((8, 8)))[0]
    spread, wider = np.geomspace(1, 0.02, 8), np.geomspace(1, 0.02, 8)
    wider[-1] *= 3
    real, fake = (RNG.standard_normal((N, 8)) * s @ rotation for s in (spread, wider))
    assert shown("whitened", real, fake) > 0.12  # of .174
    assert shown("logistic", real[:, :1], fake[:, :1]) < 0.01


@pytest.mark.parametrize("column", [np.ones(N), np.full(N, 1e30), np.arange(N) * 1e-30, RNG.integers(0, 2, N)])
def test_columns_that_hardly_vary_or_are_huge_are_no_error(column: Array) -> None:
    real, fake = (np.stack((column, x, x, RNG.standard_normal(N)), 1) for x in RNG.standard_normal((2, N)))
    with np.errstate(over="ignore"):
        assert abs(shown("whitened", real, fake)) < 0.02


def test_integers_against_other_integers() -> None:
    values = RNG.permutation(1_000)
    real, fake, again = (values[RNG.integers(low, low + 100, (N, 1))] for low in (0, 100, 0))
    assert shown("atoms", real, fake) > 0.65
    assert abs(shown("atoms", real, again)) < 0.005


def test_even_against_odd_parity() -> None:
    def bits(parity: int) -> Array:
        x = RNG.integers(0, 2, (N, 6))
        x[:, 5] = (x[:, :5].sum(1) + parity) % 2
        return x

    assert shown("atoms", bits(0), bits(1)) > 0.68


def test_fifty_fakes_over_and_over() -> None:
    few = RNG.standard_normal((50, 3))[RNG.integers(0, 50, N)]
    assert shown("atoms", RNG.standard_normal((N, 3)), few) > 0.68


@pytest.mark.parametrize("side", ["real", "fake"])
def test_some_values_are_rounded(side: str) -> None:
    x, other, y = RNG.standard_normal((3, N, 1))
    rounded = np.where(RNG.random((N, 1)) < 0.4, np.round(x, 2), x)
    pair = (rounded, y) if side == "real" else (y, rounded)
    assert shown("multiples", *pair) > 0.1  # of .164
    assert shown("multiples", other, y) == 0


@pytest.mark.parametrize("step", [0.01, 0.03, 5.0])
def test_one_column_of_an_array_is_rounded(step: float) -> None:
    real, fake = 20 * RNG.standard_normal((2, N, 4))
    real[:, 2] = step * np.round(real[:, 2] / step)
    assert shown("multiples", real, fake) > 0.65


def test_ages_end_in_0_and_5() -> None:
    exact, said = RNG.integers(18, 90, (2, N, 1))
    said = np.where(RNG.random((N, 1)) < 0.5, 5 * np.round(said / 5), said)
    assert shown("multiples", exact, said, "table") > 0.03
    assert shown("multiples", exact, RNG.permutation(exact), "table") == 0


@pytest.mark.parametrize("day", [1.0, 86_400.0])
def test_times_on_the_quarter_of_an_hour(day: float) -> None:
    rng = np.random.default_rng(1)
    real, fake = (day * rng.integers(0, 100 * 24 * n, (N, 1)) / (24 * n) for n in (4, 60))
    assert shown("multiples", real, fake) > 0.5  # of .568
    assert abs(shown("multiples", fake, day * rng.integers(0, 100 * 24 * 60, (N, 1)) / (24 * 60))) < 0.01


def test_times_of_day_over_half_a_year() -> None:
    truth = truths.HOSTILE["hours"]()
    real, fake = truth.draw(N, 0)
    assert shown("periods", real, fake) > 0.9 * truth.oracle(real, fake)
    assert shown("periods", fake, truth.draw(N, 1)[1]) == 0


@pytest.mark.parametrize(("bad", "least"), [(0.0, 0.45), (0.05, 0.33)])  # of .526 and .437
def test_numbers_whose_last_digit_checks_the_others(bad: float, least: float) -> None:
    truth = truths.HOSTILE["check_digit"](2, bad)
    real, fake = truth.draw(N, 0)
    assert shown("checksums", real, fake, "table") > least
    assert shown("checksums", real, truth.draw(N, 1)[0], "table") == 0


def test_the_rest_of_a_number_goes_with_another_column() -> None:
    truth = truths.HOSTILE["shards"]()
    real, fake = truth.draw(N, 0)
    assert shown("rests", real, fake, "table") > 0.4  # of .497
    assert shown("rests", real, truth.draw(N, 1)[0], "table") == 0
    # What either column does alone belongs to neither.
    assert shown("rests", fake, np.where(np.arange(3) == 1, fake // 2, fake), "table") == 0


def test_a_letter_that_checks_a_number_has_more_cells_than_rows_fill() -> None:
    """A number of eight digits, and a letter for each of the 23 rests."""
    letters = RNG.permutation(23)

    def rows(own: bool) -> Array:
        number = RNG.integers(10**6, 10**7, N)
        rest = number % 23 if own else RNG.integers(0, 23, N)
        return np.stack((number, letters[rest], RNG.standard_normal(N)), 1).astype(np.float32)

    assert shown("rests", rows(own=True), rows(own=False), "table") > 0.5  # of .603
    assert shown("rests", rows(own=True), rows(own=True), "table") == 0


def test_a_column_that_follows_from_one_of_many_values() -> None:
    """Regions of 300 cities; postcodes of which each is in a row or two of those that are learnt from."""
    truth = truths.HOSTILE["regions"]()
    real, fake = truth.draw(N, 0)
    assert shown("lookups", real, fake, "table") > 0.42  # of .546
    assert shown("lookups", real, truth.draw(N, 1)[0], "table") == 0
    rare = truths.HOSTILE["regions"](cities=N // 2, levels=10)
    assert shown("lookups", *rare.draw(N, 0), "table") > 0.25  # of .532


@pytest.mark.parametrize(("name", "least"), [("lattice", 0.4), ("articles", 0.5)])  # of .472 and .593
def test_rhythms_that_two_columns_have_together(name: str, least: float) -> None:
    """A lattice that is turned, and totals of a price."""
    truth = truths.HOSTILE[name]()
    real, fake = truth.draw(N, 0)
    assert shown("pair_rhythms", real, fake) > least
    assert shown("pair_rhythms", real, truth.draw(N, 1)[0]) == 0


def test_ends_that_are_quarters_of_an_hour_after_their_starts() -> None:
    start = RNG.integers(0, 10**7, (2, N))
    end = start + 900 * RNG.integers(1, 40, (2, N)) + np.stack((np.zeros(N, np.int64), RNG.integers(0, 900, N)))
    assert shown("pair_rhythms", *np.stack((start, end), 2)) > 0.6  # of .689


def test_thin_structure_in_a_plane_beside_other_columns() -> None:
    """One arm of a spiral, or both: no column shows it, and beside two others no row has a near one."""

    def rows(arms: int) -> Array:
        angle = 6 * np.pi * np.sqrt(RNG.random(N))
        turned = angle + np.pi * RNG.integers(0, arms, N)
        spiral = angle[:, None] * np.stack((np.cos(turned), np.sin(turned)), 1)
        return np.concatenate((spiral + 0.15 * RNG.standard_normal((N, 2)), RNG.standard_normal((N, 2))), 1)

    assert shown("planes", rows(1), rows(2)) > 0.14  # of .216
    assert shown("planes", rows(2), rows(2)) == 0


def test_thin_structure_in_a_plane_that_is_turned() -> None:
    """Eight modes on a circle in some plane of six dimensions, or in the gaps between them: no moment says so."""
    turn = np.linalg.qr(np.random.default_rng(3).standard_normal((6, 6)))[0]

    def rows(gaps: bool) -> Array:
        angle = (RNG.integers(0, 8, 2 * N) + gaps / 2) * np.pi / 4
        x = 0.8 * RNG.standard_normal((2 * N, 6))
        x[:, :2] = np.stack((np.cos(angle), np.sin(angle)), 1) + 0.1 * RNG.standard_normal((2 * N, 2))
        return x @ turn

    assert shown("planes", rows(False), rows(True)) > 0.1
    assert shown("planes", rows(False), rows(False)) == 0


def test_what_two_or_three_columns_do_together() -> None:
    """Hills that no pair of columns shows, and a spread that rises and falls with another column."""
    truth = truths.HOSTILE["hills"](8, waves=1)
    real, fake = truth.draw(N, 0)
    assert shown("joint_ranks", real, fake) > 0.2  # of .376
    assert shown("joint_ranks", real, truth.draw(N, 1)[0]) == 0
    # What single columns show, and a correlation, are for others.
    assert shown("joint_ranks", fake, fake + 0.3) == 0
    assert shown("joint_ranks", *truths.correlated(4, 0.4).draw(N, 0)) == 0
    x = RNG.uniform(-2, 2, (2, N))
    spread = np.exp(1.2 * np.sin(4 * x)) * RNG.standard_normal((2, N))
    assert shown("joint_ranks", np.stack((x[0], spread[0]), 1), np.stack((x[1], RNG.permutation(spread[1])), 1)) > 0.05


@pytest.mark.parametrize("columns", [8, 100])
def test_rows_of_one_length_or_one_sum(columns: int) -> None:
    """Unit vectors, and shares, of which those of the fakes are off by .3 %."""
    vectors = RNG.standard_normal((2, N, columns))
    vectors /= np.linalg.norm(vectors, axis=2, keepdims=True)
    for real, fake in (vectors, RNG.dirichlet(np.ones(columns), (2, N))):
        assert shown("lengths", real, fake * RNG.normal(1, 0.003, (N, 1))) > 0.65
        assert abs(shown("lengths", real[::2], real[1::2])) < 0.005


def test_squares_are_whitened_where_products_are_too_many() -> None:
    real, fake = RNG.standard_normal((2, N, 20))
    weights = np.linspace(1, 2, 20)
    real, fake = (side / np.sqrt((side**2) @ weights)[:, None] for side in (real, fake))
    assert shown("whitened", real, fake * RNG.normal(1, 0.003, (N, 1))) > 0.5


def test_a_number_that_is_one_of_the_others_of_its_row() -> None:
    """The largest of six against nearly that; the median of three against any of them."""
    truth = truths.HOSTILE["chosen"]()
    real, fake = truth.draw(N, 0)
    assert shown("ranks", real, fake) > 0.6
    assert shown("ranks", real, truth.draw(N, 1)[0]) == 0
    rng = np.random.default_rng(3)
    x = rng.standard_normal((2, N, 3)).astype(np.float32)
    middle = np.column_stack((x[0], np.median(x[0], axis=1)))
    any_of_them = np.column_stack((x[1], x[1][np.arange(N), rng.integers(0, 3, N)]))
    assert shown("ranks", middle, any_of_them) > 0.25  # of .318


def test_a_column_that_swings_with_another() -> None:
    """y = sin 40 x with a little noise, against the same y in another order."""
    rng = np.random.default_rng(2)
    x = rng.uniform(-1, 1, (2, N))
    y = np.sin(40 * x) + 0.1 * rng.standard_normal((2, N))
    assert shown("periods", np.stack((x[0], y[0]), 1), np.stack((x[1], rng.permutation(y[1])), 1)) > 0.25
    assert shown("periods", *(np.stack((x[i], rng.permutation(y[i])), 1) for i in (0, 1))) == 0


def test_what_goes_together_in_categories_of_many_levels() -> None:
    def rows(together: bool) -> Array:
        city = RNG.integers(0, 40, 3 * N)
        code = (7 * city + 3) % 40
        return np.stack((city, code if together else RNG.permutation(code), RNG.integers(0, 9, 3 * N)), 1)

    assert shown("combinations", rows(True), rows(False), "table") > 0.5  # of .65
    assert abs(shown("combinations", rows(False), rows(False), "table")) < 0.005


@pytest.mark.parametrize("step", [1, 7_919])
def test_values_of_one_side_are_none_of_the_other(step: int) -> None:
    """Four hundred cities, postcodes or prices against others, each in seven rows: the truth is log 2."""

    def rows(first: int) -> Array:
        code = step * (2 * RNG.integers(0, 400, 2 * N) + first) % 1_000_003
        return np.stack((code, RNG.standard_normal(2 * N)), 1)

    assert shown("levels", rows(0), rows(1), "table", ("city=code", "x")) > 0.65
    assert abs(shown("levels", rows(0), rows(0), "table", ("city=code", "x"))) < 0.01


def test_three_bits_whose_sum_is_even() -> None:
    """No column and no pair shows anything; of five columns a triple does."""

    def bits(even: bool) -> Array:
        x = RNG.integers(0, 2, (N, 5))
        return np.where(np.arange(5) == 4, (x[:, :1] + x[:, 1:2]) % 2 if even else x, x)

    assert shown("combinations", bits(True), bits(False), "table") > 0.15  # of .2158


def test_which_halves_go_together_is_seen_among_many_values() -> None:
    """An even number of three columns of forty values is above its middle: no cell of 64,000 comes twice."""

    def rows(even: bool) -> Array:
        x = RNG.integers(0, 40, (N // 2, 4))
        odd = (x[:, :3] > 19).sum(1) % 2 == 1
        x[:, 0] = np.where(odd & even, (x[:, 0] + 20) % 40, x[:, 0])
        return x

    assert shown("combinations", rows(True), rows(False), "table") > 0.15  # of .2158


def autoregression(rho: float, *shape: int) -> Array:
    x = RNG.standard_normal(shape)
    for t in range(1, shape[1]):
        x[:, t] = rho * x[:, t - 1] + math.sqrt(1 - rho**2) * x[:, t]
    return x


@pytest.mark.parametrize("axes", [(0, 1, 2), (0, 2, 1)])
def test_sequences_that_forget_faster(axes: tuple[int, ...]) -> None:
    real, fake, again = (autoregression(rho, 800, 24, 2).transpose(axes) for rho in (0.8, 0.6, 0.8))
    assert shown("sequence", real, fake) > 0.45  # of .5705
    assert abs(shown("sequence", real, again)) < 0.02


def test_a_pattern_whenever_it_comes() -> None:
    """A rise and a fall, or the reverse, at any time: the same lag products and moments."""

    def rows(sign: int) -> Array:
        x = 0.3 * autoregression(0.5, 1_200, 24)
        for row, start in zip(x, RNG.integers(0, 18, len(x)), strict=True):
            row[start : start + 6] += sign * np.array([1.0, 2, 0.5, -0.5, -2, -1])
        return x

    assert shown("conv1d", rows(1), rows(-1)) > 0.55


def test_a_patch_that_is_too_smooth() -> None:
    real, fake = 0.5 + 0.1 * RNG.standard_normal((2, 400, 3, 12, 12))
    fake[:, :, 6:9, 3:6] = 0.5 + 0.7 * (fake[:, :, 6:9, 3:6] - 0.5)
    assert shown("texture", real, fake, "image") > 0.25
    assert shown("logistic", real, fake, "image") < 0.02
    for name in ("texture", "cosines"):
        assert abs(shown(name, real[::2], real[1::2], "image")) < 0.01


@pytest.mark.parametrize("size", [12, 40])
def test_a_checkerboard_too_faint_for_pixels(size: int) -> None:
    """Of small pictures, and of large ones by their pixels."""
    level = RNG.uniform(0.2, 0.8, (2, 400, 3, 1, 1)) + 0.01 * RNG.standard_normal((2, 400, 3, size, size))
    board = np.where(np.add.outer(np.arange(size), np.arange(size)) % 2, 1, -1) / size
    strength = RNG.normal((0.06, 0.0), 0.03, (400, 2)).T[:, :, None, None, None]
    real, fake = (level + strength * board).astype(np.float32)
    pair = Pair(real, fake, "image")
    if sketch.is_large("image", pair.shape):
        sides = (sketch.gathered([side], 400, pair.shape) for side in (real, fake))
        pair = sketch.pair_of(*sides, pair.shape)
    assert of_pair("cosines", pair) > 0.2  # of .34
    assert size > 12 or of_pair("logistic", pair) < 0.05


def test_noise_is_no_sequence() -> None:
    real, fake = RNG.standard_normal((2, 300, 24, 3)).astype(np.float32)
    assert "ordered" in probes.MEMBERS["sequence"].applies(Pair(real, fake, "array"))


def test_null_of_every_kind_is_nothing() -> None:
    same = RNG.standard_normal((2, N, 5))
    for name in (
        "whitened",
        "additive",
        "mixtures",
        "multiples",
        "periods",
        "checksums",
        "rests",
        "pair_rhythms",
        "joint_ranks",
        "planes",
        "ranks",
        "lengths",
        "lookups",
        "atoms",
        "levels",
        "combinations",
        "sequence",
    ):
        demonstrated = shown(name, *same)
        assert demonstrated <= 4 * js_se(np.zeros(2), np.zeros(2)) + 0.005
        assert demonstrated > -0.01
    assert demonstrated < LOG2
