from __future__ import annotations

import random
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from ganprobe.errors import InputError, UsageError
from ganprobe.inputs import checkpoints, datasets
from ganprobe.inputs.datasets import DataOptions
from ganprobe.plan import Loading
from ganprobe.record.sources import DataRecord
from ganprobe.samples.sides import Dataset, Generator

Save = Callable[..., Path]
Load = Callable[..., Generator]


@pytest.fixture
def load(save: Save, source: Path, networks: ModuleType) -> Load:
    def from_fresh_weights(network: str, **options: object) -> Generator:
        path = save(getattr(networks, network)().state_dict())
        return checkpoints.load(path, Loading(model=f"{source}:{network}", **options))  # type: ignore[arg-type]

    return from_fresh_weights


@pytest.mark.parametrize(
    ("network", "latent", "layer"),
    [
        ("Generator", (4,), "net.0"),
        ("Pictures", (5, 1, 1), "up"),
        ("VAE", (3,), "fc3"),
        ("Embedded", (4,), "net"),
        ("OneHot", (4,), "net"),
    ],
)
def test_the_latent_is_the_first_that_runs_and_its_layer_is_named(
    load: Load, network: str, latent: tuple[int, ...], layer: str
) -> None:
    record = load(network, num_classes=3 if network == "OneHot" else None).record
    assert record.latent == latent
    assert any(f"layer {layer} " in note for note in record.notes)


def test_a_latent_that_is_asked_for_is_taken_or_refused(load: Load) -> None:
    assert load("Echo", z_dim="7").record.latent == (7,)
    assert load("Pictures", z_dim="5").record.latent == (5, 1, 1)
    assert load("Echo", z_dim="2x3x3").shape == (2, 3, 3)
    with pytest.raises(InputError, match=r"latent of shape 3 \(RuntimeError: mat1 and mat2"):
        load("Generator", z_dim="3")
    for text in ("0", "4x", "four", "-4"):
        with pytest.raises(UsageError, match="z-dim"):
            load("Generator", z_dim=text)


def test_a_network_that_does_not_say_asks_for_its_latent(load: Load) -> None:
    with pytest.raises(UsageError, match="which latent") as caught:
        load("Echo")
    assert "--z-dim" in caught.value.hint


@pytest.mark.parametrize(
    ("law", "low", "high", "sd"),
    [
        ("normal", -6, 6, 1),
        ("uniform", -1, 1, 3**-0.5),
        ("uniform01", 0, 1, 12**-0.5),
        ("sphere", -(5**0.5), 5**0.5, 1),
    ],
)
def test_latent_laws(load: Load, law: str, low: float, high: float, sd: float) -> None:
    z = load("Echo", z_dim="5", z_dist=law).draw(20_000, 3)
    assert low <= z.min() < 0.8 * max(low, -3) + 0.05
    assert 0.8 * min(high, 3) < z.max() <= high
    assert np.std(z) == pytest.approx(sd, rel=0.02)
    if law == "sphere":
        np.testing.assert_allclose((z**2).sum(axis=1), 5, rtol=1e-5)


@pytest.mark.parametrize("network", ["Generator", "Noisy"])
def test_drawing_is_a_pure_function_that_leaves_no_trace(load: Load, network: str) -> None:
    generator = load(network)
    first = generator.draw(1300, 11)
    torch.manual_seed(99)
    np.random.seed(99)
    random.seed(99)
    expected = torch.rand(3), np.random.rand(3), random.random()
    torch.manual_seed(99)
    np.random.seed(99)
    random.seed(99)
    np.testing.assert_array_equal(generator.draw(1300, 11), first)
    assert torch.equal(torch.rand(3), expected[0])
    np.testing.assert_array_equal(np.random.rand(3), expected[1])
    assert random.random() == expected[2]
    assert not np.array_equal(generator.draw(1300, 12), first)


