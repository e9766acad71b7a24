"""A small GAN trained on real digits while you watch: checkpoints to try the program on, and two of them audited.

The data are the 1,797 handwritten digits that come with scikit-learn, 8x8 pixels, brought from 17 grey levels to four,
so nothing is downloaded. The GAN has two small perceptrons, the non-saturating loss (Goodfellow et al. 2014), and the
R1 penalty on the discriminator's gradient at the reals, without which such a GAN need not converge (Mescheder, Geiger
and Nowozin 2018). What is saved is the running average of the generator's weights.

The discriminator sees pictures as they are saved: which of the four levels each pixel is rounded to. One that sees raw
output learns that the reals are rounded, and little else. Of the 17 levels such a GAN gets .45 nats away from the
digits with raw output under noise, .22 when its discriminator sees levels; of four levels it gets to .03.

It is trained on the same digits that it is then judged by: the bounds are about these digits, not about all that
people could write.
"""

from __future__ import annotations

import copy
import inspect
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

from ganprobe import flow, machine
from ganprobe.errors import ResourceError, UsageError
from ganprobe.objective import LOG2
from ganprobe.plan import Plan
from ganprobe.record.audit import Audit
from ganprobe.record.cells import Cell, Column, Table
from ganprobe.record.views import ViewRecord
from ganprobe.samples.sides import Indices
from ganprobe.seeds import Seeds
from ganprobe.store import archive

Bytes = npt.NDArray[np.uint8]

# Saved after so many steps: early ones close together, for that is where most is learned.
STEPS = (100, 300, 1_000, 3_000, 10_000)

# Evenly spaced in 8 bits, black and white at the ends: 0, 85, 170, 255.
_LEVELS = 4
_APART = 255 // (_LEVELS - 1)
_Z_DIM = 32
_WIDTH = 256
_BATCH = 128
_RATE = 5e-4
_R1 = 2.0
# The penalty is taken every so many steps, so many times as large (Karras et al. 2020).
_LAZY = 4
_AVERAGE = 0.999

# The views of the summary, from the whole to what is coarse; the report of each checkpoint has all that were measured.
_SHOWN = ("raw", "output_path", "histogram", "blocks size=2", "noise sigma=0.3", "pca dims=5")
_COARSE = "noise sigma=0.3"


class Generator(nn.Module):
    """Latents ``[n, z_dim]`` to pictures ``[n, 1, 8, 8]`` in [-1, 1]."""

    def __init__(self, z_dim: int = 32, width: int = 256) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(z_dim, width),
            nn.LeakyReLU(0.2),
            nn.Linear(width, width),
            nn.LeakyReLU(0.2),
            nn.Linear(width, 64),
        )

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """``z``: ``[n, z_dim]``."""
        pixels: torch.Tensor = self.layers(z)
        return pixels.clamp(-1, 1).reshape(-1, 1, 8, 8)


class Progress(Protocol):
    """Is told what is being done and, where that is known, which share of it is done."""

    def __call__(self, stage: str, share: float | None = None) -> None:
        """``stage`` goes on; ``share`` is within [0, 1]."""


@dataclass(frozen=True, slots=True)
class Demo:
    """The folder that was filled, the steps it has checkpoints of, and the audits of the first and the last."""

    folder: Path
    steps: tuple[int, ...]
    first: Audit
    last: Audit


