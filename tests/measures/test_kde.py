from __future__ import annotations

import functools
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from ganprobe.known import truths
from ganprobe.measures import kde
from ganprobe.nets import training
from ganprobe.objective import shift_js
from ganprobe.record.kde import KdeRecord
from ganprobe.record.unmeasured import Unmeasured
from ganprobe.samples.folds import Folds, row_hashes, split_sides
from ganprobe.samples.sides import Pair
from ganprobe.seeds import Seeds

SEEDS = Seeds(0)
N = 4_000


def checked(pair: Pair, headline: float) -> KdeRecord:
    folds = split_sides(row_hashes(pair.real, 0), row_hashes(pair.fake, 0))
    return kde.crosscheck(pair, folds, headline, SEEDS, "fast")


@functools.cache
def of_truth(name: str) -> tuple[truths.Truth, KdeRecord]:
    truth = {"shift": truths.shift(2, 1.5), "same": truths.same(2)}[name]
    return truth, checked(Pair(*truth.draw(N, 0), "array"), truth.js)


@pytest.mark.parametrize("name", ["shift", "same"])
def test_kernels_and_probe_agree_where_both_can_be_trusted(name: str) -> None:
    _, record = of_truth(name)
    assert record.agreement == "agrees"
    assert record.nats == pytest.approx(record.matched_probe, abs=0.03)


def test_both_estimate_the_js_of_the_noised_laws() -> None:
    """Noise s turns a shift of d spreads into one of d / sqrt(1 + s^2)."""
    truth, record = of_truth("shift")
    rng = np.random.default_rng(0)
    pooled = np.concatenate((rng.standard_normal(200_000), rng.standard_normal(200_000) + 1.5 / 2**0.5))
    spread = np.diff(np.quantile(pooled, (0.16, 0.84)))[0] / 2
    for rung in record.ladder[-2:]:
        noised = shift_js(1.5 / (1 + (rung.sigma * spread) ** 2) ** 0.5)
        assert noised < truth.js
        assert rung.probe == pytest.approx(noised, abs=0.03)
        assert rung.kde == pytest.approx(noised, abs=0.03)


@pytest.mark.parametrize("name", ["shift", "same"])
def test_the_ladder_is_whole(name: str) -> None:
    truth, record = of_truth(name)
    assert [rung.sigma for rung in record.ladder] == list(kde.LADDER)
    assert all(rung.probe < truth.js + 4 * rung.se + 0.02 for rung in record.ladder)
    assert any((record.nats, record.matched_probe, record.sigma) == (r.kde, r.probe, r.sigma) for r in record.ladder)
    assert record.space == "standardised columns"


def test_equal_laws_are_no_resubstitution() -> None:
    """Scored on the samples it is made of, a KDE reads .6 where 0 is the truth."""
    _, record = of_truth("same")
    assert all(rung.kde < 0.02 for rung in record.ladder)


def test_a_probe_that_learned_nothing_is_convicted(monkeypatch: pytest.MonkeyPatch) -> None:
    def idle(net: object, folds: Folds, *rest: object) -> training.Trained:
        return training.Trained(net, 0, "idle")  # type: ignore[arg-type]

    monkeypatch.setattr(training, "train", idle)
    truth = truths.correlated(2, 0.9)
    record = checked(Pair(*truth.draw(1_500, 0), "array"), 0.0)
    assert record.agreement == "probe weaker than KDE"
    assert record.nats > record.matched_probe + 0.05


def test_what_the_leading_components_do_not_show_is_not_agreed_on() -> None:
    """All the difference is in the direction of least variance, which five components leave out."""
    rng = np.random.default_rng(0)
    base = rng.standard_normal((2, 1_500, 5)) @ rng.standard_normal((5, 12)) * 5
    quiet = rng.standard_normal((2, 1_500, 12)) * 0.01
    quiet[1, :, 3] += 0.05
    real, fake = (base + quiet).astype(np.float32)
    record = checked(Pair(real, fake, "array"), 0.5)
    assert record.agreement == "not informative here"
    assert "principal components" in record.space


def test_a_net_that_fell_below_nothing_convicts_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Densities that show nothing are more than a net that shows less, and no evidence of a difference."""

    def wild(net: torch.nn.Module, folds: Folds, *rest: object) -> training.Trained:
        torch.manual_seed(0)
        with torch.no_grad():
            for weight in net.parameters():
                weight += 3 * torch.randn_like(weight)
        return training.Trained(net.eval(), 0, "wild")

    monkeypatch.setattr(training, "train", wild)
    monkeypatch.setattr(kde, "calibrate", lambda logits: logits)
    record = checked(Pair(*truths.same(2).draw(1_500, 0), "array"), 0.0)
    assert min(rung.probe for rung in record.ladder) < -0.05
    assert record.agreement != "probe weaker than KDE"


def test_probes_of_a_checkpoint_at_the_ceiling_are_not_checked() -> None:
    study: Any = SimpleNamespace(
        plan=SimpleNamespace(series=True), ladder=SimpleNamespace(saturated=True), drawn=None, seeds=SEEDS
    )
    found = kde.measure(study)["kde"]
    assert isinstance(found, Unmeasured)
    assert "ceiling" in found.why
