"""Checkpoints as libraries write them: the right weights without a flag, or two lines that say why not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

from ganprobe.errors import InputError
from ganprobe.inputs import checkpoints, inspection
from ganprobe.plan import Loading
from ganprobe.samples.sides import Array, Generator

Save = Callable[..., Path]
Load = Callable[..., Generator]
SOURCE = """
from torch import nn
from torch.nn.utils import parametrizations, weight_norm, spectral_norm


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.norm, self.b = nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 6)

    def forward(self, z):
        return self.b(self.norm(self.a(z)).relu())


def normed(a, b):
    network = Generator()
    network.a, network.b = a(network.a), b(network.b)
    return network


def Old():
    return normed(weight_norm, spectral_norm)


def New():
    return normed(parametrizations.weight_norm, parametrizations.spectral_norm)


class Lazy(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.LazyLinear(8), nn.LazyBatchNorm1d(), nn.ReLU(), nn.LazyLinear(6))

    def forward(self, z):
        return self.net(z)
"""


@pytest.fixture
def made(tmp_path: Path) -> ModuleType:
    (tmp_path / "made.py").write_text(SOURCE)
    module = ModuleType("made")
    exec(SOURCE, vars(module))
    return module


@pytest.fixture
def load(made: ModuleType, tmp_path: Path) -> Load:
    def loaded(path: Path, network: str = "Generator", **options: Any) -> Generator:
        return checkpoints.load(path, Loading(model=f"{tmp_path / 'made.py'}:{network}", **options))

    return loaded


def trained(network: nn.Module, seed: int) -> nn.Module:
    """With weights, statistics and power iterations that no fresh network has."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        for parameter in network.parameters():
            parameter.data = torch.randn_like(parameter)
        network.train()
        for _ in range(3):
            network(torch.randn(32, 4))
    return network.eval()


def samples(network: nn.Module, generator: Generator) -> Array:
    with torch.no_grad():
        out: Array = network(*generator.inputs(50, 1)).numpy()
    return out


def shadow(network: nn.Module) -> list[torch.Tensor]:
    return [parameter.detach().clone() for parameter in network.parameters()]


def averaged(model: nn.Module) -> nn.Module:
    return torch.optim.swa_utils.AveragedModel(model, use_buffers=True)


def prefixed(state: dict[str, Any], prefix: str) -> dict[str, Any]:
    return {f"{prefix}{name}": value for name, value in state.items()}


def dotless(state: dict[str, Any]) -> dict[str, Any]:
    return {f"model_ema.{name.replace('.', '')}": value for name, value in state.items()}


Content = Callable[[nn.Module, nn.Module], Any]
HOMES: dict[str, Content] = {
    "g_ema": lambda raw, ema: {"g": raw.state_dict(), "g_ema": ema.state_dict()},
    "ema_pytorch": lambda raw, ema: {
        "model": raw.state_dict(),
        "ema": {"initted": torch.tensor([True]), "step": torch.tensor([9]),
                **prefixed(raw.state_dict(), "online_model."), **prefixed(ema.state_dict(), "ema_model.")},
    },
    "AveragedModel": lambda raw, ema: {"model": raw.state_dict(), "swa_model": averaged(ema).state_dict()},
    "AveragedModel alone": lambda raw, ema: {"a": raw.state_dict(), "b": averaged(ema).state_dict()},
    "timm": lambda raw, ema: {"state_dict": raw.state_dict(), "state_dict_ema": ema.state_dict(), "epoch": 3},
    "LitEma": lambda raw, ema: {
        "state_dict": {**prefixed(raw.state_dict(), "model."), **dotless(ema.state_dict()),
                       "model_ema.decay": torch.tensor(0.9), "model_ema.num_updates": torch.tensor(7)},
    },
    "Lightning": lambda raw, ema: {"state_dict": ema.state_dict(), "current_model_state": raw.state_dict()},
}  # fmt: skip


@pytest.mark.parametrize("home", HOMES)
def test_averaged_weights_in_every_home(made: ModuleType, save: Save, load: Load, home: str) -> None:
    raw, ema = trained(made.Generator(), 1), trained(made.Generator(), 2)
    generator = load(save(HOMES[home](raw, ema)))
    np.testing.assert_allclose(generator.draw(50, 1), samples(ema, generator), atol=1e-5)
    assert generator.record.doubts == ()


