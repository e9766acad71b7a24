from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from ganprobe import views
from ganprobe.known import truths
from ganprobe.measures import column_ranking, localise
from ganprobe.measures.localise import Row
from ganprobe.objective import LOG2, shift_js
from ganprobe.plan import Plan
from ganprobe.record.bound import Bound
from ganprobe.record.views import ViewRecord
from ganprobe.samples.folds import Fold, Folds, HeldOut, Split, row_hashes, split_sides
from ganprobe.samples.sides import Array, Kind, Pair
from ganprobe.seeds import Seeds
from ganprobe.views import Chain

SEEDS = Seeds(0)
PLAN = Plan("g.pt", "real.npy")


def divided(pair: Pair) -> Folds:
    return split_sides(row_hashes(pair.real, 0), row_hashes(pair.fake, 0))


def textured(n: int, seed: int, fine: float, coarse: float) -> Array:
    """Grey 8 x 8 pictures: a level for the whole picture, ``coarse``, and a checkerboard, ``fine``."""
    rng = np.random.default_rng(seed)
    board = (np.indices((8, 8)).sum(0) % 2 - 0.5) * 2
    level = 0.5 + coarse + 0.02 * rng.standard_normal((n, 1, 1, 1))
    return np.clip(level + fine * board + 0.02 * rng.standard_normal((n, 1, 8, 8)), 0, 1).astype(np.float32)


def top(pair: Pair, folds: Folds) -> Row:
    return localise.row(Chain(), "raw", localise.quick(pair, folds, SEEDS), SEEDS, {}, 0.0)


def table(pair: Pair, plan: Plan = PLAN) -> dict[str, float]:
    folds = Folds(divided(pair).folds[:1])
    rows = localise.tabulate(localise.look(plan, pair, folds, SEEDS), Chain(), top(pair, folds), SEEDS)
    return {row.record.label: row.record.js for row in rows}


def through(chain: Chain, before: Chain, pair: Pair) -> Row:
    folds = divided(pair)
    looks = localise.Looks(pair, folds, {chain: localise.look_through(chain, pair, folds, SEEDS)})
    (row,) = localise.tabulate(looks, before, Row(chain, ROOF.record, 1.0), SEEDS)
    return row


def single(name: str, **settings: Any) -> Chain:
    return Chain(((name, views.MEMBERS[name].Settings(**settings)),))


# -- the rows ------------------------------------------------------------------


@pytest.mark.slow
def test_a_fine_difference_is_lost_in_blocks_and_noise() -> None:
    fine = table(Pair(textured(1_500, 0, 0.1, 0.0), textured(1_500, 1, 0.0, 0.0), "image"))
    coarse = table(Pair(textured(1_500, 0, 0.0, 0.0), textured(1_500, 1, 0.0, 0.15), "image"))
    assert fine["blocks size=2"] < 0.05
    assert fine["highpass"] > 0.6
    assert coarse["blocks size=4"] > 0.6
    assert coarse["noise sigma=0.3"] > 0.2
    assert coarse["pca dims=5"] > 0.6
    for rows in (fine, coarse):
        assert rows["blocks size=2"] >= rows["blocks size=4"]
        assert rows["noise sigma=0.1"] >= rows["noise sigma=0.3"] >= rows["noise sigma=1.0"]
        assert rows["threshold level=0.5"] >= rows["threshold level=0.5 + blocks size=2"]
        assert rows["statistics"] >= rows["histogram"]


def test_a_table_says_which_columns_and_what_is_left_without_them() -> None:
    """Two columns are shifted, two are in an exclusive-or, three are alike."""
    rng = np.random.default_rng(0)
    real, fake = rng.standard_normal((2, 4_000, 7)).astype(np.float32)
    fake[:, 0] += 2
    fake[:, 1] += 1
    fake[:, 3] = np.abs(fake[:, 3]) * np.sign(fake[:, 2])
    rows = table(Pair(real, fake, "table", tuple("abcdefg")))
    assert rows["columns keep=a"] == pytest.approx(shift_js(2.0), abs=0.04)
    assert rows["columns keep=b"] == pytest.approx(shift_js(1.0), abs=0.03)
    assert rows["columns keep=c"] < 0.02
    assert rows["columns keep=c,d"] == pytest.approx(0.2158, abs=0.04)
    assert rows["columns drop=a"] > rows["columns drop=a,b"] > 0.15


