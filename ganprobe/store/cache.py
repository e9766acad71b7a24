"""Results on the disk, each under a key of all that it depends on: whole, and what was asked for, or not there at all.

A file begins with its key and the hash of what follows. One that says otherwise is damaged, or stands under another's
name; it is set aside, so that somebody may look at it, and counts as absent.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

from ganprobe.store import archive


@dataclass(frozen=True, slots=True)
class Shelf:
    """The results in ``folder`` whose files end in ``suffix``."""

    folder: Path
    suffix: str

    def read(self, key: str) -> bytes | None:
        """What is kept under ``key``; None where nothing is, or something damaged."""
        try:
            head, _, body = self._path(key).read_bytes().partition(b"\n")
        except FileNotFoundError:
            return None
        except OSError:
            self.set_aside(key)
            return None
        with contextlib.suppress(OSError):  # not every file system notes that it was read: see `shrink`
            os.utime(self._path(key), ns=(time.time_ns(), self._path(key).stat().st_mtime_ns))
        if head != _head(key, body):
            self.set_aside(key)
            return None
        return body

    def write(self, key: str, body: bytes) -> None:
        """Keep ``body``; raises `ResourceError` or `OSError` where that is not possible."""
        self.folder.mkdir(parents=True, exist_ok=True)
        archive.write(self._path(key), _head(key, body) + b"\n" + body)

    def set_aside(self, key: str) -> None:
        """What is kept under ``key`` is of no use."""
        with contextlib.suppress(OSError):
            self._path(key).replace(self._path(key).with_suffix(".damaged"))

    def shrink(self, most: int) -> None:
        """Remove what was not read for longest until all is at most ``most`` bytes."""
        files = [(path.stat(), path) for path in self.folder.glob(f"*{self.suffix}")]
        total = sum(status.st_size for status, _ in files)
        for status, path in sorted(files, key=lambda file: file[0].st_atime_ns):
            if total <= most:
                return
            path.unlink(missing_ok=True)
            total -= status.st_size

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}{self.suffix}"


def _head(key: str, body: bytes) -> bytes:
    return f"{key} {hashlib.sha256(body).hexdigest()}".encode("ascii")
