from __future__ import annotations

import numpy as np
import pytest

from ganprobe.known import truths
from ganprobe.samples import scaling
from ganprobe.samples.folds import Fold, Folds, Split
from ganprobe.samples.sides import Array, Pair
from ganprobe.seeds import Seeds

SEEDS = Seeds(0)
N = 1_000
FIT = np.arange(N, dtype=np.int64)
REST = np.arange(N, 2 * N, dtype=np.int64)
FOLD = Fold(Split(FIT, REST[:500], REST[500:]), Split(FIT, REST[:500], REST[500:]))


def pair_of(real: Array, fake: Array, kind: str = "table") -> Pair:
    return Pair(real.astype(np.float32), fake.astype(np.float32), kind)  # type: ignore[arg-type]


def gaussian(d: int = 3, delta: float = 1.0, kind: str = "table") -> Pair:
    return pair_of(*truths.shift(d, delta).draw(2 * N, 0), kind)


def test_coordinates_come_standardised_with_totals_then_as_normal_scores() -> None:
    pair = gaussian()
    scaler = scaling.scaler(pair, FOLD, SEEDS)
    seen = scaler(np.concatenate((pair.real, pair.fake)))
    assert seen.shape == (4 * N, 3 + 6 + 3) == (4 * N, scaler.width)
    assert seen.dtype == np.float32
    np.testing.assert_allclose(np.median(seen[:, [0, 1, 2, 9, 10, 11]], 0), 0, atol=0.1)
    np.testing.assert_allclose(seen.std(0), 1, atol=0.1)


def test_a_change_of_radius_is_one_of_the_totals() -> None:
    real, fake = truths.scale(200, 1.1).draw(2 * N, 0)
    pair = pair_of(real, fake)
    see = scaling.scaler(pair, FOLD, SEEDS)
    shift = np.abs(see(pair.fake).mean(0) - see(pair.real).mean(0))
    # N(0, I) against 1.1 N(0, I) in 200 dimensions: mean squares 1 and 1.21 of spread .1 and .12.
    assert shift[:200].max() < 0.2
    assert shift[201] > 1.2


def test_edges_that_no_coordinate_shows_alone_are_one_of_the_totals() -> None:
    """Cubes in 50 dimensions that share a tenth of their volume: nine fakes in ten lie beyond an edge of the reals."""
    real, fake = truths.cubes(50, 0.1).draw(2 * N, 0)
    see = scaling.scaler(pair_of(real, fake), FOLD, SEEDS)
    outside = see.boxes[0].excess(fake, see.spread) > 0
    assert outside[FIT].mean() == pytest.approx(0.9, abs=0.05)
    seen = see(np.concatenate((real, fake)))
    # From the mean of the reals, in standard deviations of both sides together.
    assert seen[2 * N :, 54].mean() - seen[: 2 * N, 54].mean() > 1


def test_fit_rows_lie_outside_their_own_box_as_often_as_new_rows_do() -> None:
    real, fake = truths.same(20).draw(2 * N, 3)
    box = scaling.scaler(pair_of(real, fake), FOLD, SEEDS).boxes[0]
    outside = box.excess(real, np.ones(20, np.float32)) > 0
    # Of n + 1 exchangeable rows each is the outermost at one of 2 d faces with probability 1 - (1 - 2 / (n + 1))^d.
    expected = 1 - (1 - 2 / (N + 1)) ** 20
    assert outside[FIT].mean() == pytest.approx(expected, abs=0.012)
    assert outside[REST].mean() == pytest.approx(expected, abs=0.02)


def test_units_and_offsets_change_nothing() -> None:
    pair = gaussian()
    units, offsets = np.array([1e5, 1e-5, -3.0], np.float32), np.array([7e4, 0.0, 1.0], np.float32)
    moved = pair_of(pair.real * units + offsets, pair.fake * units + offsets)
    plain = scaling.scaler(pair, FOLD, SEEDS)(pair.real)
    same = scaling.scaler(moved, FOLD, SEEDS)(moved.real)
    # The third column is turned round, and the mean of the row, the first of the totals, with it.
    columns = [0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11]
    turned = np.array([1, 1, -1, 1, 1, 1, 1, 1, 1, 1, 1, -1])
    np.testing.assert_allclose(same[:, columns], (plain * turned)[:, columns], atol=0.02)


