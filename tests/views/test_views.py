from __future__ import annotations

import numpy as np
import pytest

from ganprobe.errors import UsageError
from ganprobe.samples.folds import Fold, Split
from ganprobe.samples.sides import Array, Kind, Pair
from ganprobe.seeds import Seeds
from ganprobe.views import MEMBERS, blocks, lattice, noise, output_path, pca, statistics

SEEDS = Seeds(0)


def split(n: int) -> Split:
    return Split(np.arange(n // 2), np.arange(n // 2, 3 * n // 4), np.arange(3 * n // 4, n))


def fold(pair: Pair) -> Fold:
    return Fold(split(len(pair.real)), split(len(pair.fake)))


def pictures(n: int = 120, channels: int = 1, seed: int = 0) -> Array:
    levels = np.random.default_rng(seed).integers(0, 256, (n, channels, 10, 9))
    return (levels / 255).astype(np.float32)


def pair_of(kind: Kind) -> Pair:
    rng = np.random.default_rng(3)
    if kind == "image":
        return Pair(pictures(), rng.random((150, 1, 10, 9), np.float32), "image")
    real = np.stack([rng.integers(0, 90, 120), rng.normal(size=120)], 1).astype(np.float32)
    fake = rng.normal(size=(150, 2)).astype(np.float32)
    return Pair(real, fake, kind, ("age", "score") if kind == "table" else ())


INAPPLICABLE = [
    ("array", "output_path", "the reals lie on no lattice"),
    ("array", "lattice", "the reals lie on no lattice"),
    ("image", "columns", "pictures have no columns"),
    ("image", "rounding", "pictures are rounded already"),
    ("array", "spectrogram", "no axis of the samples is ordered"),
    *((kind, "spectrogram", "samples are not arrays") for kind in ("image", "table")),
    *((kind, "block_means", "neither volumes nor long sequences") for kind in ("image", "array", "table")),
    *(
        (kind, name, "not pictures")
        for kind in ("array", "table")
        for name in ("blocks", "statistics", "histogram", "highpass", "threshold", "blur")
    ),
]


@pytest.mark.parametrize("kind", ["image", "array", "table"])
@pytest.mark.parametrize("name", MEMBERS)
def test_every_view_keeps_rows_and_is_one_kernel(name: str, kind: Kind) -> None:
    pair, member = pair_of(kind), MEMBERS[name]
    if (reason := member.applies(pair)) is not None:
        assert (kind, name, reason) in INAPPLICABLE
        return
    settings = member.Settings(*(["torch.nn:Flatten"] if name == "features" else []))
    seen = member.apply(pair, fold(pair), settings, SEEDS)
    assert (len(seen.real), len(seen.fake)) == (120, 150)
    assert seen.real.dtype == seen.fake.dtype == np.float32
    assert seen.real.shape[1:] == seen.fake.shape[1:]
    assert not seen.columns or len(seen.columns) == seen.width
    again = member.apply(pair, fold(pair), settings, SEEDS)
    np.testing.assert_array_equal(seen.fake, again.fake)
    if name != "noise":
        # A sample is seen alike on either side: replace test fakes by test reals.
        swapped = pair.fake.copy()
        swapped[112:142] = pair.real[90:]
        both = member.apply(Pair(pair.real, swapped, kind, pair.columns), fold(pair), settings, SEEDS)
        np.testing.assert_allclose(both.fake[112:142], both.real[90:], atol=1e-6)


def test_the_rounding_view_puts_both_sides_on_the_grid() -> None:
    pair = pair_of("image")
    seen = output_path.apply(pair, fold(pair), output_path.Settings(), SEEDS)
    np.testing.assert_array_equal(seen.real, pair.real)
    assert np.isin(seen.fake, np.unique(pictures(2000))).all()


def test_noise_has_the_asked_deviation_in_the_unit_of_the_kind() -> None:
    rng = np.random.default_rng(0)
    units = np.float32([1, 1000])
    pair = Pair(*(rng.normal(size=(4000, 2)).astype(np.float32) * units for _ in range(2)), "table", ("a", "b"))
    seen = noise.apply(pair, fold(pair), noise.Settings(0.5), SEEDS)
    np.testing.assert_allclose((seen.real - pair.real).std(0), 0.5 * units, rtol=0.05)
    plain = Pair(pair.real, pair.fake, "array")
    seen = noise.apply(plain, fold(plain), noise.Settings(0.5), SEEDS)
    np.testing.assert_allclose((seen.real - pair.real).std(0), 0.5, rtol=0.05)
    assert abs(np.corrcoef((seen.real - pair.real)[:, 0], (seen.fake - pair.fake)[:, 0])[0, 1]) < 0.05


def test_a_ladder_of_sigmas_shares_its_noise() -> None:
    pair = pair_of("image")
    one, two = (noise.apply(pair, fold(pair), noise.Settings(s), SEEDS).real - pair.real for s in (0.1, 0.2))
    np.testing.assert_allclose(two, 2 * one, atol=1e-6)


def test_pca_finds_the_plane_and_ignores_units() -> None:
    rng = np.random.default_rng(0)
    plane = rng.normal(size=(2, 12))
    real, fake = (rng.normal(size=(1000, 2)) @ plane + 0.01 * rng.normal(size=(1000, 12)) for _ in range(2))
    pair = Pair(real.astype(np.float32), fake.astype(np.float32), "array")
    seen = pca.apply(pair, fold(pair), pca.Settings(4), SEEDS)
    spread = seen.fake.std(0)
    assert seen.fake.shape == (1000, 4)
    assert spread[1] > 0.1
    assert spread[2] < 0.05
    units = np.geomspace(1e-3, 1e5, 12).astype(np.float32)
    scaled = Pair(pair.real * units, pair.fake * units, "array")
    np.testing.assert_allclose(
        np.abs(pca.apply(scaled, fold(pair), pca.Settings(2), SEEDS).fake), np.abs(seen.fake[:, :2]), atol=1e-2
    )


def test_blocks_are_means_with_what_is_left_at_the_edges() -> None:
    pair = pair_of("image")
    seen = blocks.apply(pair, fold(pair), blocks.Settings(4), SEEDS).real
    assert seen.shape == (120, 1, 3, 3)
    np.testing.assert_allclose(seen[:, :, 0, 0], pair.real[:, :, :4, :4].mean((2, 3)), atol=1e-6)
    np.testing.assert_allclose(seen[:, :, 2, 2], pair.real[:, :, 8:, 8:].mean((2, 3)), atol=1e-6)


def test_statistics_are_named_and_count_black_pixels() -> None:
    real = np.zeros((60, 3, 4, 4), np.float32)
    real[:, 1, :2] = 1
    pair = Pair(real, real, "image")
    seen = statistics.apply(pair, fold(pair), statistics.Settings(), SEEDS)
    black = [seen.columns.index(f"channel {c}: nearly black") for c in range(3)]
    np.testing.assert_allclose(seen.real[0, black], [1, 0.5, 1])


def test_the_lattice_view_tells_floats_from_8_bits_and_nothing_else() -> None:
    pair = pair_of("image")
    seen = lattice.apply(pair, fold(pair), lattice.Settings(), SEEDS)
    assert seen.real.max() == 0
    assert seen.fake[:, 0].min() > 0.2
    rounded = output_path.apply(pair, fold(pair), output_path.Settings(), SEEDS)
    assert lattice.apply(rounded, fold(pair), lattice.Settings(), SEEDS).fake.max() == 0


@pytest.mark.parametrize("settings", [lambda: noise.Settings(0), lambda: pca.Settings(0), lambda: blocks.Settings(1)])
def test_settings_out_of_reach_name_their_field(settings: object) -> None:
    with pytest.raises(UsageError, match=r"views\.\w+\.(sigma|dims|size) cannot be"):
        settings()  # type: ignore[operator]
