from __future__ import annotations

import contextlib
import dataclasses
import io
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
import torch

from ganprobe.cli import main
from ganprobe.plan import Plan
from ganprobe.record.audit import Audit

# How long an example takes says something about the machine, and nothing about the program.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@dataclass(frozen=True)
class Demonstration:
    """The working directory in which ``ganprobe demo`` was run, and what it printed."""

    cwd: Path
    stdout: str


# The generator as the demo leaves it, in half precision. Made anew where the demo's training changes:
# numpy.savez_compressed(..., **{name: w.numpy().astype("float16") for name, w in torch.load(...)["generator"].items()})
LAST = Path(__file__).with_name("demo_weights.npz")


@contextlib.contextmanager
def shortened(num_real: int, parts: tuple[str, ...]) -> Iterator[None]:
    """Whatever is audited by a command is audited on fewer reals, and fewer parts of it."""
    from ganprobe import flow

    audit = flow.audit

    def less(plan: Plan, *arguments: Any, **named: Any) -> Audit:
        few = min(num_real, plan.num_real or num_real)
        return audit(dataclasses.replace(plan, num_real=few, parts=parts), *arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flow, "audit", less)
        yield


def _run_demo(cwd: Path) -> Demonstration:
    stdout = io.StringIO()
    with contextlib.chdir(cwd), contextlib.redirect_stdout(stdout):
        assert main(["demo", "-q"]) == 0
    return Demonstration(cwd, stdout.getvalue())


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """The demo without most of its work: trained up to the first checkpoint, and audited on fewer digits."""
    from ganprobe.known import digits_gan

    steps, train = digits_gan.STEPS, digits_gan.train

    def trained(*arguments: Any) -> dict[int, dict[str, torch.Tensor]]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(digits_gan, "STEPS", steps[:1])
            first = train(*arguments)[steps[0]]
        with np.load(LAST) as weights:
            last = {name: torch.from_numpy(weights[name]).float() for name in first}
        return {steps[0]: first, **dict.fromkeys(steps[1:], last)}

    # What is left out is in no table of the demo.
    with pytest.MonkeyPatch.context() as patch, shortened(500, ("optimality", "views", "kde", "support", "gradients")):
        patch.setattr(digits_gan, "train", trained)
        return _run_demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def little_measured() -> Callable[[], contextlib.AbstractContextManager[None]]:
    """For commands that are run for what they print: as little is measured as makes an audit."""
    return lambda: shortened(300, ("optimality", "support"))


@pytest.fixture(scope="session")
def whole_demonstration(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """The demo as it is."""
    return _run_demo(tmp_path_factory.mktemp("demo"))


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
