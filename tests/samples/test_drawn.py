"""Fakes are drawn once for all that ask for the same ones, and never taken for others."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from ganprobe.inputs import checkpoints
from ganprobe.plan import Loading, Plan
from ganprobe.samples import drawn
from ganprobe.samples.sides import Array

CODE = "import torch\nG = lambda: torch.nn.Linear(3, {outputs})\n"


def counted(calls: list[int]) -> Callable[[], Array]:
    def draw() -> Array:
        calls.append(1)
        return np.full((4, 2), len(calls), np.float32)

    return draw


def test_what_was_drawn_is_found_again_bit_by_bit(tmp_path: Path) -> None:
    calls: list[int] = []
    with drawn.kept_in(tmp_path, 1):
        first = drawn.kept(counted(calls), 32, ("weights", 7))
        again = drawn.kept(counted(calls), 32, ("weights", 7))
        assert first.tobytes() == again.tobytes()
        again += 1  # whoever gets them may write on them
        drawn.kept(counted(calls), 32, ("weights", 8))
    with drawn.kept_in(tmp_path, 2):
        drawn.kept(counted(calls), 32, ("weights", 7))
    assert len(calls) == 3
    drawn.kept(counted(calls), 32, ("weights", 7))
    with drawn.kept_in(None, 1):
        drawn.kept(counted(calls), 32, ("weights", 7))
    assert len(calls) == 5, "outside, and where nothing is kept, they are drawn"


def test_damage_and_a_disk_that_takes_nothing_cost_time_alone(tmp_path: Path) -> None:
    calls: list[int] = []
    with drawn.kept_in(tmp_path / "a", 1):
        drawn.kept(counted(calls), 32, ())
        (file,) = (tmp_path / "a").iterdir()
        file.write_bytes(file.read_bytes()[:-3])
        assert (drawn.kept(counted(calls), 32, ()) == 2).all()
    (tmp_path / "file").touch()
    with drawn.kept_in(tmp_path / "file" / "fakes", 1):
        assert (drawn.kept(counted(calls), 32, ()) == 3).all()


def test_what_was_not_read_for_longest_goes_first(tmp_path: Path) -> None:
    with drawn.kept_in(tmp_path, 1):
        for i in range(3):
            drawn.kept(counted([]), 32, (i,))
            newest = max(tmp_path.iterdir(), key=lambda path: path.stat().st_mtime_ns)
            os.utime(newest, (i, i))
        size = newest.stat().st_size
        drawn.kept(counted([]), 32, (0,))  # read now
        drawn._PLACE.get().shelf.shrink(2 * size)  # type: ignore[union-attr]
        calls: list[int] = []
        for i in (0, 2, 1):
            drawn.kept(counted(calls), 32, (i,))
    assert len(calls) == 1


def test_a_generator_is_named_by_its_weights_its_code_and_its_options(tmp_path: Path) -> None:
    model, names = tmp_path / "model.py", set()
    for outputs, bias in ((2, 0.0), (2, 1.0), (5, 1.0)):
        model.write_text(CODE.format(outputs=outputs))
        layer = torch.nn.Linear(3, outputs)
        torch.nn.init.constant_(layer.bias, bias)
        torch.save(layer.state_dict(), tmp_path / "g.pt")
        for law in ("normal", "uniform"):
            options = Loading(model=f"{model}:G", z_dist=law)  # type: ignore[arg-type]
            generator = checkpoints.load(tmp_path / "g.pt", options)
            with drawn.kept_in(tmp_path / "fakes", 1):
                plain = generator.draw(10, 0)
                assert (checkpoints.load(tmp_path / "g.pt", options).draw(10, 0) == plain).all()
                assert not np.array_equal(generator.draw(10, 1), plain)
            names.add(generator.draw.identity)  # type: ignore[attr-defined]
    assert len(names) == 6
    assert len([*(tmp_path / "fakes").iterdir()]) == 12
    made = checkpoints.of_module(torch.nn.Linear(3, 2), None, Loading(z_dim="3"))
    assert made.draw.identity is None  # type: ignore[attr-defined]


def test_plans_that_load_alike_share_what_was_drawn(tmp_path: Path) -> None:
    """A neighbour is drawn for the audit of another checkpoint, under a plan of which only the loading is its own."""
    (tmp_path / "model.py").write_text(CODE.format(outputs=2))
    torch.save(torch.nn.Linear(3, 2).state_dict(), tmp_path / "g.pt")
    model = f"{tmp_path / 'model.py'}:G"
    plans = [
        Plan("a.pt", "x.npy", model=model, device="cpu"),
        Plan("b.pt", "x.npy", model=model, device="cpu", neighbours=("a.pt",), num_real=9),
    ]
    first, second = (checkpoints.load(tmp_path / "g.pt", plan).draw for plan in plans)
    assert first.identity == second.identity  # type: ignore[attr-defined]
    other = Plan("a.pt", "x.npy", model=model, device="cpu", call="forward")
    assert checkpoints.load(tmp_path / "g.pt", other).draw.identity != first.identity  # type: ignore[attr-defined]
