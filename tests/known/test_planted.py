from __future__ import annotations

import math

import numpy as np
import pytest

from ganprobe.errors import InputError
from ganprobe.known import planted
from ganprobe.objective import js, js_se
from ganprobe.samples.sides import Array, Kind
from ganprobe.seeds import Seeds

RNG = np.random.default_rng(0)
DATA: dict[str, tuple[Array, Kind]] = {
    "array": ((RNG.standard_normal((4000, 5)) @ RNG.standard_normal((5, 5))).astype(np.float32), "array"),
    "whole numbers": (RNG.poisson(3, (4000, 3)).astype(np.float32), "table"),
    "pictures": (RNG.random((4000, 1, 6, 6)).astype(np.float32) ** 3, "image"),
    "one column": (RNG.standard_exponential((4000, 1)).astype(np.float32), "table"),
}


def made(name: str) -> planted.Planted:
    values, kind = DATA[name]
    return planted.Planted(values, kind, Seeds(0))


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("case", ["same", "dropped", "faded", "moved"])
def test_the_optimal_discriminator_demonstrates_js(data: str, case: str) -> None:
    source = made(data)
    truth = source.suite[case]()
    real, fake = truth.draw(source.n, 0)
    assert (truth.name, truth.kind) == (case, DATA[data][1])
    logits = truth.logit(real.astype(float)), truth.logit(fake.astype(float))
    assert js(*logits) == pytest.approx(truth.js, abs=4 * js_se(*logits) + 1e-12)
    assert (truth.js == 0) == (case == "same")


@pytest.mark.parametrize("data", DATA)
def test_the_sides_share_no_sample_and_keep_the_shape(data: str) -> None:
    values, _ = DATA[data]
    source = made(data)
    real, fake = source.dropped().draw(source.n, 0)
    assert real.shape[1:] == fake.shape[1:] == values.shape[1:]
    rows = [{row.tobytes() for row in side} for side in (real, fake)]
    if data == "whole numbers":
        # Values are shared, samples are not: halves without a common value would not be of equal law.
        assert len(rows[0] & rows[1]) > len(rows[1]) / 2
    else:
        assert not rows[0] & rows[1]
    assert rows[0] | rows[1] <= {row.tobytes() for row in values}


def test_a_fifth_is_dropped_or_moved() -> None:
    source = made("array")
    dropped, moved = source.dropped(), source.moved()
    assert dropped.js == pytest.approx(0.0749, abs=1e-3)
    assert len(dropped.draw(10_000, 0)[1]) == pytest.approx(1600, abs=80)
    assert moved.js == pytest.approx(dropped.js, abs=1e-3)
    beyond = np.abs(moved.draw(10_000, 0)[1]).max(1) > np.abs(DATA["array"][0]).max()
    assert beyond.mean() == pytest.approx(0.2, abs=0.04)


def test_fading_to_a_given_js() -> None:
    source = made("array")
    truth = source.faded_to(0.01)
    assert truth is not None
    assert truth.js == pytest.approx(0.01, abs=1e-9)
    assert source.faded_to(0.2) is None


def test_atoms_make_the_part_smaller_not_empty() -> None:
    values = (RNG.random((1000, 1)) < 0.5).astype(np.float32)
    truth = planted.Planted(values, "table", Seeds(0)).dropped()
    assert 0 < truth.js < math.log(2)


def test_data_without_any_variation_are_refused() -> None:
    with pytest.raises(InputError, match="hardly vary"):
        planted.Planted(np.ones((100, 3), np.float32), "array", Seeds(0))