@pytest.mark.parametrize(("kind", "shape"), [("image", (1, 8, 8)), ("array", (40,)), ("table", (5,)), ("array", (1,))])
def test_rows_apply_to_their_kind(kind: Kind, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    pair = Pair(rng.random((100, *shape), np.float32), rng.random((100, *shape), np.float32), kind)
    family = localise.family(PLAN, pair, divided(pair))
    assert len(set(family)) == len(family)
    for chain in family:
        chain.apply(pair, divided(pair).folds[0], SEEDS)
    names = {chain.steps[0][0] for chain in family}
    assert ("blocks" in names) == (kind == "image")
    assert ("columns" in names) == (kind != "image" and shape != (1,))


def test_settings_of_the_plan_replace_a_ladder() -> None:
    pair = Pair(textured(50, 0, 0, 0), textured(50, 1, 0, 0), "image")
    plan = dataclasses.replace(PLAN, settings={"views.blocks.size": "3", "views.noise.sigma": "0.5"})
    labels = [
        localise.row(c, c.name, ROWS, SEEDS, c.settings, 0).record.label
        for c in localise.family(plan, pair, divided(pair))
    ]
    assert [label for label in labels if "blocks" in label or "noise" in label] == [
        "threshold level=0.5 + blocks size=3",
        "blocks size=3",
        "noise sigma=0.5",
    ]


@pytest.mark.parametrize("unit", [1e-3, 1.0, 1e6])
def test_noise_of_arrays_is_in_their_unit(unit: float) -> None:
    real, fake = truths.shift(5, 1.0).draw(400, 0)
    pair = Pair(real * np.float32(unit), fake * np.float32(unit), "array")
    sigmas = [c.settings["sigma"] for c in localise.family(PLAN, pair, divided(pair)) if c.name == "noise"]
    assert sigmas == pytest.approx([0.1 * unit, 0.3 * unit, unit], rel=0.2)


def test_a_row_says_what_was_done() -> None:
    pair = Pair(*truths.shift(4, 2.0).draw(800, 0), "array")
    row = through(single("noise", sigma=3.0), single("pca"), pair).record
    assert (row.name, row.settings) == ("pca+noise", {"pca.dims": 5, "noise.sigma": 3.0})
    assert row.label == "pca dims=5 + noise sigma=3.0"
    assert row.floor <= row.js
    assert row.low < row.js < row.high <= LOG2
    assert row.seconds > 0


def test_a_view_behind_itself_keeps_both_settings() -> None:
    pair = Pair(*truths.shift(4, 2.0).draw(400, 0), "array")
    row = through(single("columns", keep="[0]"), single("columns", drop="[1]"), pair)
    assert row.record.label == "columns drop=[1] + columns keep=[0]"


def test_no_view_shows_more_than_there_is() -> None:
    truth = truths.shift(6, 1.5)
    for name, js in table(Pair(*truth.draw(3_000, 0), "array")).items():
        assert js < truth.js + 0.05, name


def test_noise_takes_what_theory_says() -> None:
    """N(0, 1) and N(2, 1) with noise 2: a shift of 2 / sqrt(5)."""
    pair = Pair(*truths.shift(1, 2.0).draw(3_000, 0), "array")
    row = through(single("noise", sigma=2.0), Chain(), pair).record
    assert row.js == pytest.approx(shift_js(2 / 5**0.5), abs=0.025)


def test_boosting_is_left_out_where_logistic_regression_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    fitted: list[str] = []
    train = type(localise.probes.MEMBERS).__getitem__

    def counted(family: Any, name: str) -> Any:
        fitted.append(name)
        return train(family, name)

    monkeypatch.setattr(type(localise.probes.MEMBERS), "__getitem__", counted)
    for distance, members in ((20.0, ["logistic"]), (1.0, ["logistic", "boosting"])):
        fitted.clear()
        pair = Pair(*truths.shift(2, distance).draw(500, 0), "array")
        seen = top(pair, Folds(divided(pair).folds[:1]))
        assert [name for name in fitted if name in localise.QUICK] == members
        assert (seen.record.js > 0.99 * LOG2) == (len(members) == 1)


def test_the_quick_probes_are_near_the_truth() -> None:
    for truth in (truths.shift(4, 1.5), truths.scale(4, 1.8), truths.lines()):
        pair = Pair(*truth.draw(2_000, 0), "array")
        assert top(pair, divided(pair)).record.js == pytest.approx(truth.js, abs=0.12 * truth.js)


# -- what is a function of what ------------------------------------------------


@pytest.mark.parametrize(
    ("fine", "coarse"),
    [
        (single("blocks", size=2), single("blocks", size=8)),
        (single("noise", sigma=0.1), single("noise", sigma=0.3)),
        (single("statistics"), single("histogram")),
        (single("threshold"), single("threshold").then("blocks", views.MEMBERS["blocks"].Settings())),
        (single("pca", dims=5), single("pca", dims=2)),
        (single("rounding", decimals=2), single("rounding", decimals=0)),
        (single("columns", keep="a,b"), single("columns", keep="b")),
        (single("columns", drop="a"), single("columns", drop="c,a")),
        (single("columns", drop="a"), single("columns", keep="b,c")),
        (Chain(), single("blocks")),
    ],
)
def test_a_coarser_view_is_a_function_of_a_finer_one_and_not_the_other_way(fine: Chain, coarse: Chain) -> None:
    assert fine.covers(coarse)
    assert fine.covers(fine)
    assert not coarse.covers(fine)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (single("blocks", size=2), single("blocks", size=3)),
        (single("blocks", size=2), single("threshold").then("blocks", views.MEMBERS["blocks"].Settings(2))),
        (single("columns", keep="a"), single("columns", keep="b")),
        (single("columns", drop="a"), single("columns", keep="a,b")),
        (single("blur"), single("noise")),
    ],
)
def test_views_of_different_things_do_not_cover_each_other(one: Chain, other: Chain) -> None:
    assert not one.covers(other)
    assert not other.covers(one)


