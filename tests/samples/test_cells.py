from __future__ import annotations

import numpy as np

from ganprobe.samples.cells import Column, Odds, groups, out_of_fold, together
from ganprobe.samples.sides import Pair

RNG = np.random.default_rng(0)


def test_a_category_of_several_coordinates_is_one_column() -> None:
    level = RNG.integers(0, 3, 300)
    rows = np.column_stack((np.eye(3)[level], RNG.standard_normal(300))).astype(np.float32)
    pair = Pair(rows, rows, "table", ("hue=a", "hue=b", "hue=c", "size"))
    places = groups(pair)
    assert {name: own.tolist() for name, own in places.items()} == {"hue": [0, 1, 2], "size": [3]}
    codes = Column.of(rows, places["hue"], 8)(rows)
    assert len(np.unique(codes)) == 3
    assert len({(a, b) for a, b in zip(codes, level, strict=True)}) == 3
    assert 8 <= len(np.unique(Column.of(rows, places["size"], 8)(rows))) <= 16


def test_what_the_fit_part_never_showed_is_a_cell_of_its_own() -> None:
    column = Column.of(np.repeat(np.arange(4, dtype=np.float32), 5)[:, None], np.array([0]), 8)
    assert column(np.array([[2.0], [9.0], [-1.0], [2.5]], np.float32)).tolist() == [2, 4, 4, 4]
    assert column.size == 5


def test_codes_of_several_columns_are_one_to_one() -> None:
    rows = RNG.integers(0, 4, (500, 2)).astype(np.float32)
    columns = [Column.of(rows, np.array([j]), 8) for j in range(2)]
    code = together(columns, [column(rows) for column in columns])
    assert len(np.unique(code)) == len(np.unique(rows, axis=0))


def test_log_odds_are_those_of_the_counts() -> None:
    code, y = np.array([0, 0, 0, 1, 1, 1]), np.array([1, 1, 0, 1, 0, 0])
    odds = Odds.of(code, y, 1.0)
    np.testing.assert_allclose(odds(np.array([0, 1, 7])), [np.log(3 / 2), np.log(2 / 3), 0])


def test_no_row_sees_its_own_label() -> None:
    """Every cell holds one row: out of fold nothing is known of any."""
    code, y = np.arange(40), np.repeat((1, 0), 20)
    part = RNG.permutation(40) % 5
    assert (out_of_fold(code, y, part, 0.5) == 0).all()
    flipped = y.copy()
    flipped[3] = 0
    code = code // 8
    assert out_of_fold(code, y, part, 0.5)[3] == out_of_fold(code, flipped, part, 0.5)[3]
