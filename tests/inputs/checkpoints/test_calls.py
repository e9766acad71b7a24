"""Which call of a network gives samples: what is doubted, what is drawn, and what perfect models measure as."""

from __future__ import annotations

import json
import os
import shlex
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from ganprobe.cli import main
from ganprobe.errors import InputError, UsageError
from ganprobe.inputs import checkpoints
from ganprobe.plan import Loading
from ganprobe.samples.sides import Generator

SOURCE = '''
import torch
from torch import nn


class Flow(nn.Module):
    """A perfect flow of N(1, A A'): forward maps data to noise, inverse maps noise to data."""

    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 3)
        self.a.weight.data = torch.tensor([[1.0, 0.0, 0.0], [0.8, 0.5, 0.0], [-0.4, 0.3, 2.0]])
        self.a.bias.data = torch.ones(3)

    def forward(self, x):
        z = torch.linalg.solve(self.a.weight, (x - self.a.bias).T).T
        return z, -torch.linalg.slogdet(self.a.weight)[1].expand(len(x))

    def inverse(self, z):
        return self.a(z)


class VAE(nn.Module):
    """A perfect decoder of x = W z + b + .5 e, with the encoder that maximises the bound."""

    def __init__(self):
        super().__init__()
        self.decoder = nn.Linear(2, 3)
        self.decoder.weight.data = torch.tensor([[1.0, 0.5], [-0.5, 1.0], [0.3, 0.8]])
        self.decoder.bias.data = torch.tensor([0.0, 1.0, -1.0])
        self.encoder = nn.Linear(3, 2)
        w = self.decoder.weight.data
        self.encoder.weight.data = torch.linalg.solve(w.T @ w + 0.25 * torch.eye(2), w.T)
        self.encoder.bias.data = -self.encoder.weight.data @ self.decoder.bias.data

    def encode(self, x):
        return self.encoder(x)

    def decode(self, z):
        return self.decoder(z)

    def forward(self, x):
        mean = self.encode(x)
        return self.decode(mean + 0.1 * torch.randn_like(mean)), mean, torch.zeros_like(mean)

    def sample(self, n_samples):
        z = torch.randn(n_samples, 2)
        return self.decode(z) + 0.5 * torch.randn(n_samples, 3)


class Denoiser(nn.Module):
    """One step of the exact flow from N(0, 1) to N(mean, scale^2): x_t = a_t x_0 + sqrt(1 - a_t^2) e."""

    def __init__(self):
        super().__init__()
        self.mix = nn.Linear(3, 3, bias=False)
        self.mix.weight.data = torch.eye(3)
        self.schedule = nn.Embedding(51, 1)
        self.schedule.weight.data = torch.linspace(1, 0, 51)[:, None]
        self.mean = nn.Parameter(torch.tensor([2.0, -1.0, 0.5]))
        self.scale = nn.Parameter(torch.tensor([0.5, 1.5, 1.0]))

    def at(self, t):
        a = self.schedule(t)
        return a * self.mean, (a**2 * self.scale**2 + 1 - a**2).sqrt()

    def forward(self, x, t):
        (mean, scale), (next_mean, next_scale) = self.at(t), self.at((t - 1).clamp(min=0))
        return next_mean + next_scale / scale * self.mix(x - mean)


class Scales(nn.Module):
    def __init__(self):
        super().__init__()
        self.to_rgb = nn.Linear(5, 3 * 64)

    def forward(self, z):
        big = self.to_rgb(z).reshape(-1, 3, 8, 8)
        return [big[:, :, ::4, ::4], big, big[:, :, ::2, ::2]]


class Table(Scales):
    def forward(self, z):
        return {"features": z, "image": self.to_rgb(z)}


class Plain(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Linear(2, 3)

    def forward(self, z):
        return self.net(z)


class Summed(Plain):
    def sample(self, mean, log_var):
        return mean
'''
SAMPLER = """
import torch


def sample(network, n, seed):
    x = torch.randn(n, 3, generator=torch.Generator().manual_seed(seed))
    for t in range(50, 0, -1):
        x = network(x, torch.full((n,), t))
    return x


def own_noise(network, n, seed):
    return network.decode(torch.randn(n, 2))


def stubborn(network, n, seed):
    torch.manual_seed(3)
    return torch.randn(n, 2)


def unseeded(network, n, seed):
    return torch.randn(n, 2, generator=torch.Generator().manual_seed(torch.Generator().seed()))
"""
Made = Callable[..., Generator]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "model.py").write_text(SOURCE)
    (tmp_path / "sampler.py").write_text(SAMPLER)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def network(name: str) -> Any:
    names: dict[str, Any] = {}
    exec(SOURCE, names)
    return names[name]()


