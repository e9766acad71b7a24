"""Scripts in the styles that people have: what is taken of them defines, and nothing of them trains."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
import torch

from ganprobe.errors import UsageError
from ganprobe.inputs import definitions
from ganprobe.inputs.usercode import construct

TRAIN = "open('TRAINED', 'w').close()"

# A loop and a command line at module level, the network's sizes among its options; imports that are not installed.
OPTIONS = f"""
import argparse
import os
import not_installed_anywhere
import numpy as np
import torch
import torch.nn as nn
from torch.autograd import Variable
from missing_pictures import datasets, transforms

os.makedirs("images", exist_ok=True)

parser = argparse.ArgumentParser()
parser.add_argument("--n_epochs", type=int, default=200, help="number of epochs of training")
parser.add_argument("--latent_dim", type=int, default=7)
parser.add_argument("--img_size", type=int, default=4)
parser.add_argument("--channels", type=int, default=1)
opt = parser.parse_args()
print(opt)

img_shape = (opt.channels, opt.img_size, opt.img_size)
cuda = True if torch.cuda.is_available() else False


class Generator(nn.Module):
    def __init__(self):
        super(Generator, self).__init__()

        def block(in_feat, out_feat, normalize=True):
            layers = [nn.Linear(in_feat, out_feat)]
            if normalize:
                layers.append(nn.BatchNorm1d(out_feat, 0.8))
            layers.append(nn.LeakyReLU(0.2, inplace=True))
            return layers

        self.model = nn.Sequential(*block(opt.latent_dim, 8, False), nn.Linear(8, int(np.prod(img_shape))), nn.Tanh())

    def forward(self, z):
        img = self.model(z)
        return img.view(img.size(0), *img_shape)


class Discriminator(nn.Module):
    pass


generator = Generator()
if cuda:
    generator.cuda()
dataloader = torch.utils.data.DataLoader(datasets.MNIST("data", download=True), batch_size=opt.n_epochs)
Tensor = torch.cuda.FloatTensor if cuda else torch.FloatTensor
for epoch in range(opt.n_epochs):
    for i, (imgs, _) in enumerate(dataloader):
        z = Variable(Tensor(np.random.normal(0, 1, (imgs.shape[0], opt.latent_dim))))
        {TRAIN}
"""

# Sizes as module-level numbers, one of them set in a branch that also fetches data.
NUMBERS = f"""
from __future__ import print_function
import random
import torch, missing_plots
import torch.nn as nn
manualSeed = 999
random.seed(manualSeed)
torch.manual_seed(manualSeed)
dataset_name = "mnist"
if dataset_name == "mnist":
    dataset = missing_plots.fetch(download=True)
    nc = 1
elif dataset_name == "lsun":
    dataset = missing_plots.fetch("lsun")
    nc = 3
nz = 7
ngf = 4
ngpu = 1
device = torch.device("cuda:0" if (torch.cuda.is_available() and ngpu > 1) else "cpu")
real_batch = next(iter(dataset))

def weights_init(m):
    pass

class Generator(nn.Module):
    def __init__(self, ngpu=ngpu):
        super(Generator, self).__init__()
        self.main = nn.Sequential(nn.ConvTranspose2d(nz, ngf, 4, 1, 0, bias=False), nn.BatchNorm2d(ngf),
                                  nn.ReLU(True), nn.ConvTranspose2d(ngf, nc, 4, 2, 1), nn.Tanh())
    def forward(self, input):
        return self.main(input)

netG = Generator(ngpu).to(device)
netG.apply(weights_init)
with open("log.txt", "w") as log:
    log.write("start")
while True:
    {TRAIN}
"""

NOTEBOOK = f"""
#!/usr/bin/env python
# coding: utf-8
# # A GAN
# In[1]:
get_ipython().run_line_magic('matplotlib', 'inline')
get_ipython().system('pip install everything')
import torch
from torch import nn
# In[2]:
hidden = 16
class Generator(nn.Module):
    pass
# In[3]: the one that was kept
hidden = 8
class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Linear(7, hidden)
    def forward(self, x):
        return self.net(x)
Generator.note = "set from outside"
# In[4]:
trainer = fit(Generator(), epochs=3)
{TRAIN}
"""

DECORATED = f"""
import functools
from dataclasses import dataclass
import torch
from torch import nn

REGISTRY = {{}}

def register(name):
    def add(cls):
        REGISTRY[name] = cls
        return cls
    return add

@dataclass
class Config:
    latent: int = 7
    width: int = 5

