"""What is in a checkpoint, read without executing anything, without the network's class and without torch.

Tensors are described, not read, by the member of `ganprobe.inputs.checkpoints` whose file it is. From names and shapes
follow guesses at the latent and the output; they are called guesses, for a file of weights says neither what the layers
are nor what lies between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ganprobe.errors import InputError
from ganprobe.inputs import checkpoints, datasets, described, files, folders
from ganprobe.inputs.checkpoints import Content
from ganprobe.inputs.described import TensorInfo, cut
from ganprobe.inputs.inspection.command import command, networks, settings
from ganprobe.inputs.inspection.layers import guess, layers_of
from ganprobe.inputs.inspection.rebuild import source
from ganprobe.inputs.inspection.records import SCHEMA, Entry, Inspection, Tensor
from ganprobe.inputs.inspection.states import candidates, remarks, state
from ganprobe.inputs.weights import as_table, step_of

__all__ = ["SCHEMA", "Inspection", "look", "rebuild"]


# Names of tensors are longer than this only where someone wants to fill the screen.
_MOST_NAME = 200


def look(path: Path) -> Inspection:
    """Describe a checkpoint, or a folder with a ``model.safetensors``.

    Raises `UsageError` where nothing is there, `InputError` for what is no checkpoint or is damaged.
    """
    files.require(path)
    path = folders.weights(path)
    content = None if path.is_dir() else checkpoints.describe(path)
    if content is None or not _holds_tables(content.structure):
        return _samples(path)
    return _described(path, replace(content, structure=as_table(content.structure)))


def _holds_tables(structure: object) -> bool:
    """Whether it is a table, or a list with one in it; a tensor and a list of tensors are samples."""
    if isinstance(structure, list | tuple):
        return any(isinstance(part, Mapping) for part in structure)
    return not isinstance(structure, TensorInfo)


def rebuild(found: Inspection) -> str:
    """Source of the network that the chosen weights may belong to; `InputError` where they are no plain stack."""
    tensors = {tensor.name: TensorInfo(tensor.shape, tensor.dtype) for tensor in found.tensors}
    return source(Path(found.path), layers_of(tensors), len(tensors))


def _samples(path: Path) -> Inspection:
    """Samples that were made beforehand need no network; what is neither is an `InputError`."""
    if not datasets.holds_samples(path):
        raise InputError(*checkpoints.refused(path))
    size = path.stat().st_size if path.is_file() else 0
    return Inspection(
        str(path), size, files.sha256(path) if path.is_file() else None, "samples made beforehand", None, None, (), (),
        None, (), (), (), None, None, None, (), ("no network is needed; there are no gradients to look at",),
        ("ganprobe", "js", str(path), "DATA"),
    )  # fmt: skip


def _described(path: Path, content: Content) -> Inspection:
    structure = content.structure if isinstance(content.structure, Mapping) else {}
    found = candidates(path, replace(content, structure=structure))
    tensors = dict(found.best.tensors) if found.best else {}
    layers = layers_of(tensors)
    guessed = guess(layers)
    beside = {} if content.whole else networks(path)
    return Inspection(
        path=str(path),
        size=path.stat().st_size,
        sha256=files.sha256(path),
        container=content.container,
        runs_code=content.runs_code,
        step=step_of(path, structure),
        entries=tuple(Entry(_name(name), described.what(value)) for name, value in structure.items()),
        states=tuple(map(state, found.all)),
        chosen=cut(found.best.path, _MOST_NAME) if found.best else None,
        tensors=tuple(Tensor(cut(name, _MOST_NAME), info.shape, info.dtype) for name, info in tensors.items()),
        calls=content.calls,
        settings=tuple(settings(structure)),
        latent=guessed.latent,
        output=guessed.output,
        labels=guessed.labels,
        networks=tuple(beside),
        notes=(*content.notes, *remarks(found, layers)),
        command=tuple(command(path, replace(content, structure=structure), found.tied, beside)),
    )


def _name(name: object) -> str:
    return cut(name, _MOST_NAME) if isinstance(name, str) else described.shown(name)