@pytest.fixture
def made(files: Path) -> Made:
    return lambda name, **options: checkpoints.of_module(network(name), None, Loading(**options))


@pytest.mark.parametrize(
    ("name", "doubts", "call"),
    [
        ("Flow", ("as wide as its output (3)", "several things", "has inverse"), "inverse"),
        ("VAE", ("as wide as its output (3)", "several things", "has sample and decode and decoder"), "sample"),
        ("Denoiser", ("as wide as its output (3)", "input t is called as a time is"), "sampler.py:sample"),
        ("Summed", ("has sample",), "sampler.py:sample"),
    ],
)
def test_what_runs_on_noise_and_may_be_no_generator_is_doubted(
    made: Made, name: str, doubts: tuple[str, ...], call: str
) -> None:
    record = made(name).record
    assert record.call == "forward"
    assert [said for said in doubts if not any(said in doubt for doubt in record.doubts)] == []
    assert record.instead == ("--call", call)


@pytest.mark.parametrize("name", ["Plain", "Scales"])
def test_a_plain_generator_is_not_doubted(made: Made, name: str) -> None:
    assert made(name).record.doubts == ()


def test_who_names_the_call_is_believed(made: Made) -> None:
    for name, call in [("Flow", "forward"), ("Flow", "inverse"), ("VAE", "decode"), ("VAE", "sample")]:
        record = made(name, call=call).record
        assert (record.call, record.doubts, record.instead) == (call, (), ())


def test_a_call_of_latents_and_one_of_a_number_draw_what_they_say(made: Made) -> None:
    flow, vae = made("Flow", call="inverse"), made("VAE", call="decode")
    (z,) = vae.inputs(600, 3)
    assert z.shape == (600, 2)
    np.testing.assert_allclose(vae.draw(600, 3), network("VAE").decode(z).detach(), atol=1e-6)
    assert made("VAE", call="decoder").record.latent == (2,)
    covariance = np.cov(flow.draw(20_000, 0).T)
    a = network("Flow").a.weight.detach().numpy()
    np.testing.assert_allclose(covariance, a @ a.T, atol=0.15)
    assert not made("VAE", call="sample").draw(700, 1).std(0).min() < 0.5


@pytest.mark.parametrize("call", ["sample", "sampler.py:own_noise"])
def test_what_draws_its_own_noise_draws_the_same_for_a_seed(made: Made, call: str) -> None:
    generator = made("VAE", call=call)
    first = generator.draw(1300, 5)
    torch.manual_seed(9)
    expected = torch.rand(2)
    torch.manual_seed(9)
    np.testing.assert_array_equal(generator.draw(1300, 5), first)
    assert torch.equal(torch.rand(2), expected)
    assert len(np.unique(first, axis=0)) == 1300  # no batch repeats another
    assert not np.array_equal(generator.draw(1300, 6), first)
    assert generator.labels(4, 0) is None


def test_a_sampler_of_fifty_steps_draws_its_law(made: Made) -> None:
    samples = made("Denoiser", call="sampler.py:sample").draw(20_000, 0)
    np.testing.assert_allclose(samples.mean(0), [2, -1, 0.5], atol=0.06)
    np.testing.assert_allclose(samples.std(0), [0.5, 1.5, 1], atol=0.05)


