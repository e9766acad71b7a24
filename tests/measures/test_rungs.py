"""The rungs of JS(sigma): which are measured, and that what is left out lies where the next one does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from torch import Tensor

from ganprobe.known import truths
from ganprobe.measures import rungs
from ganprobe.measures.rungs import Scored
from ganprobe.objective import LOG2
from ganprobe.samples.folds import row_hashes, split_sides
from ganprobe.samples.sides import Array, Floats
from ganprobe.seeds import Seeds

DISTANCE = 1.0
SIGMAS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.5, 1.0)


def scored(count: int) -> Scored:
    real, fake = truths.lines(2, DISTANCE).draw(1_200, 0)
    folds = split_sides(row_hashes(real, 1), row_hashes(fake, 1))
    return Scored({"real": real, "fake": fake}, folds, count, 1_200, 1)


def exact(k: int, samples: Array, noise: Tensor, sigmas: Sequence[float]) -> Floats:
    """The logit of two points, the only coordinate in which the lines differ."""
    real, fake = (float(side[0, 0]) for side in (scored(1).sides["real"], scored(1).sides["fake"]))
    x = np.stack([samples[:, 0] + sigma * noise[:, 0].numpy() for sigma in sigmas])
    return ((x - fake) ** 2 - (x - real) ** 2) / (2 * np.array(sigmas)[:, None] ** 2)


def test_where_a_judge_tells_all_half_of_the_ladder_is_measured() -> None:
    told = scored(len(SIGMAS)).told(exact, SIGMAS, Seeds(0))
    assert SIGMAS[told:] == (0.08, 0.16, 0.5, 1.0)
    measured = scored(len(SIGMAS)).by([exact], SIGMAS, Seeds(0))
    assert all(rung.js == pytest.approx(measured[told].js, abs=1e-3) for rung in measured[:told]), "nothing is lost"
    assert measured[-3].js > 0.99 * LOG2 > measured[-2].js


def test_where_mistakes_begin_in_the_noisier_half_or_before_every_rung_is_measured() -> None:
    assert scored(4).told(exact, (0.01, 0.02, 0.16, 0.5), Seeds(0)) == 0
    assert scored(2).told(exact, (0.5, 1.0), Seeds(0)) == 0


def test_of_a_judge_that_tells_nothing_every_rung_is_measured() -> None:
    def blind(k: int, samples: Array, noise: Tensor, sigmas: Sequence[float]) -> Floats:
        return np.zeros((len(sigmas), len(samples)))

    assert scored(len(SIGMAS)).told(blind, SIGMAS, Seeds(0)) == 0


def test_more_rungs_share_the_error() -> None:
    one, many = (scored(n).by([exact], (0.5,), Seeds(0))[0] for n in (1, 20))
    assert one.js == many.js
    assert many.floor < one.floor


def test_few_of_many_say_whether_a_judge_tells_all_and_calibrate_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def counted(k: int, samples: Array, noise: Tensor, sigmas: Sequence[float]) -> Floats:
        asked.append(len(samples))
        return exact(k, samples, noise, sigmas)

    monkeypatch.setattr(rungs, "_ASKED", 10)
    scored(len(SIGMAS)).told(counted, SIGMAS, Seeds(0))
    assert asked == [10, 10]
    asked.clear()
    monkeypatch.setattr(rungs, "_VALIDATED", 20)
    whole = scored(1)
    whole.by([counted], (0.5,), Seeds(0))
    reals, fakes = whole.tested
    assert sum(asked) == sum(map(len, (*reals, *fakes))) + 2 * 20 * len(reals)