def test_a_monotone_warp_keeps_the_normal_scores() -> None:
    pair = gaussian(1)
    warped = pair_of(np.exp(3 * pair.real), np.exp(3 * pair.fake))
    plain, bent = (scaling.scaler(p, FOLD, SEEDS)(p.real) for p in (pair, warped))
    assert np.abs(bent[:, 0] - plain[:, 0]).max() > 0.5
    np.testing.assert_allclose(bent[:, 1], plain[:, 1], atol=0.12)


@pytest.mark.parametrize("far", [1e3, 1e10, 1e30])
def test_tails_are_squashed(far: float) -> None:
    pair = gaussian(1)
    scaler = scaling.scaler(pair, FOLD, SEEDS)
    seen = scaler(np.array([[-far], [far]], np.float32))
    assert np.isfinite(seen).all()
    assert np.abs(seen).max() < 80
    assert seen[0, 0] < -3 < 3 < seen[1, 0]


@pytest.mark.parametrize("kind", ["table", "array", "image"])
def test_scaling_keeps_order(kind: str) -> None:
    real, fake = truths.heavy().draw(2 * N, 0)
    shape = (-1, 1, 1, 1) if kind == "image" else (-1, 1)
    pair = pair_of(real.reshape(shape), fake.reshape(shape), kind)
    rows = np.linspace(-50, 50, 2_001, dtype=np.float32)
    seen = scaling.scaler(pair, FOLD, SEEDS)(rows.reshape(shape))
    assert (np.diff(seen[:, 0]) > 0).all()
    assert (np.diff(seen, axis=0) >= 0).all()


def test_only_the_fit_part_is_measured() -> None:
    pair = gaussian()
    spoilt = pair_of(pair.real.copy(), pair.fake.copy())
    spoilt.real[N:] = 1e6
    spoilt.fake[N:] = -1e6
    for reduce in (scaling.scaler, lambda p, f, s: scaling.reduction(p, f, 2, s)):
        np.testing.assert_array_equal(reduce(pair, FOLD, SEEDS)(pair.real), reduce(spoilt, FOLD, SEEDS)(pair.real))


def test_both_sides_count_alike_whatever_their_numbers() -> None:
    real, fake = truths.shift(1, 6.0).draw(2 * N, 0, 20 * N)
    fold = Fold(FOLD.real, Split(np.arange(19 * N), np.arange(19 * N, 20 * N), np.arange(1)))
    centre = scaling.scaler(pair_of(real, fake), fold, SEEDS).centre
    assert centre[0] == pytest.approx(3, abs=0.6)
    rows = scaling.fit_rows(pair_of(real, fake), fold, 500, SEEDS)
    assert rows.shape == (500, 1)
    assert (rows > 3).sum() == pytest.approx(250, abs=3)


def test_a_constant_column_is_constant() -> None:
    pair = gaussian()
    for side in (pair.real, pair.fake):
        side[:, 1] = 42
    seen = scaling.scaler(pair, FOLD, SEEDS)(pair.real)
    assert np.isfinite(seen).all()
    np.testing.assert_array_equal(seen[:, [1, 10]], 0)


def test_atoms_have_one_place() -> None:
    rng = np.random.default_rng(0)
    column = np.where(rng.random(2 * N) < 0.7, 0, rng.lognormal(3, 1, 2 * N))[:, None]
    pair = pair_of(column, column)
    scaler = scaling.scaler(pair, FOLD, SEEDS)
    seen = scaler(np.array([[0.0], [0.0], [1e-3], [30.0]], np.float32))
    np.testing.assert_array_equal(seen[0], seen[1])
    # The middle of the ranks that the atom spans: .35 of the rows.
    assert seen[0, 1] == pytest.approx(-0.385, abs=0.05)
    assert seen[2, 1] > seen[0, 1]


def test_pictures_have_one_common_scale() -> None:
    rng = np.random.default_rng(0)
    pictures = rng.random((2 * N, 1, 4, 4), np.float32)
    pictures[:, 0, 0, 0] = 0
    pictures[0, 0, 0, 0] = 1e-3
    pair = Pair(pictures, pictures, "image")
    seen = scaling.scaler(pair, FOLD, SEEDS)(pictures)
    assert seen.shape == (2 * N, 16)
    assert np.ptp(seen[:, 0]) < 0.01
    assert seen[:, 1:].std() == pytest.approx(1, abs=0.15)


