from __future__ import annotations

import numpy as np
import pytest
import torch

from ganprobe.known import truths
from ganprobe.nets import training
from ganprobe.nets.mlp import Mlp
from ganprobe.objective import js
from ganprobe.samples.folds import Fold, Folds, Split
from ganprobe.samples.sides import Array, Indices
from ganprobe.seeds import Seeds

SEEDS = Seeds(0)
N = 900
ROWS = Split(np.arange(500), np.arange(500, 700), np.arange(700, N))
FOLD = Fold(ROWS, ROWS)
TRUTH = truths.shift(3, 2.0)
SIDES = dict(zip(("real", "fake"), TRUTH.draw(N, 0), strict=True))


def gather(side: training.Side, rows: Indices) -> torch.Tensor:
    return torch.from_numpy(SIDES[side][rows])


def turned(side: training.Side, rows: Indices) -> torch.Tensor:
    """The second fold sees reals as fakes."""
    other = {"real": "fake", "fake": "real"}[side]
    return torch.from_numpy(np.stack((SIDES[side][rows[0]], SIDES[other][rows[1]])))


def schedule(epochs: int = 12, **changes: float) -> training.Schedule:
    return training.Schedule(
        **{"epochs": epochs, "least_epochs": 1, "patience": epochs, "batch": 64, "rate": 5e-3, "decay": 1e-2} | changes  # type: ignore[arg-type]
    )


def net(folds: int = 1) -> Mlp:
    return Mlp(folds, 3, 32, 1, SEEDS)


def logits(of: torch.nn.Module, values: Array) -> np.ndarray:
    return training.score(of, lambda i, j: torch.from_numpy(values[i:j])[None], len(values))


def held_out(of: torch.nn.Module) -> float:
    return js(*(logits(of, SIDES[side][ROWS.test]) for side in ("real", "fake")))


def test_a_net_learns_the_shift() -> None:
    trained = training.train(net(), Folds((FOLD,)), gather, schedule(), SEEDS)
    assert held_out(trained.net) == pytest.approx(TRUTH.js, abs=0.08)
    assert trained.steps > 0
    assert trained.why_stopped


def test_each_net_learns_its_own_fold() -> None:
    trained = training.train(net(2), Folds((FOLD, FOLD)), turned, schedule(), SEEDS)
    first, second = (training.slice_of(trained.net, k) for k in range(2))
    assert held_out(first) > 0.2
    assert held_out(second) < -0.2


def test_a_net_is_trained_among_others_as_it_would_be_alone() -> None:
    """Nets that start alike and see the same samples stay alike, whatever a third one sees."""
    folds = Folds((FOLD, FOLD))

    def same(side: training.Side, rows: Indices) -> torch.Tensor:
        return torch.from_numpy(SIDES[side][np.stack((rows[0], rows[0]))])

    def disturbed(side: training.Side, rows: Indices) -> torch.Tensor:
        return torch.from_numpy(np.stack((SIDES[side][rows[0]], 3 * SIDES["fake"][rows[1]] + 1)))

    quiet = training.train(net(2), folds, same, schedule(4), SEEDS)
    noisy = training.train(net(2), folds, disturbed, schedule(4), SEEDS)
    values = SIDES["real"][ROWS.test]
    alone = logits(training.slice_of(quiet.net, 0), values)
    np.testing.assert_allclose(alone, logits(training.slice_of(quiet.net, 1), values), atol=1e-4)
    np.testing.assert_allclose(alone, logits(training.slice_of(noisy.net, 0), values), atol=1e-4)


def test_a_slice_is_the_net_of_its_fold() -> None:
    many = net(3)
    with torch.no_grad():
        for parameter in many.parameters():
            parameter += torch.randn(parameter.shape, generator=torch.Generator().manual_seed(1))
    values = torch.from_numpy(SIDES["real"][:50])
    together = many(values.expand(3, -1, -1)).detach().numpy()
    for k in range(3):
        np.testing.assert_allclose(
            logits(training.slice_of(many, k), values.numpy()), together[k], rtol=1e-5, atol=1e-5
        )


def test_training_is_a_function_of_its_seed_and_touches_no_other() -> None:
    state = torch.random.get_rng_state()
    one, other = (training.train(net(), Folds((FOLD,)), gather, schedule(2), SEEDS).net for _ in range(2))
    assert torch.equal(torch.random.get_rng_state(), state)
    elsewhere = training.train(net(), Folds((FOLD,)), gather, schedule(2), Seeds(1)).net
    values = SIDES["real"]
    np.testing.assert_array_equal(logits(one, values), logits(other, values))
    assert not np.array_equal(logits(one, values), logits(elsewhere, values))


def test_what_was_best_on_val_is_kept() -> None:
    """Forty real samples learnt by heart: the last weights are much worse than the best."""
    few = Split(np.arange(40), np.arange(500, 700), np.arange(700, N))
    wide = Mlp(1, 3, 128, 2, SEEDS)
    trained = training.train(wide, Folds((Fold(few, few),)), gather, schedule(150, batch=32, decay=0.0), SEEDS)
    assert held_out(trained.net) > 0.15


def test_training_ends_when_val_gains_no_more() -> None:
    impatient = schedule(200, least_epochs=2, patience=3)
    trained = training.train(net(), Folds((FOLD,)), gather, impatient, SEEDS)
    assert trained.steps < 100 * (500 // 64)


@pytest.mark.parametrize("n", [3, 9])
def test_a_handful_of_samples_is_no_error(n: int) -> None:
    few = Split(np.arange(n), np.arange(500, 503), np.arange(700, N))
    trained = training.train(net(), Folds((Fold(few, few),)), gather, schedule(3, least_steps=20), SEEDS)
    assert np.isfinite(held_out(trained.net))
    assert trained.steps >= 20


def test_every_sample_is_seen_and_fakes_are_not_repeated_before_their_time() -> None:
    """600 fakes for 200 reals: three epochs see each fake once."""
    seen: list[np.ndarray] = []

    def watched(side: training.Side, rows: Indices) -> torch.Tensor:
        if side == "fake" and rows.shape[1] == 50:
            seen.append(rows[0])
        return gather(side, rows)

    real = Split(np.arange(200), np.arange(700, 730), np.arange(730, N))
    fake = Split(np.arange(600), np.arange(700, 730), np.arange(730, N))
    training.train(net(), Folds((Fold(real, fake),)), watched, schedule(3, batch=50), SEEDS)
    assert sorted(np.concatenate(seen).tolist()) == list(range(600))


def test_no_samples_have_no_scores() -> None:
    assert logits(net(), np.empty((0, 3), np.float32)).shape == (0,)


def test_many_samples_are_scored_in_pieces() -> None:
    values = np.random.default_rng(0).standard_normal((5_000, 3)).astype(np.float32)
    whole = net()(torch.from_numpy(values)[None])[0].detach().numpy()
    np.testing.assert_allclose(logits(net(), values), whole, atol=1e-5)
