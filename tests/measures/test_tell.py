"""The tell names what is really different, with the shares that are really there."""

from __future__ import annotations

import re

import numpy as np
import pytest

from ganprobe.measures import localise, tell
from ganprobe.measures.localise import Row
from ganprobe.plan import Plan
from ganprobe.record.bound import Bound
from ganprobe.record.views import ViewRecord
from ganprobe.samples.folds import Folds, row_hashes, split_sides
from ganprobe.samples.sides import Pair
from ganprobe.seeds import Seeds
from ganprobe.views import MEMBERS, Chain

SEEDS = Seeds(0)


def told(pair: Pair) -> tuple[str | None, str]:
    folds = Folds(split_sides(row_hashes(pair.real, 0), row_hashes(pair.fake, 0)).folds[:1])
    headline = localise.row(Chain(), "raw", localise.quick(pair, folds, SEEDS), SEEDS, {}, 0.0)
    rows = localise.tabulate(localise.look(Plan("g", "r"), pair, folds, SEEDS), Chain(), headline, SEEDS)
    return tell.tell(headline, rows, pair, folds, SEEDS)


def test_a_column_without_its_zeros_is_named_with_the_shares() -> None:
    rng = np.random.default_rng(0)
    real, fake = rng.exponential(1, (2, 1_500, 4)).astype(np.float32)
    real[rng.random(1_500) < 0.9, 2] = 0
    words, _ = told(Pair(real, fake, "table", ("age", "hours", "gain", "loss")))
    assert words is not None
    assert words.startswith("Through column gain alone ")
    assert re.search(r": gain is 0 in 0% of the fakes, against (89|90|91)% of the reals\. ", words)
    assert "Without it, through the columns without gain, 0.00" in words


def test_a_grey_background_is_a_matter_of_the_histogram() -> None:
    """Blobs on black, and the same blobs with a quarter of the black pixels at 2 of 255."""
    rng = np.random.default_rng(0)
    y, x = np.indices((12, 12))
    centre = rng.uniform(3, 8, (2, 1_000, 2, 1, 1))
    blobs = np.exp(-((y - centre[:, :, 0]) ** 2 + (x - centre[:, :, 1]) ** 2) / 4)[:, :, None]
    real, fake = np.rint(np.where(blobs > 0.05, blobs, 0) * 255).astype(np.float32)
    fake[(fake == 0) & (rng.random(fake.shape) < 0.25)] = 2
    words, _ = told(Pair(real / np.float32(255), fake / np.float32(255), "image"))
    assert words is not None
    assert words.startswith("Through the pixel-value histogram alone ")
    assert "nearly black" in words
    left = re.search(r"after a threshold at 0.5, (-?[\d.]+) nats", words)
    assert left is not None
    assert float(left[1]) < 0.02


def test_equal_laws_have_no_tell() -> None:
    rng = np.random.default_rng(0)
    words, why = told(Pair(*rng.standard_normal((2, 800, 3)).astype(np.float32), "table", ("a", "b", "c")))
    assert words is None
    assert "no difference" in why


def test_a_difference_of_everything_together_has_none_and_it_is_said_what_shows_most() -> None:
    """Each column is a little wider: none has much of it, nor have two, and a total is no view."""
    rng = np.random.default_rng(0)
    real, fake = rng.standard_normal((2, 1_000, 8)).astype(np.float32)
    words, why = told(Pair(real, fake * np.float32(1.5), "table", tuple("abcdefgh")))
    assert words is None
    assert re.search(r"no simple view keeps 95% of it; through .* \d+% show", why)


def row(name: str, js: float, **settings: object) -> Row:
    chain = Chain(((name, MEMBERS[name].Settings(**settings)),))
    return Row(chain, ViewRecord(name, Bound(js, js, js, js), chain.settings), js)


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ([row("blur", 0.6), row("columns", 0.59, keep="a"), row("columns", 0.6, keep="a,b")], "column a"),
        ([row("statistics", 0.6), row("histogram", 0.58)], "the pixel-value histogram"),
        ([row("statistics", 0.6), row("histogram", 0.56)], "a few statistics"),
        ([row("blocks", 0.59, size=2), row("blocks", 0.58, size=8)], "the means of 8x8 blocks"),
        ([row("noise", 0.6, sigma=1.0), row("columns", 0.6, drop="a"), row("pca", 0.59)], "5 principal components"),
    ],
)
def test_the_simplest_view_that_keeps_enough_is_told(
    rows: list[Row], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tell, "_fact", lambda *_: "")
    whole = Row(Chain(), ViewRecord("raw", Bound(0.6, 0.59, 0.61, 0.59)), 0.6)
    nothing = np.zeros((4, 1), np.float32)
    words, _ = tell.tell(whole, rows, Pair(nothing, nothing, "array"), Folds(()), SEEDS)
    assert words is not None
    assert words.startswith(f"Through {named}")