@pytest.mark.parametrize("home", ["torch_ema", "diffusers", "parameters by name"])
def test_averages_of_parameters_take_the_other_tensors_from_the_raw_weights(
    made: ModuleType, save: Save, load: Load, home: str
) -> None:
    raw, ema = trained(made.Generator(), 1), trained(made.Generator(), 2)
    kept: Any = {"shadow_params": shadow(ema), "decay": 0.99, "collected_params": shadow(raw)}
    if home == "diffusers":
        kept = {"decay": 0.99, "optimization_step": 8, "shadow_params": shadow(ema)}
    elif home == "parameters by name":
        kept = dict(ema.named_parameters())
    generator = load(save({"model": raw.state_dict(), "ema": kept}))
    for mine, its in zip(ema.buffers(), raw.buffers(), strict=True):
        mine.copy_(its)
    np.testing.assert_allclose(generator.draw(50, 1), samples(ema, generator), atol=1e-5)
    assert generator.record.doubts == ()
    assert any("no parameter (norm.running_mean) from model" in note for note in generator.record.notes)
    alone = load(save({"ema": kept}, "alone.pt"), ema="on").record
    assert "only parameters are averaged; norm.running_mean is as the class has it" in alone.doubts


def test_raw_weights_are_never_measured_silently(made: ModuleType, save: Save, load: Load) -> None:
    raw = trained(made.Generator(), 1)
    path = save({"model": raw.state_dict(), "ema": {"shadow_params": shadow(raw)[1:]}})
    record = load(path).record
    assert "raw weights: the averaged ones, ema.shadow_params, do not fit" in record.doubts[0]
    assert record.instead[-2:] == ("--ema", "off")
    assert load(path, ema="off").record.doubts == ()


WRAPPED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "list": lambda state: [state, {"lr": 0.1}],
    "tuple": lambda state: (7, state, "adam"),
    "FSDP": lambda state: {
        f"_fsdp_wrapped_module.{name.replace('.', '._fsdp_wrapped_module.')}": v for name, v in state.items()
    },
    "compiled inside": lambda state: {name.replace(".", "._orig_mod."): value for name, value in state.items()},
    "compiled and parallel": lambda state: prefixed(state, "module._orig_mod."),
}


@pytest.mark.parametrize("kind", WRAPPED)
def test_wrapped_weights(made: ModuleType, save: Save, load: Load, kind: str) -> None:
    network = trained(made.Generator(), 3)
    path = save(WRAPPED[kind](network.state_dict()))
    generator = load(path)
    np.testing.assert_allclose(generator.draw(50, 1), samples(network, generator), atol=1e-5)
    assert inspection.look(path).latent is not None


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize(("written", "read"), [("Old", "New"), ("New", "Old"), ("Old", "Old"), ("New", "New")])
def test_both_spellings_of_weight_and_spectral_norm(
    made: ModuleType, save: Save, load: Load, written: str, read: str
) -> None:
    network = trained(getattr(made, written)(), 4)
    generator = load(save(network.state_dict()), read)
    np.testing.assert_allclose(generator.draw(50, 1), samples(network, generator), atol=1e-5)


def test_lazy_modules_take_their_shapes_from_the_file(made: ModuleType, save: Save, load: Load) -> None:
    network = made.Lazy()
    network(torch.randn(8, 4))
    generator = load(save(trained(network, 5).state_dict()), "Lazy")
    np.testing.assert_allclose(generator.draw(50, 1), samples(network, generator), atol=1e-5)
    assert generator.record.latent == (4,)


def test_an_optimiser_is_called_one(made: ModuleType, save: Save, load: Load) -> None:
    state = torch.optim.Adam(made.Generator().parameters()).state_dict()
    with pytest.raises(InputError, match="an optimiser's state, which holds no network"):
        load(save(state))


def test_names_from_files_are_cut(made: ModuleType, save: Save, load: Load) -> None:
    long = "k" * 50_000
    for content in ({long: torch.zeros(3)}, {long: {"w": torch.zeros(3)}}, {"g": {f"{long}.a": torch.zeros(3)}}):
        path = save(content)
        with pytest.raises(InputError) as caught:
            load(path)
        assert len(caught.value.message + caught.value.hint) < 1500
        assert max(map(len, inspection.look(path).command)) < 300


def test_the_parametrizations_are_torchs_own(made: ModuleType) -> None:
    """The premise of the spellings: these are the names that torch gives."""
    names = [*made.New().state_dict()]
    assert "a.parametrizations.weight.original0" in names
    assert "b.parametrizations.weight.0._u" in names
    assert parametrizations.weight_norm(nn.Linear(2, 2)).parametrizations is not None
