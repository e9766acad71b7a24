from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from ganprobe import localise, truths, views
from ganprobe.objective import LOG2
from ganprobe.samples import Array, Fold, Folds, Kind, Pair, Split, row_hashes, split_sides
from ganprobe.seeds import Seeds

SEEDS = Seeds(0)


def divided(pair: Pair) -> Folds:
    return split_sides(row_hashes(pair.real, 0), row_hashes(pair.fake, 0))


def textured(n: int, seed: int, fine: float, coarse: float) -> Array:
    """Grey 8 x 8 pictures: a level for the whole picture, ``coarse``, and a checkerboard, ``fine``."""
    rng = np.random.default_rng(seed)
    board = (np.indices((8, 8)).sum(0) % 2 - 0.5) * 2
    level = 0.5 + coarse + 0.02 * rng.standard_normal((n, 1, 1, 1))
    return np.clip(level + fine * board + 0.02 * rng.standard_normal((n, 1, 8, 8)), 0, 1).astype(np.float32)


def rows(pair: Pair) -> dict[str, float]:
    folds = divided(pair)
    return {
        name: localise.through(name, pair, folds, settings, SEEDS).js
        for name, settings in localise.family(pair, folds, "fast")
    }


def test_a_fine_difference_is_lost_in_blocks_and_noise() -> None:
    fine = rows(Pair(textured(800, 0, 0.1, 0.0), textured(800, 1, 0.0, 0.0), "image"))
    coarse = rows(Pair(textured(800, 0, 0.0, 0.0), textured(800, 1, 0.0, 0.15), "image"))
    assert fine["blocks"] < 0.05
    assert coarse["blocks"] > 0.6
    assert coarse["noise"] > 0.2
    assert coarse["pca"] > 0.6


@pytest.mark.parametrize(("kind", "shape"), [("image", (1, 8, 8)), ("array", (40,)), ("table", (5,)), ("array", (1,))])
def test_rows_apply_to_their_kind(kind: Kind, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    pair = Pair(rng.random((100, *shape), np.float32), rng.random((100, *shape), np.float32), kind)
    family = localise.family(pair, divided(pair), "fast")
    for name, settings in family:
        assert name in views.MEMBERS
        assert views.MEMBERS[name].applies(pair) is None
        assert type(settings) is views.MEMBERS[name].Settings
    assert ("blocks" in dict(family)) == (kind == "image")


@pytest.mark.parametrize("unit", [1e-3, 1.0, 1e6])
def test_noise_of_arrays_is_in_their_unit(unit: float) -> None:
    real, fake = truths.shift(5, 1.0).draw(400, 0)
    pair = Pair(real * np.float32(unit), fake * np.float32(unit), "array")
    settings = dict(localise.family(pair, divided(pair), "fast"))["noise"]
    assert settings.sigma == pytest.approx(0.3 * unit, rel=0.2)


def test_a_row_says_what_was_done() -> None:
    pair = Pair(*truths.shift(4, 2.0).draw(800, 0), "array")
    settings = views.MEMBERS["noise"].Settings(sigma=3.0)
    row = localise.through("noise", pair, divided(pair), settings, SEEDS)
    assert (row.name, row.settings) == ("noise", dataclasses.asdict(settings))
    assert row.floor <= row.js
    assert row.low < row.js < row.high <= LOG2
    assert row.seconds > 0


def test_no_view_shows_more_than_there_is() -> None:
    truth = truths.shift(6, 1.5)
    for name, js in rows(Pair(*truth.draw(1_500, 0), "array")).items():
        assert js < truth.js + 0.03, name


def test_noise_takes_what_theory_says() -> None:
    """N(0, 1) and N(2, 1) with noise 2: a shift of 2 / sqrt(5)."""
    pair = Pair(*truths.shift(1, 2.0).draw(3_000, 0), "array")
    row = localise.through("noise", pair, divided(pair), views.MEMBERS["noise"].Settings(sigma=2.0), SEEDS)
    assert row.js == pytest.approx(truths.shift_js(2 / 5**0.5), abs=0.025)


def test_the_quick_probes_are_near_the_truth() -> None:
    for truth in (truths.shift(4, 1.5), truths.scale(4, 1.8), truths.lines()):
        pair = Pair(*truth.draw(2_000, 0), "array")
        read = localise.row("raw", localise.quick(pair, divided(pair), SEEDS), SEEDS, {}, 0.0)
        assert read.js == pytest.approx(truth.js, abs=0.12 * truth.js)


def test_an_excerpt_holds_the_rows_of_its_fold() -> None:
    real, fake = np.arange(100, dtype=np.float32)[:, None], np.arange(500, 700, dtype=np.float32)[:, None]
    order = np.random.default_rng(0).permutation
    fold = Fold(Split(*np.split(order(100), (60, 80))), Split(*np.split(order(200), (120, 150))))
    some_real, some_fake, folds = localise.excerpt(real, fake, fold, 40)
    (numbered,) = folds
    for side, values, split, new in (
        (real, some_real, fold.real, numbered.real),
        (fake, some_fake, fold.fake, numbered.fake),
    ):
        for name in ("fit", "val", "test"):
            np.testing.assert_array_equal(values[getattr(new, name)], side[getattr(split, name)[:40]])
    assert len(some_real) == 40 + 20 + 20
    assert len(some_fake) == 40 + 30 + 40
