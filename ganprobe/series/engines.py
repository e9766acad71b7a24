"""Where the tasks of a sweep run. The seam is `concurrent.futures.Executor`; any other one of that kind will do.

On one machine each slot is a process of its own, started afresh (forking a process that holds threads is not safe), so
that a task that is killed, for want of memory for example, takes none of its neighbours along and is known for certain.
It is run once more in a new process. A slot ends when the process that started it does, even if that was killed.

On several machines Dask runs the tasks: it runs those of a lost worker elsewhere. A scheduler runs what anyone who can
reach it asks for, so it belongs into a network of one's own.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from ganprobe.errors import ResourceError, UsageError

P = ParamSpec("P")
T = TypeVar("T")

_SCHEDULER_TIMEOUT = "20s"

# A task that loses its process this often is given up.
_ATTEMPTS = 2


class LocalExecutor(Executor):
    """``slots`` processes on this machine; a task whose process is lost is run once more, then a `BrokenExecutor`."""

    def __init__(self, slots: int) -> None:
        self._slots = tuple(_Slot() for _ in range(slots))
        self._free: queue.SimpleQueue[_Slot] = queue.SimpleQueue()
        for slot in self._slots:
            self._free.put(slot)
        self._threads = ThreadPoolExecutor(slots)
        self._ended = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run ``fn``, which must be importable by name, in the next slot that is free."""
        return self._threads.submit(self._run, fn, args, kwargs)

    def _run(self, fn: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
        slot = self._free.get()
        try:
            for _ in range(_ATTEMPTS):
                try:
                    answer: T = slot.run(fn, args, kwargs)
                    return answer
                except (EOFError, ConnectionError):
                    slot.end()
                    if self._ended:
                        break
            raise BrokenExecutor(f"its process was killed {_ATTEMPTS} times")
        finally:
            self._free.put(slot)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End every slot: after its task, or at once with ``cancel_futures``."""
        if cancel_futures:
            self._ended = True
            self._threads.shutdown(wait=False, cancel_futures=True)
            for slot in self._slots:
                slot.end()
        self._threads.shutdown(wait=wait)
        for slot in self._slots:
            slot.end()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.shutdown(cancel_futures=kind is not None)


class _Slot:
    """A process that runs one task after the other; started when it is first needed, and again after its end."""

    def __init__(self) -> None:
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None

    def run(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What ``fn`` returns or raises there; `EOFError` or `ConnectionError` where the process was lost."""
        if self._pipe is None:
            spawn = multiprocessing.get_context("spawn")
            self._pipe, theirs = spawn.Pipe()
            self._process = spawn.Process(target=_serve, args=(theirs,), daemon=True)
            with _deaf():
                self._process.start()
            theirs.close()
        self._pipe.send((fn, args, kwargs))
        answer, error = self._pipe.recv()
        if error is not None:
            raise error
        return answer

    def end(self) -> None:
        """Kill the process, if there is one."""
        process, pipe, self._process, self._pipe = self._process, self._pipe, None, None
        if process is not None:
            process.kill()
            process.join()
        if pipe is not None:
            pipe.close()


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """For a process that is started in here Ctrl-C waits, until it is far enough to ignore it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # its start ends with SIGINT let through
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(pipe: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process; the first one decides
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with contextlib.suppress(EOFError):
        while True:
            fn, args, kwargs = pipe.recv()
            try:
                pipe.send((fn(*args, **kwargs), None))
            except Exception as error:  # noqa: BLE001 - it is raised again where the task was given
                pipe.send((None, error))


def _end_with_parent() -> None:
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)


@contextlib.contextmanager
def dask(address: str, *, gpu: bool) -> Iterator[Executor]:
    """The workers of the scheduler at ``tcp://HOST:PORT``, or at the one whose file is named by ``file:PATH``.

    With ``gpu`` a task goes to a worker that offers the resource GPU, one at a time. Raises `UsageError` where the
    package is not installed, `ResourceError` where no scheduler answers.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise UsageError("--engine dask needs the package distributed", 'pip install "ganprobe[dask]"') from None
    where = {"scheduler_file": address.removeprefix("file:")} if address.startswith("file:") else {"address": address}
    try:
        client = Client(**where, timeout=_SCHEDULER_TIMEOUT, set_as_default=False)
    except (OSError, ValueError, TypeError):
        raise ResourceError(f"no Dask scheduler answers at {address}", "start dask scheduler and dask worker") from None
    with client, client.get_executor(pure=False, resources={"GPU": 1} if gpu else None) as executor:
        yield executor
