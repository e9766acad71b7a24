from __future__ import annotations

import numpy as np
import pytest

from ganprobe.errors import UsageError
from ganprobe.measures import memorisation
from ganprobe.record.memorisation import MemorisationRecord
from ganprobe.samples.folds import row_hashes, split_sides
from ganprobe.samples.sides import Array, Origin, Pair, SideOrigin
from ganprobe.seeds import Seeds


def normal(n: int, seed: int, d: int = 10) -> Array:
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


def measured(train: Array, held_out: Array, fake: Array) -> MemorisationRecord:
    pair = Pair(held_out, fake, "array")
    fold = split_sides(row_hashes(held_out, 0), row_hashes(fake, 0)).folds[0]
    origin = Origin(SideOrigin(np.arange(len(held_out))), SideOrigin(np.arange(len(fake))))
    return memorisation.held_against(train, "train.npy", pair, fold, origin, Seeds(0))


@pytest.fixture
def without_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their readings take most of the time."""
    monkeypatch.setattr(memorisation, "_readings", lambda *_: ((0.0, 0.0), (0.0, 0.0)))


@pytest.mark.usefixtures("without_probes")
def test_a_generator_that_learned_the_law_treats_both_alike() -> None:
    for seed in range(5):
        found = measured(normal(1_500, seed), normal(1_000, 10 + seed), normal(1_000, 20 + seed))
        assert abs(found.nearer_z) < 4
        assert found.nearer == pytest.approx(0.5, abs=0.1)
        assert found.c_t_z is not None
        assert abs(found.c_t_z) < 4


@pytest.mark.usefixtures("without_probes")
def test_noisy_training_samples_are_recognised() -> None:
    train = normal(1_000, 0)
    fake = np.concatenate((train[:300] + 0.05 * normal(300, 3), normal(700, 4)))
    found = measured(train, normal(1_000, 1), fake)
    assert found.nearer == pytest.approx(0.65, abs=0.06)
    assert found.nearer_z > 8
    assert found.c_t is not None
    assert found.c_t < -3
    assert found.copies is not None
    assert found.copies.share == pytest.approx(0.3, abs=0.02)
    assert found.copies.p_value < 1e-9
    assert all(pair.fake_row == pair.real_row for pair in found.copies.pairs)


@pytest.mark.usefixtures("without_probes")
def test_smooth_fakes_are_not_mistaken_for_copies() -> None:
    """Fakes drawn in to the middle are nearer to every real: C_T objects, the exchange of both kinds does not."""
    found = measured(normal(1_000, 0), normal(1_000, 1), 0.5 * normal(1_000, 2))
    assert found.c_t is not None
    assert found.c_t < -3
    assert abs(found.nearer_z) < 4


@pytest.mark.usefixtures("without_probes")
def test_the_share_does_not_depend_on_how_much_was_trained_on() -> None:
    found = measured(normal(4_000, 0), normal(500, 1), normal(1_000, 2))
    assert found.nearer == pytest.approx(0.5, abs=0.1)


def test_the_probes_see_the_training_samples_as_the_fakes_they_became() -> None:
    train = normal(600, 0, 2)
    fake = np.repeat(train, 3, 0) + 0.01 * normal(1_800, 3, 2)
    found = measured(train, normal(600, 1, 2) + np.float32(0.5), fake)
    assert found.js_held_out > 0.01
    assert found.js_train < found.js_held_out - 2 * found.js_se


@pytest.mark.usefixtures("without_probes")
def test_training_samples_among_the_reals_are_left_out() -> None:
    train, held_out = normal(800, 0), normal(600, 1)
    found = measured(train, np.concatenate((train[:200], held_out)), normal(500, 2))
    assert found.n_held_out == 600
    assert found.notes == ("200 reals that are training samples too were left out",)


@pytest.mark.usefixtures("without_probes")
def test_nothing_held_out_is_refused() -> None:
    with pytest.raises(UsageError, match="too few are held out"):
        measured(normal(800, 0), normal(800, 0), normal(500, 2))


@pytest.mark.usefixtures("without_probes")
def test_rows_that_repeat_by_nature_stay() -> None:
    rng = np.random.default_rng(0)
    train, held_out, fake = (rng.integers(0, 5, (n, 2)).astype(np.float32) for n in (900, 600, 500))
    found = measured(train, held_out, fake)
    assert found.n_held_out == 600
    assert found.copies is None
    assert abs(found.nearer_z) < 4
