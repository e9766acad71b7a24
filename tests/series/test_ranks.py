"""One file from any number of processes: the same bytes, whole or not at all, and nothing is drawn twice."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from ganprobe.errors import ResourceError, UsageError
from ganprobe.inputs import checkpoints
from ganprobe.plan import Loading
from ganprobe.samples.sides import Generator
from ganprobe.series import ranks
from ganprobe.series.ranks import Rank

N = 5 * ranks.PART + 3
# Noise inside, and an output that is slow enough to be killed where that is asked for.
CODE = """
import os, time, torch

class G(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.map = torch.nn.Sequential(torch.nn.Linear(3, 16), torch.nn.ReLU(), torch.nn.Linear(16, 4))

    def forward(self, z):
        if len(z) > 400 and os.environ.get("SLOW", "") == os.environ.get("RANK"):
            time.sleep(1)
        return self.map(z) + torch.randn(len(z), 4)
"""


@pytest.fixture
def generator(tmp_path: Path) -> Generator:
    (tmp_path / "model.py").write_text(CODE)
    torch.manual_seed(0)
    layers = torch.nn.Sequential(torch.nn.Linear(3, 16), torch.nn.ReLU(), torch.nn.Linear(16, 4))
    torch.save({f"map.{name}": value for name, value in layers.state_dict().items()}, tmp_path / "g.pt")
    options = Loading(model=f"{tmp_path / 'model.py'}:G")
    return checkpoints.load(tmp_path / "g.pt", options)


@pytest.fixture
def meeting(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Processes that wait for nobody, or of which one is always lost."""

    def meet(lost: bool) -> None:
        @contextlib.contextmanager
        def together(rank: Rank) -> Iterator[Callable[[], None]]:
            def wait() -> None:
                if lost:
                    raise ResourceError("another process was lost", "run again")

            yield wait

        monkeypatch.setattr(ranks, "together", together)

    return meet


def drawn(generator: Generator, output: Path, *places: Rank) -> list[str]:
    """What was made, in the words of the progress; the process that writes comes last."""
    said: list[str] = []
    for rank in sorted(places, key=lambda rank: -rank.number):
        ranks.sample(generator, N, 7, output, rank, said.append)
    return said


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_any_number_of_processes_gives_the_same_bytes(
    generator: Generator, tmp_path: Path, meeting: Callable[[bool], None]
) -> None:
    meeting(False)
    digests = set()
    for of in (1, 2, 4):
        said = drawn(generator, tmp_path / f"{of}.npz", *(Rank(number, of) for number in range(of)))
        assert len(said) == 6
        digests.add(digest(tmp_path / f"{of}.npz"))
    assert len(digests) == 1
    with np.load(tmp_path / "1.npz") as file:
        assert file.files == ["samples"]
        assert file["samples"].shape == (N, 4)
        assert len(np.unique(file["samples"], axis=0)) == N
    assert not [path for path in tmp_path.iterdir() if path.is_dir() and path.name.startswith(".")]


def test_a_lost_process_leaves_no_half_file_and_what_was_drawn_stays(
    generator: Generator, tmp_path: Path, meeting: Callable[[bool], None]
) -> None:
    meeting(True)
    output = tmp_path / "fakes.npz"
    with pytest.raises(ResourceError, match="was lost"):
        drawn(generator, output, Rank(1, 2))
    assert not output.exists()
    meeting(False)
    assert len(drawn(generator, output, Rank(0, 4), Rank(1, 4), Rank(2, 4), Rank(3, 4))) == 3
    drawn(generator, tmp_path / "whole.npz", Rank())
    assert digest(output) == digest(tmp_path / "whole.npz")


def test_a_part_that_nobody_made_is_no_file(
    generator: Generator, tmp_path: Path, meeting: Callable[[bool], None]
) -> None:
    meeting(False)
    with pytest.raises(ResourceError, match="a part is missing"):
        drawn(generator, tmp_path / "fakes.npz", Rank(0, 2))
    assert not (tmp_path / "fakes.npz").exists()


def test_other_samples_are_never_taken_for_these(generator: Generator, tmp_path: Path) -> None:
    contents = set()
    for seed in (1, 2):
        ranks.sample(generator, 50, seed, tmp_path / "f.npz", Rank(), lambda line: None)
        contents.add(digest(tmp_path / "f.npz"))
    assert len(contents) == 2


def test_labels_stand_beside_the_samples(tmp_path: Path) -> None:
    class Conditional(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed = torch.nn.Embedding(5, 2)

        def forward(self, z: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
            return z + self.embed(labels)

    made = checkpoints.of_module(Conditional(), None, Loading(z_dim="2", num_classes=5))
    ranks.sample(made, 40, 0, tmp_path / "f.npz", Rank(), lambda line: None)
    with np.load(tmp_path / "f.npz") as file:
        assert file.files == ["samples", "labels"]
        assert set(file["labels"]) <= set(range(5))
        assert len(file["labels"]) == 40


def test_the_environment_says_which_process_this_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Rank.here() == Rank(0, 1)
    monkeypatch.setenv("RANK", "2")
    monkeypatch.setenv("WORLD_SIZE", "4")
    assert Rank.here() == Rank(2, 4)
    assert Rank.here().device("cpu") == "cpu"
    nothing = Generator(None, lambda n, seed: np.zeros((n, 1), np.float32), lambda n, seed: (), (1,), RECORD)
    with pytest.raises(UsageError, match="samples already"):
        ranks.sample(nothing, 3, 0, Path("f.npz"), Rank(), lambda line: None)


RECORD = checkpoints.CheckpointRecord("g.npz", "0" * 64, "exported")


def launched(folder: Path, processes: int, output: str, **environment: str) -> subprocess.Popen[str]:
    words = ["sample", "g.pt", "-n", str(N), "-o", output, "-m", "model.py:G", "-q"]
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", str(processes), "-m", "ganprobe"]
    where = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1", **environment}
    pipe = subprocess.PIPE
    return subprocess.Popen([*command, *words], cwd=folder, env=where, stdout=pipe, stderr=pipe, text=True)


@pytest.mark.slow
@pytest.mark.usefixtures("generator")
def test_gloo_with_two_and_four_processes_and_one_that_is_killed(tmp_path: Path) -> None:
    for processes in (2, 4):
        with launched(tmp_path, processes, f"{processes}.npz") as process:
            assert process.wait(timeout=300) == 0
    assert digest(tmp_path / "2.npz") == digest(tmp_path / "4.npz")
    with launched(tmp_path, 2, "killed.npz", SLOW="1") as process:
        while not [*tmp_path.glob(".killed.npz.*.parts/*.npy")]:
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=300) != 0
    assert not (tmp_path / "killed.npz").exists()
    with launched(tmp_path, 2, "killed.npz") as process:
        assert process.wait(timeout=300) == 0
    assert digest(tmp_path / "killed.npz") == digest(tmp_path / "2.npz")
