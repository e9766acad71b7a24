"""The user's own code, imported by path or name and kept from changing the run.

A script that defines a generator may also parse arguments, print, seed, set a default dtype, or exit. None of it
reaches the rest of the run: arguments are hidden, prints go to stderr, random states and defaults are put back, and an
exit is an error.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import random
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from torch import nn

from ganprobe.config import Setting
from ganprobe.errors import GanprobeError, UsageError
from ganprobe.family import did_you_mean
from ganprobe.files import first_line

_EXAMPLE = "for example -m model.py:Generator"


class UserCodeError(Exception):
    """Whatever the user's code raised, exits included, in one line."""


@contextlib.contextmanager
def contained(seed: int = 0, device: torch.device | None = None) -> Iterator[None]:
    """Run the user's code with its own random streams from ``seed``; put everything global back after.

    What it raises, ``SystemExit`` included, becomes `UserCodeError`; Ctrl-C and lack of memory pass.
    """
    argv, no_bytecode = sys.argv, sys.dont_write_bytecode
    dtype, grad = torch.get_default_dtype(), torch.is_grad_enabled()
    python_state, numpy_state = random.getstate(), np.random.get_state()
    devices = [device] if device is not None and device.type == "cuda" else []
    sys.argv, sys.dont_write_bytecode = argv[:1], True
    try:
        with contextlib.redirect_stdout(sys.stderr), torch.random.fork_rng(devices):
            torch.manual_seed(seed)
            np.random.seed(seed % 2**32)
            random.seed(seed)
            yield
    except (GanprobeError, KeyboardInterrupt, MemoryError, torch.OutOfMemoryError):
        raise
    except SystemExit as error:
        raise UserCodeError(f"it called sys.exit({error.code!r})") from error
    except BaseException as error:
        raise UserCodeError(f"{type(error).__name__}: {first_line(error)}") from error
    finally:
        sys.argv, sys.dont_write_bytecode = argv, no_bytecode
        torch.set_default_dtype(dtype)
        torch.set_grad_enabled(grad)
        random.setstate(python_state)
        np.random.set_state(numpy_state)


def construct(spec: str, arguments: Mapping[str, Setting]) -> nn.Module:
    """The network that ``file.py:Class`` or ``pkg.mod:fn`` builds when called with ``arguments``.

    Raises `UsageError` for a file, name or argument that is wrong, and for code that fails.
    """
    source, colon, name = spec.rpartition(":")
    if not colon or not source or not name:
        raise UsageError(f"-m {spec!r} is not of the form file.py:Class or pkg.mod:fn", _EXAMPLE)
    try:
        with contained():
            module = (
                _import_file(Path(source))
                if source.endswith(".py") or "/" in source
                else importlib.import_module(source)
            )
    except UserCodeError as error:
        lacking = isinstance(error.__cause__, ImportError)
        hint = (
            "install it, or put its folder in PYTHONPATH" if lacking else "guard what is not a definition by __main__"
        )
        raise UsageError(f"-m {spec}: importing {source} failed ({error})", hint) from error
    factory = getattr(module, name, None)
    if not callable(factory):
        raise UsageError(f"-m {spec}: {source} defines no {name!r}", did_you_mean(name, _networks(module)))
    try:
        with contained():
            network = factory(**arguments)
    except UserCodeError as error:
        raise UsageError(
            f"-m {spec}: building it failed ({error})", "give its arguments with --model-args name=value,..."
        ) from error
    if not isinstance(network, nn.Module):
        raise UsageError(f"-m {spec}: gives {type(network).__name__}, not a torch.nn.Module", _EXAMPLE)
    return network


def _import_file(path: Path) -> ModuleType:
    """Import under a private name, so that a ``torch.py`` beside the checkpoint stays what it is: a file."""
    if not path.is_file():
        raise UsageError(f"-m {path}: no such file", _EXAMPLE)
    name = f"_ganprobe_user_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"-m {path}: not a Python file", _EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _networks(module: ModuleType) -> list[str]:
    """What a module defines that could be meant."""
    own = {name: value for name, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__}
    classes = [name for name, value in own.items() if isinstance(value, type) and issubclass(value, nn.Module)]
    return classes or [name for name, value in own.items() if callable(value)] or ["(it defines no class)"]