def test_wide_samples_come_without_normal_scores() -> None:
    pair = gaussian(300)
    assert scaling.scaler(pair, FOLD, SEEDS).width == 300 + 6


@pytest.mark.parametrize("d", [3, 300])
def test_batches_are_what_single_samples_are(d: int) -> None:
    pair = gaussian(d)
    folds = Folds((FOLD, Fold(Split(REST, FIT, FIT), Split(REST, FIT, FIT))))
    inputs = scaling.FoldInputs(pair, folds, SEEDS, "cpu")
    rows = np.array([[5, 1_700, 0], [9, 9, 1_234]])
    for side, values in (("real", pair.real), ("fake", pair.fake)):
        batch = inputs.gather(side, rows)  # type: ignore[arg-type]
        assert batch.shape == (2, 3, inputs.width)
        for k in range(2):
            np.testing.assert_allclose(batch[k], inputs.of_fold(k, values[rows[k]])[0], atol=1e-6)
    assert not np.array_equal(inputs.of_fold(0, pair.real), inputs.of_fold(1, pair.real))


def test_few_coordinates_are_not_reduced() -> None:
    pair = gaussian(4)
    reduced = scaling.reduction(pair, FOLD, 5, SEEDS)(pair.real)
    assert reduced.shape == (2 * N, 4)
    np.testing.assert_allclose(reduced, scaling.scaler(pair, FOLD, SEEDS)(pair.real)[:, :4], atol=1e-6)


@pytest.mark.parametrize("kind", ["array", "image"])
def test_many_are_reduced_to_their_leading_components(kind: str) -> None:
    """A plane in 64 dimensions: two components hold all of it, the first with spread 1."""
    rng = np.random.default_rng(0)
    plane = np.linalg.qr(rng.standard_normal((64, 2)))[0].T
    sides = [(rng.standard_normal((2 * N, 2)) * [0.2, 0.1]) @ plane + 0.5 for _ in range(2)]
    shape = (-1, 1, 8, 8) if kind == "image" else (-1, 64)
    pair = pair_of(*(side.reshape(shape) for side in sides), kind)
    reduced = scaling.reduction(pair, FOLD, 5, SEEDS)(pair.real)
    spread = reduced.std(0)
    assert reduced.shape == (2 * N, 5)
    assert spread[0] == pytest.approx(1, abs=0.1)
    assert spread[0] > spread[1] > 0.2
    # Columns of an array are squashed one by one, which bends the plane a little.
    assert spread[2] < (0.05 if kind == "image" else 0.2)


def test_fewer_fit_rows_than_components_is_no_error() -> None:
    pair = gaussian(64)
    few = Fold(Split(FIT[:6], REST, REST), Split(FIT[:6], REST, REST))
    reduced = scaling.reduction(pair, few, 32, SEEDS)(pair.real)
    assert reduced.shape == (2 * N, 12)
    assert np.isfinite(reduced).all()


def test_samples_that_are_all_the_same_reduce_to_a_point() -> None:
    ones = np.ones((2 * N, 1, 8, 8), np.float32)
    reduced = scaling.reduction(Pair(ones, ones, "image"), FOLD, 5, SEEDS)(ones)
    assert np.isfinite(reduced).all()
    assert np.ptp(reduced) == 0


def test_folds_with_more_and_fewer_thin_directions_are_seen_by_one_net() -> None:
    """A direction at the very edge of being thin: it is in some folds and not in others."""
    x = np.random.default_rng(0).standard_normal((2, 400, 2))
    x[..., 1] = 0.98 * x[..., 0] + 0.2 * x[..., 1]
    real, fake = x.astype(np.float32)
    splits = [Split(*np.split(np.roll(np.arange(400), 40 * k), (60, 200))) for k in range(8)]
    folds = Folds(tuple(Fold(s, s) for s in splits))
    inputs = scaling.FoldInputs(Pair(real, fake, "array"), folds, Seeds(0), "cpu")
    widths = {scale.width for scale in inputs.scalers}
    assert len(widths) > 1
    rows = np.stack([split.fit for split in splits])
    assert inputs.gather("real", rows).shape == (8, 60, max(widths))
    assert inputs.of_fold(0, real[:5]).shape == (1, 5, max(widths))
