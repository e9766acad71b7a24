"""Every plot is drawn, whatever its numbers: an estimate of nothing is below 0, a curve may be a point."""

from __future__ import annotations

import itertools
import re

import pytest

from ganprobe.record.plots import Axis, Lines, Series
from ganprobe.show.reports import _svg

ENDS = (None, -0.5, 0.0, 1.0)
AXES = [
    *(Axis("y", low, high) for low, high in itertools.product(ENDS, ENDS) if low is None or high is None or low < high),
    Axis("y", log=True),
]
VALUES = (-3.0, -0.01, 0.0, 1e-12, 1.0, 7e9)


@pytest.mark.parametrize("axis", AXES, ids=str)
def test_lines_are_drawn_between_any_two_values(axis: Axis) -> None:
    for values in itertools.product(VALUES, VALUES):
        series = Series("", tuple(enumerate(values, 1)), "series-0")
        drawn = _svg.lines(Lines((series,), Axis("x"), axis)).body
        assert not re.search(r"\b(nan|inf)\b", drawn), values
