"""Fakes of large pictures: part by part, the same as all at once, and no more than a budget of work allows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from ganprobe.inputs import checkpoints
from ganprobe.inputs.checkpoints import _draw
from ganprobe.known import dead_leaves
from ganprobe.measures import drawing
from ganprobe.plan import Plan
from ganprobe.record.sources import DataRecord
from ganprobe.samples import drawn, sketch
from ganprobe.samples.sides import Dataset, Generator

SIZE = 40
DATA = Dataset(
    dead_leaves.pictures(30, SIZE, 0), "image", DataRecord("d", "image", 30, (3, SIZE, SIZE), ""), full_range=(0, 255)
)
PLAN = Plan("g", "d", budget="fast", device="cpu")


def network() -> Generator:
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        module = nn.Sequential(nn.Linear(8, 3 * SIZE * SIZE), nn.Tanh(), nn.Unflatten(1, (3, SIZE, SIZE)))
    return checkpoints.of_module(module, None, replace(PLAN, z_dim="8"))


def test_parts_are_what_all_at_once_are(monkeypatch: pytest.MonkeyPatch) -> None:
    source = network()
    whole = drawing.fakes(PLAN, DATA, source, 50, 20, 7)
    assert isinstance(whole.seen, sketch.Sketches)
    assert len(whole.raw) == 20
    np.testing.assert_array_equal(whole.raw, source.draw(50, 7)[:20])
    at_once = whole.path.fake(source.draw(50, 7), quantise=True)
    np.testing.assert_array_equal(whole.seen, at_once)
    np.testing.assert_array_equal(sketch.pictures_of(whole.seen).store, sketch.pictures_of(at_once).store)
    monkeypatch.setattr(_draw, "_MOST_BATCH", 16)
    again = drawing.fakes(PLAN, DATA, source, 50, 20, 7)
    np.testing.assert_allclose(again.seen, whole.seen, atol=1e-5)


def test_fakes_of_a_named_network_are_drawn_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = network()
    source = replace(source, draw=replace(source.draw, identity="named"))  # type: ignore[type-var]
    with drawn.kept_in(tmp_path, 1):
        first = drawing.fakes(PLAN, DATA, source, 50, 20, 7)
        monkeypatch.setattr(source.module, "forward", lambda *inputs: pytest.fail("drawn again"))
        monkeypatch.setattr(_draw.Draw, "parts", lambda *arguments: iter([first.raw]))
        again = drawing.fakes(PLAN, DATA, source, 50, 20, 7)
    np.testing.assert_array_equal(again.seen, first.seen)


def test_a_budget_of_work_bounds_their_number_and_says_so() -> None:
    source = network()
    assert source.work == 8 * 3 * SIZE * SIZE
    assert drawing.most(PLAN, DATA, source) == (int(2e9 / (3 * SIZE * SIZE)), "")
    n, why = drawing.most(PLAN, DATA, replace(source, work=1e8))
    assert (n, why) == (4_000, "at most 4000 fakes drawn: each takes 1.0e+08 multiplications")
    assert drawing.most(replace(PLAN, budget="standard"), DATA, replace(source, work=1e8))[0] == 25_000
    assert drawing.most(PLAN, DATA, replace(source, work=1e12))[0] == 1_000
    assert drawing.most(replace(PLAN, num_fake=50), DATA, replace(source, work=1e12)) == (50, "")
