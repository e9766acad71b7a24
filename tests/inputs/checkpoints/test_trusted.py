"""Files that run code while they load: refused, or run because the user says so, which is then on record."""

from __future__ import annotations

import os
import sys
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from ganprobe.errors import InputError, UsageError
from ganprobe.inputs import checkpoints
from ganprobe.plan import Loading

Save = Callable[..., Path]
TRUSTED = Loading(trust_checkpoint=True)


@pytest.fixture(params=["fixed", "dynamic"])
def package(request: pytest.FixtureRequest, networks: ModuleType, tmp_path: Path) -> tuple[Path, torch.nn.Module]:
    network = networks.Generator().eval()
    shapes = {"dynamic_shapes": ({0: torch.export.Dim("n")},)} if request.param == "dynamic" else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.export.save(torch.export.export(network, (torch.zeros(5, 4),), **shapes), tmp_path / "g_12.pt2")
    return tmp_path / "g_12.pt2", network


def test_an_exported_package_draws_what_the_network_would(package: tuple[Path, torch.nn.Module]) -> None:
    path, network = package
    with pytest.raises(InputError, match=r"torch\.export package") as caught:
        checkpoints.load(path, Loading())
    assert "--trust-checkpoint" in caught.value.hint
    generator = checkpoints.load(path, TRUSTED)
    assert (generator.record.format, generator.record.trusted, generator.record.step) == ("torch_export", True, 12)
    assert generator.record.latent == (4,)
    assert "may run any code as you: it unpickles" in generator.record.notes[0]
    with torch.no_grad():
        expected = network(*generator.inputs(513, 3)).numpy()
    np.testing.assert_allclose(generator.draw(513, 3), expected, atol=1e-6)
    generator.module(*generator.inputs(7, 0)).sum().backward()
    assert all(parameter.grad is not None for parameter in generator.module.parameters())
    with pytest.raises(UsageError, match="brings its own"):
        checkpoints.load(path, Loading(trust_checkpoint=True, model="m.py:G"))


def test_a_whole_network_of_torch(save: Save) -> None:
    network = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.BatchNorm1d(8), torch.nn.Linear(8, 3))
    path = save(network)
    with pytest.raises(InputError, match=r"torch\.nn\.modules") as caught:
        checkpoints.load(path, Loading())
    assert "--trust-checkpoint" in caught.value.hint
    generator = checkpoints.load(path, TRUSTED)
    assert (generator.record.format, generator.record.latent) == ("whole_pickle", (4,))
    with torch.no_grad():
        expected = network.eval()(*generator.inputs(9, 3)).numpy()
    np.testing.assert_allclose(generator.draw(9, 3), expected, atol=1e-6)