def test_gradients_reach_the_parameters_through_inputs(load: Load) -> None:
    generator = load("Generator")
    generator.module(*generator.inputs(8, 0)).sum().backward()
    assert all(parameter.grad is not None for parameter in generator.module.parameters())


def test_the_first_of_several_outputs_is_taken_and_said(load: Load) -> None:
    generator = load("Pair", z_dim="3")
    assert generator.module(*generator.inputs(4, 0)).shape == (4, 3)
    assert any("several things" in note for note in generator.record.notes)


def test_samples_that_are_not_finite_are_counted(load: Load) -> None:
    with pytest.raises(InputError, match="2 of 2 generated samples hold NaN"):
        load("Broken", z_dim="2").draw(10, 0)


def test_more_inputs_than_latent_and_labels_take_a_subclass_that_fills_them_in(
    load: Load, save: Save, source: Path, networks: ModuleType
) -> None:
    with pytest.raises(UsageError, match="3 inputs") as caught:
        load("Three", z_dim="2")
    assert "--call FILE.py:sample" in caught.value.hint
    path = save(networks.Three().state_dict())
    options = Loading(model=f"{source}:Two", z_dim="2", num_classes=3)
    filled = checkpoints.load(path, options).draw(300, 1)
    assert filled.shape == (300, 4)
    assert set(filled[:, 2]) == {0, 1, 2}
    np.testing.assert_array_equal(checkpoints.load(path, options).draw(300, 1), filled)


def test_labels_that_come_first_are_known_by_their_name(load: Load) -> None:
    """One-hot labels and latents of the right width in all would run in the wrong order too."""
    note = "labels are the generator's first input, latents its second"
    assert note in load("LabelsFirst", num_classes=3).record.notes
    assert note not in load("OneHot", num_classes=3).record.notes


def labelled(labels: list[int] | None) -> Dataset:
    record = DataRecord("data", "array", 4, (6,), "0")
    return Dataset(np.zeros((4, 6), np.float32), "array", record, None if labels is None else np.array(labels))


@pytest.mark.parametrize("network", ["Embedded", "OneHot", "LabelsFirst"])
def test_labels_follow_the_data_or_are_uniform(load: Load, network: str) -> None:
    generator = load(network, num_classes=3)

    def shares(generator: Generator) -> list[float]:
        return list(np.bincount(generator.draw(6000, 1)[:, -1].astype(int), minlength=3) / 6000)

    uniform = pytest.approx([1 / 3] * 3, abs=0.02)
    assert shares(generator) == uniform
    assert shares(checkpoints.with_labels(generator, labelled([0, 2, 2, 2]), "uniform")) == uniform
    like_data = checkpoints.with_labels(generator, labelled([0, 2, 2, 2]), "data")
    np.testing.assert_array_equal(like_data.labels(6000, 1), like_data.draw(6000, 1)[:, -1].astype(int))
    assert shares(like_data) == pytest.approx([0.25, 0, 0.75], abs=0.02)
    assert "frequencies in the data" in str(like_data.record.labels)
    without = checkpoints.with_labels(generator, labelled(None), "data")
    assert shares(without) == uniform
    assert any("no labels" in note for note in without.record.notes)
    from_file = checkpoints.with_labels(generator, labelled([1, 1, 0, 1]), "labels.npy")
    assert shares(from_file) == pytest.approx([0.25, 0.75, 0], abs=0.02)
    assert "frequencies in labels.npy" in str(from_file.record.labels)
    with pytest.raises(InputError, match="label 3"):
        checkpoints.with_labels(generator, labelled([0, 1, 2, 3]), "data")


def test_labels_for_a_generator_without_them(load: Load) -> None:
    generator = load("Generator")
    assert generator.labels(5, 0) is None
    assert checkpoints.with_labels(generator, labelled([0, 1, 1, 1]), "data") is generator
    with pytest.raises(UsageError, match="takes no labels"):
        checkpoints.with_labels(generator, labelled(None), "uniform")
    with pytest.raises(UsageError, match="num-classes"):
        load("Generator", num_classes=3)
    with pytest.raises(UsageError, match="how many classes"):
        load("OneHot")


