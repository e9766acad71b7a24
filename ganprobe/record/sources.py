"""Where both sides came from, and what their files give away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class CheckpointRecord:
    """Where the fakes came from. ``notes`` says in words what was assumed or stripped while loading.

    ``mode`` is "eval" or "train"; ``mode_gap`` is how far the other one takes the same samples, root mean square in
    standard deviations of a coordinate, None where no layer knows modes. ``call`` is the call of the network that gave
    the samples. ``doubts`` say what speaks against what was guessed, and ``instead`` are options that would be right.
    """

    path: str
    sha256: str
    format: str
    key: str | None = None
    step: int | None = None
    latent: tuple[int, ...] | None = None
    latent_law: str | None = None
    labels: str | None = None
    mode: str | None = None
    mode_gap: float | None = None
    parameters: int | None = None
    trusted: bool = False
    notes: tuple[str, ...] = ()
    call: str | None = None
    doubts: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DataRecord:
    """The real data. ``shape`` is that of one sample; ``content_hash`` does not depend on the order of rows."""

    path: str
    kind: str
    n: int
    shape: tuple[int, ...]
    content_hash: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Artefact:
    """Something about the files, not the distributions, that a probe would see first."""

    name: str
    side: str
    summary: str
    evidence: dict[str, Any]
