"""Fakes drawn once: for the audit of their own checkpoint, for those of its neighbours, and for whoever runs it again.

What a network gives for a number and a seed depends on its weights, on its code and on how it is called. Where all of
that has a name (`ganprobe.inputs.checkpoints`), `kept` keeps the samples under it inside `kept_in`, bit by bit. What is
longest unread goes first where all of them together are more than a disk should be asked for.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganprobe import __version__
from ganprobe.errors import GanprobeError
from ganprobe.samples.sides import Array
from ganprobe.store.cache import Shelf

# Bytes of all fakes that are kept together, and of those of one network; a series of ten digits' generators takes one.
_MOST, _LARGEST = 4 * 2**30, 2**30


@dataclass(frozen=True, slots=True)
class _Place:
    shelf: Shelf
    threads: int


_PLACE: ContextVar[_Place | None] = ContextVar("drawn", default=None)


@contextlib.contextmanager
def kept_in(folder: Path | None, threads: int) -> Iterator[None]:
    """Within, `kept` keeps fakes in ``folder``, if any; sums depend on the number of ``threads``."""
    before = _PLACE.set(None if folder is None else _Place(Shelf(folder, ".fakes"), threads))
    try:
        yield
    finally:
        _PLACE.reset(before)


def kept(draw: Callable[[], Array], shape: tuple[int, ...], called: tuple[object, ...]) -> Array:
    """What ``draw`` gives, ``shape`` float32, or gave before: ``called`` says what it depends on."""
    if (place := _PLACE.get()) is None or 4 * int(np.prod(shape, dtype=np.int64)) > _LARGEST:
        return draw()
    said = json.dumps((__version__, place.threads, shape, called), default=str)
    key = hashlib.sha256(said.encode()).hexdigest()
    body = place.shelf.read(key)
    if body is not None and len(body) == 4 * int(np.prod(shape, dtype=np.int64)):
        return np.frombuffer(bytearray(body), np.float32).reshape(shape)
    samples = draw()
    with contextlib.suppress(GanprobeError, OSError):  # a full disk costs time, nothing else
        place.shelf.write(key, samples.tobytes())
        place.shelf.shrink(_MOST)
    return samples
