"""What the reals alone decide: computed once, found again bit by bit, and never taken for something else."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ganprobe import flow
from ganprobe.logits import ladder
from ganprobe.measures import clusters, distances
from ganprobe.measures.optimality import planted
from ganprobe.plan import Plan
from ganprobe.samples.folds import row_hashes, split_sides
from ganprobe.samples.once import Memory, kept_in, once
from ganprobe.samples.sides import Array, Origin, Pair, SideOrigin
from ganprobe.seeds import Seeds
from ganprobe.store import archive
from ganprobe.store.cache import Shelf

CALLS: list[str] = []


@pytest.fixture(autouse=True)
def calls() -> None:
    CALLS.clear()


@dataclass(frozen=True)
class Settings:
    rate: float


def measured(values: Array, settings: Settings, seeds: Seeds) -> tuple[Array, float, float]:
    CALLS.append("measured")
    rng = seeds.numpy("once")
    return values * np.float32(settings.rate), float(values.mean(dtype=np.float64)) / 3, float(rng.random())


def another(values: Array, settings: Settings, seeds: Seeds) -> tuple[float]:
    CALLS.append("another")
    return (math.nan,)


VALUES = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
GIVEN = (VALUES, Settings(0.1), Seeds(7))


def test_memory_of_a_process_keeps_the_last_results() -> None:
    memory = Memory()
    with kept_in(memory, 1):
        first, second = once(measured, *GIVEN), once(measured, *GIVEN)
        assert CALLS == ["measured"]
        for value in range(100):
            once(measured, VALUES, Settings(value), Seeds(7))
        once(measured, *GIVEN)
    assert len(CALLS) == 102
    assert np.array_equal(first[0], second[0])
    assert first[1:] == second[1:]


def test_a_second_call_finds_the_same_bits(tmp_path: Path) -> None:
    plain = measured(*GIVEN)
    with kept_in(tmp_path / "reals", 1):
        first, second = once(measured, *GIVEN), once(measured, *GIVEN)
        assert math.isnan(once(another, *GIVEN)[0])
        assert math.isnan(once(another, *GIVEN)[0])
    assert CALLS == ["measured", "measured", "another"]
    for found in (first, second):
        assert found[0].tobytes() == plain[0].tobytes()
        assert found[0].dtype == np.float32
        assert found[1:] == plain[1:]
        assert type(found[1]) is float


def test_whatever_it_depends_on_is_in_its_key(tmp_path: Path) -> None:
    moved = VALUES.copy()
    moved[3, 1] = np.nextafter(moved[3, 1], 1, dtype=np.float32)
    with kept_in(tmp_path, 1):
        once(measured, *GIVEN)
        once(measured, VALUES.copy(), Settings(0.1), Seeds(7))
        assert len(CALLS) == 1
        once(measured, moved, *GIVEN[1:])
        once(measured, VALUES.reshape(3, 50), *GIVEN[1:])
        once(measured, VALUES, Settings(0.2), Seeds(7))
        once(measured, VALUES, Settings(0.1), Seeds(8))
        assert len(CALLS) == 5
    with kept_in(tmp_path, 2):
        once(measured, *GIVEN)
    assert len(CALLS) == 6


def test_without_a_folder_nothing_is_kept(tmp_path: Path) -> None:
    once(measured, *GIVEN)
    with kept_in(None, 1):
        once(measured, *GIVEN)
    assert len(CALLS) == 2
    (tmp_path / "file").touch()
    with kept_in(tmp_path / "file" / "reals", 1):
        assert once(measured, *GIVEN)[1:] == measured(*GIVEN)[1:]


def test_damage_is_set_aside_and_computed_again(tmp_path: Path) -> None:
    with kept_in(tmp_path, 1):
        first = once(measured, *GIVEN)
        (path,) = tmp_path.iterdir()
        whole = path.read_bytes()
        for position in range(0, len(whole), 97):
            path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
            found = once(measured, *GIVEN)
            assert found[0].tobytes() == first[0].tobytes()
            assert path.read_bytes() == whole
            assert path.with_suffix(".damaged").exists()
    assert len(CALLS) == 1 + len(range(0, len(whole), 97))


def test_a_result_is_not_taken_for_another(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, ".x")
    shelf.write("a" * 64, b"one\ntwo\n")
    assert shelf.read("a" * 64) == b"one\ntwo\n"
    (tmp_path / f"{'a' * 64}.x").rename(tmp_path / f"{'b' * 64}.x")
    assert shelf.read("b" * 64) is None
    assert (tmp_path / f"{'b' * 64}.damaged").exists()


MODEL = """
import torch

