from __future__ import annotations

import dataclasses
import functools
import itertools
from typing import Any

import numpy as np
import pytest
import torch
from _pytest.mark import ParameterSet

from ganprobe import plan, probes
from ganprobe.known import truths
from ganprobe.logits.calibration import calibrate
from ganprobe.objective import LOG2, js, js_se
from ganprobe.samples.folds import Fold, Folds, HeldOut, Split
from ganprobe.samples.sides import Array, Indices, Kind, Pair
from ganprobe.seeds import Seeds

SEEDS = Seeds(0)
FIT, VAL, TEST = 1_500, 500, 3_000


def one_fold(fit: int = FIT, val: int = VAL, test: int = TEST) -> Folds:
    edges = np.cumsum((0, fit, val, test))
    split = Split(*(np.arange(a, b, dtype=np.int64) for a, b in itertools.pairwise(edges)))
    return Folds((Fold(split, split),))


def pair_of(truth: truths.Truth, n: int = FIT + VAL + TEST, seed: int = 0) -> Pair:
    return Pair(*truth.draw(n, seed), truth.kind)


def as_pictures(pair: Pair) -> Pair:
    """Each coordinate squashed into [0, 1] and spread over rows of 8 x 8 pixels: injective, so JS is unchanged."""
    if pair.kind == "image":
        return pair

    def picture(x: Array) -> Array:
        squashed = 1 / (1 + np.exp(-x.astype(np.float64) / 2))
        return squashed[:, np.arange(64) * x.shape[1] // 64].reshape(-1, 1, 8, 8).astype(np.float32)

    return Pair(picture(pair.real), picture(pair.fake), "image")


def fitted(name: str, pair: Pair, folds: Folds, seeds: Seeds = SEEDS, **changes: Any) -> HeldOut:
    member = probes.MEMBERS[name]
    settings = dataclasses.replace(member.settings("fast", pair), **changes)
    return calibrate(probes.score(member.fit(pair, folds, settings, seeds, "cpu"), pair, folds))


def read(logits: HeldOut) -> tuple[float, float]:
    real, fake = np.concatenate(logits.test_real), np.concatenate(logits.test_fake)
    return js(real, fake), js_se(real, fake)


# -- every probe against every truth -------------------------------------------

# Those that look for structure of one kind, and apply only where there is some, have tests of their own.
SPECIALISTS = (
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
    "conv1d",
    "texture",
    "cosines",
)
# A straight line in the coordinates is a probe of its own, the weakest: what it misses is not a matter of the mean.
PROBES = (*(name for name in probes.MEMBERS if name not in SPECIALISTS), "linear")
# With 1,500 fit samples of either side in four dimensions and the smallest budget, each probe demonstrates this share
# of the truth, but for these pairs.
LEAST_SHARE = 0.65

SAME_MEANS = "both sides have the same mean in every coordinate"
LATTICE = "the lattice is finer than anything that the probe can resolve"
BLIND = {
    ("linear", "scale"): SAME_MEANS,
    ("linear", "correlated"): SAME_MEANS,
    ("linear", "two_modes"): SAME_MEANS,
    ("linear", "radial"): SAME_MEANS,
    ("linear", "spheres"): SAME_MEANS,
    ("linear", "pairs"): SAME_MEANS,
    ("conv", "spheres"): "a tenth more radius is spread over all blocks: nothing local to convolve",
    ("linear", "rounded"): LATTICE,
    ("additive", "rounded"): LATTICE,
    ("mixtures", "rounded"): LATTICE,
    ("logistic", "rounded"): LATTICE,
    ("mlp", "rounded"): LATTICE,
    ("conv", "rounded"): LATTICE,
    ("kde", "rounded"): LATTICE,
    ("knn", "rounded"): LATTICE,
}

NO_PLANE = "no plane divides it"
NO_QUADRIC = "no quadratic surface is its border"
DILUTED = "coordinates that are the same on both sides dilute distances"
NOT_GAUSSIAN = "nothing here is Gaussian"
SQUASHED = "as a picture its tails are squashed and its units mixed"
WEAK = {
    ("linear", "mixture"): (0.35, NO_PLANE),
    ("logistic", "two_modes"): (0.05, "both sides have the same mean and covariance"),
    ("linear", "ring"): (0.4, NO_PLANE),
    ("linear", "faded"): (0.35, NO_PLANE),
    ("linear", "invented"): (0.35, NO_PLANE),
    ("linear", "cubes"): (0.4, NO_PLANE),
    ("linear", "heavy"): (0.25, "the optimal logit of Student-t laws rises and falls"),
    ("linear", "table"): (0.1, NO_PLANE),
    ("whitened", "table"): (0.5, "little JS, and trees on coordinates that mix the categories"),
    ("logistic", "faded"): (0.55, NO_QUADRIC),
    ("logistic", "cubes"): (0.4, NO_QUADRIC),
    ("logistic", "heavy"): (0.25, "the optimal logit of Student-t laws rises and falls"),
    ("additive", "table"): (0.5, "what tells is a pair of categories"),
    ("additive", "pairs"): (0.1, "what tells is pairs of categories, and little of them alone"),
    ("mixtures", "pareto"): (0.5, NOT_GAUSSIAN),
    ("mixtures", "pictures"): (0.4, NOT_GAUSSIAN),
    ("mixtures", "cubes"): (0.5, NOT_GAUSSIAN),
    ("mixtures", "spheres"): (0.05, "a thin shell is no few clusters"),
    ("mixtures", "heavy"): (0.4, NOT_GAUSSIAN),
    ("mixtures", "table"): (0.1, "little JS, and categories without an order"),
    ("boosting", "pairs"): (0.5, "no split of one column alone gains anything"),
    ("boosting", "table"): (0.35, "little JS, and three coordinates that are the same on both sides"),
    ("mlp", "table"): (0.4, "little JS, and categories without an order"),
    ("conv", "two_modes"): (0.2, SQUASHED),
    ("conv", "pareto"): (0.35, SQUASHED),
    ("conv", "radial"): (0.25, SQUASHED),
    ("conv", "cubes"): (0.4, SQUASHED),
    ("conv", "heavy"): (0.4, SQUASHED),
    ("conv", "table"): (0.1, SQUASHED),
    ("kde", "two_modes"): (0.35, DILUTED),
    ("kde", "pareto"): (0.3, "one bandwidth for a core and a tail"),
    ("kde", "heavy"): (0.1, "one bandwidth for a core and a tail"),
    ("kde", "spheres"): (0.05, "a thin shell in four dimensions starves it"),
    ("kde", "counts"): (0.5, "one bandwidth for points and the gaps between them"),
    ("kde", "table"): (0.3, DILUTED),
    ("kde", "pairs"): (0.5, DILUTED),
    ("knn", "two_modes"): (0.4, DILUTED),
    ("knn", "radial"): (0.5, "neighbourhoods are wider than the shell"),
    ("knn", "spheres"): (0.02, "neighbourhoods are wider than the shell"),
    ("knn", "heavy"): (0.5, DILUTED),
    ("knn", "table"): (0.25, DILUTED),
    ("knn", "pairs"): (0.35, DILUTED),
}


@functools.cache
def suite(name: str) -> tuple[truths.Truth, Pair]:
    truth = truths.SUITE[name](4)
    return truth, pair_of(truth)


# Truths of each kind for the probes that take long; the rest is for the long run.
BRIEFLY = {
    "mlp": ("same", "ring", "table"),
    "conv": ("same", "pictures"),
    "knn": ("same", "shift", "ring", "lines", "table"),
    "kde": ("same", "shift", "ring", "lines", "table"),
    "whitened": ("same", "correlated", "ring", "table"),
    "additive": ("same", "cubes", "heavy"),
    "mixtures": ("same", "two_modes", "ring"),
}


def pairings() -> list[ParameterSet]:
    def marks(probe: str, name: str) -> list[pytest.MarkDecorator]:
        return [] if name in BRIEFLY.get(probe, (name,)) else [pytest.mark.slow]

    return [pytest.param(p, n, marks=marks(p, n)) for p, n in itertools.product(PROBES, truths.SUITE)]


@pytest.mark.parametrize(("probe", "name"), pairings())
def test_every_probe_against_every_truth(probe: str, name: str) -> None:
    truth, pair = suite(name)
    if probe == "conv":
        pair = as_pictures(pair)
    changes = {"degree": 1} if probe == "linear" else {}
    demonstrated, se = read(fitted("logistic" if probe == "linear" else probe, pair, one_fold(), **changes))
    assert demonstrated <= truth.js + 4 * se + 1e-9, "a held-out JS is a lower bound"
    assert demonstrated > -0.005, "a calibrated probe costs next to nothing where it sees nothing"
    if (probe, name) in BLIND:
        assert demonstrated < 0.05 * truth.js, "no longer blind: take it off the list"
    elif (probe, name) in WEAK:
        assert demonstrated >= WEAK[probe, name][0] * truth.js
        assert demonstrated < 0.85 * truth.js, "no longer weak: take it off the list"
    elif truth.js > 0:
        assert demonstrated >= LEAST_SHARE * truth.js


def test_the_lists_name_probes_and_truths_that_exist() -> None:
    for probe, name in (*BLIND, *WEAK):
        assert probe in PROBES
        assert name in truths.SUITE
    assert not set(BLIND) & set(WEAK)


def test_for_every_truth_there_is_a_probe_that_sees_it() -> None:
    for name in truths.SUITE:
        seeing = [p for p in PROBES if (p, name) not in BLIND and (p, name) not in WEAK]
        assert seeing or suite(name)[0].hard


# -- the contract of the family ------------------------------------------------


@functools.cache
def small(name: str) -> Pair:
    """900 rows a side on which the probe applies and sees a difference."""
    pair = pair_of(truths.shift(4, 1.5), 900, seed=5)
    if name == "conv":
        return as_pictures(pair)
    rng = np.random.default_rng(5)
    if name in ("texture", "cosines"):
        noise = rng.standard_normal((2, 900, 1, 8, 8)).astype(np.float32)
        board = np.where(np.add.outer(np.arange(8), np.arange(8)) % 2, 0.02, -0.02).astype(np.float32)
        return Pair(0.5 + 0.1 * noise[0], 0.5 + 0.07 * noise[1] + board, "image")
    if name == "multiples":
        return Pair(np.round(pair.real, 1), pair.fake, "array")
    if name == "periods":
        return pair_of(truths.HOSTILE["hours"](), 900)
    if name in ("checksums", "rests"):
        return pair_of(truths.HOSTILE["check_digit" if name == "checksums" else "shards"](), 900)
    if name == "lookups":
        return pair_of(truths.HOSTILE["regions"](), 900)
    if name in ("pair_rhythms", "joint_ranks"):
        return pair_of(truths.HOSTILE["lattice" if name == "pair_rhythms" else "hills"](), 900)
    if name == "planes":
        return pair_of(truths.HOSTILE["spiral"](), 900)
    if name == "ranks":
        return pair_of(truths.HOSTILE["chosen"](), 900)
    if name == "lengths":
        return Pair(*(side / np.linalg.norm(side, axis=1, keepdims=True) for side in (pair.real, pair.fake)), "array")
    if name == "atoms":
        return Pair(*(rng.integers(low, low + 40, (900, 1)).astype(np.float32) for low in (0, 20)), "array")
    if name == "levels":
        codes = [rng.integers(0, 60, 900) * 2 + (rng.random(900) < share) for share in (0.2, 0.8)]
        return Pair(*(np.stack((code, rng.normal(size=900)), 1).astype(np.float32) for code in codes), "array")
    if name == "combinations":
        return pair_of(truths.pairs(3, 3, 0.7), 900)
    return Pair(np.cumsum(pair_rows(rng), 1), pair_rows(rng), "array") if name in ("sequence", "conv1d") else pair


def pair_rows(rng: np.random.Generator) -> Array:
    return rng.standard_normal((900, 12)).astype(np.float32)


def quick(name: str, steps: int = 20) -> dict[str, int]:
    """A net is trained for so many steps: what is asked of it holds for any number."""
    return {"epochs": 1, "least_epochs": 1, "least_steps": steps} if name in ("mlp", "conv", "conv1d") else {}


SMALL = one_fold(600, 150, 150)


@functools.cache
def trained(name: str) -> probes.Probe:
    """The probe on its `small` pair."""
    pair = small(name)
    settings = dataclasses.replace(probes.MEMBERS[name].settings("fast", pair), **quick(name))
    return probes.MEMBERS[name].fit(pair, SMALL, settings, SEEDS, "cpu")


def logits(name: str) -> HeldOut:
    return calibrate(probes.score(trained(name), small(name), SMALL))


@pytest.mark.parametrize("name", probes.MEMBERS)
def test_the_test_part_plays_no_part_in_training(name: str) -> None:
    pair = small(name)
    rng = np.random.default_rng(0)
    spoilt = Pair(pair.real.copy(), pair.fake.copy(), pair.kind)
    for side in (spoilt.real, spoilt.fake):
        side[SMALL.folds[0].real.test] = rng.random(side[:150].shape) * 1e3
    one, other = logits(name), fitted(name, spoilt, SMALL, **quick(name))
    np.testing.assert_array_equal(one.val_real[0], other.val_real[0])
    np.testing.assert_array_equal(one.val_fake[0], other.val_fake[0])


@pytest.mark.parametrize("name", ["logistic", "mixtures"])
def test_what_val_has_chosen_learns_from_val_too(name: str) -> None:
    """Of three times the rows the same law is known better, and the val part is scored by those who never saw it."""
    pair = pair_of(truths.anisotropic(4), seed=3)
    folds = one_fold(500, 1_500, 3_000)
    member = probes.MEMBERS[name]
    probe = member.fit(pair, folds, member.settings("standard", pair), SEEDS, "cpu")
    once, again = (read(probes.score(p, pair, folds))[0] for p in (dataclasses.replace(probe, last=None), probe))
    assert again > once + 0.002
    assert not probe.calibrated


@pytest.mark.parametrize("name", probes.MEMBERS)
def test_a_probe_is_a_function_of_its_inputs_and_its_seed(name: str) -> None:
    pair = small(name)
    before = pair.real.copy(), pair.fake.copy()
    state = torch.random.get_rng_state()
    one = logits(name)
    np.random.seed(8)
    torch.manual_seed(9)
    other = fitted(name, pair, SMALL, **quick(name))
    torch.random.set_rng_state(state)
    np.testing.assert_array_equal(one.test_real[0], other.test_real[0])
    np.testing.assert_array_equal(one.test_fake[0], other.test_fake[0])
    np.testing.assert_array_equal(pair.real, before[0])
    np.testing.assert_array_equal(pair.fake, before[1])


@pytest.mark.parametrize("name", probes.MEMBERS)
def test_samples_are_scored_one_by_one(name: str) -> None:
    """A sample's logit does not depend on the company it keeps."""
    probe, rows = trained(name), small(name).real[SMALL.folds[0].real.test]
    whole = probe.logit(0, rows)
    assert whole.shape == (len(rows),)
    assert np.isfinite(whole).all()
    np.testing.assert_allclose(probe.logit(0, rows[40:41]), whole[40:41], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(probe.logit(0, rows[::-1])[::-1], whole, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", probes.MEMBERS)
def test_each_fold_has_a_probe_of_its_own(name: str) -> None:
    """The second fold's fakes are the first one's reals: its probe must say the opposite."""
    pair = small(name)
    sides = np.concatenate((pair.real, pair.fake))
    mixed = Pair(sides, np.concatenate((pair.fake, pair.real)), pair.kind)
    split = SMALL.folds[0].real

    def moved(by: int) -> Split:
        return Split(split.fit + by, split.val + by, split.test + by)

    held_out = fitted(name, mixed, Folds((Fold(moved(0), moved(0)), Fold(moved(900), moved(900)))), **quick(name, 100))
    for k in range(2):
        assert js(held_out.test_real[k], held_out.test_fake[k]) > 0.05


@pytest.mark.parametrize("name", probes.MEMBERS)
@pytest.mark.parametrize("kind", ["image", "array", "table"])
def test_budgets_buy_settings(name: str, kind: Kind) -> None:
    member = probes.MEMBERS[name]
    shape = (3, 3, 16, 16) if kind == "image" else (3, 5)
    pair = Pair(np.zeros(shape, np.float32), np.zeros(shape, np.float32), kind)
    if member.applies(pair) is None:
        bought = [member.settings(budget, pair) for budget in plan.BUDGETS]
        assert all(type(settings) is member.Settings for settings in bought)
        assert bought[0] != bought[2] or name == "logistic"
    elif name not in SPECIALISTS:
        assert (name, kind) in {
            ("conv", "array"),
            ("conv", "table"),
            *((p, "image") for p in ("whitened", "additive", "mixtures")),
        }


@pytest.mark.parametrize("name", probes.MEMBERS)
@pytest.mark.parametrize("shape", [(1,), (5,), (1, 8, 8), (3, 9, 12)])
def test_constant_samples_are_no_error(name: str, shape: tuple[int, ...]) -> None:
    pair = Pair(
        np.ones((300, *shape), np.float32), np.ones((300, *shape), np.float32), "image" if shape[1:] else "table"
    )
    if probes.MEMBERS[name].applies(pair) is None:
        demonstrated, _ = read(fitted(name, pair, one_fold(200, 50, 50), **quick(name)))
        assert abs(demonstrated) < 1e-3


@pytest.mark.parametrize("name", probes.MEMBERS)
def test_a_handful_of_samples_is_no_error(name: str) -> None:
    pair = small(name) if name in SPECIALISTS else pair_of(truths.lines(2), 20)
    pair = as_pictures(pair) if name == "conv" else pair
    few = Pair(pair.real[:20], pair.fake[:20], pair.kind)
    demonstrated, _ = read(fitted(name, few, one_fold(12, 4, 4), **quick(name)))
    assert -0.5 < demonstrated <= LOG2


@pytest.mark.parametrize("ratio", [0.25, 4])
@pytest.mark.parametrize("name", [name for name in probes.MEMBERS if name not in SPECIALISTS])
def test_unequal_numbers_of_both_sides_are_balanced(name: str, ratio: float) -> None:
    truth = truths.shift(4, 1.5)
    real, fake = truth.draw(2_400, 0, int(2_400 * ratio))

    def split(n: int) -> Split:
        return Split(*(np.arange(n * a // 4, n * b // 4, dtype=np.int64) for a, b in ((0, 2), (2, 3), (3, 4))))

    pair = as_pictures(Pair(real, fake, "array")) if name == "conv" else Pair(real, fake, "array")
    held_out = fitted(name, pair, Folds((Fold(split(len(real)), split(len(fake))),)), **quick(name, 150))
    demonstrated, se = read(held_out)
    assert 0.6 * truth.js < demonstrated < truth.js + 4 * se
    assert np.mean((held_out.test_real[0].mean(), held_out.test_fake[0].mean())) == pytest.approx(0, abs=0.25)


@pytest.mark.parametrize("name", SPECIALISTS)
def test_a_specialist_says_where_it_does_not_apply(name: str) -> None:
    assert probes.MEMBERS[name].applies(small(name)) is None
    assert probes.MEMBERS[name].applies(small("mlp")) is not None
    assert name in ("texture", "cosines") or probes.MEMBERS[name].applies(small("conv")) is not None


def test_a_convolution_needs_pictures() -> None:
    flat = Pair(np.zeros((9, 4), np.float32), np.zeros((9, 4), np.float32), "array")
    tiny = Pair(np.zeros((9, 1, 7, 30), np.float32), np.zeros((9, 1, 7, 30), np.float32), "image")
    assert "not pictures" in probes.MEMBERS["conv"].applies(flat)
    assert "8 x 8" in probes.MEMBERS["conv"].applies(tiny)


# -- what each is for ----------------------------------------------------------


def invented_values(rng: np.random.Generator, n: int, known: Array, share: float) -> Array:
    """``share`` of the entries moved off the ``known`` values, as a synthesizer's are."""
    values = rng.choice(known, (n, 2))
    return np.where(rng.random((n, 2)) < share, values + rng.normal(0, 0.5, (n, 2)), values).astype(np.float32)


def test_boosting_sees_values_that_no_real_row_has() -> None:
    rng = np.random.default_rng(0)
    known = rng.uniform(0, 100, 60)
    pair = Pair(invented_values(rng, 3_000, known, 0.0), invented_values(rng, 3_000, known, 0.5), "table")
    folds = one_fold(1_500, 500, 1_000)
    seen, _ = read(fitted("boosting", pair, folds))
    without, _ = read(fitted("boosting", pair, folds, atoms=False))
    # A row gives itself away with probability 3/4.
    assert seen > 0.25
    assert without < 0.7 * seen
    equal = Pair(pair.real, invented_values(rng, 3_000, known, 0.0), "table")
    demonstrated, se = read(fitted("boosting", equal, folds))
    assert -0.005 < demonstrated < 3 * se


def noise_pictures(rng: np.random.Generator, n: int, black: int) -> Array:
    """Random grey 16 x 16 pictures; ``black`` pixels, anywhere, are black."""
    pictures = rng.uniform(0.2, 0.8, (n, 256)).astype(np.float32)
    pictures[np.arange(n)[:, None], rng.random((n, 256)).argsort(1)[:, :black]] = 0
    return pictures.reshape(n, 1, 16, 16)


def test_boosting_counts_pixels() -> None:
    """Twice as many black pixels, in no particular place: one split on a statistic, hopeless on pixels."""
    rng = np.random.default_rng(0)
    pair = Pair(noise_pictures(rng, 2_000, 4), noise_pictures(rng, 2_000, 8), "image")
    folds = one_fold(1_200, 300, 500)
    assert read(fitted("boosting", pair, folds))[0] > 0.65
    assert read(fitted("boosting", pair, folds, statistics=False))[0] < 0.2


@pytest.mark.parametrize("kind", ["image", "array"])
def test_boosting_keeps_the_columns_that_tell(kind: Kind) -> None:
    """One of a thousand coordinates differs: as much is found as when it is alone."""
    rng = np.random.default_rng(1)
    real, fake = rng.random((2, 2_000, 1, 32, 32), np.float32)
    fake[:, 0, 20, 20] **= 3
    folds = one_fold(1_200, 300, 500)
    alone = read(fitted("boosting", Pair(real[:, :, 20, 20], fake[:, :, 20, 20], "array"), folds))[0]
    if kind == "array":
        real, fake = real.reshape(2_000, -1), fake.reshape(2_000, -1)
    assert alone > 0.08
    assert read(fitted("boosting", Pair(real, fake, kind), folds))[0] > alone - 0.05


def test_a_convolution_finds_a_pattern_wherever_it_is() -> None:
    rng = np.random.default_rng(2)

    def pictures(n: int, stripes: bool) -> Array:
        out = rng.normal(0.5, 0.05, (n, 16, 16)).astype(np.float32)
        for picture, (y, x) in zip(out, rng.integers(0, 12, (n, 2)), strict=True):
            bump = np.full((4, 4), 0.25)
            bump[(slice(None, None, 2),) if stripes else (slice(None), slice(None, None, 2))] *= -1
            picture[y : y + 4, x : x + 4] += bump
        return out[:, None]

    pair = Pair(pictures(1_600, True), pictures(1_600, False), "image")
    folds = one_fold(1_000, 200, 400)
    conv, logistic = (read(fitted(name, pair, folds))[0] for name in ("conv", "logistic"))
    assert conv > 0.5
    assert logistic < 0.1


@pytest.mark.parametrize("name", ["knn", "kde"])
def test_neighbours_are_sought_in_the_fit_part_alone(name: str) -> None:
    """Were a sample its own neighbour, P = Q would read log 2."""
    pair = pair_of(truths.same(6), 2_000)
    demonstrated, se = read(fitted(name, pair, one_fold(1_200, 400, 400)))
    assert -0.005 < demonstrated <= 3 * se + 1e-6


def test_the_units_of_columns_change_nothing() -> None:
    pair = small("mlp")
    units = np.array([1e-5, 1.0, 1e5, 37.0], np.float32)
    moved = Pair(pair.real * units + units, pair.fake * units + units, pair.kind)
    for name in ("logistic", "boosting", "mlp", "kde", "knn", "whitened"):
        one, other = (read(fitted(name, p, SMALL, **quick(name)))[0] for p in (pair, moved))
        assert other == pytest.approx(one, abs=0.01)


def rows_of(fold: Fold) -> list[Indices]:
    return [fold.real.fit, fold.real.val, fold.real.test]


def test_scores_come_in_the_order_of_the_folds() -> None:
    rows = np.arange(60, dtype=np.float32)[:, None]
    pair = Pair(rows, rows + 100, "array")
    splits = [Split(*np.split(np.roll(np.arange(60), 7 * k), (30, 45))) for k in range(3)]
    folds = Folds(tuple(Fold(split, split) for split in splits))
    probe = probes.Probe(lambda k, values: values[:, 0] + 1000.0 * k, None, None, "")
    logits = probes.score(probe, pair, folds)
    for k, fold in enumerate(folds):
        _, val, test = rows_of(fold)
        np.testing.assert_array_equal(logits.val_real[k], val + 1000 * k)
        np.testing.assert_array_equal(logits.val_fake[k], val + 100 + 1000 * k)
        np.testing.assert_array_equal(logits.test_real[k], test + 1000 * k)
        np.testing.assert_array_equal(logits.test_fake[k], test + 100 + 1000 * k)
