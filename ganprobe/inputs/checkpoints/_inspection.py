"""What is in a checkpoint, read without executing anything, without the network's class and without torch.

Tensors are described, not read: a torch file by what its pickle would build (`ganprobe.inputs.pickles`), safetensors
by its header, a torch.export package by its index. From names and shapes follow guesses at the latent and the output;
they are called guesses, for a file of weights says neither what the layers are nor what lies between them.
"""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from ganprobe.errors import GanprobeError, InputError
from ganprobe.inputs import datasets, definitions, files, pickles
from ganprobe.inputs.checkpoints import folder_weights, refused
from ganprobe.inputs.checkpoints._layers import Layer, guess, layers_of
from ganprobe.inputs.checkpoints._rebuild import source
from ganprobe.inputs.checkpoints._weights import DISCRIMINATOR, GENERATOR, Weights, find, parts_of, rank, step_of
from ganprobe.inputs.pickles import Built, Named, TensorInfo

SCHEMA = "ganprobe-inspect/1"
_MOST_HEADER = 16 * 2**20
_MOST_FILES = 50
_MOST_SOURCE = 2**20
_SETTINGS = ("hyper_parameters", "hparams", "args", "opt", "options", "config", "cfg", "params", "kwargs", "metadata")
_MEANS = (
    "builtins.", "__builtin__.", "os.", "posix.", "nt.", "subprocess.", "sys.", "socket.", "shutil.", "runpy.",
    "importlib.", "ctypes.", "urllib.", "requests.", "webbrowser.", "pty.", "code.", "timeit.", "torch.hub.",
    "torch.utils.", "operator.attrgetter", "a computed name",
)  # fmt: skip
_DANGEROUS = "DANGEROUS: can run anything"
_CONTAINERS = {
    "torch": "a torch file (zip archive)",
    "torch-legacy": "a torch file, as written before torch 1.6",
    "safetensors": "safetensors",
    "torchscript": "a TorchScript program",
    "pt2": "a torch.export package",
    "pickle": "a bare pickle",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing at the top of the file."""

    name: str
    what: str


@dataclass(frozen=True, slots=True)
class State:
    """One state dict: where it is, what its names begin with, how large it is and what its name says it is."""

    key: str
    prefix: str
    tensors: int
    parameters: int
    dtypes: tuple[str, ...]
    what: str


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor of the state dict that would be taken."""

    name: str
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True, slots=True)
class Call:
    """What loading would call, where that is allowed: how often, first with which arguments, and how that is judged."""

    name: str
    times: int
    arguments: str
    judgement: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """All that `look` found; every text may come from the file and is shown escaped."""

    path: str
    size: int
    sha256: str | None
    container: str
    runs_code: str | None
    step: int | None
    entries: tuple[Entry, ...]
    states: tuple[State, ...]
    chosen: str | None
    tensors: tuple[Tensor, ...]
    calls: tuple[Call, ...]
    settings: tuple[Entry, ...]
    latent: str | None
    output: str | None
    labels: str | None
    networks: tuple[str, ...]
    notes: tuple[str, ...]
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Content:
    """What a reader hands over: the structure, what running the file would do, whether it brings its own network."""

    structure: Any
    calls: tuple[Call, ...] = ()
    runs_code: str | None = None
    whole: bool = False
    notes: tuple[str, ...] = ()


def look(path: Path) -> Inspection:
    """Describe a checkpoint, or a folder with a ``model.safetensors``.

    Raises `UsageError` where nothing is there, `InputError` for what is no checkpoint or is damaged.
    """
    files.require(path)
    path = folder_weights(path)
    found = "folder" if path.is_dir() else files.identify_content(path)
    if found not in _CONTAINERS:
        return _samples(path, found)
    content = _content(path, found)
    if isinstance(content.structure, TensorInfo | tuple | list):
        return _samples(path, found)
    return _describe(path, found, content)


