from __future__ import annotations

from audits import MEASUREMENTS, measurements

from ganprobe.record import optimality


def test_the_title_answers_and_gives_the_curve() -> None:
    (table,) = optimality.tables(MEASUREMENTS)
    assert table.title.startswith("Is the probe near-optimal? yes: ")
    assert "0.1300 from 1750, 0.1390 from 3500, 0.1430 from 7000 reals" in table.title
    (table,) = optimality.tables(measurements(optimality__near_optimal=False, optimality__curve=()))
    assert table.title == "Is the probe near-optimal? not shown: every row must pass"


def test_one_point_is_no_curve() -> None:
    (drawn,) = optimality.figures(MEASUREMENTS)
    assert drawn.plot.series[0].points == ((1750, 0.13), (3500, 0.139), (7000, 0.143))
    assert drawn.plot.levels == (("extrapolated to unlimited data", 0.149),)
    assert [*optimality.figures(measurements(optimality__curve=MEASUREMENTS.optimality.curve[:1]))] == []
