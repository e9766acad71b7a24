from __future__ import annotations

import pytest
from audits import MEASUREMENTS, measurements, troubled

from ganprobe.record import support
from ganprobe.record.support import Dimension, Extreme


def test_a_dimension_has_the_interval_of_its_error() -> None:
    table, *_ = support.tables(measurements(support__dimension=Dimension(12.0, None, 64, real_se=0.5)))
    shown = {row[0]: row[1:] for row in table.rows}
    assert shown["dimension of reals"][:3] == pytest.approx((12.0, 11.02, 12.98))
    assert "dimension of fakes" not in shown
    assert shown["size of the latent"] == (64, None, None, None)


def test_as_many_samples_are_shown_as_a_reader_looks_at() -> None:
    many = tuple(Extreme(row, 1.0, 1.0) for row in range(9))
    *_, table = support.tables(measurements(support__missed_reals=many, support__stray_fakes=many[:3]))
    assert [row[0] for row in table.rows] == [0, 1, 2]
    *_, table = support.tables(measurements(support__missed_reals=many, support__stray_fakes=many))
    assert len(table.rows) == 4


def test_samples_are_drawn_beside_their_table() -> None:
    drawn = {figure.title: figure.beside for figure in support.figures(MEASUREMENTS)}
    assert drawn["Reals that are least reached"] == drawn["Fakes that are most off support"] == "extremes"
    bare = support.figures(measurements(support__missed_reals=(), support__stray_fakes=(), support__modes=None))
    assert [figure.title for figure in bare] == ["Precision and recall"]


def test_what_is_missed_is_counted() -> None:
    sound, bad = (support.tables(m)[1] for m in (MEASUREMENTS, troubled().measurements))
    assert (sound.title, sound.rows) == ("Missed: 0 of 2 cells (there are no separate modes)", ())
    assert bad.title == "Missed: 1 of 1 modes"
    assert bad.rows == ((3002, 7, 0.4, 0.001, 1e-9),)
