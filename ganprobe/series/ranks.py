"""Fakes of one generator by any number of processes, in one file whose bytes do not depend on that number.

Every process draws all latents, which are cheap, and makes its share of the samples: whole parts of `PART` samples,
each with the noise inside the network seeded by its place, so that a part is the same whoever makes it. A part is kept
beside the file as soon as it is there, whole or not at all; when all are, the first process joins them and removes
them. So whatever ends a run, no half file is left, and the next run makes only what is missing.

``torchrun`` and ``accelerate launch`` say in the environment how many processes there are; these wait for each other by
gloo, and one that is lost ends the others.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import torch.distributed

from ganprobe.errors import ResourceError, UsageError
from ganprobe.inputs.checkpoints._draw import Draw
from ganprobe.samples.sides import Array, Generator
from ganprobe.store import archive

# Samples that one process makes at a time, and keeps.
PART = 2_048
_PATIENCE = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Rank:
    """This process among all of them, counted from 0."""

    number: int = 0
    of: int = 1

    @classmethod
    def here(cls) -> Rank:
        """As the environment says; alone where it says nothing."""
        return cls(int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1")))

    def device(self, asked: str) -> str:
        """Where this process computes: ``auto`` gives each process of a machine a GPU of its own."""
        local = int(os.environ.get("LOCAL_RANK", "0"))
        return f"cuda:{local}" if asked == "auto" and self.of > 1 and local < torch.cuda.device_count() else asked


@contextlib.contextmanager
def together(rank: Rank) -> Iterator[Callable[[], None]]:
    """Gives what each process calls to wait for all others; raises `ResourceError` where one is lost."""
    if rank.of == 1:
        yield lambda: None
        return
    try:
        torch.distributed.init_process_group("gloo", timeout=_PATIENCE)
    except (RuntimeError, ValueError) as error:
        raise ResourceError(f"the other processes were not found: {error}", "start all by torchrun") from error

    def wait() -> None:
        try:
            torch.distributed.barrier()
        except RuntimeError as error:
            said = "another process was lost; no file was written"
            raise ResourceError(said, "run again: only what is missing is drawn") from error

    try:
        yield wait
    finally:
        with contextlib.suppress(RuntimeError):
            torch.distributed.destroy_process_group()


def sample(generator: Generator, n: int, seed: int, output: Path, rank: Rank, say: Callable[[str], None]) -> None:
    """Put ``n`` samples, and their labels where there are some, into the npz file ``output``.

    Raises `UsageError` for what cannot be drawn from, `ResourceError` where a process or a part is lost.
    """
    if not isinstance(generator.draw, Draw):
        raise UsageError(f"{generator.record.path} holds samples already", "give a checkpoint")
    folder = _folder(generator, generator.draw, n, seed, output)
    with together(rank) as wait:
        _make(folder, Share(rank, n), generator.draw, seed, say)
        wait()
        if rank.number == 0:
            samples = _joined(folder, n, generator.shape)
            _write(output, samples, generator.labels(n, seed))
            shutil.rmtree(folder, ignore_errors=True)
        wait()


@dataclass(frozen=True, slots=True)
class Share:
    """What one process makes of ``n`` samples."""

    rank: Rank
    n: int

    def __iter__(self) -> Iterator[slice]:
        """The parts, dealt in turn."""
        parts = [*_parts(self.n)]
        return iter(parts[self.rank.number :: self.rank.of])


def _parts(n: int) -> Iterator[slice]:
    return (slice(start, min(start + PART, n)) for start in range(0, n, PART))


def _folder(generator: Generator, draw: Draw, n: int, seed: int, output: Path) -> Path:
    """Where the parts of exactly these samples are kept."""
    said = json.dumps((generator.record.sha256, draw.identity, draw.inputs.described, draw.shape, n, seed), default=str)
    return output.with_name(f".{output.name}.{hashlib.sha256(said.encode()).hexdigest()[:16]}.parts")


def _file(folder: Path, part: slice) -> Path:
    return folder / f"{part.start:012d}.npy"


def _make(folder: Path, share: Share, draw: Draw, seed: int, say: Callable[[str], None]) -> None:
    folder.mkdir(exist_ok=True)
    missing = [part for part in share if not _file(folder, part).exists()]
    for part, samples in zip(missing, draw.parts(share.n, seed, missing), strict=True):
        body = io.BytesIO()
        np.save(body, samples, allow_pickle=False)
        archive.write(_file(folder, part), body.getvalue())
        say(f"{part.stop} of {share.n}")


def _joined(folder: Path, n: int, shape: tuple[int, ...]) -> Array:
    samples = np.empty((n, *shape), np.float32)
    for part in _parts(n):
        try:
            samples[part] = np.load(_file(folder, part), allow_pickle=False)
        except (OSError, ValueError) as error:
            raise ResourceError(f"a part is missing: {error}", "do all processes see the folder of -o FILE?") from error
    return samples


def _write(output: Path, samples: Array, labels: np.ndarray | None) -> None:
    arrays = {"samples": samples} | ({} if labels is None else {"labels": labels})
    body = io.BytesIO()
    np.savez(body, allow_pickle=False, **arrays)
    archive.write(output, body.getvalue())
