"""torch.export packages (``.pt2``): network and weights as one graph. Loading one executes, so it takes trust.

There is no safe way to load one: sample inputs, constants and the expressions of its shapes are all executed. A package
may have been exported for one size of batch; inputs are then dealt out in batches of that size, the last one filled up.
"""

from __future__ import annotations

import json
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ganprobe.errors import InputError, UsageError
from ganprobe.inputs import files
from ganprobe.inputs.checkpoints import Content, trust_statement
from ganprobe.inputs.described import TensorInfo
from ganprobe.inputs.weights import step_of
from ganprobe.plan import Loading
from ganprobe.record.sources import CheckpointRecord
from ganprobe.samples.sides import Generator

_MOST_INDEX = 16 * 2**20
_DTYPES = {6: "float16", 7: "float32", 8: "float64"}


def claims(path: Path) -> bool:
    """By the names in the archive."""
    return files.identify(path) == "pt2"


def describe(path: Path) -> Content:
    """The weights that its index lists, and which of its files would be executed."""
    tensors: dict[str, TensorInfo] = {}
    risky = []
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            name = member.filename.partition("/")[2]
            if name.endswith("_config.json") and "weights" in name and member.file_size <= _MOST_INDEX:
                tensors |= dict(_listed(json.loads(archive.read(member))))
            elif name.endswith((".so", ".pt", ".pkl")) or "aotinductor" in name or "opaque" in name:
                risky.append(name)
    also = f", among its files {files.named(risky)}" if risky else ""
    runs = f"unpickles and evaluates what is in it{also}"
    return Content("a torch.export package", {"weights": tensors}, runs_code=runs, whole=True)


def _listed(index: Any) -> Iterator[tuple[str, TensorInfo]]:
    for name, entry in index["config"].items():
        sizes = tuple(size.get("as_int", -1) for size in entry["tensor_meta"]["sizes"])
        yield str(name), TensorInfo(sizes, _DTYPES.get(entry["tensor_meta"]["dtype"], "?"))


def load(path: Path, options: Loading) -> Generator:
    """The program, where the user trusts the file; else an `InputError` that says what trust would mean."""
    if not options.trust_checkpoint:
        raise InputError(
            f"{path}: a torch.export package, which runs code while loading; refused",
            "save model.state_dict() instead; for a file you made yourself: --trust-checkpoint",
        )
    if options.model is not None or options.key is not None:
        raise UsageError(f"{path}: an exported program brings its own network and weights", "leave out -m and --key")
    import torch

    from ganprobe.inputs.checkpoints._program import Program
    from ganprobe.inputs.checkpoints._sampling import generator
    from ganprobe.inputs.usercode import UserCodeError, contained

    said = f"trusted: {trust_statement(path)}"
    digest = files.sha256(path)
    try:
        with contained(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program = Program(torch.export.load(str(path)))
    except UserCodeError as error:
        raise InputError(f"{path}: loading the package failed ({error})", "export it again, with this torch") from error
    record = CheckpointRecord(
        str(path), digest, "torch_export", step=step_of(path, None), trusted=True, notes=(said, *program.notes)
    )
    return generator(program, record, options)