def test_what_is_said_to_be_a_function_is_one() -> None:
    """Larger blocks from smaller ones, a histogram from statistics, fewer decimals from more: exactly."""
    rng = np.random.default_rng(0)
    pictures = Pair(rng.random((20, 1, 28, 28), np.float32), rng.random((20, 1, 28, 28), np.float32), "image")
    fold = divided(pictures).folds[0]
    for size, larger in ((2, 4), (2, 8), (4, 8)):
        small = single("blocks", size=size).apply(pictures, fold, SEEDS)
        if 28 % larger == 0:  # else the means at the edge are of fewer pixels, and weigh less
            both = single("blocks", size=larger // size).apply(small, fold, SEEDS).real
            np.testing.assert_allclose(both, single("blocks", size=larger).apply(pictures, fold, SEEDS).real, rtol=1e-5)
    numbers = Pair(rng.standard_normal((50, 3)).astype(np.float32), rng.random((50, 3), np.float32), "array")
    fold = divided(numbers).folds[0]
    fine, coarse = (single("rounding", decimals=d).apply(numbers, fold, SEEDS).real for d in (1, 0))
    np.testing.assert_array_equal(np.floor(fine / 10), coarse)


ROWS = HeldOut(*(((np.zeros(4),),) * 4))


def made(chain: Chain, js: float, val: float, width: float = 0.02) -> Row:
    return Row(chain, ViewRecord(chain.name, Bound(js, js - width, js + width, js - width), chain.settings), val)


LADDER = [single("blocks", size=2), single("blocks", size=4), single("blocks", size=8)]
ROOF = made(Chain(), 0.6, 0.6)


def js_of(rows: Sequence[Row]) -> list[float]:
    return [row.record.js for row in rows]


def test_what_a_coarser_view_shows_a_finer_one_shows_too() -> None:
    rows = [made(chain, js, js) for chain, js in zip(LADDER, (0.2, 0.5, 0.3), strict=True)]
    raised = localise.nested(ROOF, rows)
    assert js_of(raised) == [0.5, 0.5, 0.3]
    assert [row.record.settings["size"] for row in raised] == [2, 4, 8]
    assert raised[0].record.floor == rows[1].record.floor


def test_noise_of_the_test_part_is_not_picked_from() -> None:
    """By its val part the finer row is as good: the coarser one is not taken for being lucky on test."""
    rows = [made(chain, js, 0.4) for chain, js in zip(LADDER, (0.39, 0.41, 0.40), strict=True)]
    assert js_of(localise.nested(ROOF, rows)) == [0.39, 0.39, 0.39]


def test_no_row_is_above_the_headline_unless_it_is_certified_to_be() -> None:
    (lucky,) = localise.nested(ROOF, [made(single("pca"), 0.61, 0.61)])
    assert lucky.record.js == 0.6
    (certain,) = localise.nested(ROOF, [made(single("pca"), 0.68, 0.68, 0.001)])
    assert certain.record.js == 0.68


# -- which columns -------------------------------------------------------------


def test_columns_are_ranked_by_their_own_difference() -> None:
    rng = np.random.default_rng(0)
    real, fake = rng.standard_normal((2, 2_000, 6)).astype(np.float32)
    fake[:, 4] += 1
    fake[fake[:, 2] > 0.3, 2] = 0  # an atom
    fake[:, 5] *= np.sign(fake[:, 0]) * np.sign(fake[:, 5])
    pair = Pair(real, fake, "table", tuple("abcdef"))
    worst = column_ranking.columns(pair, divided(pair).folds[0])
    assert worst[:2] == ("c", "e")
    first, second = column_ranking.pairs(pair, divided(pair).folds[0], worst)[:2]
    assert set(first) == {"c", "e"}
    assert set(second) == {"a", "f"}


def test_a_category_is_one_column() -> None:
    rng = np.random.default_rng(0)
    real, fake = (np.eye(3, dtype=np.float32)[rng.choice(3, 500, p=p)] for p in ((0.6, 0.3, 0.1), (0.1, 0.3, 0.6)))
    numbers = rng.standard_normal((2, 500, 1)).astype(np.float32)
    names = ("colour=red", "colour=green", "colour=blue", "size")
    pair = Pair(np.hstack((real, numbers[0])), np.hstack((fake, numbers[1])), "table", names)
    fold = divided(pair).folds[0]
    assert column_ranking.columns(pair, fold) == ("colour", "size")
    seen = single("columns", keep="colour").apply(pair, fold, SEEDS)
    assert seen.columns == names[:3]
    assert single("columns", drop="colour").apply(pair, fold, SEEDS).columns == ("size",)


@pytest.mark.parametrize("name", ["net, gross", 'the "best"', "a", "[1][2]"])
def test_any_name_can_be_kept(name: str) -> None:
    columns = views.MEMBERS["columns"]
    assert columns.names_in(columns.listed([name, "b"])) == (name, "b")


# -- fewer rows ----------------------------------------------------------------


def test_an_excerpt_holds_the_rows_of_its_folds() -> None:
    real, fake = np.arange(100, dtype=np.float32)[:, None], np.arange(500, 700, dtype=np.float32)[:, None]
    order = np.random.default_rng(0).permutation
    folds = [Fold(Split(*np.split(order(100), (60, 80))), Split(*np.split(order(200), (120, 150)))) for _ in range(3)]
    some_real, some_fake, few = localise.excerpt(real, fake, Folds(tuple(folds)), (40, 10, 36))
    assert len(few) == 2  # 20 test reals in each fold
    for fold, numbered in zip(folds, few, strict=False):
        for side, values, split, new in (
            (real, some_real, fold.real, numbered.real),
            (fake, some_fake, fold.fake, numbered.fake),
        ):
            for name, most in (("fit", 40), ("val", 10), ("test", 18)):
                np.testing.assert_array_equal(values[getattr(new, name)], side[getattr(split, name)[:most]])
