from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
import torch

SOURCE = '''
import random
import torch
from torch import nn


class Generator(nn.Module):
    """4 latents, 6 numbers, with BatchNorm and dropout that only evaluation mode makes harmless."""

    def __init__(self, width=8):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, width), nn.BatchNorm1d(width), nn.Dropout(0.5), nn.Linear(width, 6))

    def forward(self, z):
        return self.net(z)


class Wrapped(nn.Module):
    def __init__(self):
        super().__init__()
        self.generator, self.discriminator = Generator(), nn.Linear(6, 1)


class Pictures(nn.Module):
    def __init__(self):
        super().__init__()
        self.up = nn.ConvTranspose2d(5, 1, 4)

    def forward(self, z):
        return torch.tanh(self.up(z))


class VAE(nn.Module):
    """Its first layers belong to the encoder, which drawing does not use."""

    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.fc3, self.fc4 = nn.Linear(9, 7), nn.Linear(7, 3), nn.Linear(3, 7), nn.Linear(7, 9)

    def forward(self, z):
        return self.fc4(self.fc3(z))


class Embedded(nn.Module):
    """Answers with its label in the last column."""

    def __init__(self):
        super().__init__()
        self.embed, self.net = nn.Embedding(3, 2), nn.Linear(4 + 2, 5)

    def forward(self, z, labels):
        return torch.cat([self.net(torch.cat([z, self.embed(labels)], 1)), labels[:, None].float()], 1)


class OneHot(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Linear(4 + 3, 5)

    def forward(self, z, labels):
        return torch.cat([self.net(torch.cat([z, labels], 1)), labels.argmax(1, keepdim=True).float()], 1)


class LabelsFirst(OneHot):
    def forward(self, labels, noise):
        return super().forward(noise, labels)


class Noisy(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Linear(4, 2)

    def forward(self, z):
        return self.net(z) + torch.randn(len(z), 2) + random.random()


class Echo(nn.Module):
    """Gives back its latent, so that its law can be seen."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, z):
        return z * self.scale


class Pair(Echo):
    def forward(self, z):
        return z * self.scale, None


class Broken(Echo):
    def forward(self, z):
        return z / 0


class Three(Echo):
    def forward(self, z, labels, code):
        return torch.cat([z * self.scale, labels, code], 1)


class Two(Three):
    def forward(self, z, labels):
        return super().forward(z, labels[:, None].float(), torch.rand(len(z), 1))


def function(width):
    return Generator(width)


def not_a_network():
    return 3


def leaves():
    raise SystemExit(0)
'''


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "networks.py"
    path.write_text(SOURCE)
    return path


@pytest.fixture
def networks(source: Path) -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("networks_of_this_test", source)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        spec.loader.exec_module(module)
        yield module
    sys.modules.pop("networks_of_this_test", None)


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    def write(content: object, name: str = "g.pt", **options: object) -> Path:
        torch.save(content, tmp_path / name, **options)  # type: ignore[arg-type]
        return tmp_path / name

    return write