def test_a_device_that_is_not_there_is_a_usage_error(load: Load) -> None:
    with pytest.raises(UsageError, match="device"):
        load("Generator", device="nowhere")


@pytest.mark.parametrize(
    ("spec", "match", "hint"),
    [
        ("{source}:Genrator", "no 'Genrator'", "did you mean Generator?"),
        ("{source}:not_a_network", "gives int", "-m"),
        ("{source}:function", "building it failed", "--model-args"),
        ("{source}:leaves", r"sys\.exit\(0\)", "--model-args"),
        ("{source}.py:Generator", "no such file", "-m"),
        ("no_such_module_here:Generator", "No module named", "PYTHONPATH"),
        ("Generator", "not of the form file.py:Class", "model.py:Generator"),
    ],
)
def test_what_can_be_wrong_with_the_model(
    save: Save, source: Path, networks: ModuleType, spec: str, match: str, hint: str
) -> None:
    path = save(networks.Generator().state_dict())
    with pytest.raises(UsageError, match=match) as caught:
        checkpoints.load(path, Loading(model=spec.format(source=source)))
    assert hint in caught.value.hint


def test_a_function_with_arguments_builds_the_network(save: Save, source: Path, networks: ModuleType) -> None:
    path = save(networks.Generator(11).state_dict())
    options = Loading(model=f"{source}:function", model_args={"width": 11})
    assert checkpoints.load(path, options).shape == (6,)


