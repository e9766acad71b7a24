"""The area of curves that can be computed by hand."""

from __future__ import annotations

import math

import pytest

from ganprobe.record import area

LOG2 = math.log(2)


def test_the_area_of_a_step_is_the_log_of_where_it_falls() -> None:
    sigmas = [0.01 * 1.02**i for i in range(400)]
    for step in (0.05, 1.0):
        js = [LOG2 if sigma < step else 0.0 for sigma in sigmas]
        assert area.area(sigmas, js) == pytest.approx(math.log(step / 0.01), abs=0.02)


def test_the_rungs_of_an_even_ladder_weigh_alike_but_for_its_ends() -> None:
    assert area.weights([1.0, 2.0, 4.0, 8.0]) == pytest.approx([0.5, 1.0, 1.0, 0.5])
    assert area.weights([3.0]) == [0.0]
