from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ganprobe.samples.draw import join_draw, plan_draw, subsample
from ganprobe.samples.folds import (
    CROSS_FIT_FOLDS,
    SINGLE_SPLIT_FROM,
    Split,
    canonical_order,
    in_blocks,
    row_hashes,
    split_halves,
    split_reals,
    split_sides,
)
from ganprobe.samples.groups import Together
from ganprobe.samples.sides import Array, Pair
from ganprobe.seeds import Seeds

# Few distinct values, so that rows repeat; with both zeros.
tables = hnp.arrays(
    np.float32,
    st.tuples(st.integers(20, 120), st.integers(1, 4)),
    elements=st.sampled_from([0.0, -0.0, 1.0, 2.5, -7.0]),
)


def normal(n: int, d: int = 3, seed: int = 0) -> Array:
    return np.random.default_rng(seed).standard_normal((n, d)).astype(np.float32)


def parts(split: Split) -> list[np.ndarray]:
    return [split.fit, split.val, split.test]


def contents(values: Array, rows: np.ndarray) -> list[bytes]:
    return sorted((row + np.float32(0)).tobytes() for row in values[rows])


# -- hashes --------------------------------------------------------------------


@given(tables, st.integers(0, 3))
@settings(deadline=None)
def test_equal_rows_and_only_they_share_a_hash(values: Array, seed: int) -> None:
    hashes = row_hashes(values, seed)
    _, by_value = np.unique(values + np.float32(0), axis=0, return_inverse=True)
    _, by_hash = np.unique(hashes, return_inverse=True)
    assert len(set(zip(by_value.ravel(), by_hash.ravel(), strict=True))) == by_value.max() + 1 == by_hash.max() + 1


def test_hashes_do_not_collide() -> None:
    values = np.arange(200_000, dtype=np.float32)[:, None]
    assert len(np.unique(row_hashes(values, 0))) == len(values)
    pixels = np.random.default_rng(0).integers(0, 2, (50_000, 40)).astype(np.float32)
    assert len(np.unique(row_hashes(pixels, 0))) == len(np.unique(pixels, axis=0))


def test_minus_zero_is_zero() -> None:
    plus, minus = np.zeros((2, 3), np.float32), -np.zeros((2, 3), np.float32)
    np.testing.assert_array_equal(row_hashes(plus, 0), row_hashes(minus, 0))


def test_a_hash_is_of_the_row_alone() -> None:
    values = normal(5000, 7)
    whole = row_hashes(values, 3)
    np.testing.assert_array_equal(whole[1234:1300], row_hashes(values[1234:1300], 3))
    np.testing.assert_array_equal(whole[::-1], row_hashes(values[::-1], 3))
    np.testing.assert_array_equal(whole, row_hashes(values.reshape(5000, 7, 1, 1), 3))


def test_the_order_of_columns_matters_to_a_hash() -> None:
    values = normal(100, 2)
    assert (row_hashes(values, 0) != row_hashes(values[:, ::-1], 0)).all()


def test_hashes_are_spread_evenly() -> None:
    """Blocks are cut from sorted hashes: near values must not stay together."""
    values = np.linspace(0, 1, 20_000, dtype=np.float32)[:, None]
    low = row_hashes(values, 0) < np.uint64(2**63)
    assert abs(low.mean() - 0.5) < 0.02
    assert abs((low[1:] == low[:-1]).mean() - 0.5) < 0.02


def test_wide_rows_are_hashed_in_pieces_alike() -> None:
    values = normal(40, 300_000)
    np.testing.assert_array_equal(row_hashes(values, 0)[30:], row_hashes(values[30:], 0))


# -- splits --------------------------------------------------------------------


@given(tables, st.integers(0, 5))
@settings(deadline=None)
def test_parts_are_disjoint_and_cover(values: Array, seed: int) -> None:
    hashes = row_hashes(values, seed)
    splits = split_reals(hashes)
    for split in splits:
        np.testing.assert_array_equal(np.sort(np.concatenate(parts(split))), np.arange(len(values)))
    tested = np.sort(np.concatenate([split.test for split in splits]))
    np.testing.assert_array_equal(tested, np.arange(len(values)))


@given(st.lists(st.integers(1, 4), min_size=100, max_size=300), st.integers(0, 5))
@settings(deadline=None)
def test_copies_are_in_one_part(copies: list[int], seed: int) -> None:
    values = np.repeat(normal(len(copies), seed=seed), copies, axis=0)
    hashes = row_hashes(values, seed)
    for split in split_reals(hashes):
        held = [set(hashes[part].tolist()) for part in parts(split)]
        assert not held[0] & held[1]
        assert not held[0] & held[2]
        assert not held[1] & held[2]
    halves = split_halves(hashes)
    assert not set(hashes[halves[0]].tolist()) & set(hashes[halves[1]].tolist())
    assert len(halves[0]) + len(halves[1]) == len(values)


