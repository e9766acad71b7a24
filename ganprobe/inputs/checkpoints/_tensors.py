"""safetensors files, as one or as several: their headers without torch, their tensors with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ganprobe.errors import InputError, UsageError
from ganprobe.inputs.described import TensorInfo, cut

_MOST_HEADER = 16 * 2**20
_DTYPES = {
    "F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "I64": "int64", "I32": "int32",
    "I16": "int16", "I8": "int8", "U8": "uint8", "BOOL": "bool",
}  # fmt: skip


def listed(path: Path) -> dict[str, Any]:
    """What the header of one file lists, which must account for every byte, and its ``metadata``."""
    header, room = _header(path)
    used = 0
    structure: dict[str, Any] = {}
    for name, entry in header.items():
        if name == "__metadata__":
            structure["metadata"] = entry
            continue
        start, end = entry["data_offsets"]
        info = TensorInfo(tuple(entry["shape"]), _DTYPES.get(entry["dtype"], str(entry["dtype"])), "", end - start)
        if not 0 <= start <= end <= room or info.claimed > end - start:
            said = f"tensor {cut(name)} claims more numbers than the file holds"
            raise InputError(f"{path}: {said}; refused", "save it again")
        used = max(used, end)
        structure[name] = info
    if used != room:
        raise InputError(f"{path}: the header describes {used} of {room} bytes; refused", "save the weights again")
    return structure


def _header(path: Path) -> tuple[dict[str, Any], int]:
    """The table of tensors, and how many bytes follow it."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > _MOST_HEADER:
            raise InputError(f"{path}: a header of {length} bytes; refused", "save the weights again")
        header = json.loads(file.read(length))
    if not isinstance(header, dict):
        raise ValueError("the header is not a table")
    return header, path.stat().st_size - 8 - length


def read(path: Path) -> dict[str, Any]:
    """The tensors of one file, and its metadata under the names that no tensor has."""
    try:
        from safetensors import safe_open
    except ImportError:
        raise UsageError(f"{path}: reading it needs safetensors", "pip install 'ganprobe[safetensors]'") from None
    with safe_open(path, framework="pt", device="cpu") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
        metadata = file.metadata() or {}
    return tensors | {name: text for name, text in metadata.items() if name not in tensors}
