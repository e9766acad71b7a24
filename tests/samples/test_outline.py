"""Which samples are read by an outline, and that what tells them apart is in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import lfilter

from ganprobe import views
from ganprobe.inputs import datasets
from ganprobe.inputs.datasets import DataOptions
from ganprobe.samples import outline, waves
from ganprobe.samples.folds import Fold, Split
from ganprobe.samples.sides import Array, Dataset, Pair
from ganprobe.seeds import Seeds
from ganprobe.views.output_path import plan_path


def data(*shape: int, seed: int = 0) -> Dataset:
    """Smooth along the longest axis."""
    noise = np.random.default_rng(seed).standard_normal(shape)
    axis = int(np.argmax(shape[1:])) + 1
    return datasets.of_memory(np.asarray(lfilter([1], [1, -0.9], noise, axis=axis), np.float32), DataOptions())


@pytest.mark.parametrize(
    ("shape", "channels", "time"),
    [((9_000,), None, 0), ((2_500, 2), 1, 0), ((2, 2_500), 0, 1), ((1, 8, 8, 8), 0, None), ((8, 8, 8, 2), 3, None),
     ((5, 8, 3, 8), 2, None), ((6, 8, 8), None, None), ((5, 4, 8, 8), 1, None)],
)  # fmt: skip
def test_volumes_and_long_sequences_are(shape: tuple[int, ...], channels: int | None, time: int | None) -> None:
    seen = outline.of(data(30, *shape), "auto")
    assert seen is not None
    assert (seen.channels, seen.time) == (channels, time)
    values = data(30, *shape).values
    assert seen(values).shape == (30, len(seen.names))
    np.testing.assert_array_equal(seen(values[4:5])[0], seen(values)[4])


@pytest.mark.parametrize("shape", [(4_000,), (24, 6), (2, 8, 3), (8, 3, 3, 8)])
def test_others_are_read_whole(shape: tuple[int, ...]) -> None:
    assert outline.of(data(30, *shape), "auto") is None


def test_what_is_said_of_the_axes_counts() -> None:
    noise = datasets.of_memory(np.random.default_rng(0).standard_normal((30, 6_000)), DataOptions())
    assert outline.of(noise, "auto") is None, "wide, and in no order"
    assert outline.of(noise, "t") is not None
    assert outline.of(replace(noise, axis=0), "auto") is not None
    assert outline.of(data(30, 9_000), "none") is None


def outlined(*shape: int) -> Pair:
    real, fake = data(40, *shape), data(40, *shape, seed=1)
    path = plan_path(real, fake.values, None, "auto", "auto")
    assert any("read by" in step for step in path.steps)
    return path.pair(path.real(real.values), path.fake(fake.values, quantise=True), "array", (), None)


@pytest.mark.parametrize(
    ("shape", "shown"), [((6_000,), {"block_means", "spectrogram"}), ((1, 8, 8, 8), {"block_means"})]
)
def test_views_of_an_outline_choose_among_its_numbers(shape: tuple[int, ...], shown: set[str]) -> None:
    pair = outlined(*shape)
    split = Split(*np.split(np.arange(40), (20, 30)))
    for name in ("block_means", "spectrogram", "rounding", "lattice", "output_path"):
        member = views.MEMBERS[name]
        assert (member.applies(pair) is None) == (name in shown)
        if name in shown:
            seen = member.apply(pair, Fold(split, split), member.Settings(), Seeds(0))
            assert 0 < seen.width < pair.width
            assert set(seen.columns) < set(pair.columns)


def test_sequences_that_are_read_whole_have_a_spectrogram_too() -> None:
    def spectrum(side: Array) -> Array:
        pair = views.MEMBERS["spectrogram"].apply(
            Pair(side, side, "array", axis=0), Fold(split, split), views.MEMBERS["spectrogram"].Settings(), Seeds(0)
        )
        return np.asarray(pair.real)

    split = Split(*np.split(np.arange(9), (3, 6)))
    values = data(9, 512).values
    assert views.MEMBERS["spectrogram"].applies(Pair(values, values, "array", axis=0)) is None
    np.testing.assert_allclose(spectrum(2 * values) - spectrum(values), np.tile(_powers(), (9, 1)), atol=1e-3)


def _powers() -> Array:
    """What twice as loud a sequence adds."""
    return np.array([np.log(4) * name.startswith("power") for name in waves.spectrogram_names(1)], np.float32)
