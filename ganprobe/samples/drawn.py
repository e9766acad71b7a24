"""Fakes drawn once: for the audit of their own checkpoint, for those of its neighbours, and for whoever runs it again.

What a network gives for a number and a seed depends on its weights, on its code and on how it is called. Where all of
that has a name (`ganprobe.inputs.checkpoints`), `kept` keeps the samples under it inside `kept_in`, bit by bit. What is
longest unread goes first where all of them together are more than a disk should be asked for.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganprobe import __version__
from ganprobe.errors import GanprobeError
from ganprobe.samples.sides import Stored
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


def kept(draw: Callable[[], Stored], size: int, called: tuple[object, ...]) -> Stored:
    """What ``draw`` gives, ``size`` bytes, or gave before: ``called`` says all that it depends on."""
    if (place := _PLACE.get()) is None or size > _LARGEST:
        return draw()
    key = hashlib.sha256(json.dumps((__version__, place.threads, size, called), default=str).encode()).hexdigest()
    if (body := place.shelf.read(key)) is not None:
        with contextlib.suppress(ValueError, EOFError):
            samples: Stored = np.load(io.BytesIO(body), allow_pickle=False)
            return samples
    samples, file = draw(), io.BytesIO()
    np.save(file, samples, allow_pickle=False)
    with contextlib.suppress(GanprobeError, OSError):  # a full disk costs time, nothing else
        place.shelf.write(key, file.getvalue())
        place.shelf.shrink(_MOST)
    return samples
