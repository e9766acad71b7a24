"""Tar archives of samples, as webdataset writes them: what is in one, read by name and never unpacked.

A member is read into memory, so where its name would lead does not matter; a name that leads out of the archive is
refused all the same, for whoever made it meant harm. Links are never followed, and what a header promises is held
against the size of the file.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import numpy as np

from ganprobe.errors import InputError
from ganprobe.inputs import files
from ganprobe.samples.sides import Indices

# Members of one archive, and bytes of one member.
_MOST_MEMBERS = 2_000_000
_MOST_BYTES = 2**28
_LABELS = (".cls", ".json")


def opened(path: Path) -> tuple[tarfile.TarFile, dict[str, tarfile.TarInfo]]:
    """The archive and its regular files by name; raises `InputError` for what a sound archive does not hold."""
    try:
        archive = tarfile.open(path, "r:")  # noqa: SIM115
        try:
            return archive, _members(path, archive)
        except BaseException:
            archive.close()
            raise
    except (tarfile.TarError, EOFError, ValueError, OSError, RecursionError, MemoryError) as error:
        # Headers alone were read: one that takes all memory, or leads to another without end, was made to.
        raise InputError(
            f"{path}: the archive is damaged or cut short ({files.first_line(error)})", "pack or download it again"
        ) from error


def _members(path: Path, archive: tarfile.TarFile) -> dict[str, tarfile.TarInfo]:
    members: dict[str, tarfile.TarInfo] = {}
    size = path.stat().st_size
    for member in archive:
        name = member.name
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise InputError(f"{path}: a member is called {name[:60]!r}, outside the archive; refused", "pack it again")
        if not member.isreg():
            continue
        if member.issparse() or member.size > min(_MOST_BYTES, size):
            promise = f"{member.size / 2**20:.0f} MiB"
            raise InputError(f"{path}: {name[:60]} promises {promise}; refused", "pack smaller files, in a new archive")
        if len(members) >= _MOST_MEMBERS:
            raise InputError(f"{path}: more than {_MOST_MEMBERS} files in one archive", "split it")
        members[name] = member
    return members


def reader(archive: tarfile.TarFile, members: dict[str, tarfile.TarInfo]) -> Callable[[str], BinaryIO]:
    """What opens a member by name, in memory."""

    def read(name: str) -> BinaryIO:
        try:
            file = archive.extractfile(members[name])
            content = b"" if file is None else file.read()
        except tarfile.TarError:
            content = b""
        if len(content) != members[name].size:
            raise InputError(f"{name[:60]}: the archive breaks off inside it", "pack it again")
        return io.BytesIO(content)

    return read


def labels(
    samples: Sequence[str], names: Sequence[str], read: Callable[[str], BinaryIO]
) -> tuple[Indices | None, tuple[str, ...]]:
    """The class of each sample, from the file of its name in ``.cls`` or ``.json`` beside it; and in words."""
    there = set(names)
    for suffix in _LABELS:
        beside = [key(name) + suffix for name in samples]
        if not all(name in there for name in beside):
            continue
        classes = [_class(name, read(name).read(2**16)) for name in beside]
        if None not in classes:
            return np.array(classes, np.int64), (f"labels from {suffix} files",)
    return None, ()


def key(name: str) -> str:
    """A member's name up to the first dot of its last part, which the files of one sample share."""
    folder, slash, last = name.rpartition("/")
    return folder + slash + last.partition(".")[0]


def _class(name: str, content: bytes) -> int | None:
    try:
        value: Any = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{name[:60]}: no class ({files.first_line(error)})", "remove it, or give --labels FILE"
        ) from error
    if isinstance(value, dict):
        value = next((value[word] for word in ("cls", "label", "class") if word in value), None)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else None
