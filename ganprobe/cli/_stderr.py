"""What goes to stderr: lines, and how far a run is; imports nothing that a failing run would have to wait for."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

from ganprobe.show.escapes import safe


class Progress(Protocol):
    """Is told what is being done and, where that is known, which share of it is done."""

    def __call__(self, stage: str, share: float | None = None, stays: bool = False) -> None:
        """``stage`` goes on; ``share`` is within [0, 1]. What ``stays`` is a result, not to be written over."""


def say(line: str) -> None:
    """A line to stderr; how a run ends never depends on whether that worked."""
    with suppress(OSError, ValueError, AttributeError):  # full, closed, or not there at all
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


@contextmanager
def progress(quiet: bool) -> Iterator[Progress]:
    """A live line with a bar where a share is known, on a terminal; else a line a stage."""
    if quiet or sys.stderr is None:
        yield lambda stage, share=None, stays=False: None
    elif sys.stderr.isatty():
        with _live() as show:
            yield show
    else:
        yield _lines()


def _lines() -> Progress:
    start, said = time.monotonic(), set[str]()

    def show(stage: str, share: float | None = None, stays: bool = False) -> None:
        if stays or stage not in said:
            said.add(stage)
            elapsed = time.monotonic() - start
            say(f"{elapsed:6.1f} s  {safe(stage)}{_left(elapsed, share)}")

    return show


# Before so much is done, what is left is a guess.
_TOO_EARLY = 0.02


def _left(elapsed: float, share: float | None) -> str:
    """The time that is left if the rest goes on as the ``share`` that is done, in words."""
    if share is None or not _TOO_EARLY <= share < 1:
        return ""
    seconds = elapsed * (1 - share) / share
    if seconds < 100:
        return f", about {max(round(seconds), 1)} s left"
    return f", about {round(seconds / 60)} min left" if seconds < 6000 else f", about {round(seconds / 3600)} h left"


@contextmanager
def _live() -> Iterator[Progress]:
    from rich import progress
    from rich.console import Console
    from rich.progress_bar import ProgressBar

    class Bar(progress.ProgressColumn):
        """Nothing where no share is known: a bar that only moves says no more than the spinner."""

        def render(self, task: progress.Task) -> str | ProgressBar:
            share = task.fields.get("share")
            return "" if share is None else ProgressBar(total=1.0, completed=share, width=24)

    start = time.monotonic()
    text = progress.TextColumn("{task.description}", markup=False)
    columns = (progress.SpinnerColumn("line"), progress.TimeElapsedColumn(), text, Bar())
    live = progress.Progress(
        *columns, console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False
    )
    with live:
        task = live.add_task("starting", total=None)

        def show(stage: str, share: float | None = None, stays: bool = False) -> None:
            if stays:
                live.console.print(safe(stage), markup=False, highlight=False)
            else:
                said = f"{safe(stage)}{_left(time.monotonic() - start, share)}"
                live.update(task, description=said, share=share)

        yield show
