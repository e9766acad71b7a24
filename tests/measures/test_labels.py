from __future__ import annotations

import numpy as np
import pytest

from ganprobe.measures import labels
from ganprobe.objective import shift_js
from ganprobe.record.labels import LabelsRecord
from ganprobe.samples.folds import HeldOut, row_hashes, split_sides
from ganprobe.samples.sides import Array, Indices, Origin, Pair, SideOrigin
from ganprobe.seeds import Seeds

SEEDS = Seeds(0)


def measured(real: Array, fake: Array, real_labels: Indices, fake_labels: Indices) -> LabelsRecord:
    """With a stack that tells nothing apart."""
    pair = Pair(real, fake, "array")
    folds = split_sides(row_hashes(real, 0), row_hashes(fake, 0))
    logits = HeldOut(
        *(
            tuple(np.random.default_rng(k).normal(size=len(part(fold))) / 100 for k, fold in enumerate(folds))
            for part in (lambda f: f.real.val, lambda f: f.fake.val, lambda f: f.real.test, lambda f: f.fake.test)
        )
    )
    origin = Origin(SideOrigin(np.arange(len(real)), real_labels), SideOrigin(np.arange(len(fake)), fake_labels))
    assert labels.unfit(origin) is None
    return labels.by_label(logits, pair, folds, origin, SEEDS)


def labelled(n: int, seed: int, shift: float = 0.0) -> tuple[Array, Indices]:
    """Three labels whose laws are far apart; those of label 2 are moved by ``shift``."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(3, n, p=[0.5, 0.3, 0.2])
    values = rng.normal(size=(n, 3))
    values[:, 0] += 8 * labels + shift * (labels == 2)
    return values.astype(np.float32), labels


def test_the_label_that_is_off_is_named_and_the_others_are_not() -> None:
    (real, of_real), (fake, of_fake) = labelled(2_500, 0), labelled(2_500, 1, shift=1.5)
    found = measured(real, fake, of_real, of_fake)
    assert [row.label for row in found.labels] == [0, 1, 2]
    js = {row.label: row.js for row in found.labels}
    assert js[2] == pytest.approx(shift_js(1.5), abs=0.07)
    assert max(js[0], js[1]) < 0.03
    for row in found.labels:
        assert row.low < row.js < row.high
    assert found.mix_p_value > 0.001


def test_swapped_labels_are_seen_though_the_samples_are_right() -> None:
    (real, of_real), (fake, of_fake) = labelled(1_500, 0), labelled(1_500, 1)
    found = measured(real, fake, of_real, np.where(of_fake == 2, 2, 1 - of_fake))
    js = {row.label: row.js for row in found.labels}
    assert min(js[0], js[1]) > 0.6
    assert js[2] < 0.03
    assert found.mix_p_value < 1e-6


def test_labels_of_few_samples_have_shares_and_no_js() -> None:
    (real, of_real), (fake, of_fake) = labelled(1_000, 0), labelled(1_000, 1)
    of_real[:5], of_fake[of_fake == 2] = 7, 0
    found = {row.label: row for row in measured(real, fake, of_real, of_fake).labels}
    assert (found[7].js, found[7].n_real, found[7].n_fake) == (None, 5, 0)
    assert (found[2].js, found[2].fake_share) == (None, 0)
    assert found[0].js is not None


def test_who_has_no_labels_is_said() -> None:
    none, some, many = (SideOrigin(np.arange(60), labels) for labels in (None, np.zeros(60, int), np.arange(60)))
    assert labels.unfit(Origin(none, some)) == "the reals have no labels"
    assert labels.unfit(Origin(some, none)) == "the fakes have no labels"
    assert "1 labels" in str(labels.unfit(Origin(some, some)))
    assert "60 labels" in str(labels.unfit(Origin(some, many)))


@pytest.mark.slow
def test_the_band_holds_for_all_labels_at_once() -> None:
    """P = Q with ten labels: the interval of every one holds what its probe shows of nothing, 0, in 95 % of runs."""
    rng = np.random.default_rng(0)
    failed = 0
    for seed in range(40):
        (real, _), (fake, _) = labelled(1_500, seed), labelled(1_500, 1000 + seed)
        found = measured(real, fake, rng.integers(0, 5, 1_500), rng.integers(0, 5, 1_500))
        failed += any(row.low > 0 for row in found.labels)
    assert failed <= 5
