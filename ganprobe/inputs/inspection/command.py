"""The command that would measure what was looked at, as far as the file and its neighbours let one know it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ganprobe.inputs import definitions, described
from ganprobe.inputs.checkpoints import DANGEROUS, Content
from ganprobe.inputs.described import Built
from ganprobe.inputs.inspection.records import Entry
from ganprobe.inputs.weights import GENERATOR

_MOST_FILES = 50
_MOST_SOURCE = 2**20
_MOST_KEY = 200
_SETTINGS = ("hyper_parameters", "hparams", "args", "opt", "options", "config", "cfg", "params", "kwargs", "metadata")


def settings(structure: Mapping[Any, Any]) -> Iterator[Entry]:
    """Plain values among the hyper-parameters, whatever these are called."""
    for table in _SETTINGS:
        values = structure.get(table)
        values = values.state or values.items if isinstance(values, Built) else values
        if isinstance(values, Mapping):
            for name, value in values.items():
                if isinstance(name, str) and isinstance(value, str | int | float | bool):
                    yield Entry(name, value if isinstance(value, str) and len(value) < 60 else described.shown(value))


def networks(path: Path) -> dict[str, tuple[str, ...]]:
    """``file.py:Class`` beside the checkpoint with its constructor's parameters, likeliest first; none is imported."""
    found: dict[str, tuple[str, ...]] = {}
    for file in sorted(path.absolute().parent.glob("*.py"))[:_MOST_FILES]:
        if file.is_file() and file.stat().st_size <= _MOST_SOURCE:
            where = path.with_name(file.name)
            found |= {f"{where}:{name}": made for name, made in definitions.networks(file).items()}
    return dict(sorted(found.items(), key=lambda item: _unlikeliness(item[0].rpartition(":")[2])))


def _unlikeliness(name: str) -> int:
    word = name.lower()
    if any(part in word for part in ("disc", "critic", "encoder", "classif")):
        return 3
    if any(part in word for part in ("gen", "decoder")) or word in GENERATOR:
        return 0
    return 2 if any(part in word for part in ("block", "layer", "norm", "attention", "embed")) else 1


def command(
    path: Path, content: Content, tied: tuple[str, ...], networks: Mapping[str, tuple[str, ...]]
) -> Iterator[str]:
    """The words of the command; none where nobody should load the file."""
    if not content.loadable or any(call.judgement == DANGEROUS for call in content.calls):
        return
    yield from ("ganprobe", "js", str(path), "DATA")
    if content.runs_code is not None:
        yield "--trust-checkpoint"
    if content.whole:
        return
    model = next(iter(networks), None)
    yield from ("-m", model or "FILE.py:CLASS")
    known = {entry.name: entry.what for entry in settings(content.structure)}
    given = {name: known[name] for name in networks.get(str(model), ()) if name in known and "," not in known[name]}
    if given:
        yield from ("--model-args", ",".join(f"{name}={value}" for name, value in given.items()))
    if len(tied) > 1 and 0 < len(tied[0]) <= _MOST_KEY:
        yield from ("--key", tied[0])