def test_a_network_that_a_script_pickled_finds_its_class_where_the_user_says(
    save: Save, source: Path, networks: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    main = sys.modules["__main__"]
    monkeypatch.setattr(networks.Generator, "__module__", "__main__")
    monkeypatch.setattr(main, "Generator", networks.Generator, raising=False)
    path = save({"G": networks.Generator(), "epoch": 3})
    monkeypatch.delattr(main, "Generator")
    with pytest.raises(InputError, match="Generator") as caught:
        checkpoints.load(path, TRUSTED)
    assert "-m file.py:Class" in caught.value.hint
    generator = checkpoints.load(path, Loading(trust_checkpoint=True, model=f"{source}:Generator"))
    assert (generator.shape, generator.record.step, generator.record.key) == ((6,), 3, "G")
    assert not hasattr(main, "Generator")


class Exits:
    def __reduce__(self) -> tuple[object, tuple[int]]:
        return sys.exit, (0,)


class Payload:
    def __init__(self, target: Path) -> None:
        self.command = f"touch {target}"

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (self.command,)


def test_trust_is_what_lets_a_payload_fire(save: Save, networks: ModuleType, source: Path, tmp_path: Path) -> None:
    """The positive control: the same file that is refused without trust runs its payload with it."""
    path = save({"g": networks.Generator().state_dict(), "x": Payload(tmp_path / "fired")})
    options = Loading(model=f"{source}:Generator")
    with pytest.raises(InputError, match=r"posix\.system"):
        checkpoints.load(path, options)
    assert not (tmp_path / "fired").exists()
    said = checkpoints.trust_statement(path)
    assert said is not None
    assert "calls posix.system" in said
    assert not (tmp_path / "fired").exists()
    generator = checkpoints.load(path, Loading(model=f"{source}:Generator", trust_checkpoint=True))
    assert (tmp_path / "fired").exists()
    assert generator.record.trusted
    assert "posix.system" in generator.record.notes[0]


def test_a_trusted_file_cannot_end_the_run_as_a_success(save: Save) -> None:
    with pytest.raises(InputError, match=r"sys\.exit\(0\)"):
        checkpoints.load(save({"x": Exits()}), TRUSTED)


def test_trust_changes_nothing_for_a_file_that_needs_none(save: Save, source: Path, networks: ModuleType) -> None:
    path = save(networks.Generator().state_dict())
    assert checkpoints.trust_statement(path) is None
    options = Loading(model=f"{source}:Generator", trust_checkpoint=True)
    record = checkpoints.load(path, options).record
    assert not record.trusted
    assert record.format == "state_dict"


def test_what_cannot_be_trusted_either(tmp_path: Path) -> None:
    onnx = tmp_path / "g.bin"
    onnx.write_bytes(b"\x08\x08\x12\x07pytorch\x1a\x052.13.0" + bytes(50))
    with pytest.raises(InputError, match="an ONNX graph") as caught:
        checkpoints.load(onnx, TRUSTED)
    assert "torch.export" in caught.value.hint
    bare = tmp_path / "g.pkl"
    bare.write_bytes(b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02ls\x85R.")
    with pytest.raises(InputError, match="bare pickle"):
        checkpoints.load(bare, TRUSTED)


@pytest.mark.parametrize("harm", ["truncated", "no graph"])
def test_a_damaged_package_is_an_input_error(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "g.pt2"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("g/archive_format", "pt2")
        archive.writestr("g/models/model.json", "{}")
    if harm == "truncated":
        path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(InputError):
        checkpoints.load(path, TRUSTED)


def test_a_hugging_face_folder(source: Path, networks: ModuleType, tmp_path: Path) -> None:
    safetensors = pytest.importorskip("safetensors.torch")
    network, folder = networks.Generator(), tmp_path / "hub"
    folder.mkdir()
    (folder / "config.json").write_text('{"_target_": "os.system"}')
    torch.save(network.state_dict(), folder / "pytorch_model.bin")
    options = Loading(model=f"{source}:Generator")
    assert checkpoints.load(folder, options).record.format == "state_dict"
    safetensors.save_file(network.state_dict(), folder / "model.safetensors")
    assert checkpoints.load(folder, options).record.path == str(folder / "model.safetensors")
    assert not checkpoints.is_exported(folder)


def test_lightnings_hyper_parameters_are_plain_tables(save: Save, source: Path, networks: ModuleType) -> None:
    name = "pytorch_lightning.utilities.parsing"
    module = ModuleType(name)
    attribute_dict = type("AttributeDict", (dict,), {"__module__": name})
    module.AttributeDict = attribute_dict  # type: ignore[attr-defined]
    parts = name.split(".")
    modules = {".".join(parts[: n + 1]): ModuleType(".".join(parts[: n + 1])) for n in range(2)} | {name: module}
    sys.modules.update(modules)
    try:
        path = save(
            {
                "state_dict": networks.Wrapped().state_dict(),
                "hyper_parameters": attribute_dict(lr=0.1),
                "global_step": 40,
                "callbacks": {"ModelCheckpoint{'monitor': None}": {"best_model_score": torch.tensor(0.5)}},
            },
            "epoch=3-step=40.ckpt",
        )
    finally:
        for added in modules:
            del sys.modules[added]
    record = checkpoints.load(path, Loading(model=f"{source}:Generator")).record
    assert record.step == 40
    assert any("'generator.'" in note for note in record.notes)
