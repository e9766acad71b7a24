"""What a pickle of torch's holds and would call, for the members whose files are pickles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ganprobe.inputs import described, files
from ganprobe.inputs.checkpoints import DANGEROUS, Call, Content
from ganprobe.inputs.described import Built

_MEANS = (
    "builtins.", "__builtin__.", "os.", "posix.", "nt.", "subprocess.", "sys.", "socket.", "shutil.", "runpy.",
    "importlib.", "ctypes.", "urllib.", "requests.", "webbrowser.", "pty.", "code.", "timeit.", "torch.hub.",
    "torch.utils.", "operator.attrgetter", "a computed name",
)  # fmt: skip


def content(path: Path) -> Content:
    """What loading the pickle would build and call; `ValueError` where it is damaged."""
    legacy = files.identify(path) == "torch-legacy"
    reading = files.pickled(path)
    structure = reading.values[3] if legacy else reading.values[0]
    names = files.foreign(reading)
    allowed = reading.calls.keys() - names
    judged = {name: _judgement(name) for name in names} | dict.fromkeys(sorted(allowed), "plain data")
    calls = [Call(n, reading.counts[n], _arguments(reading.calls.get(n)), how) for n, how in judged.items() if names]
    return Content(
        "a torch file, as written before torch 1.6" if legacy else "a torch file (zip archive)",
        _plain(structure),
        tuple(calls),
        runs_code=f"calls {files.named(names)}" if names else None,
        whole=isinstance(structure, Built),
    )


def _judgement(name: str) -> str:
    if name.startswith(_MEANS):
        return DANGEROUS
    return "a class of torch" if name.startswith("torch.nn.") else "code of its own"


def _arguments(call: Built | None) -> str:
    if call is None:
        return "(named, not called)"
    return ", ".join(described.shown(argument) for argument in call.arguments[:3])


def _plain(structure: Any) -> Any:
    """The structure with whole networks replaced by their tensors."""
    if isinstance(structure, Built):
        return {f"(the whole {structure.name})": _of_object(structure)}
    if isinstance(structure, dict):
        return {name: _of_object(value) if isinstance(value, Built) else value for name, value in structure.items()}
    return structure


def _of_object(built: Built) -> Any:
    tensors = described.tensors_of(built)
    if tensors:
        return tensors
    return built.state if isinstance(built.state, dict) else built.items or built
