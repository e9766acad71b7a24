"""Checkpoint formats: a path to a `Generator`, or to samples that one has left behind.

A format is a member: it knows its own files by their bytes, describes what is in one, and loads it. Nothing in a file
is executed on the way, and no name found in a file is imported: the network is code that the user names. What can run
code (TorchScript, ``.pt2``, pickled modules) is refused, unless the user trusts the file by saying so for the run.

Everything that had to be guessed (which of several state dicts, which latent, which labels) is in ``record``.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np

from ganprobe.errors import GanprobeError, InputError, UsageError
from ganprobe.family import Family
from ganprobe.inputs import datasets, files, folders, strangers
from ganprobe.inputs.described import TensorInfo
from ganprobe.inputs.weights import find
from ganprobe.plan import Loading
from ganprobe.record.sources import CheckpointRecord
from ganprobe.samples.sides import Dataset, Exported, Floats, Generator, Indices

# How a call is judged that nobody should let a file make.
DANGEROUS = "DANGEROUS: can run anything"


@dataclass(frozen=True, slots=True)
class Call:
    """What loading would call, where that is allowed: how often, first with which arguments, and how that is judged."""

    name: str
    times: int
    arguments: str
    judgement: str


@dataclass(frozen=True, slots=True)
class Content:
    """What is in a file, without having executed any of it.

    ``container`` is the format in words, ``structure`` Python's own containers of plain values and of what
    `ganprobe.inputs.described` describes. ``calls`` and ``runs_code`` are what loading would do; None where it does
    nothing. ``whole``: it brings its own network. ``loadable``: False for what is refused even where it is trusted.
    """

    container: str
    structure: Any
    calls: tuple[Call, ...] = ()
    runs_code: str | None = None
    whole: bool = False
    notes: tuple[str, ...] = ()
    loadable: bool = True


class CheckpointFormat(Protocol):
    """A member: whether it reads this file, what is in it, and the generator that this makes."""

    def claims(self, path: Path) -> bool:
        """Whether the file, by its bytes, is in this format; says nothing about whether it is intact."""
        ...

    def describe(self, path: Path) -> Content:
        """What is in the file; executes none of it and imports no torch. Whatever it raises means a damaged file."""
        ...

    def load(self, path: Path, options: Loading) -> Generator:
        """The generator, ready to draw from, with labels uniform where it takes them."""
        ...


# What needs trust comes first, so that nothing reads it as something that does not.
MEMBERS = Family(
    "ganprobe.inputs.checkpoints",
    "checkpoint format",
    ("whole_pickle", "state_dict", "safetensors", "sharded", "torchscript", "torch_export", "bare_pickle"),
)

_REFUSED = {
    "onnx": (
        "an ONNX graph; no library that is kept up makes a network with gradients of it",
        "save model.state_dict(), or export with torch.export and trust that; or give samples instead",
    ),
    "gzip": ("compressed with gzip", "unpack it first: gunzip"),
    "zip": ("a zip archive, but not one that torch.save writes", "unpack it first, or save model.state_dict()"),
}


def load(path: Path, options: Loading) -> Generator:
    """Read the checkpoint and make it drawable.

    Raises `UsageError` for an option that is missing or wrong, `InputError` for a file that is damaged, refused or does
    not fit the model.
    """
    files.require(path)
    path = folders.weights(path)
    if path.is_dir():
        raise InputError(*folders.lacking(path))
    member = recognised(path)
    if member is None:
        raise InputError(*refused(path))
    with _damage(path):
        generator = member.load(path, options)
    return _named(generator, options)


def _named(generator: Generator, options: Loading) -> Generator:
    """With a name for the weights and the code in one file, so that fakes can be kept; code elsewhere has none."""
    from ganprobe.inputs.checkpoints._draw import Draw

    beside = Path(generator.record.path).with_name("config.json")
    sources = [Path(named.rpartition(":")[0]) for named in (options.model, options.call) if named and ":" in named]
    if not isinstance(generator.draw, Draw) or not all(source.is_file() for source in sources):
        return generator
    code = [files.sha256(source) for source in (*sources, beside) if source.is_file()]
    asked = {each.name: getattr(options, each.name) for each in fields(Loading)}  # of a plan, what it loads by
    said = json.dumps((generator.record.sha256, code, asked), default=str, sort_keys=True)
    identity = hashlib.sha256(said.encode()).hexdigest()
    return replace(generator, draw=replace(generator.draw, identity=identity))


def recognised(path: Path) -> CheckpointFormat | None:
    """The member whose file it is; `InputError` for damage, and for what is none of any (a web page, a pointer)."""
    files.identify_content(path)
    members = (cast(CheckpointFormat, MEMBERS[name]) for name in MEMBERS)
    with _damage(path):
        return next((member for member in members if member.claims(path)), None)


def describe(path: Path) -> Content | None:
    """What is in a file, which is executed in no part; None where it is of no format that is read here.

    Raises `InputError` for damage.
    """
    member = recognised(path)
    if member is None:
        return None
    with _damage(path):
        return member.describe(path)


def holds_weights(path: Path) -> bool:
    """Whether a file holds the weights of a network, and nothing that runs; damage is for who reads it to say."""
    try:
        content = describe(path)
        return content is not None and content.runs_code is None and bool(find(path, content.structure, TensorInfo))
    except GanprobeError:
        return False


@contextlib.contextmanager
def _damage(path: Path) -> Iterator[None]:
    """What reading a file raises, as an `InputError` that says so."""
    try:
        yield
    except (GanprobeError, MemoryError):
        raise
    except Exception as error:
        raise InputError(f"{path}: cannot be read ({files.first_line(error)})", "the file is damaged") from error


def of_module(module: Any, step: int | None, options: Loading) -> Generator:
    """A copy of the torch ``module``, which goes on being trained, made drawable; its hash is that of its weights."""
    from ganprobe.inputs.checkpoints._sampling import generator

    digest = hashlib.sha256()
    for name, tensor in module.state_dict().items():
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().float().numpy().tobytes())
    record = CheckpointRecord(str(datasets.IN_MEMORY), digest.hexdigest(), "module", step=step)
    return generator(copy.deepcopy(module), record, options)


def refused(path: Path) -> tuple[str, str]:
    """What is wrong with a file that no member claims, and what to do."""
    found = files.identify(path)
    if found in ("unknown", "zip") and (told := strangers.told(path)) is not None:
        return f"{path}: {told[0]}, and no checkpoint", told[1]
    unknown = ("not a checkpoint in a format that is read here", "save model.state_dict() with torch.save")
    what, hint = _REFUSED.get(found, unknown)
    return f"{path}: {what}", hint


def trust_statement(path: Path) -> str | None:
    """What trusting this file lets it do, in a sentence with its hash; None where it needs no trust.

    Raises `InputError` where the file is damaged. Executes nothing.
    """
    path = folders.weights(path)
    content = describe(path) if path.is_file() else None
    runs = content.runs_code if content is not None else None
    return runs and f"{path} may run any code as you: it {runs} (sha256 {files.sha256(path)[:16]})"


def is_exported(path: Path) -> bool:
    """Whether ``path`` holds samples that a generator made, in any data format, rather than the generator."""
    return datasets.holds_samples(path)


def load_exported(
    path: Path, real: Dataset, options: datasets.DataOptions, samples: Any = None, step: int | None = None
) -> tuple[Dataset, Exported]:
    """Fakes made beforehand, read by ``options`` and otherwise exactly as ``real`` was, after the reals.

    They are what ``path`` holds, or ``samples`` in memory of a network at ``step``.

    What levels become in a table follows from both sides, so that the reals come back coded anew.

    Raises `UsageError` where nothing is there, `InputError` where they cannot be read or do not fit the reals.
    """
    real, fake = datasets.coded_together(real, datasets.load_like(path, real, options, samples))
    digest = files.sha256(path) if path.is_file() else fake.record.content_hash
    record = CheckpointRecord(str(path), digest, "exported", step=step, notes=fake.record.notes)
    return real, Exported(fake.values, record, fake.full_range, fake.labels, fake.rows, fake.groups, fake.found)


def with_labels(generator: Generator, data: Dataset, labels_option: str) -> Generator:
    """The generator with its labels drawn with the frequencies in the data, or "uniform".

    The labels of the data are its own, or those of the file that ``labels_option`` names. A generator that takes no
    labels is returned as it is for "data", and is a `UsageError` for the others. Raises `InputError` where labels name
    classes that the generator does not have.
    """
    from ganprobe.inputs.checkpoints._draw import Draw
    from ganprobe.inputs.checkpoints._inputs import Inputs

    draw = generator.draw
    given = draw.inputs if isinstance(draw, Draw) else None
    if not isinstance(draw, Draw) or not isinstance(given, Inputs) or (law := given.labels) is None:
        if labels_option != "data":
            raise UsageError(f"--labels {labels_option}: the generator takes no labels", "leave --labels out")
        return generator
    if labels_option == "uniform":
        return generator
    if data.labels is None:
        note = "the data has no labels: the generator's are uniform"
        return replace(generator, record=replace(generator.record, notes=(*generator.record.notes, note)))
    source = "the data" if labels_option == "data" else labels_option
    weights = _frequencies(data.labels, len(law.weights), source)
    inputs = replace(given, labels=replace(law, weights=weights))
    said = f"frequencies in {source}, {len(weights)} classes{', one-hot' * law.one_hot}"
    record = replace(generator.record, labels=said)
    return replace(generator, draw=replace(draw, inputs=inputs), inputs=inputs, record=record)


def _frequencies(labels: Indices, n_classes: int, source: str) -> Floats:
    odd = labels[(labels < 0) | (labels >= n_classes)]
    if len(odd):
        raise InputError(
            f"{source} has label {odd[0]}; the generator has classes 0 to {n_classes - 1}",
            "use --labels uniform, or relabel",
        )
    return np.bincount(labels, minlength=n_classes) / len(labels)