def rebuild(found: Inspection) -> str:
    """Source of the network that the chosen weights may belong to; `InputError` where they are no plain stack."""
    tensors = {tensor.name: TensorInfo(tensor.shape, tensor.dtype) for tensor in found.tensors}
    return source(Path(found.path), layers_of(tensors), len(tensors))


def runs_code(path: Path) -> str | None:
    """What would be executed if the file were loaded as its format is meant to be; None where nothing is."""
    found = files.identify_content(path)
    return _content(path, found).runs_code if found in _CONTAINERS else None


def _content(path: Path, found: str) -> _Content:
    try:
        return _READERS[found](path)
    except (GanprobeError, MemoryError):
        raise
    except Exception as error:
        raise InputError(f"{path}: cannot be read ({files.first_line(error)})", "the file is damaged") from error


# -- readers -------------------------------------------------------------------


def _read_pickled(path: Path) -> _Content:
    reading = files.pickled(path)
    legacy = files.identify(path) == "torch-legacy"
    structure = reading.values[3] if legacy else reading.values[0]
    names = files.foreign(reading)
    runs = f"calls {files.named(names)}" if names else None
    allowed = reading.calls.keys() - names
    judged = {name: _judgement(name) for name in names} | dict.fromkeys(sorted(allowed), "plain data")
    calls = tuple(
        Call(name, reading.counts[name], _arguments(reading.calls.get(name)), how)
        for name, how in judged.items()
        if names
    )
    return _Content(_plain(structure), calls, runs, whole=isinstance(structure, Built))


def _read_script(path: Path) -> _Content:
    content = _read_pickled(path)
    return replace(
        content, calls=(), whole=True, runs_code="runs the program in it, which can write any file when it is loaded"
    )


def _read_package(path: Path) -> _Content:
    tensors: dict[str, TensorInfo] = {}
    entries: dict[str, Any] = {}
    risky = []
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            name = member.filename.partition("/")[2]
            if name.endswith("_config.json") and "weights" in name and member.file_size <= _MOST_HEADER:
                tensors |= dict(_packaged(json.loads(archive.read(member))))
            elif name.endswith((".so", ".pt", ".pkl")) or "aotinductor" in name or "opaque" in name:
                risky.append(name)
    entries["weights"] = tensors
    also = f", among its files {files.named(risky)}" if risky else ""
    return _Content(entries, (), f"unpickles and evaluates what is in it{also}", whole=True)


def _packaged(index: Any) -> Iterator[tuple[str, TensorInfo]]:
    for name, entry in index["config"].items():
        sizes = tuple(size.get("as_int", -1) for size in entry["tensor_meta"]["sizes"])
        yield (
            str(name),
            TensorInfo(sizes, {6: "float16", 7: "float32", 8: "float64"}.get(entry["tensor_meta"]["dtype"], "?")),
        )


def _read_safetensors(path: Path) -> _Content:
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > _MOST_HEADER:
            raise InputError(f"{path}: a header of {length} bytes; refused", "save the weights again")
        header = json.loads(file.read(length))
    if not isinstance(header, dict):
        raise ValueError("the header is not a table")
    room, used = path.stat().st_size - 8 - length, 0
    structure: dict[str, Any] = {}
    for name, entry in header.items():
        if name == "__metadata__":
            structure["metadata"] = entry
            continue
        start, end = entry["data_offsets"]
        info = TensorInfo(tuple(entry["shape"]), _DTYPES.get(entry["dtype"], str(entry["dtype"])), "", end - start)
        if not 0 <= start <= end <= room or info.claimed > end - start:
            raise InputError(f"{path}: tensor {name} claims more numbers than the file holds; refused", "save it again")
        used = max(used, end)
        structure[name] = info
    if used != room:
        raise InputError(f"{path}: the header describes {used} of {room} bytes; refused", "save the weights again")
    beside = path.with_name("config.json")
    if beside.is_file() and beside.stat().st_size < _MOST_SOURCE:
        structure["config"] = json.loads(beside.read_text(encoding="utf-8"))
    return _Content(structure, notes=("config.json beside it",) if "config" in structure else ())


