"""Probes tried on the checkpoints beside their own: a bound of the other's JS, and never a reason to fail."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from studies import climbed, headlined

from ganprobe.known import truths
from ganprobe.measures import crossed
from ganprobe.plan import Plan
from ganprobe.record.audit import Measurements

MODEL = """
import torch

class G(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.map = torch.nn.Linear(3, 3)

    def forward(self, z):
        return self.map(z)
"""
SHIFTS = {"far": 1.5, "near": 0.8, "same": 0.8, "close": 0.35}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """N(0, 1) in three dimensions against generators of N(shift, 1), two of which are the same."""
    made = tmp_path_factory.mktemp("cross")
    (made / "cross_model.py").write_text(MODEL)
    np.save(made / "real.npy", np.random.default_rng(0).normal(size=(600, 3)).astype(np.float32))
    for name, shift in SHIFTS.items():
        torch.save({"map.weight": torch.eye(3), "map.bias": torch.tensor([shift, 0.0, 0.0])}, made / f"{name}.pt")
    (made / "bad.pt").write_bytes(b"no checkpoint")
    np.save(made / "given.npy", np.random.default_rng(1).normal(size=(600, 3)).astype(np.float32))
    return made


def measured(folder: Path, name: str, *neighbours: str, **plan: Any) -> Measurements:
    """JS alone."""
    asked = Plan(
        str(folder / name),
        str(folder / "real.npy"),
        model=f"{folder / 'cross_model.py'}:G",
        budget="fast",
        threads=1,
        neighbours=tuple(str(folder / other) for other in neighbours),
    )
    asked = replace(asked, **{"probes": ("logistic", "knn"), "parts": ()} | plan)
    study = climbed(asked)
    return headlined(study, **crossed.measure(study))


@pytest.mark.parametrize("view", [None, "pca", "noise+columns"])
def test_a_copy_of_the_checkpoint_reads_as_it_does_itself(folder: Path, view: str | None) -> None:
    """Through views that are fitted too: they are fitted as for the probes' own fakes."""
    m = measured(folder, "near.pt", "same.pt", view=view, probes=("logistic",))
    (cross,) = m.crossed
    assert m.js is not None
    assert (cross.nats, cross.low, cross.high) == (m.js.nats, m.js.low, m.js.high)
    assert (cross.floor, cross.validation, cross.batches) == (m.js.floor, m.js.validation, m.batches)


def test_neighbours_are_bounded_and_change_nothing_else(folder: Path) -> None:
    m = measured(folder, "near.pt", "far.pt", "same.pt")
    far, same = m.crossed
    truth = truths.shift(1, SHIFTS["far"]).js
    assert far.low < truth < far.high + 0.03
    assert far.floor < truth
    digests = [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("far.pt", "same.pt")]
    assert [far.sha256, same.sha256] == digests
    alone = measured(folder, "near.pt")
    assert alone.js == m.js
    assert alone.crossed == ()
    assert "crossed" not in m.unmeasured


def test_a_neighbour_that_cannot_be_scored_fails_nothing(folder: Path) -> None:
    m = measured(folder, "near.pt", "bad.pt", "gone.pt", "far.pt")
    assert len(m.crossed) == 1
    assert "bad.pt: not a checkpoint" in m.unmeasured["crossed"]
    assert "gone.pt" in m.unmeasured["crossed"]


def test_samples_that_were_given_are_left_out(folder: Path) -> None:
    m = measured(folder, "given.npy", "near.pt", model=None)
    assert m.crossed == ()
    assert "the fakes were given" in m.unmeasured["crossed"]
    assert measured(folder, "near.pt", "given.npy").crossed == ()


def test_probes_of_a_clear_case_raise_the_bound_of_one_like_it(folder: Path) -> None:
    """Trees find the direction of a large shift, and little of one a fourth as large."""
    few = {"probes": ("boosting",)}
    (cross,) = measured(folder, "far.pt", "close.pt", **few).crossed
    own = measured(folder, "close.pt", "far.pt", **few).js
    assert own is not None
    assert own.validation is not None
    assert cross.validation > own.validation
    assert cross.nats > own.nats
    assert cross.floor < truths.shift(1, SHIFTS["close"]).js
