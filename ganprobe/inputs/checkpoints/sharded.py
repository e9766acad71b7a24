"""Weights in several files with an index of them, as large networks are saved, each safetensors or a torch file."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from ganprobe.errors import InputError
from ganprobe.inputs import files, folders
from ganprobe.inputs.checkpoints import Content, _pickled, _tensors
from ganprobe.inputs.described import cut
from ganprobe.plan import Loading
from ganprobe.samples.sides import Generator

_MOST_INDEX = 16 * 2**20


def claims(path: Path) -> bool:
    """By the name, and a table of which tensor is in which file."""
    if not path.name.endswith(".index.json") or path.stat().st_size > _MOST_INDEX:
        return False
    try:
        index = json.loads(path.read_bytes())
    except ValueError:
        return False
    return isinstance(index, dict) and isinstance(index.get("weight_map"), dict)


def describe(path: Path) -> Content:
    """The tensors of all files together."""
    structure: dict[str, Any] = {}
    runs = []
    for shard in _shards(path):
        if files.identify_content(shard) == "safetensors":
            structure |= {name: value for name, value in _tensors.listed(shard).items() if name != "metadata"}
        else:
            content = _pickled.content(shard)
            structure |= content.structure
            runs += [content.runs_code] if content.runs_code else []
    if config := folders.config(path):
        structure["config"] = config
    notes = [f"weights in {len(_shards(path))} files", *(["config.json beside them"] if config else [])]
    return Content("an index of weights in several files", structure, (), runs[0] if runs else None, notes=(*notes,))


def _shards(path: Path) -> list[Path]:
    """The files of the index, all of them beside it."""
    names = sorted({str(name) for name in json.loads(path.read_bytes())["weight_map"].values()})
    for name in names:
        if Path(name).name != name or name in ("", ".", ".."):
            raise InputError(f"{path}: names {cut(name)}, which is not beside it; refused", "save the weights again")
        if not path.with_name(name).is_file():
            raise InputError(f"{path}: {cut(name)} is not there", "copy or download all files of the index")
        files.require(path.with_name(name))
    return [path.with_name(name) for name in names]


def load(path: Path, options: Loading) -> Generator:
    """The weights of all files in the user's class; nothing in them is executed."""
    from ganprobe.inputs.checkpoints._assembly import assemble

    tensors: dict[str, Any] = {}
    digest = hashlib.sha256()
    for shard in _shards(path):
        whole = files.identify_content(shard) == "safetensors"
        tensors |= _tensors.read(shard) if whole else files.read_torch(shard)
        digest.update(files.sha256(shard).encode())
    return assemble(path, "sharded", tensors, options, digest=digest.hexdigest())
