"""A small GAN trained on real digits while you watch: checkpoints to try the program on, and two of them audited.

The data are the 1,797 handwritten digits that come with scikit-learn, 8x8 pixels, brought from 17 grey levels to four,
so nothing is downloaded. The GAN (`ganprobe.known.digits_gan`) is trained on the same digits that it is then judged by:
the bounds are about these digits, not about all that people could write.
"""

from __future__ import annotations

import inspect
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_digits

from ganprobe import flow
from ganprobe.errors import ResourceError, UsageError
from ganprobe.known import digits_gan
from ganprobe.known.digits_gan import Bytes, Progress
from ganprobe.objective import LOG2
from ganprobe.plan import Plan, Setting
from ganprobe.record.audit import Audit
from ganprobe.record.cells import Cell, Column, Table
from ganprobe.record.views import ViewRecord
from ganprobe.samples.sides import Indices
from ganprobe.store import archive

# The views of the summary, from the whole to what is coarse; the report of each checkpoint has all that were measured.
_SHOWN = ("raw", "output_path", "histogram", "blocks size=2", "noise sigma=0.3", "pca dims=5")
_COARSE = "noise sigma=0.3"
# Strokes of one pixel are little alike sideways: so small digits might be matrices, and it is said that they are not.
_PICTURES: dict[str, Setting] = {"datasets.arrays.kind": "pictures"}


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
    pictures = (digits.images * digits_gan.LEVELS // 17 * digits_gan.APART).astype(np.uint8)
    archive.write(folder / "model.py", _model_code())
    archive.write(folder / "digits.npz", _packed(pictures, digits.target))
    for step, state in digits_gan.train(pictures, seed, progress).items():
        archive.write(_checkpoint(folder, step), _pickled({"generator": state, "step": step}))
    steps = digits_gan.STEPS
    first, last = (_audit(folder, step, seed, threads, progress) for step in (steps[0], steps[-1]))
    return Demo(folder, steps, first, last)


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
        settings=_PICTURES,
    )
    audit = flow.audit(plan, _command(plan), lambda stage: progress(f"audit step {step}: {stage}"))
    archive.write(checkpoint.with_suffix(".json"), archive.to_json(audit) + "\n")
    return audit


def _command(plan: Plan) -> tuple[str, ...]:
    """The words of the command line that asks for ``plan``."""
    words = ["ganprobe", "js", plan.checkpoint, plan.data, "-m", str(plan.model)]
    words += ["--budget", plan.budget, "--seed", str(plan.seed)]
    words += [word for name, value in plan.settings.items() for word in ("--set", f"{name}={value}")]
    words += [] if plan.threads is None else ["--threads", str(plan.threads)]
    return tuple(words)


# -- the folder --------------------------------------------------------------------------------------------------------

_HEADER = '"""The generator of ganprobe demo."""\n'


def _model_code() -> str:
    return f"{_HEADER}\nimport torch\nfrom torch import nn\n\n\n{inspect.getsource(digits_gan.Generator)}"


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
