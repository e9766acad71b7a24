"""`ganprobe inspect`: what it says of files of every kind, that it runs none of them, and that its command works."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from ganprobe.cli import main
from ganprobe.errors import InputError
from ganprobe.inputs import inspection
from ganprobe.plan import Loading

Save = Callable[..., Path]
Inspect = Callable[..., Any]


@pytest.fixture
def inspect(capsys: pytest.CaptureFixture[str]) -> Inspect:
    def run(path: Path, *, text: bool = False) -> Any:
        assert main(["inspect", str(path), *([] if text else ["--json"])]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        if not text:
            return json.loads(out)
        assert all(len(line) <= 80 or line.lstrip().startswith(("-m", "ganprobe")) for line in out.splitlines())
        return out

    return run


def test_a_training_checkpoint(save: Save, networks: ModuleType, inspect: Inspect) -> None:
    g, d = networks.Generator(), networks.Generator()
    optimiser = torch.optim.Adam(g.parameters())
    content = {
        "netD": d.state_dict(),
        "g": g.state_dict(),
        "g_ema": {f"module.{name}": value for name, value in g.state_dict().items()},
        "optim": optimiser.state_dict(),
        "hyper_parameters": {"width": 8, "lr": 0.1, "name": "a,b"},
        "args": argparse.Namespace(beta=0.5),
        "epoch": 7,
    }
    found = inspect(save(content))
    assert found["schema"] == "ganprobe-inspect/1"
    assert found["container"] == "a torch file (zip archive)"
    assert found["runs_code"] is None
    assert found["calls"] == []
    assert found["step"] == 7
    assert {entry["name"]: entry["what"] for entry in found["entries"]}["optim"] == "an optimiser's state"
    states = {state["key"]: state for state in found["states"]}
    assert states["g_ema"]["what"] == "averaged, generator"
    assert states["g_ema"]["prefix"] == "module."
    assert states["netD"]["what"] == "discriminator"
    assert states["g"]["parameters"] == sum(p.numel() for p in g.parameters())
    assert found["chosen"] == "g_ema.module"
    assert [tuple(t["shape"]) for t in found["tensors"]] == [tuple(t.shape) for t in g.state_dict().values()]
    assert {"name": "beta", "what": "0.5"} in found["settings"]
    assert found["latent"] == "4, what layer net.0 takes"
    assert found["output"] == "6 numbers"
    assert any("EMA" in note for note in found["notes"])
    # The classes of networks.py beside it, of which Generator takes a width.
    words = found["command"]
    assert words[:3] == ["ganprobe", "js", str(save(content))]
    assert words[words.index("-m") + 1].endswith("networks.py:Generator")
    assert words[words.index("--model-args") + 1] == "width=8"


def test_the_generator_in_one_flat_dict(save: Save, networks: ModuleType, inspect: Inspect) -> None:
    content = {"state_dict": networks.Wrapped().state_dict(), "global_step": 30, "pytorch-lightning_version": "2.6"}
    found = inspect(save(content, "last.ckpt"))
    assert found["states"][0]["prefix"] == "generator."
    assert found["step"] == 30
    assert found["latent"].startswith("4,")


def test_layers_are_guessed_from_shapes(save: Save, inspect: Inspect) -> None:
    nn = torch.nn
    stacks: list[tuple[nn.Module, str, str, str | None]] = [
        (nn.Sequential(nn.Linear(9, 5), nn.Linear(5, 3 * 8 * 8)), "9,", "192 numbers, perhaps 3x8x8", None),
        (nn.Sequential(nn.ConvTranspose2d(7, 5, 4, bias=False), nn.BatchNorm2d(5), nn.ConvTranspose2d(5, 3, 4)),
         "7x1x1,", "3 channels", None),
        (nn.Sequential(nn.Linear(6, 20), nn.Conv2d(5, 8, 3), nn.Conv2d(8, 1, 3)), "6,", "1 channels", None),
        (nn.ModuleDict({"label_emb": nn.Embedding(10, 4), "l1": nn.Linear(16, 5)}), "16,", "5 numbers", "10 classes"),
    ]  # fmt: skip
    for stack, latent, output, labels in stacks:
        found = inspect(save(stack.state_dict()))
        assert found["latent"].startswith(latent)
        assert found["output"] == output
        assert (found["labels"] or "").startswith(labels or "")


def test_of_two_files_it_says_which_can_be_no_generator(save: Save, inspect: Inspect) -> None:
    nn = torch.nn
    critics: list[nn.Module] = [
        nn.Sequential(nn.Conv2d(3, 16, 4, 2, 1), nn.Conv2d(16, 32, 4, 2, 1), nn.Conv2d(32, 1, 4)),
        nn.Sequential(nn.Conv2d(1, 8, 4), nn.Flatten(), nn.Linear(32, 1)),
        nn.Sequential(nn.Linear(784, 64), nn.Linear(64, 1)),
    ]
    generators: list[nn.Module] = [
        nn.Sequential(nn.ConvTranspose2d(7, 5, 4), nn.ConvTranspose2d(5, 1, 4)),
        nn.Sequential(nn.Linear(8, 32), nn.Linear(32, 784)),
        nn.Sequential(nn.Conv2d(1, 8, 3), nn.Conv2d(8, 16, 3), nn.Conv2d(16, 8, 3), nn.Conv2d(8, 1, 3)),
    ]
    for network, said in [*((c, True) for c in critics), *((g, False) for g in generators)]:
        notes = inspect(save(network.state_dict()))["notes"]
        assert any("a critic, by its layers, and no generator" in note for note in notes) == said
    with pytest.raises(InputError, match="an optimiser's state"):
        inspection.look(save(torch.optim.Adam(critics[0].parameters()).state_dict()))


class Payload:
    def __init__(self, target: Path) -> None:
        self.command = f"touch {target}"

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (self.command,)


@pytest.mark.parametrize("legacy", [False, True])
def test_what_a_pickle_would_call_is_shown_and_not_called(
    save: Save, tmp_path: Path, inspect: Inspect, legacy: bool
) -> None:
    content = {"g": {"w": torch.zeros(2)}, "x": Payload(tmp_path / "fired")}
    path = save(content, _use_new_zipfile_serialization=not legacy)
    found = inspect(path)
    call = next(call for call in found["calls"] if call["name"] == "posix.system")
    assert call["judgement"].startswith("DANGEROUS")
    assert "touch" in call["arguments"]
    assert found["command"] == []
    page = inspect(path, text=True)
    assert "Not to be loaded" in page
    assert "DANGEROUS" in page
    assert not (tmp_path / "fired").exists()


def test_a_whole_network_shows_its_tensors(save: Save, inspect: Inspect) -> None:
    found = inspect(save(torch.nn.Sequential(torch.nn.Linear(4, 3))))
    assert found["runs_code"] == "calls torch.nn.modules.container.Sequential, torch.nn.modules.linear.Linear"
    assert [t["name"] for t in found["tensors"]] == ["0.weight", "0.bias"]
    assert found["command"][-1] == "--trust-checkpoint"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_programs_are_described_and_not_run(networks: ModuleType, tmp_path: Path, inspect: Inspect) -> None:
    network = networks.Generator().eval()
    torch.jit.save(torch.jit.trace(network, torch.zeros(2, 4)), tmp_path / "g.pt")  # type: ignore[no-untyped-call]
    torch.export.save(torch.export.export(network, (torch.zeros(2, 4),)), tmp_path / "g.pt2")
    for name, container in (("g.pt", "a TorchScript program"), ("g.pt2", "a torch.export package")):
        found = inspect(tmp_path / name)
        assert found["container"] == container
        assert found["runs_code"]
        assert found["latent"].startswith("4,")
        assert found["command"] == ["ganprobe", "js", str(tmp_path / name), "DATA", "--trust-checkpoint"]


def test_safetensors_and_a_hugging_face_folder(networks: ModuleType, tmp_path: Path, inspect: Inspect) -> None:
    safetensors = pytest.importorskip("safetensors.torch")
    folder = tmp_path / "hub"
    folder.mkdir()
    safetensors.save_file(networks.Generator().state_dict(), folder / "model.safetensors", metadata={"step": "9"})
    (folder / "config.json").write_text('{"width": 8, "activation": "relu"}')
    found = inspect(folder)
    assert found["container"] == "safetensors"
    assert {"name": "width", "what": "8"} in found["settings"]
    assert len(found["tensors"]) == len(networks.Generator().state_dict())


@pytest.mark.parametrize(
    "header",
    [
        {"w": {"dtype": "F32", "shape": [1000], "data_offsets": [0, 8]}},
        {"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 800]}},
        {"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}},
        {"w": {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]}},
        {"w": 3},
        [1],
    ],
)
def test_a_header_that_lies(tmp_path: Path, header: object, capsys: pytest.CaptureFixture[str]) -> None:
    text = json.dumps(header).encode()
    path = tmp_path / "g.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + (text if text[:1] == b"{" else b"{" + text) + b"\0" * 8)
    assert main(["inspect", str(path)]) == 3
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_samples_need_no_network(tmp_path: Path, save: Save, inspect: Inspect) -> None:
    np.save(tmp_path / "fake.npy", np.zeros((4, 3)))
    (tmp_path / "fake.csv").write_text("a,b\n1,2\n3,4\n")
    for path in (tmp_path / "fake.npy", tmp_path / "fake.csv", save(torch.zeros(4, 6), "fake.pt")):
        assert inspect(path)["command"] == ["ganprobe", "js", str(path), "DATA"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"version https://git-lfs.github.com/spec/v1\n",
        b"<!doctype html>",
        b"\x1f\x8b\x08\x00rest",
        b"PK\x03\x04" + b"\0" * 40,
        b"\x10\0\0\0\0\0\0\0{truncated",
        b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.",
        b"\x80\x04nonsense",
        os.urandom(300),
        b"\x80\x02" + b"(" * 3000,
    ],
)
@pytest.mark.parametrize("name", ["g.pt", "g.onnx"])
def test_rubbish_is_two_lines(tmp_path: Path, content: bytes, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / name).write_bytes(content)
    assert main(["inspect", str(tmp_path / name)]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert lines[0].startswith("ganprobe: ")
    assert lines[1].startswith("hint: ")
    assert len(lines) == 2
    assert main(["inspect", str(tmp_path / "none.pt")]) == 2


def test_names_cannot_steer_the_terminal(save: Save, inspect: Inspect) -> None:
    evil = "\x1b]0;owned\x07\u202ew\n::error::"
    path = save({evil: {evil: torch.zeros(2, 3)}, "args": {evil: evil}}, "g\x1b[31m.pt")
    page = inspect(path, text=True)
    assert not any((ord(c) < 32 and c != "\n") or c == "\u202e" for c in page)
    assert not any(line.startswith("::") for line in page.splitlines())
    assert json.loads(json.dumps(inspect(path)))["tensors"][0]["name"] == evil


def test_a_thousand_tensors_are_thinned(save: Save, inspect: Inspect) -> None:
    path = save({f"layer.{i}.weight": torch.zeros(2, 2) for i in range(1000)})
    assert len(inspect(path)["tensors"]) == 1000
    page = inspect(path, text=True)
    assert "... 987 more" in page
    assert len(page.splitlines()) < 60


def test_a_file_of_many_small_lies_ends_soon(tmp_path: Path, inspect: Inspect) -> None:
    """Under hostile names grouping by prefix must not be quadratic: this took minutes when it was."""
    empty = {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}
    header = json.dumps({f"a{i}.b{i}.c{i}.d": empty for i in range(10_000)}).encode()
    path = tmp_path / "g.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    start = time.process_time()
    assert len(inspect(path)["tensors"]) == 10_000
    assert time.process_time() - start < 5


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("kind", ["state", "network", "legacy", "text", "program"])
def test_damaged_files_are_described_or_refused(save: Save, tmp_path: Path, kind: str) -> None:
    """Any bytes end in a description or in an `InputError`; found by 20,000 mutations: a text with a foreign name."""
    network = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3))
    path = tmp_path / "g.pt"
    if kind == "program":
        torch.jit.trace(network.eval(), torch.zeros(2, 4)).save(path)  # type: ignore[no-untyped-call]
    elif kind == "text":
        old = save("ls", _use_new_zipfile_serialization=False).read_bytes()
        assert b"\x80\x02X\x02" in old
        path.write_bytes(old.replace(b"\x80\x02X\x02", b"\x80\x02cmine\nthing\n0X\x02"))
    else:
        content = network if kind == "network" else {"g": network.state_dict(), "epoch": 3}
        save(content, _use_new_zipfile_serialization=kind != "legacy")
    whole, stream = path.read_bytes(), random.Random(0)
    for _ in range(60):
        broken = bytearray(whole)
        for _ in range(stream.choice((0, 1, 2, 8))):
            at = stream.randrange(len(broken))
            broken[at : at + stream.choice((0, 1, 1, 1, 9))] = stream.randbytes(stream.choice((0, 1, 1, 1, 5)))
        path.write_bytes(broken)
        with contextlib.suppress(InputError):
            assert inspection.look(path).path == str(path)


def test_structures_that_loop_or_share_end(save: Save, inspect: Inspect) -> None:
    loop: dict[str, object] = {"t": torch.zeros(1)}
    loop["self"] = loop
    assert inspect(save(loop))["tensors"]
    bomb: list[object] = [1]
    for _ in range(90):
        bomb = [bomb, bomb]
    assert inspect(save({"bomb": bomb, "w": torch.zeros(3)}))["tensors"]


def test_torch_is_not_imported_nor_the_users_code(save: Save, networks: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "networks.py").write_text("class Generator(object):\n    def forward(self): ...\nopen('RAN', 'w')\n")
    path = save(networks.Generator().state_dict())
    code = (
        f"import sys\nfrom ganprobe.cli import main\nassert main(['inspect', {str(path)!r}]) == 0\n"
        "assert not {'torch', 'pandas', 'sklearn', 'scipy'} & set(sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "networks.py:Generator" in ran.stdout
    assert not (tmp_path / "RAN").exists()


@pytest.mark.parametrize("key", [None, "netG"])
def test_the_command_that_it_prints_loads_the_checkpoint(
    save: Save, networks: ModuleType, inspect: Inspect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: str | None
) -> None:
    state = networks.Generator().state_dict()
    path = save(state if key is None else {key: state, "d": {}}, "g 1.pt")
    page = inspect(path, text=True)
    command = shlex.split(page[page.index("ganprobe js") :].replace("\\\n", " "))
    assert command[:4] == ["ganprobe", "js", str(path), "DATA"]
    from ganprobe.inputs import checkpoints

    model = command[command.index("-m") + 1]
    assert checkpoints.load(path, Loading(model=model)).shape == (6,)


SHARED = Path(__file__).parents[4] / "shared" / "data"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared generators are not here")
@pytest.mark.parametrize(
    ("file", "network", "latent"),
    [
        ("mnist_mlp/G--300.ckpt", "Generator", "64,"),
        ("mnist_wgangp/generator.pt", "Generator", "64x1x1,"),
        ("mnist_vae/vae_epoch_25.pth", "Decoder", "20,"),
        ("airfoil_wgangp/generator.pth", "Generator", "128,"),
    ],
)
def test_checkpoints_that_others_made(inspect: Inspect, file: str, network: str, latent: str) -> None:
    found = inspect(SHARED / file)
    assert found["latent"].startswith(latent)
    assert found["command"][-1].endswith(f"model.py:{network}")
