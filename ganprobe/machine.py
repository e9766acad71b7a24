"""The machine that a run is on: its clock, its threads, its device. The one place that counts cores."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import sklearn
import torch
from threadpoolctl import threadpool_limits

from ganprobe.errors import UsageError
from ganprobe.record.audit import Stage


class Clock:
    """Seconds by stage; a stage ends when the next begins."""

    def __init__(self, progress: Callable[[str], None]) -> None:
        self._progress = progress
        self._start = self._since = time.perf_counter()
        self._name: str | None = None
        self._done: list[Stage] = []

    def stage(self, name: str) -> None:
        """The stage called ``name`` begins."""
        self.stop()
        self._name = name
        self._progress(name)

    def stop(self) -> None:
        """The running stage ends."""
        now = time.perf_counter()
        if self._name is not None:
            self._done.append(Stage(self._name, now - self._since))
        self._since, self._name = now, None

    @property
    def total(self) -> float:
        """Seconds from the first stage to now."""
        return time.perf_counter() - self._start

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The finished stages, in order."""
        return tuple(self._done)


@dataclass(frozen=True, slots=True, eq=False)
class Machine:
    """Where a run takes place: ``threads`` of every library, the ``device``, and the ``clock`` of its stages."""

    threads: int
    device: str
    clock: Clock

    def environment(self) -> dict[str, Any]:
        """What the numbers depend on besides the inputs."""
        return {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
            "scikit-learn": sklearn.__version__,
            "platform": platform.platform(),
            "threads": self.threads,
            "device": self.device,
        }


@contextmanager
def ready(threads: int | None, device: str, progress: Callable[[str], None]) -> Iterator[Machine]:
    """The machine for a run: ``threads``, or as many as are wise, and the ``device`` called so.

    ``progress`` is told the name of each stage as it begins. Raises `UsageError` where there is no such device.
    """
    n = threads or default_threads()
    here = Machine(n, resolve_device(device), Clock(progress))
    with limit_threads(n):
        yield here
        here.clock.stop()


def default_threads() -> int:
    """Half the cores that this process may use: with a busy neighbour, one thread too many is twenty times slower."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // 2)


@contextmanager
def limit_threads(n: int) -> Iterator[None]:
    """Every library at ``n`` threads, and as they were afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        with threadpool_limits(n):
            yield
    finally:
        torch.set_num_threads(before)


def resolve_device(name: str) -> str:
    """``auto``, ``cpu`` or ``cuda[:N]`` as a device that is there; else `UsageError`."""
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    kind, _, number = name.partition(":")
    if name == "cpu" or (kind == "cuda" and (not number or number.isdigit())):
        if kind == "cpu" or (torch.cuda.is_available() and int(number or 0) < torch.cuda.device_count()):
            return name
        raise UsageError(f"--device {name}: no such CUDA device here", "use --device cpu, or auto")
    raise UsageError(f"--device {name}: not a device", "use auto, cpu, cuda or cuda:1")