cfg = Config(latent=7)
cfg.width = 6
Layer = functools.partial(nn.Linear, bias=False)

@register("g")
class Generator(nn.Module):
    def __init__(self, cfg=cfg):
        super().__init__()
        self.net = Layer(cfg.latent, cfg.width)
    def forward(self, z):
        return self.net(z)

def main(): {TRAIN}
main()
"""

STAR = f"""
from torch.nn import *
from math import *
size = int(sqrt(16))
class Generator(Module):
    def __init__(self):
        super().__init__()
        self.net = Linear(7, size)
    def forward(self, z):
        return self.net(z)
import torch
torch.save(0, "weights.pt")
{TRAIN}
"""

FALLBACK = f"""
import torch
from torch import nn
try:
    from faster_layers import Linear
    {TRAIN}
except ImportError:
    Linear = nn.Linear
def get_options():
    import argparse
    p = argparse.ArgumentParser()
    for name in ("a", "b"):
        p.add_argument("--" + name, default=7)
    return p.parse_args()
args = get_options()
def Generator():
    return nn.Sequential(Linear(args.a, 3))
fit = torch.hub.load("owner/repository", "trainer")
"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def written(tmp_path: Path, text: str, name: str = "train.py") -> Path:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize("text", [OPTIONS, NUMBERS, NOTEBOOK, DECORATED, STAR, FALLBACK])
def test_a_training_script_gives_its_generator_and_does_not_train(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)
    network, notes = construct(f"{path}:Generator", {})
    assert sorted(tmp_path.iterdir()) == [path]
    z = torch.zeros(2, 7, 1, 1) if text is NUMBERS else torch.zeros(2, 7)
    assert len(network.eval()(z)) == 2
    assert "train.py does more than define (line" in notes[0]
    assert "only Generator and what it refers to" in notes[0]


def test_the_script_would_have_trained(tmp_path: Path) -> None:
    """The positive control: imported as a whole, such a file does what is written in it."""
    path = written(tmp_path, STAR)
    sys.path.insert(0, str(tmp_path))
    try:
        __import__(path.stem)
    finally:
        sys.path.remove(str(tmp_path))
        del sys.modules[path.stem]
    assert (tmp_path / "TRAINED").exists()


def test_only_what_is_needed_is_taken(tmp_path: Path) -> None:
    taken = ast.unparse(definitions.of(written(tmp_path, OPTIONS), "Generator").tree)
    assert "import numpy as np" in taken
    assert "opt = parser.parse_args()" in taken
    for absent in ("missing", "not_installed", "Discriminator", "print", "makedirs", "cuda", "for epoch"):
        assert absent not in taken
    branches = ast.unparse(definitions.of(written(tmp_path, NUMBERS), "Generator").tree)
    assert "nc = 1" in branches
    assert "nc = 3" in branches
    assert "fetch" not in branches


def test_options_at_their_defaults_are_said(tmp_path: Path) -> None:
    _, notes = construct(f"{written(tmp_path, OPTIONS)}:Generator", {})
    assert "command line are at their defaults" in notes[1]


def test_the_last_of_two_definitions_counts_and_what_is_set_from_outside_stays(tmp_path: Path) -> None:
    network, _ = construct(f"{written(tmp_path, NOTEBOOK)}:Generator", {})
    assert network.net.out_features == 8
    assert network.note == "set from outside"


@pytest.mark.parametrize(
    "text",
    [
        "import torch\nfrom torch import nn\nWIDTH = 7 * 2\ndef G():\n    return nn.Linear(WIDTH, 2)\n",
        "from torch import nn\nG = nn.Linear\nif __name__ == '__main__':\n    open('TRAINED', 'w')\n",
        "from torch import nn\nclass G(nn.Linear):\n    def fit(self):\n        open('TRAINED')\n",
        "import sys\nsys.path.append('.')\nfrom torch import nn\nG = nn.Identity\nassert G\n",
    ],
)
def test_a_file_that_only_defines_is_imported_whole(tmp_path: Path, text: str) -> None:
    found = definitions.of(written(tmp_path, text), "G")
    assert found.whole
    assert found.notes == ()
    assert ast.unparse(found.tree) == ast.unparse(ast.parse(text))