def test_rude_code_is_contained(
    save: Save, source: Path, networks: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rude = tmp_path / "rude.py"
    rude.write_text(
        "import argparse, torch\nprint('hello')\ntorch.set_default_dtype(torch.float64)\ntorch.manual_seed(1)\n"
        "torch.set_grad_enabled(False)\nargparse.ArgumentParser().parse_args()\n" + source.read_text()
    )
    path = save(networks.Generator().state_dict())
    argv, state = list(sys.argv), torch.get_rng_state()
    generator = checkpoints.load(path, Loading(model=f"{rude}:Generator"))
    generator.draw(5, 0)
    assert capsys.readouterr().out == ""
    assert torch.get_default_dtype() == torch.float32
    assert torch.is_grad_enabled()
    assert torch.equal(torch.get_rng_state(), state)
    assert sys.argv == argv
    assert not (tmp_path / "__pycache__").exists()


@pytest.fixture
def script(networks: ModuleType, tmp_path: Path) -> Path:
    path = tmp_path / "generator_40.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        traced = torch.jit.trace(networks.Generator().eval(), torch.zeros(2, 4))  # type: ignore[no-untyped-call]
        torch.jit.save(traced, path)  # type: ignore[no-untyped-call]
    return path


def test_torchscript_is_run_only_when_trusted(script: Path) -> None:
    with pytest.raises(InputError, match="TorchScript") as caught:
        checkpoints.load(script, Loading())
    assert "--trust-checkpoint" in caught.value.hint
    generator = checkpoints.load(script, Loading(trust_checkpoint=True))
    assert generator.record.trusted
    assert generator.record.format == "torchscript"
    assert generator.record.latent == (4,)
    assert generator.record.step == 40
    assert generator.draw(600, 2).shape == (600, 6)
    with pytest.raises(UsageError, match="brings its own"):
        checkpoints.load(script, Loading(trust_checkpoint=True, key="g"))


def test_safetensors(source: Path, networks: ModuleType, tmp_path: Path) -> None:
    safetensors = pytest.importorskip("safetensors.torch")
    network = networks.Generator()
    path = tmp_path / "g.pt"
    content = {f"generator.{name}": value for name, value in network.state_dict().items()}
    safetensors.save_file(content, path, metadata={"step": "1500"})
    generator = checkpoints.load(path, Loading(model=f"{source}:Generator"))
    assert generator.record.format == "safetensors"
    assert generator.record.step == 1500
    with torch.no_grad():
        expected = network.eval()(*generator.inputs(9, 4)).numpy()
    np.testing.assert_allclose(generator.draw(9, 4), expected, atol=1e-6)


def test_samples_made_beforehand_are_told_from_networks(save: Save, networks: ModuleType, tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(30, 6)).astype(np.float32)
    np.save(tmp_path / "real.npy", rows)
    real = datasets.load(tmp_path / "real.npy", DataOptions())
    path = save(torch.from_numpy(rows + 1), "fake.pt")
    assert checkpoints.is_exported(path)
    _, exported = checkpoints.load_exported(path, real, DataOptions())
    np.testing.assert_array_equal(exported.values, rows + 1)
    assert exported.record.format == "exported"
    assert len(exported.record.sha256) == 64
    assert checkpoints.is_exported(save({"samples": torch.zeros(4, 6)}))
    assert not checkpoints.is_exported(save(networks.Generator().state_dict()))
    assert not checkpoints.is_exported(save(torch.nn.Linear(1, 1)))
    with pytest.raises(InputError, match="shape 5, in the data 6"):
        checkpoints.load_exported(save(torch.zeros(4, 5)), real, DataOptions())


SHARED = Path(__file__).parents[4] / "shared" / "data"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared generators are not here")
@pytest.mark.parametrize(
    ("file", "network", "latent", "shape", "step"),
    [
        ("mnist_mlp/G--300.ckpt", "Generator", (64,), (784,), 300),
        ("mnist_wgangp/generator.pt", "Generator", (64, 1, 1), (1, 28, 28), None),
        ("mnist_vae/vae_epoch_25.pth", "Decoder", (20,), (784,), 25),
        ("airfoil_wgangp/generator.pth", "Generator", (128,), (64, 2), None),
    ],
)
def test_generators_that_others_trained(
    file: str, network: str, latent: tuple[int, ...], shape: tuple[int, ...], step: int | None
) -> None:
    path = SHARED / file
    generator = checkpoints.load(path, Loading(model=f"{path.parent / 'model.py'}:{network}"))
    assert (generator.record.latent, generator.shape, generator.record.step) == (latent, shape, step)
    samples = generator.draw(20, 0)
    assert samples.std(axis=0).max() > 0.01


def test_the_mode_is_said_and_what_the_other_one_would_change(
    load: Load, save: Save, source: Path, networks: ModuleType
) -> None:
    """The Generator has BatchNorm that saw no data and dropout: its two modes are two generators."""
    path, model = save(networks.Generator().state_dict()), f"{source}:Generator"
    evaluated = checkpoints.load(path, Loading(model=model))
    trained = checkpoints.load(path, Loading(model=model, mode="train"))
    assert (evaluated.record.mode, trained.record.mode) == ("eval", "train")
    assert evaluated.record.mode_gap == trained.record.mode_gap
    assert evaluated.record.mode_gap is not None
    assert evaluated.record.mode_gap > 0.1
    assert load("Pictures").record.mode_gap is None
    before = [buffer.clone() for buffer in trained.module.buffers()]
    first = trained.draw(1025, 3)
    np.testing.assert_array_equal(trained.draw(1025, 3), first)
    assert all(torch.equal(old, new) for old, new in zip(before, trained.module.buffers(), strict=True))
    apart = np.sqrt(np.mean((first - evaluated.draw(1025, 3)) ** 2)) / evaluated.draw(1025, 3).std(axis=0).mean()
    assert apart == pytest.approx(evaluated.record.mode_gap, rel=0.3)


def test_numbers_that_no_file_holds_are_named(load: Load) -> None:
    assert "not in the file, as the class has it: eps 1e-05 of 1 BatchNorm1d" in load("Generator").record.notes
    assert not any("as the class has it" in note for note in load("Pictures").record.notes)
