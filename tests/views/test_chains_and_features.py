"""Each view does to a sample what it says, alone or in a chain; a user's features are taken as they come."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from ganprobe import views
from ganprobe.errors import GanprobeError, InputError, UsageError
from ganprobe.plan import Plan
from ganprobe.samples.folds import Fold, Split
from ganprobe.samples.sides import Array, Pair
from ganprobe.seeds import Seeds
from ganprobe.views import Chain

SEEDS = Seeds(0)
RNG = np.random.default_rng(0)
PICTURES = np.rint(RNG.random((6, 1, 16, 16)) * 255).astype(np.float32) / np.float32(255)
NUMBERS = RNG.standard_normal((6, 3)).astype(np.float32)
ROWS = np.arange(6, dtype=np.int64)
FOLD = Fold(Split(ROWS, ROWS, ROWS), Split(ROWS, ROWS, ROWS))


def seen(pair: Pair, text: str, features: str | None = None, **settings: str) -> Pair:
    plan = Plan("g", "r", view=text, features=features, settings={f"views.{k}": v for k, v in settings.items()})
    return views.chain(plan).apply(pair, FOLD, SEEDS)


def pictures(values: Array = PICTURES) -> Pair:
    return Pair(values, values, "image")


def test_a_threshold_leaves_black_and_white() -> None:
    np.testing.assert_array_equal(seen(pictures(), "threshold").real, PICTURES > 0.5)
    chained = seen(pictures(), "threshold+blocks", **{"blocks.size": "8", "threshold.level": "0.2"})
    np.testing.assert_allclose(chained.real[0, 0, 0, 0], (PICTURES[0, 0, :8, :8] > 0.2).mean(), rtol=1e-6)
    assert chained.shape == (1, 2, 2)


def test_the_histogram_counts_each_pixel_once_and_knows_no_places() -> None:
    pair = seen(pictures(), "histogram")
    np.testing.assert_allclose(pair.real.sum(1), 1, atol=1e-5)
    shares = dict(zip(pair.columns, pair.real[0], strict=True))
    level = np.rint(PICTURES[0] * 255)
    assert shares["exactly black"] == pytest.approx((level == 0).mean(), abs=1e-6)
    assert shares["nearly black (1 to 5 of 255)"] == pytest.approx(((level > 0) & (level < 6)).mean(), abs=1e-6)
    assert shares["nearly white (250 to 254 of 255)"] == pytest.approx(((level > 249) & (level < 255)).mean(), abs=1e-6)
    mixed = RNG.permutation(PICTURES.reshape(6, -1), axis=1).reshape(PICTURES.shape)
    np.testing.assert_allclose(seen(pictures(mixed), "histogram").real, pair.real, atol=1e-6)


def test_a_blur_is_a_gaussian_one_on_8_bits() -> None:
    blurred = seen(pictures(), "blur", **{"blur.sigma": "1.5"}).real
    expected = np.stack([gaussian_filter(p[0], 1.5, mode="reflect", truncate=3.0) for p in PICTURES])[:, None]
    np.testing.assert_allclose(blurred, expected, atol=0.51 / 255)
    np.testing.assert_allclose(blurred * 255, np.rint(blurred * 255), atol=1e-3)


def test_detail_is_strong_where_it_is() -> None:
    board = np.broadcast_to((np.indices((16, 16)).sum(0) % 2).astype(np.float32), (6, 1, 16, 16))
    wave = np.broadcast_to(np.sin(np.arange(16) * 2 * np.pi / 16).astype(np.float32), (6, 1, 16, 16))
    flat = np.full_like(PICTURES, 0.3)
    fine, coarse, none = (seen(pictures(np.ascontiguousarray(p)), "highpass").real[0] for p in (board, wave, flat))
    assert fine.argmax() == 0
    assert fine[0] > 0.4
    assert coarse.argmax() == 2
    np.testing.assert_allclose(none, 0, atol=1e-5)


def test_digits_are_cut_off_in_units_of_the_spread() -> None:
    pair = Pair(NUMBERS * np.float32([1, 100, 1e-3]), NUMBERS * np.float32([1, 100, 1e-3]), "table", ("a", "b", "c"))
    spread = NUMBERS.std(0)
    cut = seen(pair, "rounding", **{"rounding.decimals": "2"}).real
    np.testing.assert_allclose(cut, np.floor(NUMBERS / spread * 100), atol=1)


def test_columns_of_arrays_are_named_by_place() -> None:
    pair = Pair(RNG.random((6, 4, 2), np.float32), RNG.random((6, 4, 2), np.float32), "array")
    kept = seen(pair, "columns", **{"columns.keep": "[3][1],[0][0]"})
    np.testing.assert_array_equal(kept.real, np.stack((pair.real[:, 0, 0], pair.real[:, 3, 1]), 1))
    assert kept.columns == ("[0][0]", "[3][1]")


@pytest.mark.parametrize(
    ("text", "settings", "says"),
    [
        ("tresholds", {}, "did you mean threshold"),
        ("threshold+block", {}, "did you mean blocks"),
        ("threshold+", {}, "choose from"),
        ("columns", {}, "choose another view"),
        ("features", {}, "--features file.py:fn"),
        ("pca+blocks", {}, "choose another view"),
        ("threshold", {"threshold.level": "1.5"}, "below 1"),
        ("blur", {"blur.sigma": "0"}, "above 0"),
    ],
)
def test_a_view_that_is_not_there_is_refused(text: str, settings: dict[str, str], says: str) -> None:
    with pytest.raises(UsageError) as error:
        seen(pictures(), text, **settings)
    assert says in error.value.hint


def test_a_column_that_is_not_there_is_refused() -> None:
    pair = Pair(NUMBERS, NUMBERS, "table", ("age", "sex", "income"))
    with pytest.raises(UsageError) as error:
        seen(pair, "columns", **{"columns.keep": "ages"})
    assert error.value.hint == "did you mean age?"
    with pytest.raises(UsageError):
        seen(pair, "columns", **{"columns.drop": "age,sex,income"})


# -- features ------------------------------------------------------------------

FEATURES = """
import numpy as np
import torch