_DTYPES = {
    "F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "I64": "int64", "I32": "int32",
    "I16": "int16", "I8": "int8", "U8": "uint8", "BOOL": "bool",
}  # fmt: skip
_READERS = {
    "torch": _read_pickled, "torch-legacy": _read_pickled, "pickle": _read_pickled, "torchscript": _read_script,
    "pt2": _read_package, "safetensors": _read_safetensors,
}  # fmt: skip


def _judgement(name: str) -> str:
    if name.startswith(_MEANS):
        return _DANGEROUS
    return "a class of torch" if name.startswith("torch.nn.") else "code of its own"


def _arguments(call: Built | None) -> str:
    if call is None:
        return "(named, not called)"
    return ", ".join(_shown(argument) for argument in call.arguments[:3])


def _plain(structure: Any) -> Any:
    """The structure with whole networks replaced by their tensors."""
    if isinstance(structure, Built):
        return {f"(the whole {structure.name})": _of_object(structure)}
    if isinstance(structure, dict):
        return {name: _of_object(value) if isinstance(value, Built) else value for name, value in structure.items()}
    return structure


def _of_object(built: Built) -> Any:
    tensors = pickles.tensors_of(built)
    if tensors:
        return tensors
    return built.state if isinstance(built.state, dict) else built.items or built


# -- description ---------------------------------------------------------------


def _samples(path: Path, found: str) -> Inspection:
    """Samples that were made beforehand need no network; what is neither is an `InputError`."""
    if not datasets.holds_samples(path):
        raise InputError(*refused(path, cast(files.Format, found)))
    size = path.stat().st_size if path.is_file() else 0
    return Inspection(
        str(path), size, files.sha256(path) if path.is_file() else None, "samples made beforehand", None, None, (), (),
        None, (), (), (), None, None, None, (), ("no network is needed; there are no gradients to look at",),
        ("ganprobe", "js", str(path), "DATA"),
    )  # fmt: skip


def _describe(path: Path, found: str, content: _Content) -> Inspection:
    structure = content.structure if isinstance(content.structure, Mapping) else {}
    try:
        states = find(path, structure, TensorInfo)
    except InputError:
        states = []
        if not content.calls:
            raise
    taken = [_generator_part(whole) for whole in states]
    best = min(taken, key=rank) if taken else None
    tied = [w.path for w in taken if best is not None and rank(w) == rank(best)] if best else []
    tensors = dict(best.tensors) if best else {}
    layers = layers_of(tensors)
    guessed = guess(layers)
    networks = {} if content.whole else _networks(path)
    notes = [*content.notes, *_remarks(best, tied, layers)]
    return Inspection(
        path=str(path),
        size=path.stat().st_size,
        sha256=files.sha256(path),
        container=_CONTAINERS[found],
        runs_code=content.runs_code,
        step=step_of(path, structure),
        entries=tuple(Entry(_shown_name(name), _what(value)) for name, value in structure.items()),
        states=tuple(map(_state, taken)),
        chosen=best.path if best else None,
        tensors=tuple(Tensor(name, info.shape, info.dtype) for name, info in tensors.items()),
        calls=content.calls,
        settings=tuple(_settings(structure)),
        latent=guessed.latent,
        output=guessed.output,
        labels=guessed.labels,
        networks=tuple(networks),
        notes=tuple(notes),
        command=tuple(_command(path, found, replace(content, structure=structure), tied, networks)),
    )


def _generator_part(whole: Weights) -> Weights:
    """Within a state dict: the part under a wrapper's or a generator's prefix, where there is one."""
    parts = [part for part in parts_of(whole) if part.prefix]
    for part in sorted(parts, key=lambda p: -len(p.prefix)):
        words = replace(part, key="").words
        wrapper = not words and len(part.tensors) == len(whole.tensors)
        if wrapper or (words & GENERATOR and not words & DISCRIMINATOR and part.prefix.count(".") <= 1):
            return part
    return whole


