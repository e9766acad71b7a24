from __future__ import annotations

import pytest
from audits import MEASUREMENTS, measurements

from ganprobe.record import logits


def test_each_side_is_drawn_as_shares_of_its_own() -> None:
    histogram, reliability = logits.figures(MEASUREMENTS)
    for _, _, shares in histogram.plot.sides:
        assert sum(shares) == pytest.approx(1)
    assert reliability.plot.series[1].points[0] == (0.09, 0.08)


def test_a_plane_is_drawn_where_both_sides_have_points_as_solid_as_the_probe_is_sure() -> None:
    one = measurements(logits__real_plane=((0.0, 1.0, 0.0),))
    assert len([*logits.figures(one)]) == 2
    both = measurements(logits__real_plane=((0.0, 1.0, 0.0),), logits__fake_plane=((1.0, 0.0, -3.0),))
    *_, plane = logits.figures(both)
    (_, _, reals), (_, _, fakes) = plane.plot.groups
    assert reals == ((0.0, 1.0, 0.5),)
    assert fakes[0][2] == pytest.approx(0.9526, abs=1e-4)
