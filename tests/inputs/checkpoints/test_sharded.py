"""Folders as Hugging Face's libraries write them: weights in several files, arguments in config.json, pipelines."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from ganprobe.errors import InputError, UsageError
from ganprobe.inputs import checkpoints, inspection
from ganprobe.plan import Loading


def write(folder: Path, state: dict[str, torch.Tensor], whole: str = "model.safetensors") -> Path:
    """The state in two files with an index."""
    save_file = pytest.importorskip("safetensors.torch").save_file
    names, placed = [*state], {}
    for i, part in enumerate((names[:2], names[2:])):
        stem, _, ending = whole.rpartition(".")
        file = f"{stem}-0000{i + 1}-of-00002.{ending}"
        tensors = {name: state[name].contiguous() for name in part}
        save_file(tensors, folder / file) if ending == "safetensors" else torch.save(tensors, folder / file)
        placed |= dict.fromkeys(part, file)
    index = folder / f"{whole}.index.json"
    index.write_text(json.dumps({"metadata": {}, "weight_map": placed}))
    return index


@pytest.mark.parametrize("whole", ["model.safetensors", "pytorch_model.bin", "diffusion_pytorch_model.safetensors"])
def test_weights_in_several_files(source: Path, networks: ModuleType, tmp_path: Path, whole: str) -> None:
    network = networks.Generator().eval()
    folder = tmp_path / "hub"
    folder.mkdir()
    index = write(folder, network.state_dict(), whole)
    options = Loading(model=f"{source}:Generator")
    for path in (folder, index):
        generator = checkpoints.load(path, options)
        with torch.no_grad():
            expected = network(*generator.inputs(20, 1))
        np.testing.assert_allclose(generator.draw(20, 1), expected, atol=1e-6)
        assert len(inspection.look(path).tensors) == len(network.state_dict())
    first = generator.record.sha256
    write(folder, {name: tensor * 2 for name, tensor in network.state_dict().items()}, whole)
    assert checkpoints.load(folder, options).record.sha256 != first  # though the index is the same


@pytest.mark.parametrize(("name", "said"), [("../g.safetensors", "not beside it"), ("none.bin", "is not there")])
def test_an_index_that_points_elsewhere(tmp_path: Path, name: str, said: str) -> None:
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"w": name}}))
    for look in (inspection.look, lambda path: checkpoints.load(path, Loading())):
        with pytest.raises(InputError, match=said):
            look(index)


def test_arguments_come_from_the_config_of_a_hub_folder(source: Path, networks: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / "mixin"
    folder.mkdir()
    torch.save(networks.Generator(11).state_dict(), folder / "pytorch_model.bin")
    (folder / "config.json").write_text('{"width": 11, "_target_": "os.system", "lr": [1]}')
    generator = checkpoints.load(folder, Loading(model=f"{source}:Generator"))
    assert "arguments from config.json: width=11" in generator.record.notes
    with pytest.raises(InputError, match="do not fit"):
        checkpoints.load(folder, Loading(model=f"{source}:Generator", model_args={"width": 3}))


def test_folders_of_diffusers_say_what_they_want(networks: ModuleType, tmp_path: Path) -> None:
    unet = tmp_path / "pipeline" / "unet"
    unet.mkdir(parents=True)
    torch.save(networks.Generator().state_dict(), unet / "diffusion_pytorch_model.bin")
    (unet / "config.json").write_text('{"_class_name": "UNet2DModel"}')
    with pytest.raises(UsageError) as caught:
        checkpoints.load(unet, Loading())
    assert "-m diffusers:UNet2DModel, and --call FILE.py:sample" in caught.value.hint
    (unet.parent / "model_index.json").write_text("{}")
    with pytest.raises(InputError, match=r"a pipeline of several networks \(unet\)"):
        checkpoints.load(unet.parent, Loading())
