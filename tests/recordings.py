"""Sounds and archives of samples, as programs write them."""

from __future__ import annotations

import io
import tarfile
import wave
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt


def sound(values: npt.NDArray[np.floating[Any]], rate: int = 8_000, width: int = 2) -> bytes:
    """PCM of ``[time]`` or ``[time, channels]`` in [-1, 1)."""
    levels = np.round(values * 2 ** (8 * width - 1)).astype(np.int64)
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(values.shape[1] if values.ndim > 1 else 1)
        out.setsampwidth(width)
        out.setframerate(rate)
        if width == 1:
            out.writeframes((levels + 128).astype(np.uint8).tobytes())
        else:
            bytes_ = levels.reshape(-1, 1).astype("<i8").view(np.uint8)[:, :width]
            out.writeframes(np.ascontiguousarray(bytes_).tobytes())
    return file.getvalue()


def packed(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path
