from __future__ import annotations

from dataclasses import replace

from audits import MEASUREMENTS, troubled

from ganprobe.record import smoothing
from ganprobe.record.audit import Measurements


def of_rungs(*sigma: float) -> Measurements:
    each = {name: (0.1,) * len(sigma) for name in ("js", "low", "high", "floor", "gap")}
    return replace(MEASUREMENTS, smoothing=replace(MEASUREMENTS.smoothing, sigma=sigma, **each))


def test_a_dozen_rungs_are_shown_the_ends_among_them() -> None:
    (table,) = smoothing.tables(of_rungs(*map(float, range(1, 41))))
    assert len(table.rows) == 12
    assert (table.rows[0][0], table.rows[-1][0]) == (1, 40)
    assert len(smoothing.tables(MEASUREMENTS)[0].rows) == 4


def test_the_half_scale_is_said_where_the_curve_passes_it() -> None:
    assert smoothing.summary(MEASUREMENTS) == []
    assert smoothing.tables(MEASUREMENTS)[0].title.endswith("not passed")
    bad = troubled().measurements
    assert smoothing.summary(bad)[0][1] == 0.31
    assert smoothing.tables(bad)[0].title.endswith("at 0.31, as for points 0.63 apart")


def test_a_log_axis_has_no_place_for_no_noise() -> None:
    (figure,) = smoothing.figures(of_rungs(0.0, 0.5, 1.0))
    assert [[x for x, _ in series.points] for series in figure.plot.series] == [[0.5, 1.0]] * 2
    assert [*smoothing.figures(of_rungs(0.5))] == []