@pytest.mark.parametrize(
    ("call", "said"), [("stubborn", "the same samples for every seed"), ("unseeded", "other samples for the same seed")]
)
def test_a_sampler_that_no_seed_decides_is_refused(made: Made, call: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        made("VAE", call=f"sampler.py:{call}")


@pytest.mark.parametrize(
    ("name", "options", "said", "hint"),
    [
        ("VAE", {"call": "decod"}, "has no such call", "decode"),
        ("Summed", {"call": "sample", "z_dim": "2"}, "takes mean, log_var; only 1", "def sample"),
        ("VAE", {"call": "sampler.py:none"}, "defines no 'none'", ""),
        ("VAE", {"call": "sample", "z_dim": "3"}, "takes number", "leave --z-dim"),
        ("Plain", {"output_name": "image"}, "returns one tensor", "-o FILE"),
        ("Table", {"output_name": "imag"}, "returns features 5, image 192", "image"),
    ],
)
def test_calls_that_cannot_be_made_say_why(made: Made, name: str, options: Any, said: str, hint: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        made(name, **options)
    assert hint in caught.value.hint


def test_one_of_several_outputs(made: Made) -> None:
    scales = made("Scales")
    assert scales.shape == (3, 8, 8)
    assert any("scales (0 3x2x2, 1 3x8x8, 2 3x4x4); the largest" in note for note in scales.record.notes)
    assert made("Scales", output_name="2").shape == (3, 4, 4)
    table = made("Table")
    assert (table.shape, len(table.record.doubts)) == ((5,), 2)
    assert made("Table", output_name="image").shape == (192,)


class Rude(nn.Module):
    """Changes for the whole process what it can."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Linear(2, 3)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.net(z)
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        torch.set_num_threads(torch.get_num_threads() + 3)
        torch.use_deterministic_algorithms(True)
        np.seterr(all="raise")
        warnings.simplefilter("error")
        os.environ["RUDE"] = "1"
        os.chdir("/")
        sys.setrecursionlimit(5000)
        return out


def test_what_a_network_changes_globally_is_put_back_after_every_call(files: Path) -> None:
    def now() -> list[Any]:
        return [
            torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_num_threads(), np.geterr(), Path.cwd(),
            torch.are_deterministic_algorithms_enabled(), warnings.filters[:], dict(os.environ),
            sys.getrecursionlimit(),
        ]  # fmt: skip

    before = now()
    generator = checkpoints.of_module(Rude(), None, Loading())
    assert now() == before
    generator.draw(8, 0)
    assert now() == before
    generator.module(*generator.inputs(4, 0)).sum().backward()  # as gradients call it
    assert now() == before


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Flow", "VAE", "Denoiser"])
def test_a_perfect_model_measures_as_none_with_the_printed_command_and_never_passes_without(
    files: Path, made: Made, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    call = {"Flow": "inverse", "VAE": "sample", "Denoiser": "sampler.py:sample"}[name]
    np.save(files / "data.npy", made(name, call=call).draw(1_500, 77))
    torch.save(network(name).state_dict(), files / "g.pt")

    def audit(words: list[str]) -> Any:
        few = [word for name in ("logistic", "boosting") for word in ("--probe", name)]
        assert main([*words, *few, "--budget", "fast", "--threads", "1", "-q", "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    without = audit(["js", "g.pt", "data.npy", "-m", f"model.py:{name}"])
    assert without["verdict"] == "INCONCLUSIVE"
    advice = next(f["advice"] for f in without["findings"] if f["code"] == "GP116")
    command = shlex.split(advice.removeprefix("Run: ").partition(", ")[0])
    assert command == ["ganprobe", "js", "g.pt", "data.npy", "-m", f"model.py:{name}", "--call", call]
    printed = audit(command[1:])
    assert abs(printed["js"]["nats"]) <= 0.01
    assert "GP116" not in {finding["code"] for finding in printed["findings"]}
