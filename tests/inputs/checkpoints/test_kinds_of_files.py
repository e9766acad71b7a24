"""The ways in which people's checkpoints differ, each made by re-saving a generator that others trained.

Every one of them must give the samples of the original, and `ganprobe inspect` must describe it without running it.
"""

from __future__ import annotations

import collections
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ganprobe.inputs import checkpoints, inspection
from ganprobe.plan import Loading
from ganprobe.samples.sides import Array

SHARED = Path(__file__).parents[4] / "shared" / "data"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared generators are not here")
MODEL = f"{SHARED / 'mnist_wgangp/model.py'}:Generator"
Resave = Callable[[Any, Path], Any]


def _prefixed(state: Any, prefix: str) -> Any:
    return collections.OrderedDict((prefix + name, value) for name, value in state.items())


def _noisy(state: Any) -> Any:
    return {name: value + 1 if value.is_floating_point() else value for name, value in state.items()}


def _network(state: Any) -> torch.nn.Module:
    from ganprobe.inputs.usercode import construct

    network, _ = construct(MODEL, {})
    network.load_state_dict(state)
    return network.eval()


def _nested(state: Any, path: Path) -> Any:
    optimiser = torch.optim.Adam(_network(state).parameters())
    discriminator = torch.nn.Conv2d(1, 8, 3).state_dict()
    return {"generator": state, "discriminator": discriminator, "g_optim": optimiser.state_dict(), "epoch": 9}


def _ema(state: Any, path: Path) -> Any:
    return {"g": _noisy(state), "g_ema": state, "step": 9}


def _lightning(state: Any, path: Path) -> Any:
    both = _prefixed(state, "generator.") | _prefixed(torch.nn.Conv2d(1, 8, 3).state_dict(), "discriminator.")
    hyper = {"latent_dim": 64, "lr": 2e-4}
    return {"state_dict": both, "hyper_parameters": hyper, "global_step": 9, "pytorch-lightning_version": "2.6.0"}


def _safetensors(state: Any, path: Path) -> None:
    pytest.importorskip("safetensors.torch").save_file({n: v.contiguous() for n, v in state.items()}, path)


def _script(state: Any, path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.trace(_network(state), torch.zeros(2, 64, 1, 1)).save(path)  # type: ignore[no-untyped-call]


def _package(state: Any, path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.export.save(torch.export.export(_network(state), (torch.zeros(8, 64, 1, 1),)), path)


def _on_cuda(state: Any, path: Path) -> None:
    torch.save(state, path.with_suffix(".cpu"))
    with zipfile.ZipFile(path.with_suffix(".cpu")) as old, zipfile.ZipFile(path, "w") as new:
        for member in old.infolist():
            moved = old.read(member).replace(b"X\x03\x00\x00\x00cpu", b"X\x06\x00\x00\x00cuda:0")
            new.writestr(member.filename, moved)


KINDS: dict[str, tuple[Resave, bool]] = {
    "bare": (lambda state, path: state, False),
    "nested": (_nested, False),
    "DataParallel": (lambda state, path: {"netG": _prefixed(state, "module.")}, False),
    "compiled": (lambda state, path: _prefixed(state, "_orig_mod."), False),
    "EMA": (_ema, False),
    "Lightning": (_lightning, False),
    "safetensors": (_safetensors, False),
    "legacy": (lambda state, path: torch.save(state, path, _use_new_zipfile_serialization=False), False),
    "CUDA": (_on_cuda, False),
    "half": (lambda state, path: {n: v.half() if v.is_floating_point() else v for n, v in state.items()}, False),
    "TorchScript": (_script, True),
    "torch.export": (_package, True),
}


@pytest.fixture(scope="module")
def state() -> Any:
    return torch.load(SHARED / "mnist_wgangp/generator.pt", map_location="cpu", weights_only=True)


@pytest.fixture(scope="module")
def expected() -> Array:
    return checkpoints.load(SHARED / "mnist_wgangp/generator.pt", Loading(model=MODEL)).draw(20, 5)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_draws_the_same_samples(state: Any, expected: Array, tmp_path: Path, kind: str) -> None:
    resave, program = KINDS[kind]
    path = tmp_path / "g_00009.pt"
    content = resave(state, path)
    if content is not None:
        torch.save(content, path)
    options = Loading(trust_checkpoint=True) if program else Loading(model=MODEL)
    generator = checkpoints.load(path, options)
    np.testing.assert_allclose(generator.draw(20, 5), expected, atol=0.02 if kind == "half" else 1e-5)
    assert generator.record.step == 9
    found = inspection.look(path)
    assert found.step == 9
    assert found.latent is not None
    assert found.latent.startswith("64x1x1")
    assert ("--trust-checkpoint" in found.command) == program == (found.runs_code is not None)
