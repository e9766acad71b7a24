"""Both sides of an audit: the real data and where the fakes come from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from ganprobe.errors import InputError
from ganprobe.inputs import checkpoints, datasets
from ganprobe.plan import Plan
from ganprobe.samples.sides import Dataset, Exported, Generator, Source

# Fewer reals cannot be divided into parts that fit, validate and test.
LEAST_SAMPLES = 20


def load(plan: Plan, device: str) -> tuple[Dataset, Source]:
    """Both inputs. A generator comes first, for pictures are brought to its size; samples are read as the data is."""
    checkpoint, path = Path(plan.checkpoint), Path(plan.data)
    named = plan.labels not in ("data", "uniform")
    common = _options(plan)
    options = replace(common, limit=plan.num_real, labels=datasets.read_labels(Path(plan.labels)) if named else None)
    if checkpoints.is_exported(checkpoint):
        _require_data(checkpoint, path)
        data = datasets.load(path, options)
        sides = checkpoints.load_exported(checkpoint, enough(data, path), replace(common, limit=plan.num_fake))
        return sides[0], _unused(sides[1], plan)
    generator = network(plan, checkpoint, device)
    shape = generator.shape
    picture = (shape[0], shape[1], shape[2]) if len(shape) == 3 and shape[0] in (1, 3) else None
    data = datasets.load(path, replace(options, picture_shape=picture))
    return enough(data, path), checkpoints.with_labels(generator, data, plan.labels)


def _unused(fake: Exported, plan: Plan) -> Exported:
    """``fake``, with a note on what was said of a network that is not there."""
    said = {
        "-m": plan.model,
        "--call": plan.call,
        "--key": plan.key,
        "--z-dim": plan.z_dim,
        "--output": plan.output_name,
    }
    idle = ", ".join(option for option, value in said.items() if value is not None)
    notes = (*fake.record.notes, f"{idle} not used: the file holds samples, and no network") if idle else ()
    return replace(fake, record=replace(fake.record, notes=notes)) if idle else fake


def _require_data(checkpoint: Path, path: Path) -> None:
    """That not both files hold what the other should: samples first, and then a network."""
    if path.is_file() and not datasets.holds_samples(path) and checkpoints.holds_weights(path):
        raise InputError(
            f"{checkpoint} holds samples and {path} a network: the checkpoint comes first, then the data",
            f"ganprobe js {path} {checkpoint}",
        )


def network(plan: Plan, path: Path, device: str) -> Generator:
    """What is in the checkpoint at ``path``, read as ``plan`` says, with labels uniform."""
    return checkpoints.load(path, replace(plan, device=device))


def enough(data: Dataset, path: Path) -> Dataset:
    """``data``, where there is enough of it; else `InputError`."""
    if len(data.values) < LEAST_SAMPLES:
        grids = "; a grid of them saved as one picture is one, and has to be cut" if data.kind == "image" else ""
        raise InputError(
            f"{path}: {len(data.values)} samples are too few to train and test a probe on",
            f"give at least {LEAST_SAMPLES}; a few thousand resolve a JS of .01{grids}",
        )
    return data


def _options(plan: Plan) -> datasets.DataOptions:
    """How ``plan`` says that either side is read."""
    options = datasets.DataOptions(
        seed=plan.seed,
        override=plan.override,
        ignore=plan.ignore,
        sequence_key=plan.sequence_key,
        child=plan.child,
    )
    return datasets.grouped_by(plan.group, options)


def given(fake: Any, real: Any, step: int | None, plan: Plan, device: str) -> tuple[Dataset, Source]:
    """Both sides in memory, in the same units: arrays, tensors or tables; ``fake`` may be a network that makes some."""
    common = _options(plan)
    data = enough(datasets.of_memory(_plain(real), common), datasets.IN_MEMORY)
    if isinstance(fake, torch.nn.Module):
        return data, checkpoints.of_module(fake, step, replace(plan, device=device))
    return checkpoints.load_exported(datasets.IN_MEMORY, data, common, _plain(fake), step)


def _plain(samples: Any) -> Any:
    return samples.detach().cpu().numpy() if isinstance(samples, torch.Tensor) else samples
