"""Both sides of an audit: the real data and where the fakes come from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ganprobe.errors import InputError
from ganprobe.inputs import checkpoints, datasets
from ganprobe.plan import Plan
from ganprobe.samples.sides import Dataset, Generator, Source

# Fewer reals cannot be divided into parts that fit, validate and test.
LEAST_SAMPLES = 20


def load(plan: Plan, device: str) -> tuple[Dataset, Source]:
    """Both inputs. A generator comes first, for pictures are brought to its size; samples are read as the data is."""
    checkpoint, path = Path(plan.checkpoint), Path(plan.data)
    named = plan.labels not in ("data", "uniform")
    common = datasets.DataOptions(
        seed=plan.seed, override=plan.override, ignore=plan.ignore, sequence_key=plan.sequence_key
    )
    common = datasets.grouped_by(plan.group, common)
    options = replace(common, limit=plan.num_real, labels=datasets.read_labels(Path(plan.labels)) if named else None)
    if checkpoints.is_exported(checkpoint):
        data = datasets.load(path, options)
        return checkpoints.load_exported(checkpoint, enough(data, path), replace(common, limit=plan.num_fake))
    generator = network(plan, checkpoint, device)
    shape = generator.shape
    picture = (shape[0], shape[1], shape[2]) if len(shape) == 3 and shape[0] in (1, 3) else None
    data = datasets.load(path, replace(options, picture_shape=picture))
    return enough(data, path), checkpoints.with_labels(generator, data, plan.labels)


def network(plan: Plan, path: Path, device: str) -> Generator:
    """What is in the checkpoint at ``path``, read as ``plan`` says, with labels uniform."""
    return checkpoints.load(path, replace(plan, device=device))


def enough(data: Dataset, path: Path) -> Dataset:
    """``data``, where there is enough of it; else `InputError`."""
    if len(data.values) < LEAST_SAMPLES:
        raise InputError(
            f"{path}: {len(data.values)} samples are too few to train and test a probe on",
            f"give at least {LEAST_SAMPLES}; a few thousand resolve a JS of .01",
        )
    return data


def given(generator: torch.nn.Module, real: Any, step: int | None, plan: Plan, device: str) -> tuple[Dataset, Source]:
    """Both sides from inside a training: ``real`` is an array or a tensor in the units of what ``generator`` gives."""
    samples = real.detach().cpu().numpy() if isinstance(real, torch.Tensor) else np.asarray(real)
    data = datasets.of_array(samples, datasets.DataOptions(seed=plan.seed))
    return enough(data, datasets.IN_MEMORY), checkpoints.of_module(generator, step, replace(plan, device=device))
