"""Checkpoints as a training writes them: each when it is whole, and again when it was written anew.

A file counts as whole when two looks, a while apart, find the same file of the same size and time. A writer that pauses
for longer does no harm: what is cut off cannot be read, and a file that could not be measured is handed out again as
soon as it changes. Files are looked at, never opened, so a training notices nothing.
"""

from __future__ import annotations

import glob
import os
import stat
import time
from collections.abc import Callable, Iterator

# What checkpoints are called, in a folder that holds other files as well.
SUFFIXES = (".pt", ".pth", ".ckpt", ".safetensors", ".bin", ".pt2")

# The file itself, its size and when it was last written.
_State = tuple[int, int, int]


def arrivals(
    where: str,
    every: float,
    until_idle: float | None = None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[list[str]]:
    """The paths of files that have become whole since the last ones, found by looking ``every`` so many seconds.

    ``where`` is a folder, in which links and names that begin with a dot or have none of `SUFFIXES` are left out, or a
    pattern. Ends once nothing has changed for ``until_idle`` seconds; without it, never. Time that the receiver takes
    counts as none.
    """
    seen: dict[str, _State] = {}
    given: dict[str, _State] = {}
    since = clock()
    while True:
        now = _look(where)
        whole = [path for path, state in now.items() if seen.get(path) == state and given.get(path) != state]
        changed, seen = now != seen, now
        if whole:
            given |= {path: now[path] for path in whole}
            yield whole
        if whole or changed:
            since = clock()
        elif until_idle is not None and clock() - since >= until_idle:
            return
        sleep(every)


def _look(where: str) -> dict[str, _State]:
    found = {}
    for path in _named(where):
        try:
            status = os.stat(path)  # noqa: PTH116 - paths stay as they were given
        except OSError:  # gone again
            continue
        if stat.S_ISREG(status.st_mode):
            found[path] = status.st_ino, status.st_size, status.st_mtime_ns
    return found


def _named(where: str) -> Iterator[str]:
    if not os.path.isdir(where):  # noqa: PTH112
        yield from glob.iglob(where, recursive=True)  # noqa: PTH207 - Path.glob takes no absolute pattern
        return
    try:
        with os.scandir(where) as entries:
            for entry in entries:
                if entry.name.endswith(SUFFIXES) and not entry.name.startswith(".") and not entry.is_symlink():
                    yield entry.path
    except OSError:  # the folder is gone, for now
        return