HOURS = torch.arange(3.0)

def means(x):
    return x.flatten(1).mean(1, keepdim=True)

def in_numpy(x):
    return np.asarray(x).reshape(len(x), -1)[:, :2]

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = torch.nn.BatchNorm1d(3)
        self.norm.running_mean += HOURS
    def forward(self, x):
        return self.norm(x)

def ranked(x):
    return x.argsort(0).float()

def scalar(x):
    return x.mean()

def one_each(x):
    return x.flatten(1).mean(1)

def infinite(x):
    return x.flatten(1) / 0

def fails(x):
    raise RuntimeError("no such layer")

def leaves(x):
    raise SystemExit(0)

number = 3
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "features.py"
    path.write_text(FEATURES)
    return path


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("means", NUMBERS.mean(1, keepdims=True)),
        ("in_numpy", NUMBERS[:, :2]),
        ("Net", (NUMBERS - np.arange(3)) / np.sqrt(1 + 1e-5)),
    ],
)
def test_features_are_those_of_the_function(name: str, expected: Array, source: Path) -> None:
    pair = Pair(NUMBERS, NUMBERS[::-1].copy(), "array")
    found = seen(pair, "features", f"{source}:{name}")
    np.testing.assert_allclose(found.real, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found.fake, expected[::-1], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "error", "says"),
    [
        ("ranked", InputError, "depends on the other samples"),
        ("scalar", InputError, "for 6 samples"),
        ("one_each", InputError, "gives 6 for 6 samples"),
        ("infinite", InputError, "not finite"),
        ("fails", InputError, "RuntimeError: no such layer"),
        ("leaves", InputError, "sys.exit(0)"),
        ("number", UsageError, "defines no 'number'"),
        ("mean", UsageError, "defines no 'mean'"),
    ],
)
def test_features_that_are_none_are_refused(name: str, error: type[GanprobeError], says: str, source: Path) -> None:
    with pytest.raises(error) as raised:
        seen(Pair(NUMBERS, NUMBERS, "array"), "features", f"{source}:{name}")
    assert says in raised.value.message
    assert "\n" not in raised.value.message + raised.value.hint
    assert "--features" in raised.value.message


@pytest.mark.parametrize("spec", ["features", "nowhere.py:means", "no.such.module:means"])
def test_features_that_are_nowhere_are_refused(spec: str) -> None:
    with pytest.raises(UsageError, match="--features"):
        seen(Pair(NUMBERS, NUMBERS, "array"), "features", spec)


def test_the_empty_chain_changes_nothing() -> None:
    pair = pictures()
    assert Chain().apply(pair, FOLD, SEEDS) is pair
    assert views.chain(Plan("g", "r")) == Chain()
