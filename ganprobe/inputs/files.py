"""What a file is, by its bytes; and the one way in which torch files are read.

A name promises nothing: a ``.pt`` may be a web page, a Git LFS pointer, a pickle that runs code. So the format is
decided from the first bytes and, for archives, from the names inside. Nothing in a file is executed: `read_torch` looks
at the pickle's opcodes first and accepts only the names on its own list, shorter than torch's, because torch's also
lets a kilobyte ask for terabytes (``bytearray``, ``FloatTensor``, sparse tensors). Deny-lists lose; only allow-lists
hold.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import pathlib
import stat
import zipfile
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ganprobe.errors import GanprobeError, InputError, UsageError
from ganprobe.inputs import pickles
from ganprobe.inputs.described import cut
from ganprobe.inputs.pickles import Reading

Format = Literal[
    "folder", "empty", "git-lfs", "html", "numpy", "npz", "torch", "torch-legacy", "torchscript", "pt2", "zip",
    "damaged zip", "safetensors", "pickle", "gzip", "idx", "parquet", "onnx", "tar", "unknown",
]  # fmt: skip

MOST_BYTES = 16 * 2**30
_MOST_PICKLE = 16 * 2**20
# The number that opens every torch file written before torch 1.6, as pickle protocol 2 spells it.
_LEGACY_MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
_LEGACY_PICKLES = 5
_IDX_TYPES = (0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E)

_STORAGES = ("Float", "Double", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte", "Bool")
_DTYPES = ("float16", "float32", "float64", "bfloat16", "int8", "int16", "int32", "int64", "uint8", "bool")
_TENSOR_NAMES = frozenset(
    [
        "collections.OrderedDict",
        "torch.Size",
        "torch.device",
        "torch.storage.UntypedStorage",
        "torch.storage.TypedStorage",
    ]
    + [f"torch._utils._rebuild_{what}" for what in ("tensor", "tensor_v2", "tensor_v3", "parameter")]
    + [f"torch.{prefix}{name}Storage" for prefix in ("", "cuda.") for name in _STORAGES]
    + [f"torch.{name}" for name in _DTYPES]
)
# What training scripts leave beside the weights; none of it does anything when built.
_TORCH_ALLOWS = frozenset(["builtins.set", "__builtin__.set", "collections.Counter", "_codecs.encode"])
_INERT: dict[str, Any] = {
    "argparse.Namespace": argparse.Namespace,
    "pytorch_lightning.utilities.parsing.AttributeDict": dict,
    "lightning.pytorch.utilities.parsing.AttributeDict": dict,
    "lightning.fabric.utilities.data.AttributeDict": dict,
    "lightning_fabric.utilities.data.AttributeDict": dict,
    "pathlib.PosixPath": pathlib.PurePosixPath,
    "pathlib._local.PosixPath": pathlib.PurePosixPath,
    "numpy.dtype": np.dtype,
    "numpy.ndarray": np.ndarray,
    **{
        f"numpy.{core}.multiarray.{name}": getattr(np._core.multiarray, name)  # type: ignore[attr-defined]
        for core in ("core", "_core")
        for name in ("scalar", "_reconstruct")
    },
}
_NUMPY_DTYPES = [type(np.dtype(code)) for code in np.typecodes["All"] if code not in "OV"]


def require(path: Path) -> None:
    """That ``path`` is a folder or a regular file of at most 16 GiB.

    Raises `UsageError` where nothing is there, `InputError` for pipes, devices and monsters.
    """
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{path}: {reason}", "check the path") from None
    if stat.S_ISDIR(status.st_mode):
        return
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{path}: neither a regular file nor a folder", "copy its content to a file first")
    if status.st_size > MOST_BYTES:
        raise InputError(
            f"{path}: {status.st_size / 2**30:.0f} GiB is more than a file may have here (16 GiB)", "split it"
        )
    if not os.access(path, os.R_OK):
        raise InputError(f"{path}: permission denied", "make the file readable")


def identify(path: Path) -> Format:
    """The format of a folder or a regular file, by its bytes."""
    if path.is_dir():
        return "folder"
    with path.open("rb") as file:
        head = file.read(512)
    text = head.lstrip().lower()
    if not head:
        return "empty"
    if head.startswith(b"version https://git-lfs"):
        return "git-lfs"
    if text.startswith((b"<!doctype html", b"<html")):
        return "html"
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _identify_zip(path)
    if head.startswith(b"\x93NUMPY"):
        return "numpy"
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") < 2**27:
        return "safetensors"
    if head.startswith(_LEGACY_MAGIC):
        return "torch-legacy"
    if head[0] == 0x80 and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return "pickle"
    # A protobuf of which the first field is a small version number and the second the name of who wrote it.
    if len(head) > 4 and head[0] == 0x08 and head[1] < 32 and head[2] == 0x12 and head[4 : 4 + head[3]].isascii():
        return "onnx"
    if head[257:262] == b"ustar":
        return "tar"
    return "idx" if is_idx(head) else "unknown"


def is_idx(head: bytes) -> bool:
    """Whether these first four bytes open an idx file: two zeros, a type, a number of dimensions."""
    return len(head) >= 4 and head[:2] == b"\0\0" and head[2] in _IDX_TYPES and 1 <= head[3] <= 4


def _identify_zip(path: Path) -> Format:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return "damaged zip"
    inner = [name.partition("/")[2] for name in names]
    if "constants.pkl" in inner and any(name.startswith("code/") for name in inner):
        return "torchscript"
    if (
        any(name in ("archive_format", "models/model.json") for name in inner)
        or "serialized_exported_program.json" in names
    ):
        return "pt2"
    if "data.pkl" in inner:
        return "torch"
    return "npz" if names and all(name.endswith(".npy") for name in names) else "zip"


_IMPOSTORS = {
    "empty": ("the file is empty", "was it still being written, or did a download fail?"),
    "git-lfs": ("this is a Git LFS pointer, not the file", "run: git lfs pull"),
    "html": ("this is a web page, not the file", "download it again, by its direct link"),
    "damaged zip": ("the archive is damaged or cut short", "was it still being written, or did a download fail?"),
}


def identify_content(path: Path) -> Format:
    """`identify`, refusing with an `InputError` what never holds what its name says."""
    found = identify(path)
    if found in _IMPOSTORS:
        what, hint = _IMPOSTORS[found]
        raise InputError(f"{path}: {what}", hint)
    return found


def sha256(path: Path) -> str:
    """The hash of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_torch(path: Path) -> Any:
    """What ``torch.save`` wrote: tensors on the CPU in dicts, lists and inert objects. Executes nothing.

    Raises `InputError` for damage, and for anything but tensors and plain values, naming what it is.
    """
    import torch

    inert: list[Any] = [(value, name) for name, value in _INERT.items()]
    try:
        _check_torch(path)
        with torch.serialization.safe_globals(inert + _NUMPY_DTYPES):
            return torch.load(path, map_location="cpu", weights_only=True)
    except (GanprobeError, MemoryError):
        raise
    except Exception as error:
        raise InputError(
            f"{path}: cannot be read as a torch file ({first_line(error)})", "the file is damaged"
        ) from error