@pytest.mark.parametrize(
    "work",
    [
        "for step in range(3):\n    pass",
        "while True:\n    break",
        "with open('x', 'w'):\n    pass",
        "x = open('x')",
        "import torch\nmodel = torch.hub.load('a', 'b')",
        "import os\nos.system('ls')",
        "import subprocess as s\ns.run('ls')",
        "def main():\n    while True:\n        pass\nmain()",
        "class Trainer:\n    def __init__(self):\n        open('x', 'w')\nTrainer()",
        "rows = [open(name) for name in ('a',)]",
        "from fitting import fit\nfit()",
        "print = open\nprint('x')",
        "import torch\ntorch.nn.Linear.forward = eval('3')",
    ],
)
def test_work_is_recognised(tmp_path: Path, work: str) -> None:
    assert not definitions.of(written(tmp_path, f"class G: pass\n{work}\n"), "G").whole


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("data = load()\nwidth = data.shape[1]\ndef G():\n    return width\n", r"line 1 \(load\(\)\)"),
        ("for i in range(3):\n    width = i\ndef G():\n    return width\n", r"line 1 \(for i in range"),
        ("with open('c.json') as f:\n    c = f.read()\ndef G():\n    return c\n", "line 1"),
        ("import json\nc = json.load(open('c.json'))\nclass G:\n    x = c\n", "line 2"),
        ("def G():\n    return o\nif __name__ == '__main__':\n    o = 3\nwork()\n", "needs o, .* under __main__ only"),
        ("work()\nclass Gen: pass\n", "defines no 'G'"),
        ("class G(:\n", r"not valid Python \(line 1"),
        ("%matplotlib inline\n", r"not valid Python \(line 1"),
    ],
)
def test_what_depends_on_work_is_refused_with_its_line(tmp_path: Path, text: str, match: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UsageError, match=match) as caught:
        definitions.of(path, "G")
    assert caught.value.hint
    assert sorted(tmp_path.iterdir()) == [path]


def test_the_object_that_a_script_trains_is_not_built(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"depends on line \d+ \(.*Generator\(ngpu\)"):
        construct(f"{written(tmp_path, NUMBERS)}:netG", {})


def test_notebooks_say_how_to_become_scripts(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="notebook") as caught:
        construct(f"{written(tmp_path, '{}', 'gan.ipynb')}:G", {})
    assert "nbconvert" in caught.value.hint


@pytest.mark.parametrize("noise", ["", f"\n{TRAIN}\n"])
def test_relative_imports_reach_the_packages_own_files(tmp_path: Path, noise: str) -> None:
    written(tmp_path, "from torch import nn\nfrom ..sizes import WIDTH\ndef block():\n    return nn.Linear(7, WIDTH)\n",
            "gan/nets/layers.py")  # fmt: skip
    written(tmp_path, "WIDTH = 3\n", "gan/sizes.py")
    written(tmp_path, TRAIN, "gan/__init__.py")
    text = (
        "from torch import nn\nfrom .layers import block\nfrom .. import sizes\ndef G():\n    return block()\n" + noise
    )
    path = written(tmp_path, text, "gan/nets/generator.py")
    network, _ = construct(f"{path}:G", {})
    assert network(torch.zeros(2, 7)).shape == (2, 3)
    assert not (tmp_path / "TRAINED").exists()
    other = written(tmp_path, "WIDTH = 4\n", "other/sizes.py").parent
    for name in ("layers", "generator"):
        written(tmp_path, (path.parent / f"{name}.py").read_text(), f"other/nets/{name}.py")
    assert construct(f"{other}/nets/generator.py:G", {})[0](torch.zeros(2, 7)).shape == (2, 4)


def test_modules_by_name_are_looked_at_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, STAR, "gan_scripts_of_this_test/train.py")
    monkeypatch.syspath_prepend(str(tmp_path))
    network, notes = construct("gan_scripts_of_this_test.train:Generator", {})
    assert "does more than define" in notes[0]
    assert network(torch.zeros(2, 7)).shape == (2, 4)
    assert not (tmp_path / "TRAINED").exists()


def test_a_sibling_that_is_not_on_the_path_says_how_to_put_it_there(tmp_path: Path) -> None:
    written(tmp_path, "", "my_layers.py")
    with pytest.raises(UsageError, match="my_layers") as caught:
        construct(f"{written(tmp_path, 'from my_layers import G')}:G", {})
    assert f"PYTHONPATH={tmp_path}" in caught.value.hint


def test_the_networks_of_a_file_are_listed_without_running_it(tmp_path: Path) -> None:
    assert definitions.networks(written(tmp_path, OPTIONS)) == {"Generator": ()}
    found = definitions.networks(written(tmp_path, "class G(nn.Sequential):\n    def __init__(self, nz, ngf=3): ..."))
    assert found == {"G": ("nz", "ngf")}
    assert definitions.networks(written(tmp_path, "%magic")) == {}
