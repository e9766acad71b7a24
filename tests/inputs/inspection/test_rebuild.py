"""A network rebuilt from shapes: right where the usual assumptions are, marked as a guess, and never taken silently."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from ganprobe.cli import main
from ganprobe.errors import UsageError
from ganprobe.inputs import checkpoints
from ganprobe.plan import Loading

Save = Callable[..., Path]


def dcgan() -> nn.Module:
    layers: list[nn.Module] = []
    for wide, narrow, stride, padding in ((7, 8, 1, 0), (8, 6, 2, 1), (6, 4, 2, 1)):
        layers += [nn.ConvTranspose2d(wide, narrow, 4, stride, padding, bias=False), nn.BatchNorm2d(narrow), nn.ReLU()]
    return nn.Sequential(*layers, nn.ConvTranspose2d(4, 1, 4, 2, 1), nn.Tanh())


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "mlp": lambda: nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3)),
    "norm": lambda: nn.Sequential(
        nn.Linear(5, 8, bias=False), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 64), nn.Tanh()
    ),
    "dcgan": dcgan,
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_plain_stack_is_rebuilt(save: Save, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    torch.manual_seed(0)
    network = NETWORKS[name]().eval()
    path = save({"g_ema": {f"module.main.{key}": value for key, value in network.state_dict().items()}})
    with pytest.raises(UsageError, match="not the network"):  # never silently
        checkpoints.load(path, Loading())
    model = tmp_path / "guess.py"
    assert main(["inspect", str(path), "--write-model", str(model)]) == 0
    page = capsys.readouterr().out
    assert f"-m {model}:Generator" in page
    assert "is a guess: read it" in " ".join(page.split())
    assert "assumed" in model.read_text()
    generator = checkpoints.load(path, Loading(model=f"{model}:Generator"))
    with torch.no_grad():
        expected = network(*generator.inputs(9, 2)).numpy()
    np.testing.assert_allclose(generator.draw(9, 2), expected, atol=1e-6)
    assert main(["inspect", str(path), "--write-model", str(model)]) == 2  # nothing is overwritten


def test_a_name_cannot_write_code_into_the_guess(save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = save(NETWORKS["mlp"]().state_dict(), 'g""";open("RAN","w");x=""".pt')
    assert main(["inspect", str(path), "--write-model", "guess.py"]) == 0
    assert checkpoints.load(path, Loading(model="guess.py:Generator")).shape == (3,)
    assert not Path("RAN").exists()


@pytest.mark.parametrize(
    ("tensors", "match"),
    [
        ({"a.weight": torch.zeros(4, 3), "b.weight": torch.zeros(4, 5)}, "b takes 5, the layer before gives 4"),
        ({"emb.weight": torch.zeros(10, 4)}, "embedding"),
        ({"a.weight": torch.zeros(4, 3), "scale": torch.zeros(1)}, "belong to no layer"),
        ({'a"); import os; (".weight': torch.zeros(4, 3)}, "no name in Python"),
        ({"a.weight": torch.zeros(8, 8, 3, 3), "a.bias": torch.zeros(8), "b.weight": torch.zeros(3, 8, 3, 3),
          "b.bias": torch.zeros(3)}, "conv"),
    ],
)  # fmt: skip
def test_what_is_no_plain_stack_is_refused(
    save: Save, tmp_path: Path, tensors: object, match: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(save(tensors)), "--write-model", str(tmp_path / "guess.py")]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert match in err
    assert not (tmp_path / "guess.py").exists()


SHARED = Path(__file__).parents[4] / "shared" / "data"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared generators are not here")
@pytest.mark.parametrize(("folder", "file"), [("mnist_mlp", "G--300.ckpt"), ("airfoil_wgangp", "generator.pth")])
def test_generators_that_others_trained_are_rebuilt(tmp_path: Path, folder: str, file: str) -> None:
    path, model = SHARED / folder / file, tmp_path / "guess.py"
    assert main(["inspect", str(path), "--write-model", str(model)]) == 0
    guess = checkpoints.load(path, Loading(model=f"{model}:Generator")).draw(9, 1)
    true = checkpoints.load(path, Loading(model=f"{path.parent / 'model.py'}:Generator")).draw(9, 1)
    np.testing.assert_allclose(guess, true.reshape(9, -1), atol=1e-6)
