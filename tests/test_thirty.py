"""What people bring: kinds of checkpoint, kinds of data and mistakes, each made here and given at the command line.

Each is audited with no flag beyond those that an error names, or refused in two lines that name the cause; where
reading had to guess or change something, a finding says so. By default all of it is read and samples are drawn; the
audits themselves run with the slow tests.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from audits import audit
from PIL import Image
from recordings import packed, sound
from scipy.ndimage import gaussian_filter

from ganprobe import flow
from ganprobe.cli import main
from ganprobe.record.audit import Audit
from ganprobe.samples.sides import Dataset, Source

NETWORKS = """
import torch
from torch import nn
from torch.nn.utils import spectral_norm


class Generator(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(8, width), nn.ReLU(), nn.Linear(width, 4))

    def forward(self, z):
        return self.net(z)


class Normed(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.last = spectral_norm(nn.Linear(8, 16)), nn.Linear(16, 4)

    def forward(self, z):
        return self.last(self.first(z).relu())


class Lazy(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.LazyLinear(4))

    def forward(self, z):
        return self.net(z)


class Conditional(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.net = nn.Embedding(3, 2), nn.Linear(10, 4)

    def forward(self, z, labels):
        return self.net(torch.cat([z, self.embed(labels)], 1))


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = nn.Linear(4, 4), nn.Linear(2, 4)

    def decode(self, z):
        return self.decoder(z)

    def forward(self, x):
        mean, log_var = self.encoder(x).chunk(2, 1)
        return self.decode(mean), mean, log_var


class Denoiser(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Linear(5, 4)

    def forward(self, x, t):
        return self.net(torch.cat([x, t[:, None]], 1))


def sample(network, n, seed):
    x = torch.randn(n, 4, generator=torch.Generator().manual_seed(seed))
    for step in range(5):
        x = x + network(x, torch.full((n,), step / 5)) / 5
    return x


def solid():
    return nn.Sequential(nn.Linear(8, 512), nn.Tanh(), nn.Unflatten(1, (1, 8, 8, 8)))
"""


@dataclass(frozen=True)
class Brought:
    """``make(folder)`` gives CKPT, DATA and options; ``says`` is in the refusal, after which ``then`` are added.

    ``finds``: what reading reports of either side, or ``"doubt"`` of the network; of another finding its code.
    """

    name: str
    make: Callable[[Path], list[str]]
    says: str | None = None
    then: tuple[str, ...] = ()
    finds: tuple[str, ...] = field(default=())


def network(name: str) -> Any:
    import networks  # type: ignore[import-not-found]

    torch.manual_seed(0)
    return getattr(networks, name)()


def rows(n: int = 60, seed: int = 0, columns: int = 4) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.random.default_rng(seed).standard_normal((n, columns)).astype(np.float32)


def checkpoint(name: str, saved: Callable[[Any], Any] = lambda module: module.state_dict(), *options: str) -> Any:
    """The network called ``name`` of the file above, as ``saved`` makes a file of it."""

    def make(folder: Path) -> list[str]:
        torch.save(saved(network(name)), folder / "g.pt")
        np.save(folder / "data.npy", rows())
        return ["g.pt", "data.npy", "-m", f"networks.py:{name}", *options]

    return make


def _averaged(module: Any) -> Any:
    averaged = torch.optim.swa_utils.AveragedModel(module)
    averaged.update_parameters(module)
    return {"g": module.state_dict(), "ema": averaged.state_dict(), "step": 9}


def _lightning(module: Any) -> Any:
    state = {f"generator.{name}": value for name, value in module.state_dict().items()}
    return {"state_dict": state, "hyper_parameters": {"lr": 1e-3}, "epoch": 3, "pytorch-lightning_version": "2.5"}


def _training(module: Any) -> Any:
    critic = torch.nn.Linear(4, 1)
    optimiser = torch.optim.Adam(module.parameters())
    return {"generator": module.state_dict(), "discriminator": critic.state_dict(), "opt_g": optimiser.state_dict()}


def _compiled(module: Any) -> Any:
    return {f"_orig_mod.module.{name}": value for name, value in module.state_dict().items()}


def _safetensors(folder: Path) -> list[str]:
    from safetensors.torch import save_file

    save_file(network("Generator").state_dict(), folder / "g.safetensors")
    np.save(folder / "data.npy", rows())
    return ["g.safetensors", "data.npy", "-m", "networks.py:Generator"]


def _scripted(folder: Path) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.script(network("Generator")).save(str(folder / "g.pt"))
    np.save(folder / "data.npy", rows())
    return ["g.pt", "data.npy"]


def _conditional(folder: Path) -> list[str]:
    torch.save(network("Conditional").state_dict(), folder / "g.pt")
    np.savez(folder / "data.npz", x=rows(), y=np.arange(60) % 3)
    return ["g.pt", "data.npz", "-m", "networks.py:Conditional"]


def _volumes(folder: Path) -> list[str]:
    torch.save(network("solid").state_dict(), folder / "g.pt")
    np.save(folder / "data.npy", rows(60, 0, 512).reshape(60, 1, 8, 8, 8))
    return ["g.pt", "data.npy", "-m", "networks.py:solid"]


CHECKPOINTS = [
    Brought("a state dict", checkpoint("Generator")),
    Brought("no network named", lambda f: checkpoint("Generator")(f)[:2], "-m", ("-m", "networks.py:Generator")),
    Brought("averaged beside raw", checkpoint("Generator", _averaged)),
    Brought("Lightning's", checkpoint("Generator", _lightning)),
    Brought("a whole training", checkpoint("Generator", _training)),
    Brought("compiled, in parallel", checkpoint("Generator", _compiled)),
    Brought("spectral norm", checkpoint("Normed")),
    Brought("lazy layers", checkpoint("Lazy", lambda m: (m(torch.zeros(2, 8)), m.state_dict())[1])),
    Brought("safetensors", _safetensors),
    Brought("TorchScript", _scripted, "--trust-checkpoint", ("--trust-checkpoint",)),
    Brought("conditional", _conditional),
    Brought("an autoencoder", checkpoint("VAE", lambda m: m.state_dict()), finds=("doubt",)),
    Brought("a denoiser", checkpoint("Denoiser"), "FILE.py:sample", ("--call", "networks.py:sample")),
    Brought("volumes", _volumes),
]


def both(write: Callable[[Path, int], str], *options: str) -> Callable[[Path], list[str]]:
    """Reals and fakes by one hand, in two folders."""

    def make(folder: Path) -> list[str]:
        for side in ("fake", "real"):
            (folder / side).mkdir()
        fake, real = (write(folder / side, seed) for seed, side in enumerate(("fake", "real")))
        return [f"fake/{fake}", f"real/{real}", *options]

    return make


def table(seed: int, n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"x": rng.normal(size=n).round(3), "k": rng.integers(0, 9, n), "job": rng.choice([*"ab"], n)})


def pictures(seed: int, n: int = 40, *channels: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    noise = np.random.default_rng(seed).normal(size=(n, 16, 16, *channels))
    smooth = gaussian_filter(noise, (0, 2, 2, *(0 for _ in channels))) * 300 + 128
    return np.clip(smooth + 20 * noise[:, :1, :1], 0, 255).astype(np.uint8)


def of_pictures(
    to: Callable[[np.ndarray[Any, Any]], Image.Image] = Image.fromarray, suffix: str = "png", *channels: int, **how: Any
) -> Callable[[Path, int], str]:
    def write(folder: Path, seed: int) -> str:
        for i, picture in enumerate(pictures(seed, 40, *channels)):
            to(picture).save(folder / f"{i:03}.{suffix}", **how)
        return ""

    return write


def one_side(write: Callable[[Path, int], str], other: Callable[[Path, int], str]) -> Callable[[Path], list[str]]:
    """Reals of one kind, fakes of the other."""
    return both(lambda folder, seed: (other if seed else write)(folder, seed))


def text(write: Callable[[pd.DataFrame], str], name: str = "x.csv") -> Callable[[Path, int], str]:
    def file(folder: Path, seed: int) -> str:
        (folder / name).write_text(write(table(seed)), encoding="utf-8")
        return name

    return file


def _npz(folder: Path, seed: int) -> str:
    np.savez(folder / "x.npz", x=rows(60, seed), y=np.arange(60) % 3)
    return "x.npz"


def _pt(folder: Path, seed: int) -> str:
    torch.save((torch.from_numpy(rows(60, seed)), torch.arange(60) % 3), folder / "x.pt")
    return "x.pt"


def _parquet(folder: Path, seed: int) -> str:
    table(seed).to_parquet(folder / "x.parquet")
    return "x.parquet"


def _webdataset(folder: Path, seed: int) -> str:
    members: dict[str, bytes] = {}
    for i, picture in enumerate(pictures(seed)):
        buffer = BytesIO()
        Image.fromarray(picture).save(buffer, "PNG")
        members |= {f"{i:03}.png": buffer.getvalue(), f"{i:03}.cls": b"%d" % (i % 2)}
    return packed(folder / "x.tar", members).name


def _sounds(folder: Path, seed: int) -> str:
    for i, x in enumerate(np.random.default_rng(seed).normal(size=(40, 400)) * 3_000):
        (folder / f"{i:02}.wav").write_bytes(sound(x / 2**15))
    return ""


def _long(folder: Path, seed: int) -> str:
    table(seed, 400).assign(user=np.arange(400) // 10).to_csv(folder / "x.csv", index=False)
    return "x.csv"


def _related(folder: Path, seed: int) -> str:
    table(seed).assign(user=np.arange(60)).to_csv(folder / "users.csv", index=False)
    table(seed, 200).assign(user=np.arange(200) % 60).to_csv(folder / "visits.csv", index=False)
    return "users.csv"


def _idx(folder: Path, seed: int) -> str:
    content = pictures(seed).tobytes()
    (folder / "x-images-idx3-ubyte").write_bytes(
        b"\0\0\x08\x03" + b"".join(n.to_bytes(4, "big") for n in (40, 16, 16)) + content
    )
    return "x-images-idx3-ubyte"


CSV = text(lambda t: t.to_csv(index=False))
DATA = [
    Brought("a table", both(CSV)),
    Brought("Parquet", both(_parquet)),
    Brought("arrays with labels", both(_npz)),
    Brought("tensors with labels", both(_pt)),
    Brought("pictures", both(of_pictures())),
    Brought("idx", both(_idx)),
    Brought("webdataset", both(_webdataset)),
    Brought("sounds", both(_sounds)),
    Brought("a long table", both(_long, "--sequence-key", "user")),
    Brought("two tables", both(_related, "--child", "visits.csv:user")),
]


def grid(folder: Path, seed: int) -> str:
    """Twenty-four pictures of 16 samples each, as torchvision's save_image leaves them."""
    for i in range(24):
        canvas = np.zeros((4 * 18 + 2, 4 * 18 + 2), np.uint8)
        for at, picture in enumerate(pictures(seed + i, 16)):
            down, across = divmod(at, 4)
            canvas[2 + 18 * down : 18 * down + 18, 2 + 18 * across : 18 * across + 18] = picture
        Image.fromarray(canvas).save(folder / f"{i:02}.png")
    return ""


def see_through(picture: np.ndarray[Any, Any]) -> Image.Image:
    return Image.fromarray(np.dstack([picture, 255 - picture[:, :, :1] // 2]))


def turned() -> bytes:
    tag = Image.Exif()
    tag[0x112] = 6
    return tag.tobytes()


def swapped(folder: Path) -> list[str]:
    first, second, *options = checkpoint("Generator")(folder)
    return [second, first, *options]


COLOUR = of_pictures(Image.fromarray, "png", 3)
SEMICOLONS = text(lambda t: t.to_csv(index=False, sep=";", decimal=","))
CMYK = of_pictures(lambda p: Image.fromarray(p).convert("CMYK"), "jpg", 3)
TURNED = of_pictures(Image.fromarray, "jpg", 3, exif=turned())
MISTAKES = [
    Brought(
        "12 bits stored in 16",
        one_side(of_pictures(lambda p: Image.fromarray(p.astype(np.uint16) * 16)), of_pictures()),
        finds=("guessed",),
    ),
    Brought("CMYK", one_side(CMYK, COLOUR), finds=("changed",)),
    Brought("see-through", one_side(of_pictures(see_through, "png", 3), COLOUR), finds=("changed",)),
    Brought("turned by EXIF", one_side(TURNED, COLOUR), finds=("changed",)),
    Brought(
        "grids", one_side(grid, of_pictures()), "grid of 4 x 4", ("--set", "datasets.images.grids=no"), ("changed",)
    ),
    Brought("no header", both(text(lambda t: t.to_csv(index=False, header=False))), finds=("guessed",)),
    Brought("no header in one", one_side(text(lambda t: t.to_csv(index=False, header=False)), CSV), "it has no header"),
    Brought("leading spaces", one_side(text(lambda t: t.to_csv(index=False).replace(",", ", ")), CSV)),
    Brought("semicolons, decimal commas", one_side(SEMICOLONS, CSV)),
    Brought(
        "a column without a value",
        one_side(CSV, text(lambda t: t.assign(e=None).to_csv(index=False))),
        "--ignore e",
        ("--ignore", "e"),
    ),
    Brought("the data first", swapped, "the checkpoint comes first"),
    Brought("code first", lambda f: ["networks.py", checkpoint("Generator")(f)[1]], "Python code"),
]
ALL = [*CHECKPOINTS, *DATA, *MISTAKES]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "networks.py").write_text(NETWORKS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(__import__("sys").modules, "networks", raising=False)
    return tmp_path


def test_there_are_thirty() -> None:
    assert (len(CHECKPOINTS) >= 12, len(DATA) >= 10, len(MISTAKES) >= 8) == (True, True, True)
    assert len({each.name for each in ALL}) == len(ALL)


def given(brought: Brought, folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> int:
    """The exit code, after whatever the first refusal names was done."""
    arguments = ["js", *brought.make(folder), "-q", *options]
    if brought.says is not None:
        assert main(arguments) in (2, 3)
        out, err = capsys.readouterr()
        message, hint = err.splitlines()
        assert out == ""
        assert message.startswith("ganprobe: ")
        assert hint.startswith("hint: ")
        assert brought.says in err
        if not brought.then:
            return 0
        named = [word for word in brought.then if word.startswith("-") or "=" in word]
        assert all(word in err for word in named), "what to add is named"
    return main([*arguments, *brought.then])


@pytest.mark.parametrize("brought", ALL, ids=lambda brought: brought.name)
def test_each_is_read_or_refused_by_its_cause(
    brought: Brought, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sides: list[tuple[Dataset, Source]] = []

    def loaded(plan: Any, **rest: Any) -> Audit:
        sides.append(flow.load(plan, "cpu"))
        return audit()

    monkeypatch.setattr(flow, "audit", loaded)
    assert given(brought, folder, capsys) == 0
    if brought.says is not None and not brought.then:
        assert sides == []
        return
    ((data, source),) = sides
    fakes = source.draw(8, 0) if hasattr(source, "draw") else source.values
    assert fakes.shape[1:] == data.values.shape[1:]
    found = {artefact.name for side in (data, source) for artefact in getattr(side, "found", ())}
    assert found | ({"doubt"} if source.record.doubts else set()) == set(brought.finds)


CODES = {"changed": "GP114", "guessed": "GP113", "doubt": "GP116"}


@pytest.mark.slow
@pytest.mark.parametrize("brought", ALL, ids=lambda brought: brought.name)
def test_each_is_audited_to_its_end(brought: Brought, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = given(brought, folder, capsys, "--budget", "fast", "--probe", "logistic", "--threads", "1", "--json")
    assert code == 0
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    if brought.says is not None and not brought.then:
        return
    record = json.loads(out)
    assert record["js"]["low"] <= record["js"]["nats"] <= record["js"]["high"]
    codes = {finding["code"] for finding in record["findings"]}
    assert {CODES[name] for name in brought.finds} <= codes
    assert not (brought.finds and record["verdict"] == "PASS")
