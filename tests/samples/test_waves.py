from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import lfilter

from ganprobe.samples import waves
from ganprobe.samples.sides import Array


def autoregressive(n: int, steps: int, *weights: float) -> Array:
    noise = np.random.default_rng(0).standard_normal((n, steps))
    return np.asarray(lfilter([1], [1, *(-w for w in weights)], noise, axis=1), np.float32)


def told(sequences: Array) -> dict[str, Array]:
    shape = (sequences.shape[1], sequences.shape[2])
    return dict(zip(waves.names(shape), waves.numbers(sequences).T, strict=True))


@pytest.mark.parametrize("shape", [(1, 256), (1, 5_000), (2, 3_000), (24, 300)])
def test_every_number_has_a_name_and_is_finite(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    silent = np.concatenate((rng.standard_normal((2, *shape)), np.zeros((1, *shape)))).astype(np.float32)
    numbers, names = waves.numbers(silent), waves.names(shape)
    assert numbers.shape == (3, len(names))
    assert len(set(names)) == len(names)
    assert np.isfinite(numbers).all()


def test_of_an_autoregression_partial_correlations_and_what_is_left_say_all() -> None:
    x = told(autoregressive(5, 20_000, 0.9, -0.5)[:, None])
    np.testing.assert_allclose(np.tanh(x["partial correlation 1 apart"]), 0.6, atol=0.03)
    np.testing.assert_allclose(np.tanh(x["partial correlation 2 apart"]), -0.5, atol=0.03)
    np.testing.assert_allclose(np.tanh(x["partial correlation 3 apart"]), 0, atol=0.03)
    np.testing.assert_allclose(np.exp(x["strength of what the past does not predict"]), 1, atol=0.03)


def test_a_tone_is_in_its_band_and_where_it_sounds() -> None:
    steps = np.arange(8 * 1_024)
    tone = (np.sin(2 * np.pi * steps / 4) * (steps >= 4_096)).astype(np.float32)[None, None]
    x = told(tone)
    bands = [x[f"power in band {b}/24 at 8/8"][0] for b in range(1, 25)]
    loudest = int(np.argmax(bands)) + 1
    assert 18 <= loudest <= 22, "a quarter of the rate is one octave below the top"
    assert x[f"power in band {loudest}/24 at 1/8"][0] < bands[loudest - 1] - 10
    assert x["share of silence at the start"][0] == pytest.approx(0.5, abs=1e-3)
    assert x["share of silence at the end"][0] < 1e-3


def test_clipping_and_channels_are_told() -> None:
    one = np.clip(autoregressive(1, 4_000, 0.5), -1, 1)
    x = told(np.stack((one, -one), 1))
    assert x["correlation of channels 0 and 1"][0] == pytest.approx(-1, abs=1e-3)
    assert x["share at its greatest of channel 0"][0] > 0.1
    spectrum = waves.spectrogram(np.stack((one, -one), 1))
    assert spectrum.shape[1] == len(waves.spectrogram_names(2))
