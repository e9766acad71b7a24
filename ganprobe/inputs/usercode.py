"""The user's own code, imported by path or name and kept from changing the run.

Of a script that also trains, only the definitions are run (`ganprobe.inputs.definitions`). What these do beside
defining (print, seed, set a default dtype, exit) does not reach the rest of the run: arguments are hidden, prints go
to stderr, whatever holds for the whole process is put back after every call, and an exit is an error.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import importlib.util
import inspect
import os
import random
import sys
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, MappingProxyType, ModuleType
from typing import Any, cast

import numpy as np
import torch
from torch import nn

from ganprobe.errors import GanprobeError, UsageError
from ganprobe.family import did_you_mean
from ganprobe.inputs import definitions
from ganprobe.inputs.described import cut
from ganprobe.inputs.files import first_line
from ganprobe.plan import Setting

_EXAMPLE = "for example -m model.py:Generator"


class UserCodeError(Exception):
    """Whatever the user's code raised, exits included, in one line."""


def _set_environment(variables: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(variables)


def _set_filters(filters: list[Any]) -> None:
    warnings.filters[:] = filters  # type: ignore[index]


# What code may change for the whole process: how it is read, and how it is set back.
_GLOBALS: tuple[tuple[Callable[[], Any], Callable[[Any], Any]], ...] = (
    (torch.get_default_dtype, torch.set_default_dtype),
    (torch.get_default_device, torch.set_default_device),
    (torch.is_grad_enabled, torch.set_grad_enabled),
    (torch.get_num_threads, torch.set_num_threads),
    (torch.are_deterministic_algorithms_enabled, torch.use_deterministic_algorithms),
    (torch.get_float32_matmul_precision, torch.set_float32_matmul_precision),
    (np.geterr, lambda how: np.seterr(**how)),
    (sys.getrecursionlimit, sys.setrecursionlimit),
    (lambda: [*warnings.filters], _set_filters),
    (lambda: dict(os.environ), _set_environment),
    (os.getcwd, os.chdir),
)


@contextlib.contextmanager
def unchanged() -> Iterator[None]:
    """Put back what the user's code changes for the whole process; random streams run on."""
    argv, no_bytecode = sys.argv, sys.dont_write_bytecode
    before = [read() for read, _ in _GLOBALS]
    try:
        yield
    finally:
        sys.argv, sys.dont_write_bytecode = argv, no_bytecode
        for (read, put_back), value in zip(_GLOBALS, before, strict=True):
            if read() != value:
                put_back(value)


@contextlib.contextmanager
def contained(seed: int = 0, device: torch.device | None = None) -> Iterator[None]:
    """Run the user's code with its own random streams from ``seed``; put everything global back after.

    What it raises, ``SystemExit`` included, becomes `UserCodeError`; Ctrl-C and lack of memory pass.
    """
    python_state, numpy_state = random.getstate(), np.random.get_state()
    devices = [device] if device is not None and device.type == "cuda" else []
    try:
        with unchanged(), contextlib.redirect_stdout(sys.stderr), torch.random.fork_rng(devices):
            sys.argv, sys.dont_write_bytecode = sys.argv[:1], True
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
        random.setstate(python_state)
        np.random.set_state(numpy_state)


def construct(
    spec: str, arguments: Mapping[str, Setting], configured: Mapping[str, Any] = MappingProxyType({})
) -> tuple[nn.Module, tuple[str, ...]]:
    """The network that ``file.py:Class`` or ``pkg.mod:fn`` builds when called with ``arguments``, and notes on it.

    Of what is ``configured`` it is given what it takes by name and is not among the arguments.
    Raises `UsageError` for a file, name or argument that is wrong, and for code that fails.
    """
    module, name, notes = _imported(spec)
    factory = getattr(module, name, None)
    if not callable(factory):
        source = spec.rpartition(":")[0]
        raise UsageError(f"-m {spec}: {source} defines no {name!r}", did_you_mean(name, _networks(module)))
    takes = inspect.signature(factory).parameters if configured else {}
    also = {k: value for k, value in configured.items() if k in takes and k not in arguments}
    if also:
        notes = (*notes, f"arguments from config.json: {', '.join(f'{k}={cut(str(v))}' for k, v in also.items())}")
    try:
        with contained():
            network = factory(**arguments, **also)
    except UserCodeError as error:
        raise UsageError(
            f"-m {spec}: building it failed ({error})", "give its arguments with --model-args name=value,..."
        ) from error
    if not isinstance(network, nn.Module):
        raise UsageError(f"-m {spec}: gives {type(network).__name__}, not a torch.nn.Module", _EXAMPLE)
    return network, notes


@contextlib.contextmanager
def as_main(spec: str | None) -> Iterator[None]:
    """For its duration what ``spec`` names, and what came with it, is found in ``__main__``.

    A network that a script pickled says that its class is there.
    """
    main = vars(sys.modules["__main__"])
    own = {} if spec is None else {k: v for k, v in vars(_imported(spec)[0]).items() if k not in main}
    main.update(own)
    try:
        yield
    finally:
        for name in own:
            main.pop(name, None)


def _imported(spec: str) -> tuple[ModuleType, str, tuple[str, ...]]:
    """The module that ``spec`` is about, the name in it, and notes on what was taken of it."""
    source, colon, name = spec.rpartition(":")
    if not colon or not source or not name:
        raise UsageError(f"-m {spec!r} is not of the form file.py:Class or pkg.mod:fn", _EXAMPLE)
    by_path = source.endswith((".py", ".ipynb")) or "/" in source
    try:
        with contained():
            module, notes = _import_file(Path(source), name) if by_path else _import_module(source, name)
    except UserCodeError as error:
        folder = Path(source).absolute().parent if by_path else "FOLDER"
        hint = (
            f"install it, or put its folder in the search path: PYTHONPATH={folder}"
            if isinstance(error.__cause__, ImportError)
            else "guard what is not a definition by __main__"
        )
        raise UsageError(f"-m {spec}: importing {source} failed ({error})", hint) from error
    return module, name, notes


def function(spec: str, option: str) -> Callable[..., Any]:
    """What ``file.py:fn`` or ``pkg.mod:fn`` names, not called yet. The file is run whole: it was written for this.

    Raises `UsageError`, which names ``option``, for a file or name that is wrong, and for code that fails.
    """
    source, colon, name = spec.rpartition(":")
    example = f"for example {option} features.py:embed"
    if not colon or not source or not name:
        raise UsageError(f"{option} {spec!r} is not of the form file.py:fn or pkg.mod:fn", example)
    path = Path(source) if source.endswith(".py") or "/" in source else None
    if path is not None and not path.is_file():
        raise UsageError(f"{option} {path}: no such file", example)
    try:
        with contained():
            if path is None:
                module = importlib.import_module(source)
            else:
                module = _run(f"_ganprobe_user_{path.stem}", path, ast.parse(path.read_bytes(), source))
    except UserCodeError as error:
        raise UsageError(f"{option} {spec}: importing {source} failed ({error})", "mend it") from error
    found = getattr(module, name, None)
    if not callable(found):
        own = [n for n, value in vars(module).items() if callable(value) and not n.startswith("_")]
        raise UsageError(f"{option} {spec}: {source} defines no {name!r}", did_you_mean(name, own or ["(nothing)"]))
    return cast(Callable[..., Any], found)


class _Excerpt(SourceFileLoader):
    """Runs a syntax tree in place of the whole file that it is from."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        super().__init__(name, str(path))
        self._tree = tree

    def get_code(self, fullname: str) -> CodeType:
        """The tree's code, never a cached one."""
        code: CodeType = compile(self._tree, self.path, "exec", dont_inherit=True)
        return code


def _import_file(path: Path, name: str) -> tuple[ModuleType, tuple[str, ...]]:
    """Import under a private name, so that a ``torch.py`` beside the checkpoint stays what it is: a file."""
    found = definitions.of(path, name)
    relative = any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(found.tree))
    package = _enclosing(path.absolute().parent) if relative else ""
    return _run(f"{package}_ganprobe_user_{path.stem}", path, found.tree), found.notes


def _import_module(source: str, name: str) -> tuple[ModuleType, tuple[str, ...]]:
    spec = importlib.util.find_spec(source)
    if spec is None:
        raise ModuleNotFoundError(f"No module named {source!r}")
    if spec.origin is None or not spec.origin.endswith(".py"):
        return importlib.import_module(source), ()
    found = definitions.of(Path(spec.origin), name)
    if found.whole:
        return importlib.import_module(source), found.notes
    package, _, stem = source.rpartition(".")
    private = f"{package}{'.' if package else ''}_ganprobe_user_{stem}"
    return _run(private, Path(spec.origin), found.tree), found.notes


def _enclosing(folder: Path) -> str:
    """The dotted prefix of a private package that relative imports from ``folder`` resolve in.

    No ``__init__`` is run: it belongs to the package as its author installs it.
    """
    prefix = ""
    for place in reversed([folder, *folder.parents]):
        prefix += f"_ganprobe_user_{zlib.crc32(str(place).encode()):08x}"
        package = ModuleType(prefix)
        package.__path__ = [str(place)]
        sys.modules[prefix] = package
        prefix += "."
    return prefix


def _run(name: str, path: Path, tree: ast.Module) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path, loader=_Excerpt(name, path, tree))
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