class G(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.map = torch.nn.Linear(2, 2)

    def forward(self, z):
        return self.map(z)
"""


def asked(shift: float) -> list[object]:
    """All that asks something of the reals alone, in an audit of N(shift, 1) against the same N(0, 1)."""
    rng, seeds = np.random.default_rng(0), Seeds(0)
    real, fake = rng.normal(size=(2, 240, 2)).astype(np.float32)
    pair = Pair(real, fake + np.float32(shift), "array")
    folds = split_sides(row_hashes(pair.real, 0), row_hashes(pair.fake, 0))
    origin = Origin(*(SideOrigin(np.arange(240)) for _ in range(2)))
    sides = distances.prepare(pair, folds.folds[0], "fast", seeds)
    members = [(distances.MEMBERS[name], distances.MEMBERS[name].settings("fast")) for name in distances.MEMBERS]
    plan = Plan("fake", "real", budget="fast", probes=("logistic",))
    climbed = ladder.climb(plan, pair, folds, seeds, "cpu", lambda stage: None)
    return [
        ladder.null_control(pair, seeds),
        planted.rows(pair, climbed, seeds),
        clusters.measure(pair, folds.folds[0], origin, seeds),
        *(member.measure(sides, settings, seeds) for member, settings in members),
    ]


def test_other_fakes_ask_nothing_new_of_the_reals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "_MOST_CLUSTERS", 3)
    alone = asked(0.5)
    with kept_in(tmp_path, 1):
        asked(0.9)
        kept = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
        assert asked(0.5) == alone
    # The null control, the planted signal, the clusters, and the nulls of three distances.
    assert len(kept) == 6
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == kept


@pytest.mark.slow
def test_an_audit_is_the_same_with_and_without(tmp_path: Path) -> None:
    (tmp_path / "once_model.py").write_text(MODEL)
    np.save(tmp_path / "real.npy", np.random.default_rng(0).normal(size=(240, 2)).astype(np.float32))
    for step, shift in enumerate((0.9, 0.5)):
        torch.save({"map.weight": torch.eye(2), "map.bias": torch.tensor([shift, 0.0])}, tmp_path / f"g_{step}.pt")
    plan = Plan(
        str(tmp_path / "g_0.pt"),
        str(tmp_path / "real.npy"),
        model=f"{tmp_path / 'once_model.py'}:G",
        budget="fast",
        threads=1,
        probes=("logistic",),
        parts=("optimality", "support", "distances"),
    )
    later, folder = replace(plan, checkpoint=str(tmp_path / "g_1.pt")), tmp_path / "reals"
    alone = told(later)
    assert not folder.exists()
    with kept_in(folder, 1):
        told(plan)
        assert told(later) == alone


def told(plan: Plan) -> object:
    """The audit without how long anything took."""

    def strip(value: object) -> object:
        if isinstance(value, dict):
            return {k: strip(v) for k, v in value.items() if k not in ("seconds", "stages")}
        return [strip(item) for item in value] if isinstance(value, list) else value

    return strip(json.loads(archive.to_json(flow.audit(plan))))


def test_pairs_are_told_apart_by_every_field(tmp_path: Path) -> None:
    def kind(pair: Pair) -> tuple[float]:
        CALLS.append(pair.kind)
        return (0.0,)

    with kept_in(tmp_path, 1):
        for pair in (Pair(VALUES, VALUES, "array"), Pair(VALUES, VALUES, "table"), Pair(VALUES, VALUES[:9], "array")):
            once(kind, pair)
            once(kind, pair)
    assert CALLS == ["array", "table", "array"]