@pytest.mark.parametrize("atoms", [1, 2, 5, 50])
def test_atoms_of_a_discrete_law_are_in_every_part(atoms: int) -> None:
    """Rows that both sides have are no copies: each part has its share of each."""
    support = normal(atoms)
    real, fake = (support[np.random.default_rng(s).integers(0, atoms, 5_000)] for s in (0, 1))
    hashes = row_hashes(real, 0), row_hashes(fake, 0)
    sides = [side for fold in split_sides(*hashes) for side in ((fold.real, hashes[0]), (fold.fake, hashes[1]))]
    sides += [(split, hashes[0]) for split in split_reals(*hashes)]
    for split, of in sides:
        for part in parts(split):
            _, held = np.unique(of[part], return_counts=True)
            _, total = np.unique(of, return_counts=True)
            expected = total * len(part) / len(of)
            np.testing.assert_allclose(held, expected, atol=5 * np.sqrt(expected.max()))
    for half in split_halves(*hashes):
        assert len(np.unique(hashes[0][half])) == atoms
        assert len(half) == 2_500


def test_atoms_are_dealt_at_random() -> None:
    """Were each part to have the same share of each atom, a fit would know the accidents of its test part."""
    values = np.repeat(normal(200), 20, axis=0)
    hashes = row_hashes(values, 0)
    (split, *_) = split_reals(hashes, hashes)
    held = np.bincount(split.test // 20, minlength=200)
    # Binomial: 4 expected of 20, with the variance 20 * .2 * .8.
    assert held.mean() == 4
    assert 2.2 < held.var() < 4.5


def test_atoms_of_both_sides_are_dealt_apart() -> None:
    """Were equal rows of both sides dealt alike, what one has in excess would show in fit and test together."""
    support = normal(200)
    real, fake = (support[np.random.default_rng(s).integers(0, 200, 8_000)] for s in (0, 1))
    (fold, *_) = split_sides(row_hashes(real, 0), row_hashes(fake, 0))
    _, atom = np.unique(np.concatenate((real, fake)), axis=0, return_inverse=True)
    excess = [
        np.bincount(atom[:8_000][getattr(fold.real, part)], minlength=200)
        - np.bincount(atom[8_000:][getattr(fold.fake, part)], minlength=200)
        for part in ("fit", "test")
    ]
    assert abs(np.corrcoef(excess)[0, 1]) < 0.2


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_a_row_that_is_much_of_a_side_is_in_every_part(share: float) -> None:
    """A collapsed generator: its one picture is no reason to leave a part empty."""
    values = normal(1_000)
    values[: int(1_000 * share)] = 7
    for split in split_reals(row_hashes(values, 0)):
        for part in parts(split):
            assert (values[part] == 7).all(1).mean() == pytest.approx(share, abs=0.12)


def grouped(values: Array, groups: np.ndarray, once: bool = True) -> list[Split]:
    return split_reals(row_hashes(values, 0), together=Together(groups, once))


@given(st.lists(st.integers(1, 9), min_size=30, max_size=80), st.integers(0, 5))
def test_a_group_is_in_one_part_and_tested_by_one_row(sizes: list[int], seed: int) -> None:
    groups = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes))
    splits = grouped(normal(len(groups), seed=seed), groups)
    for split in splits:
        held = [set(groups[part].tolist()) for part in parts(split)]
        assert not held[0] & held[1]
        assert not held[0] & held[2]
        assert not held[1] & held[2]
        assert all(held)
    tested = np.concatenate([groups[split.test] for split in splits])
    np.testing.assert_array_equal(np.sort(tested), np.arange(len(sizes)))


def test_groups_that_share_a_row_are_one_group() -> None:
    values, groups = normal(400), np.repeat(np.arange(100), 4)
    values[[0, 399]] = 5
    for split in grouped(values, groups):
        ends = [part for part in parts(split)[:2] if np.isin(groups[part], (0, 99)).any()]
        assert all(np.isin((0, 99), groups[part]).all() for part in ends)


def test_one_large_group_leaves_no_part_empty() -> None:
    groups = np.concatenate((np.zeros(600, int), np.arange(1, 401)))
    for split in grouped(normal(1_000), groups):
        assert min(map(len, parts(split))) >= 40


