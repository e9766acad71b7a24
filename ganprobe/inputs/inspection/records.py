"""What an inspection says: plain values, every text of which may come from the file and is shown escaped."""

from __future__ import annotations

from dataclasses import dataclass

from ganprobe.inputs.checkpoints import Call

SCHEMA = "ganprobe-inspect/1"


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
