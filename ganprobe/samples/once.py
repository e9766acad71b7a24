"""What the reals alone decide, computed once for all checkpoints of a series.

Labels drawn among the reals, one half of them against the other, their clusters: the fakes have no part in these, and
every checkpoint of a training asks for them anew. `once` calls a function of such arguments; inside `kept_in` it keeps
the result under the content of these arguments, so that the next checkpoint, in this process or another, finds it.
Numbers are kept bit by bit: with or without, an audit is the same.

Scales, components and bandwidths are not among them: they are fitted to both sides, not knowing which is which.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import io
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np

from ganprobe import __version__
from ganprobe.errors import GanprobeError
from ganprobe.store.cache import Shelf

P = ParamSpec("P")
R = TypeVar("R", bound=tuple[Any, ...])


class Memory:
    """Results of this process, the last ones that were kept."""

    _MOST = 64

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def read(self, key: str) -> bytes | None:
        """What is kept under ``key``, if anything."""
        return self._kept.get(key)

    def write(self, key: str, body: bytes) -> None:
        """Keep ``body``; the oldest goes where there are many."""
        self._kept[key] = body
        if len(self._kept) > self._MOST:
            del self._kept[next(iter(self._kept))]


@dataclasses.dataclass(frozen=True, slots=True)
class _Place:
    shelf: Shelf | Memory
    threads: int


_PLACE: ContextVar[_Place | None] = ContextVar("place", default=None)


@contextlib.contextmanager
def kept_in(where: Path | Memory | None, threads: int) -> Iterator[None]:
    """Within, `once` keeps results in the folder or memory ``where``, if any; sums depend on how many ``threads``."""
    shelf = Shelf(where, ".npz") if isinstance(where, Path) else where
    before = _PLACE.set(None if shelf is None else _Place(shelf, threads))
    try:
        yield
    finally:
        _PLACE.reset(before)


def once(function: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
    """What ``function`` returns, a tuple of arrays and floats.

    It must be a pure function of arrays, numbers, text, and of tuples, dictionaries and dataclasses of these.
    """
    if (place := _PLACE.get()) is None:
        return function(*arguments, **named)
    digest = hashlib.sha256()
    _feed(digest, (__version__, place.threads, function.__module__, function.__qualname__, arguments, named))
    key = digest.hexdigest()
    if (kept := place.shelf.read(key)) is not None:
        return cast(R, _unpacked(kept))
    result = function(*arguments, **named)
    with contextlib.suppress(GanprobeError, OSError):  # a full disk costs time, nothing else
        place.shelf.write(key, _packed(result))
    return result


def _feed(digest: hashlib._Hash, value: Any) -> None:
    if isinstance(value, np.ndarray):
        digest.update(f"array {value.dtype} {value.shape};".encode())
        digest.update(np.ascontiguousarray(value).data)
    elif isinstance(value, tuple | dict):
        digest.update(f"{type(value).__name__} {len(value)};".encode())
        for item in value.items() if isinstance(value, dict) else value:
            _feed(digest, item)
    elif dataclasses.is_dataclass(value):
        digest.update(f"{type(value).__qualname__};".encode())
        for field in dataclasses.fields(value):
            _feed(digest, getattr(value, field.name))
    else:
        digest.update(f"{type(value).__name__} {value!r};".encode())


def _packed(result: tuple[Any, ...]) -> bytes:
    file = io.BytesIO()
    np.savez(file, *result, allow_pickle=False)
    return file.getvalue()


def _unpacked(body: bytes) -> tuple[Any, ...]:
    with np.load(io.BytesIO(body), allow_pickle=False) as file:
        arrays = (file[f"arr_{i}"] for i in range(len(file.files)))
        return tuple(array if array.ndim else array.item() for array in arrays)
