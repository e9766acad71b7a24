"""A generator that is still trained: measured as it is, left as it was, and what the reals decide is decided once."""

from __future__ import annotations

import pytest
import torch

from ganprobe.errors import InputError
from ganprobe.in_memory import LOOP, probe
from ganprobe.judge import history
from ganprobe.measures import clusters
from ganprobe.store import archive


def test_a_generator_in_training_is_measured_and_left_as_it_was() -> None:
    torch.manual_seed(0)
    generator = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.BatchNorm1d(8), torch.nn.Linear(8, 2)).train()
    real = torch.randn(400, 2)
    weights = {name: tensor.clone() for name, tensor in generator.state_dict().items()}
    drawn = torch.get_rng_state()
    found = probe(generator, real, step=7, probes=("logistic",), parts=("support",), threads=1)
    assert torch.equal(torch.get_rng_state(), drawn)
    assert generator.training
    assert all(torch.equal(tensor, weights[name]) for name, tensor in generator.state_dict().items())
    checkpoint = found.measurements.checkpoint
    assert (checkpoint.format, checkpoint.step, checkpoint.latent) == ("module", 7, (3,))
    assert found.measurements.js is not None
    assert found.measurements.data.n == 400
    assert archive.from_json(archive.to_json(found)) == found
    with torch.no_grad():
        generator[2].bias += 3
    moved = probe(generator, real.numpy(), step=8, probes=("logistic",), parts=("support",), threads=1)
    assert moved.measurements.checkpoint.sha256 != checkpoint.sha256
    assert moved.measurements.data.content_hash == found.measurements.data.content_hash
    change = history.compare((found, moved)).record.differences[0]
    assert change.low > 0
    with pytest.raises(InputError, match="too few"):
        probe(generator, real[:10])


def test_what_was_not_asked_in_a_loop_is_said_not_to_have_been(monkeypatch: pytest.MonkeyPatch) -> None:
    """No PASS without the evidence; the smaller nets stand in the record; clusters of the reals are found once."""
    torch.manual_seed(0)
    real, called = torch.randn(300, 3), []
    plain = clusters._clusters
    monkeypatch.setattr(clusters, "_clusters", lambda *given: called.append(0) or plain(*given))
    first, second = (probe(torch.nn.Linear(3, 3), real, probes=("mlp",), threads=1) for _ in range(2))
    assert len(called) <= 1
    js = first.measurements.js
    assert js is not None
    assert (js.near_optimal, js.gap, first.verdict) == (None, None, "INCONCLUSIVE")
    assert any(f.code == "GP201" and "not measured" in f.title for f in first.findings)
    assert first.plan["settings"] == dict(LOOP)
    assert first.measurements.probes[1].settings["rate"] == LOOP["probes.mlp.rate"]
    assert second.measurements.support is not None
    assert second.measurements.support.modes is not None