def test_the_names_of_groups_and_the_order_of_rows_change_no_fold() -> None:
    values, groups = normal(300), np.repeat(np.arange(60), 5)
    order = np.random.default_rng(1).permutation(300)
    for one, other in zip(grouped(values, groups), grouped(values[order], 900 - groups[order]), strict=True):
        for part, again in zip(parts(one), parts(other), strict=True):
            assert contents(values, part) == contents(values[order], again)


@pytest.mark.parametrize("n", [100, 1_005])
def test_blocks_are_of_rows_that_follow_each_other(n: int) -> None:
    rows = np.random.default_rng(0).permutation(n)
    splits = split_reals(row_hashes(normal(n), 0), together=in_blocks(rows))
    assert sum(len(split.test) for split in splits) == n
    for split in splits:
        steps = np.diff(np.sort(rows[split.test]))
        assert (steps > 1).sum() <= 1
        assert len(split.test) == pytest.approx(n / 5, abs=2)


def test_halves_keep_groups_together() -> None:
    groups = np.repeat(np.arange(50), 4)
    halves = split_halves(row_hashes(normal(200), 0), together=Together(groups, True))
    assert not set(groups[halves[0]]) & set(groups[halves[1]])
    assert len(halves[0]) == len(halves[1]) == 100


@given(tables, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_rows_changes_no_fold(values: Array, random: object) -> None:
    order = np.arange(len(values))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = values[order]
    for before, after in zip(split_reals(row_hashes(values, 1)), split_reals(row_hashes(shuffled, 1)), strict=True):
        for one, other in zip(parts(before), parts(after), strict=True):
            assert contents(values, one) == contents(shuffled, other)


@pytest.mark.parametrize("n", [20, 37, 1_003, 3_999, 4_000, 19_999])
def test_cross_fit_parts_are_of_nearly_equal_size(n: int) -> None:
    splits = split_reals(row_hashes(normal(n), 0))
    assert len(splits) == CROSS_FIT_FOLDS
    for which in range(3):
        sizes = [len(parts(split)[which]) for split in splits]
        assert max(sizes) - min(sizes) <= 2
        assert min(sizes) >= 1
    assert len(splits[0].test) == pytest.approx(n / 5, abs=2)
    assert len(splits[0].fit) > len(splits[0].val)


@pytest.mark.parametrize("n", [4_000, 10_000, 19_999])
def test_by_thirds_two_folds_read_what_takes_three_of_five(n: int) -> None:
    hashes = row_hashes(normal(n), 0)
    splits = split_reals(hashes, thirds=True)
    tested = np.concatenate([split.test for split in splits])
    assert len(splits) == 3
    assert sorted(tested) == list(range(n))
    assert len(splits[0].test) + len(splits[1].test) > 0.69 * n > 3 * n / 5
    for split in splits:
        assert sorted(np.concatenate(parts(split))) == list(range(n))
        assert len(split.val) == pytest.approx(n / 10, abs=2)
        assert len(split.fit) >= 0.49 * n


def test_plenty_of_samples_are_split_once() -> None:
    n = SINGLE_SPLIT_FROM
    (split,) = split_reals(row_hashes(normal(n), 0))
    assert [len(part) / n for part in parts(split)] == pytest.approx([0.7, 0.1, 0.2], abs=0.001)


@pytest.mark.parametrize(
    ("n_real", "n_fake", "folds"), [(30, 500, 5), (25_000, 300, 5), (300, 25_000, 5), (20_000, 30_000, 1)]
)
def test_the_smaller_side_chooses_the_scheme(n_real: int, n_fake: int, folds: int) -> None:
    divided = split_sides(row_hashes(normal(n_real), 0), row_hashes(normal(n_fake, seed=1), 0))
    assert len(divided) == len(list(divided)) == folds
    for fold in divided:
        assert sum(map(len, parts(fold.real))) == n_real
        assert sum(map(len, parts(fold.fake))) == n_fake


def test_another_seed_gives_other_folds() -> None:
    values = normal(1000)
    one, other = (set(split_reals(row_hashes(values, seed))[0].test.tolist()) for seed in (0, 1))
    # 200 of 1000 each: 40 in common by chance.
    assert 15 < len(one & other) < 75


def test_data_sorted_by_class_is_mixed() -> None:
    values = np.concatenate((normal(500), normal(500, seed=1) + 9))
    for split in split_reals(row_hashes(values, 0)):
        for part in parts(split):
            assert (part < 500).mean() == pytest.approx(0.5, abs=0.12)


# -- drawing -------------------------------------------------------------------


@pytest.mark.parametrize("n", [20, 700, 5_000, 21_000])
@pytest.mark.parametrize("most", [200, 10**9])
def test_drawn_fakes_are_laid_out_disjoint(n: int, most: int) -> None:
    splits = split_reals(row_hashes(normal(n), 0))
    draw = plan_draw(splits, 4.0, 2.0, most)
    folds = list(join_draw(splits, draw))
    assert draw.total <= most
    assert len(folds) == len(splits)
    for fold, split in zip(folds, splits, strict=True):
        assert fold.real is split
        np.testing.assert_array_equal(fold.fake.fit, folds[0].fake.fit)
        np.testing.assert_array_equal(fold.fake.val, folds[0].fake.val)
    used = np.concatenate([folds[0].fake.fit, folds[0].fake.val, *(fold.fake.test for fold in folds)])
    np.testing.assert_array_equal(used, np.arange(draw.total))


def test_fakes_are_drawn_in_the_asked_proportion() -> None:
    splits = split_reals(row_hashes(normal(1000), 0))
    draw = plan_draw(splits, 4.0, 2.0, 10**9)
    assert draw.fit == 4 * max(len(s.fit) for s in splits)
    assert draw.val == 2 * max(len(s.val) for s in splits)
    assert draw.test == tuple(2 * len(s.test) for s in splits)


def test_a_limit_shrinks_all_parts_alike() -> None:
    splits = split_reals(row_hashes(normal(1000), 0))
    free, bound = plan_draw(splits, 4.0, 4.0, 10**9), plan_draw(splits, 4.0, 4.0, 1000)
    assert 990 <= bound.total <= 1000
    assert bound.fit / bound.total == pytest.approx(free.fit / free.total, abs=0.01)
    assert bound.val / bound.total == pytest.approx(free.val / free.total, abs=0.01)


def test_the_first_rows_of_any_order_are_a_fair_sample() -> None:
    """Of a discrete law too: sorted by value, its first rows would be one value, and a bet on them could not lose."""
    values = np.repeat(normal(10), 1_000, axis=0)
    order = canonical_order(row_hashes(values, 0))
    for start in (0, 4_000):
        held = np.bincount(order[start : start + 2_000] // 1_000, minlength=10)
        assert np.abs(held - 200).max() < 70
    np.testing.assert_array_equal(np.sort(order), np.arange(10_000))


# -- subsamples ----------------------------------------------------------------


def test_a_subsample_is_of_the_rows_not_of_their_order() -> None:
    values, seeds = normal(500), Seeds(4)
    order = np.random.default_rng(0).permutation(500)
    one = values[subsample(values, 100, seeds, "reals")]
    other = values[order][subsample(values[order], 100, seeds, "reals")]
    np.testing.assert_array_equal(one, other)
    assert len(one) == 100
    assert not np.array_equal(one, values[subsample(values, 100, Seeds(5), "reals")])


@pytest.mark.parametrize("n", [None, 500, 10_000])
def test_a_subsample_of_all_is_a_permutation(n: int | None) -> None:
    rows = subsample(normal(500), n, Seeds(0), "reals")
    np.testing.assert_array_equal(np.sort(rows), np.arange(500))


def test_a_smaller_subsample_is_part_of_a_larger() -> None:
    values = normal(500)
    few, many = (subsample(values, n, Seeds(0), "reals") for n in (50, 200))
    np.testing.assert_array_equal(few, many[:50])


def test_a_pair_knows_its_shape() -> None:
    pair = Pair(np.zeros((5, 3, 8, 9), np.float32), np.zeros((6, 3, 8, 9), np.float32), "image")
    assert pair.shape == (3, 8, 9)
    assert pair.width == 216


@pytest.mark.parametrize("n", [40, 999])
def test_few_rows_are_in_parts_without_the_tested_ones(n: int) -> None:
    values = np.repeat(normal(n // 2 + 1), 2, axis=0)[:n]
    hashes = row_hashes(values, 0)
    for split in split_reals(hashes):
        np.testing.assert_array_equal(np.sort(np.concatenate((split.trained, split.test))), np.arange(n))
        assert set(split.fit) | set(split.val) == set(split.trained)
        copies = [set(hashes[part].tolist()) for part in split.inner]
        assert sum(map(len, copies)) == len(set().union(*copies))


def test_plenty_of_rows_are_in_no_parts() -> None:
    split = split_reals(row_hashes(normal(1_000), 0))[0]
    assert not split.inner
    assert split.trained is split.fit
