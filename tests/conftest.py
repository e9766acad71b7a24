from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
import torch
from filelock import FileLock

from ganprobe.cli import main
from ganprobe.plan import Plan
from ganprobe.record.audit import Audit

# How long an example takes says something about the machine, and nothing about the program.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two processes of one thread for the whole; for some tests the start of others would take longer than they."""
    if config.args_source is pytest.Config.ArgsSource.TESTPATHS and not config.getoption("keyword"):
        return min(2, os.cpu_count() or 1)
    config.option.dist = "no"
    return 0


# A file is run by one process. Those that take long begin, or the last of them would leave the other process idle.
_LONG = ("test_quality.py", "test_flow.py", "test_readme.py", "test_gradients.py", "test_probes.py", "test_docs.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _LONG.index(item.path.name) if item.path.name in _LONG else len(_LONG))


@dataclass(frozen=True)
class Demonstration:
    """The working directory in which ``ganprobe demo`` was run, and what it printed."""

    cwd: Path
    stdout: str


# The generator as the demo leaves it, in half precision. Made anew where the demo's training changes:
# numpy.savez_compressed(..., **{name: w.numpy().astype("float16") for name, w in torch.load(...)["generator"].items()})
LAST = Path(__file__).with_name("demo_weights.npz")


@contextlib.contextmanager
def shortened(num_real: int, parts: tuple[str, ...], probes: tuple[str, ...] = ()) -> Iterator[None]:
    """Whatever is audited is audited on fewer reals, fewer parts of it, and by ``probes`` where none were named."""
    from ganprobe import flow
    from ganprobe.known import selfcheck

    audit, run = flow.audit, selfcheck.run

    def less(plan: Plan, *arguments: Any, **named: Any) -> Audit:
        few = min(num_real, plan.num_real or num_real)
        asked = dataclasses.replace(plan, num_real=few, parts=parts, probes=plan.probes or probes)
        return audit(asked, *arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flow, "audit", less)
        patch.setattr(selfcheck, "run", lambda plan, *rest: run(dataclasses.replace(plan, probes=probes), *rest))
        yield


@contextlib.contextmanager
def hastily_trained() -> Iterator[None]:
    """Nets are trained for twenty steps, and gradients are taken along as many."""
    from ganprobe.measures import gradients
    from ganprobe.nets import training

    train = training.train

    def few(net: Any, folds: Any, gather: Any, asked: training.Schedule, *rest: Any, **named: Any) -> training.Trained:
        return train(net, folds, gather, dataclasses.replace(asked, epochs=1, least_steps=20, cycles=1), *rest, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "train", few)
        patch.setattr(gradients, "_STEPS", dict.fromkeys(gradients._STEPS, 20))
        yield


def _run_demo(cwd: Path) -> Demonstration:
    stdout = io.StringIO()
    with contextlib.chdir(cwd), contextlib.redirect_stdout(stdout):
        assert main(["demo", "-q"]) == 0
    return Demonstration(cwd, stdout.getvalue())


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """What `_brief_demo` leaves: run by one of the processes that run the tests, copied by each."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "demonstration"
    printed = shared / "printed.txt"
    with FileLock(shared.with_suffix(".lock")):
        if not printed.exists():
            (shared / "cwd").mkdir(parents=True)
            printed.write_text(_brief_demo(shared / "cwd").stdout, encoding="utf-8")
    cwd = shutil.copytree(shared / "cwd", tmp_path_factory.mktemp("demo") / "cwd")
    return Demonstration(cwd, printed.read_text(encoding="utf-8"))


def _brief_demo(cwd: Path) -> Demonstration:
    """The demo without most of its work: the GAN and the nets trained briefly, fewer digits audited."""
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
    parts = ("optimality", "views", "kde", "support", "gradients")
    with pytest.MonkeyPatch.context() as patch, shortened(400, parts), hastily_trained():
        patch.setattr(digits_gan, "train", trained)
        return _run_demo(cwd)


@pytest.fixture(scope="session")
def little_measured() -> Callable[..., contextlib.AbstractContextManager[None]]:
    """For programs that are run for what they print: as little is measured as makes an audit."""

    @contextlib.contextmanager
    def little(*parts: str) -> Iterator[None]:
        with shortened(300, parts or ("optimality", "support"), ("logistic",)), hastily_trained():
            yield

    return little


@pytest.fixture(scope="session")
def hastily() -> Callable[[], contextlib.AbstractContextManager[None]]:
    """`hasty` for what lasts longer than a test."""
    return hastily_trained


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


@pytest.fixture(autouse=True)
def _drawn_anew(request: pytest.FixtureRequest) -> None:
    """A stream ``RNG`` of a module begins anew with each test: what is drawn depends on no other test."""
    if (stream := getattr(request.module, "RNG", None)) is not None:
        stream.bit_generator.state = np.random.default_rng(0).bit_generator.state


@pytest.fixture
def hasty() -> Iterator[None]:
    """For what must hold whatever nets have learnt."""
    with hastily_trained():
        yield


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Heard, though whatever runs the tests may have been started to ignore it, as shells start what is in the back."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