def _remarks(best: Weights | None, tied: list[str], layers: list[Layer]) -> Iterator[str]:
    if best is None:
        yield "no tensors are in it"
        return
    if len(tied) > 1:
        yield f"{len(tied)} state dicts may be meant; the class decides, or --key"
    if best.averaged:
        yield "averaged (EMA) weights come first; --ema off takes the raw ones"
    if any(layer.kind == "norm" for layer in layers):
        yield "BatchNorm's eps is not in the file: the class says it"
    short = [name for name, info in best.tensors.items() if info.stored is not None and info.claimed > info.stored]
    if short:
        yield f"{files.named(short)} claims more numbers than the file holds: loading refuses it"
    yield "the law of the latent is not in the file: normal unless --z-dist says otherwise"


def _state(weights: Weights) -> State:
    counts = Counter(info.dtype for info in weights.tensors.values())
    what = ["averaged"] if weights.averaged else []
    if weights.words & GENERATOR:
        what.append("generator")
    elif weights.words & DISCRIMINATOR:
        what.append("discriminator")
    return State(
        weights.key,
        weights.prefix,
        len(weights.tensors),
        sum(info.count for name, info in weights.tensors.items() if not name.endswith(_BUFFERS)),
        tuple(counts),
        ", ".join(what),
    )


_BUFFERS = ("running_mean", "running_var", "num_batches_tracked")


def _what(value: Any) -> str:
    if isinstance(value, TensorInfo):
        return f"tensor {'x'.join(map(str, value.shape)) or 'of one number'} {value.dtype}"
    if isinstance(value, Mapping):
        if {"state", "param_groups"} <= value.keys():
            return "an optimiser's state"
        tensors = sum(isinstance(inner, TensorInfo) for inner in value.values())
        return f"{tensors} tensors" if tensors == len(value) and tensors else f"table of {len(value)}"
    if isinstance(value, Built):
        return f"object {value.name}"
    if isinstance(value, list | tuple):
        return f"list of {len(value)}"
    return _shown(value)


def _shown(value: Any) -> str:
    """A value in at most 60 characters."""
    match value:
        case Named() | Built():
            text = value.name
        case TensorInfo():
            text = _what(value)
        case str() | bytes():
            text = repr(value[:60])
        case bool() | float() | None:
            text = repr(value)
        case int():
            text = repr(value) if abs(value) < 10**30 else "a huge integer"
        case _:
            text = f"{type(value).__name__} of {len(value)}"
    return text if len(text) <= 60 else f"{text[:57]}..."


def _shown_name(name: Any) -> str:
    return name if isinstance(name, str) else _shown(name)


def _settings(structure: Mapping[Any, Any]) -> Iterator[Entry]:
    """Plain values among the hyper-parameters, whatever these are called."""
    for table in _SETTINGS:
        values = structure.get(table)
        values = values.state or values.items if isinstance(values, Built) else values
        if isinstance(values, Mapping):
            for name, value in values.items():
                if isinstance(name, str) and isinstance(value, str | int | float | bool):
                    yield Entry(name, value if isinstance(value, str) and len(value) < 60 else _shown(value))


# -- the command ---------------------------------------------------------------


def _networks(path: Path) -> dict[str, tuple[str, ...]]:
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


def _command(
    path: Path, found: str, content: _Content, tied: list[str], networks: Mapping[str, tuple[str, ...]]
) -> Iterator[str]:
    """The words of the command; none where nobody should load the file."""
    if found == "pickle" or any(call.judgement == _DANGEROUS for call in content.calls):
        return
    yield from ("ganprobe", "js", str(path), "DATA")
    if content.runs_code is not None:
        yield "--trust-checkpoint"
    if content.whole:
        return
    model = next(iter(networks), None)
    yield from ("-m", model or "FILE.py:CLASS")
    known = {entry.name: entry.what for entry in _settings(content.structure)}
    given = {name: known[name] for name in networks.get(str(model), ()) if name in known and "," not in known[name]}
    if given:
        yield from ("--model-args", ",".join(f"{name}={value}" for name, value in given.items()))
    if len(tied) > 1 and tied[0]:
        yield from ("--key", tied[0])
