from __future__ import annotations

import contextlib
import io
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pytest

from ganprobe.cli import main

# How long an example takes says something about the machine, and nothing about the program.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@dataclass(frozen=True)
class Demonstration:
    """The working directory in which ``ganprobe demo`` was run, and what it printed."""

    cwd: Path
    stdout: str


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    cwd, stdout = tmp_path_factory.mktemp("demo"), io.StringIO()
    with contextlib.chdir(cwd), contextlib.redirect_stdout(stdout):
        assert main(["demo", "-q"]) == 0
    return Demonstration(cwd, stdout.getvalue())


@pytest.fixture(scope="session", autouse=True)
def _no_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What the commands keep between runs is kept for the tests alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Heard, though whatever runs the tests may have been started to ignore it, as shells start what is in the back."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
