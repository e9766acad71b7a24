"""The hostile truths: their values against draws, their logits against others, their samples."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from ganprobe.known import truths
from ganprobe.known.truths import sequences
from ganprobe.objective import LOG2, js, js_se


@cache
def built(name: str) -> truths.Truth:
    return truths.HOSTILE[name]()


@pytest.mark.parametrize("name", truths.HOSTILE)
def test_the_exact_ratio_demonstrates_js_and_no_other_logit_more(name: str) -> None:
    truth = built(name)
    real, fake = (truth.logit(side.astype(float)) for side in truth.draw(8_000, 1))
    demonstrated, se = js(real, fake), js_se(real, fake)
    assert demonstrated == pytest.approx(truth.js, abs=4 * se + 2e-3)
    # A factor changes nothing where a logit is all or nothing, and little where it nearly is.
    assert js(0.7 * real, 0.7 * fake) <= demonstrated + 5e-4
    if truth.js < 0.6:
        assert js(real + 0.5, fake + 0.5) < demonstrated
        assert js(real - 0.5, fake - 0.5) < demonstrated


@pytest.mark.parametrize("name", truths.HOSTILE)
def test_samples_are_float32_and_follow_their_seed(name: str) -> None:
    truth = built(name)
    real, fake = truth.draw(40, 5, 60)
    assert truth.name == name
    assert real.dtype == fake.dtype == np.float32
    assert (len(real), len(fake), real.shape[1:]) == (40, 60, fake.shape[1:])
    assert np.isfinite(real).all()
    assert np.isfinite(fake).all()
    assert 0 < truth.js <= LOG2 + 1e-9
    np.testing.assert_array_equal(real, truth.draw(40, 5, 60)[0])
    assert not np.array_equal(real, truth.draw(40, 6, 60)[0])


def test_there_are_many_of_every_kind() -> None:
    assert len(truths.HOSTILE) == sum(map(len, truths.KINDS.values())) >= 40
    assert not set(truths.HOSTILE) & set(truths.SUITE)
    assert min(map(len, truths.KINDS.values())) >= 4


@pytest.mark.parametrize(
    ("name", "published"),
    [("thin", 0.03668), ("heaped", 0.1639), ("hidden_parity", 0.21576), ("rings", 0.34657), ("integers", 0.69315)],
)
def test_values_known_from_elsewhere(name: str, published: float) -> None:
    assert built(name).js == pytest.approx(published, abs=5e-5)


def test_the_sum_over_a_characteristic_function_agrees_with_an_integral() -> None:
    """Equal correlations in 20 dimensions, whose JS is an integral over two."""
    known = truths.correlated(20, 0.3)
    found = sequences.js_of_gaussians(np.eye(20), np.full((20, 20), 0.3) + 0.7 * np.eye(20))
    assert found == pytest.approx(known.js, abs=1e-4)


@pytest.mark.parametrize("name", ["total", "product", "checkerboard", "spiral", "spreads", "parity", "chain", "cities"])
def test_every_column_alone_has_one_law(name: str) -> None:
    real, fake = (side.reshape(len(side), -1) for side in built(name).draw(4_000, 3))
    for one, other in zip(real.T, fake.T, strict=True):
        points = np.quantile(np.concatenate((one, other)), np.linspace(0.05, 0.95, 19))
        gaps = [abs((one <= point).mean() - (other <= point).mean()) for point in points]
        assert max(gaps) < 0.05