def pickled(path: Path) -> Reading:
    """What the pickles of a torch file, or a bare pickle, would build and call; `ValueError` where they are damaged."""
    found = identify(path)
    if found in ("torch", "torchscript"):
        with zipfile.ZipFile(path) as archive:
            record = next(m for m in archive.infolist() if m.filename.partition("/")[2] == "data.pkl")
            if record.file_size > _MOST_PICKLE:
                raise ValueError("its pickle is too large for a checkpoint")
            return pickles.read(archive.read(record))
    with path.open("rb") as file:
        return pickles.read(file.read(_MOST_PICKLE), _LEGACY_PICKLES if found == "torch-legacy" else 1)


def foreign(reading: Reading) -> list[str]:
    """The names in a pickle that are none of plain data: loading it with the original loader can run code."""
    allowed = _TENSOR_NAMES | _TORCH_ALLOWS | _INERT.keys()
    return sorted(name for name in reading.names - allowed if not name.startswith("numpy.dtypes."))


def named(names: list[str]) -> str:
    """At most three names, and how many more there are."""
    return ", ".join(map(cut, names[:3])) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _check_torch(path: Path) -> None:
    if identify(path) == "torch":
        with zipfile.ZipFile(path) as archive:
            _check_archive(path, archive)
    names = foreign(pickled(path))
    if names:
        raise InputError(
            f"{path}: holds Python objects, not only tensors ({named(names)}); refused because loading them can run "
            "code",
            "save model.state_dict() with torch.save, or as safetensors",
        )


def _check_archive(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuse what ``torch.save`` never writes (compression, oversize, several pickles) and what fails its checksum."""
    members = archive.infolist()
    pickles = [member for member in members if member.filename.partition("/")[2] == "data.pkl"]
    odd = (
        len(pickles) != 1
        or pickles[0].file_size > _MOST_PICKLE
        or any(member.compress_type != zipfile.ZIP_STORED for member in members)
        or sum(member.file_size for member in members) > path.stat().st_size
    )
    if odd:
        raise InputError(
            f"{path}: this archive was not written by torch.save; refused", "save model.state_dict() again"
        )
    broken = archive.testzip()
    if broken is not None:
        raise InputError(f"{path}: checksum mismatch in {broken}", "the file is damaged: copy or download it again")


def first_line(error: BaseException) -> str:
    """What an exception says, in one line of at most 160 characters."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:160]