def run(folder: Path, *, seed: int, threads: int | None, progress: Progress) -> Demo:
    """Train, save five checkpoints in ``folder`` with all it takes to audit them, and audit the first and the last.

    A folder that holds anything but an earlier demo is a `UsageError`. Training takes one thread, the audits
    ``threads``; the numbers depend on ``seed`` and ``threads`` alone.
    """
    _claim(folder)
    digits = load_digits()
    pictures = (digits.images * _LEVELS // 17 * _APART).astype(np.uint8)
    archive.write(folder / "model.py", _model_code())
    archive.write(folder / "digits.npz", _packed(pictures, digits.target))
    for step, state in train(pictures, seed, progress).items():
        archive.write(_checkpoint(folder, step), _pickled({"generator": state, "step": step}))
    first, last = (_audit(folder, step, seed, threads, progress) for step in (STEPS[0], STEPS[-1]))
    return Demo(folder, STEPS, first, last)


def train(pictures: Bytes, seed: int, progress: Progress) -> dict[int, dict[str, Tensor]]:
    """Train on ``[n, 8, 8]`` uint8; the averaged weights of the generator at each of `STEPS`."""
    real = _levels(torch.from_numpy(pictures.reshape(-1, 64) / 127.5 - 1).float())
    rng = torch.Generator().manual_seed(Seeds(seed).integer("batches"))
    saved = {}
    # So small a GAN gains nothing from a second thread, and its weights must not depend on how many there are.
    with machine.limit_threads(1):
        generator, discriminator = _networks(Seeds(seed).integer("weights"))
        average = copy.deepcopy(generator).requires_grad_(False)
        generator_adam = torch.optim.Adam(generator.parameters(), _RATE, (0.5, 0.99), fused=True)
        discriminator_adam = torch.optim.Adam(discriminator.parameters(), 2 * _RATE, (0.5, 0.99), fused=True)
        for step in range(1, STEPS[-1] + 1):
            if step % 50 == 0:
                progress("train a GAN on digits", step / STEPS[-1])
            batch = real[torch.randint(len(real), (_BATCH,), generator=rng)]
            fake = _levels(generator.layers(torch.randn(_BATCH, _Z_DIM, generator=rng)))

            logit = discriminator(batch.requires_grad_(step % _LAZY == 0))
            loss = nn.functional.softplus(-logit).mean() + nn.functional.softplus(discriminator(fake.detach())).mean()
            if batch.requires_grad:
                (slope,) = torch.autograd.grad(logit.sum(), batch, create_graph=True)
                loss = loss + _LAZY * _R1 * slope.square().sum(1).mean()
            discriminator_adam.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            discriminator_adam.step()

            loss = nn.functional.softplus(-discriminator(fake)).mean()
            generator_adam.zero_grad()
            loss.backward(inputs=[*generator.parameters()])  # type: ignore[no-untyped-call]
            generator_adam.step()
            for mean, now in zip(average.parameters(), generator.parameters(), strict=True):
                # A young average forgets faster, or it would remember the first weights for hundreds of steps.
                mean.lerp_(now.detach(), 1 - min(_AVERAGE, step / (step + 10)))
            if step in STEPS:
                saved[step] = copy.deepcopy(average.state_dict())
    return saved


def _levels(pixels: Tensor) -> Tensor:
    """Which grey level each of ``[n, 64]`` pixels is rounded to: ``[n, 64 * _LEVELS]``, zeros and ones.

    Rounding has no gradient. In its place stands that of a hat over each level, three levels wide ("straight through",
    Bengio, Leonard and Courville 2013); outside the range it is a tenth of that at the end, so that no pixel is stuck.
    """
    apart = 2 / (_LEVELS - 1)
    within = pixels.clamp(-1, 1)
    exact = nn.functional.one_hot(((within + 1) / apart).round().long(), _LEVELS)
    leaky = within + 0.1 * (pixels - pixels.detach())
    near = (1 - (leaky[..., None] - torch.linspace(-1, 1, _LEVELS)).abs() / (1.5 * apart)).clamp(min=0)
    return (near + (exact - near).detach()).flatten(1)


def tables(demo: Demo) -> tuple[Table, ...]:
    """What changed from the first audited checkpoint to the last, and what that means."""
    return _views(demo), _others(demo), Table("words", "In words", (Column("text"),), ((_words(demo),),), "notes")


def _views(demo: Demo) -> Table:
    columns = [Column("seen through")]
    for audit in (demo.first, demo.last):
        columns += [Column(_name(audit), "nats"), Column("floor", "nats")]
    rows: list[tuple[Cell, ...]] = []
    for before, after in zip(demo.first.measurements.views, demo.last.measurements.views, strict=True):
        if before.label not in _SHOWN:
            continue
        rows.append((before.label, before.js, before.floor, after.js, after.floor, _change(before, after)))
    title = "JS of the GAN's digits against real ones, nats: estimate, certified floor"
    return Table("views", title, (*columns, Column("change")), tuple(rows))


def _others(demo: Demo) -> Table:
    sides = [audit.measurements for audit in (demo.first, demo.last)]
    rows: list[tuple[Cell, ...]] = [
        ("share of reals that fakes reach", *(None if m.support is None else m.support.real_covered for m in sides)),
        ("share of fakes where reals are", *(None if m.support is None else m.support.fake_covered for m in sides)),
        (
            "share of the saturating gradient left",
            *(None if m.gradients is None else m.gradients.retention for m in sides),
        ),
        ("kernel densities against the probe", *(None if m.kde is None else m.kde.agreement for m in sides)),
        ("status", *(None if m.js is None else m.js.status for m in sides)),
        ("the probe is near-optimal", *(None if m.js is None else m.js.near_optimal for m in sides)),
    ]
    columns = (Column("quantity"), *(Column(_name(audit), "number") for audit in (demo.first, demo.last)))
    return Table("others", "The other measurements", columns, tuple(rows))


def _words(demo: Demo) -> str:
    """Says only what the numbers of this run show, whichever way they went."""
    last = demo.last.measurements
    before, after = _pair(demo, last.headline_view)
    said = [f"Pixel by pixel the estimate went from {_short(before.js)} to {_short(after.js)} nats."]
    said.append(f"0 would be no difference, and log 2 = {LOG2:.2f} is the most.")
    before, after = _pair(demo, _COARSE)
    change = _change(before, after)
    said.append(
        f"Under noise that leaves only coarse shapes there is {change}: {_short(before.js)} to {_short(after.js)}."
    )
    if change == _FALL:
        said.append("So the GAN learned the shapes: what these probes still see is finer than that noise.")
    said.append("Every value is a lower bound that some probe demonstrated; a better probe could only raise it.")
    said.append("The real digits are those that the GAN was trained on.")
    return " ".join(said)


def _short(js: float) -> str:
    return f"{round(js, 2) + 0.0:.2f}"  # never -0.00


def _pair(demo: Demo, view: str) -> tuple[ViewRecord, ViewRecord]:
    first, last = (next(v for v in a.measurements.views if v.label == view) for a in (demo.first, demo.last))
    return first, last


_FALL = "a clear fall"


def _change(before: ViewRecord, after: ViewRecord) -> str:
    """By the certified floor of the one and the interval of the other: where they overlap nothing is claimed."""
    if after.high < before.floor:
        return _FALL
    return "a clear rise" if after.floor > before.high else "no clear change"


def _name(audit: Audit) -> str:
    return f"step {audit.measurements.checkpoint.step}"


def _audit(folder: Path, step: int, seed: int, threads: int | None, progress: Progress) -> Audit:
    checkpoint = _checkpoint(folder, step)
    plan = Plan(
        checkpoint=str(checkpoint),
        data=str(folder / "digits.npz"),
        model=f"{folder / 'model.py'}:Generator",
        budget="fast",
        seed=seed,
        threads=threads,
    )
    audit = flow.audit(plan, _command(plan), lambda stage: progress(f"audit step {step}: {stage}"))
    archive.write(checkpoint.with_suffix(".json"), archive.to_json(audit) + "\n")
    return audit


def _command(plan: Plan) -> tuple[str, ...]:
    """The words of the command line that asks for ``plan``."""
    words = ["ganprobe", "js", plan.checkpoint, plan.data, "-m", str(plan.model)]
    words += ["--budget", plan.budget, "--seed", str(plan.seed)]
    words += [] if plan.threads is None else ["--threads", str(plan.threads)]
    return tuple(words)


def _networks(seed: int) -> tuple[Generator, nn.Module]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        discriminator = nn.Sequential(
            nn.Linear(64 * _LEVELS, _WIDTH),
            nn.LeakyReLU(0.2),
            nn.Linear(_WIDTH, _WIDTH),
            nn.LeakyReLU(0.2),
            nn.Linear(_WIDTH, 1),
        )
        return Generator(_Z_DIM, _WIDTH), discriminator


# -- the folder --------------------------------------------------------------------------------------------------------

_HEADER = '"""The generator of ganprobe demo."""\n'


def _model_code() -> str:
    return f"{_HEADER}\nimport torch\nfrom torch import nn\n\n\n{inspect.getsource(Generator)}"


def _claim(folder: Path) -> None:
    """Make ``folder``, or see that what is in it came from an earlier demo."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        model = folder / "model.py"
        earlier = model.is_file() and model.read_text(encoding="utf-8", errors="replace").startswith(_HEADER)
        if not earlier and any(folder.iterdir()):
            raise UsageError(f"{folder} holds something other than a demo", "name a new folder: ganprobe demo FOLDER")
    except FileExistsError:
        raise UsageError(f"{folder} is not a folder", "name a new folder: ganprobe demo FOLDER") from None
    except OSError as error:
        message = f"{folder} cannot be used: {error.strerror}"
        raise ResourceError(message, "name a folder that you may write to: ganprobe demo FOLDER") from None


def _checkpoint(folder: Path, step: int) -> Path:
    return folder / f"g_{step:05d}.pt"


def _packed(pictures: Bytes, labels: Indices) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, images=pictures, labels=labels)
    return buffer.getvalue()


def _pickled(checkpoint: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    torch.save(checkpoint, buffer)
    return buffer.getvalue()
