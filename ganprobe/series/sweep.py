"""Many checkpoints, one audit each: by any executor, each result kept as soon as it is there.

A result is kept under a key of everything that it depends on: the bytes of the checkpoint and its name (which may say
its step), of the data, of the model's file and of every other input; the plan; the version. So whatever ends a sweep,
the next one measures only what is missing, another machine's results are taken over with their folder, and a changed
input is measured again. A kept result is written whole or not at all, and one that is damaged or stands under another's
name is set aside and measured again.

A checkpoint that cannot be measured is a result too: it never ends the sweep.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

from ganprobe import __version__
from ganprobe.errors import GanprobeError, UsageError
from ganprobe.inputs.files import first_line, sha256
from ganprobe.plan import Plan
from ganprobe.record.audit import Audit
from ganprobe.record.history import FailureRecord
from ganprobe.store import archive
from ganprobe.store.cache import Shelf

# Fields of a plan that may name something whose content decides the result.
_INPUTS = ("checkpoint", "data", "model", "labels", "train_data", "features")
# These are code in a file, file.py:name.
_CODE = ("model", "features", "call")
# What --labels may say instead of naming a file.
_WORDS = ("data", "uniform")
_CHANGED = "it changed while it was measured"


@dataclass(frozen=True, slots=True)
class Kept:
    """Results of earlier sweeps, one file each, in ``folder``; below it what checkpoints share."""

    folder: Path

    @property
    def reals(self) -> Path:
        """Where `ganprobe.samples.once` keeps its results."""
        return self.folder / "reals"

    @property
    def fakes(self) -> Path:
        """Where `ganprobe.samples.drawn` keeps what was drawn."""
        return self.folder / "fakes"

    def read(self, key: str) -> Audit | None:
        """What is kept under ``key``; None where nothing is, or something damaged, which is set aside."""
        if (body := self._shelf.read(key)) is None:
            return None
        try:
            return archive.from_json(body.decode("ascii"))
        except (ValueError, GanprobeError):
            self._shelf.set_aside(key)
            return None

    def write(self, key: str, audit: Audit) -> None:
        """Keep ``audit``; raises `ResourceError` or `OSError` where that is not possible."""
        self._shelf.write(key, archive.to_json(audit).encode("ascii"))

    @property
    def _shelf(self) -> Shelf:
        return Shelf(self.folder, ".audit")


def run(
    plans: Sequence[Plan],
    executor: Executor,
    kept: Kept | None = None,
    command: tuple[str, ...] = (),
    warn: Callable[[str], None] = lambda line: None,
) -> Iterator[Audit | FailureRecord]:
    """The audit of each of ``plans``, or why there is none, in the order in which they are done.

    Those that ``kept`` holds come first and cost nothing; each other one is kept before it is handed out, and where
    that fails ``warn`` is told once. ``executor`` runs `measure` with picklable arguments and results.
    """
    waiting: dict[Future[Audit | FailureRecord], tuple[Plan, str]] = {}
    contents = cache(content)
    try:
        for plan in plans:
            try:
                name = key(plan, contents)
            except OSError as error:
                yield FailureRecord(plan.checkpoint, f"{error.strerror or error}", "was it moved, or deleted?")
                continue
            if kept is not None and (found := kept.read(name)) is not None:
                yield _as_named(found, plan)
            else:
                task = executor.submit(measure, plan, command, kept)
                waiting[task] = plan, name
        while waiting:
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                plan, name = waiting.pop(future)  # an engine may drop the result once nobody holds its future
                result = _result(future, plan, contents)
                if kept is not None and isinstance(result, Audit):
                    try:
                        kept.write(name, result)
                    except (GanprobeError, OSError) as error:
                        warn(f"results are not kept: {first_line(error)}")
                        kept = None
                yield result
    finally:
        for future in waiting:
            future.cancel()


def _result(
    future: Future[Audit | FailureRecord], plan: Plan, contents: Callable[[Path], str]
) -> Audit | FailureRecord:
    try:
        result = future.result()
    except Exception as error:  # noqa: BLE001 - an engine lost the task, in words of its own
        return FailureRecord(plan.checkpoint, first_line(error), "out of memory? fewer --jobs, or --budget fast")
    path = Path(plan.checkpoint)
    if isinstance(result, Audit) and path.is_file() and result.measurements.checkpoint.sha256 != contents(path):
        return FailureRecord(plan.checkpoint, _CHANGED, "is it still being written? run again when it is not")
    return result


def measure(plan: Plan, command: tuple[str, ...], kept: Kept | None = None) -> Audit | FailureRecord:
    """One task: the audit, or what became of it; what the user's model code prints goes to stderr.

    What the reals alone decide, and the fakes, are ``kept`` for the other tasks.
    """
    try:
        from ganprobe import flow, machine
        from ganprobe.samples import drawn, once

        threads = plan.threads or machine.default_threads()
        reals, fakes = (None, None) if kept is None else (kept.reals, kept.fakes)
        with contextlib.redirect_stdout(sys.stderr), once.kept_in(reals, threads), drawn.kept_in(fakes, threads):
            return flow.audit(plan, command)
    except GanprobeError as error:
        return FailureRecord(plan.checkpoint, error.message, error.hint, isinstance(error, UsageError))
    except MemoryError:
        return FailureRecord(plan.checkpoint, "out of memory", "fewer --jobs, or --budget fast")
    except SystemExit as error:
        message = f"the model code ended the program (exit {error.code})"
        return FailureRecord(plan.checkpoint, message, "remove the sys.exit from the code that -m imports")
    except Exception as error:  # noqa: BLE001 - one checkpoint never ends the sweep
        message = f"{type(error).__name__}: {first_line(error)}"
        return FailureRecord(plan.checkpoint, message, "ganprobe js --debug on this checkpoint shows where")


def key(plan: Plan, contents: Callable[[Path], str]) -> str:
    """What the result of ``plan`` is kept under; ``contents`` gives the hash of a path's content.

    Raises `OSError` where an input cannot be read. Modules that a model's file imports in turn are not looked at.
    """
    fields = asdict(plan)
    for name in _INPUTS:
        value = fields.get(name) or ""
        source, _, rest = value.rpartition(":") if name in _CODE else (value, "", "")
        if name in ("checkpoint", "data") or (source and value not in _WORDS and Path(source).exists()):
            fields[name] = (contents(Path(source)), Path(source).name if name == "checkpoint" else rest)
    fields["probes"] = [_probe(probe, contents) for probe in plan.probes]
    fields["neighbours"] = [_if_there(Path(path), contents) for path in plan.neighbours]
    text = json.dumps({"version": __version__, "plan": fields}, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _probe(name: str, contents: Callable[[Path], str]) -> str | tuple[str, str]:
    """One of the user's own by what its file holds."""
    source, _, rest = name.rpartition(":")
    return (contents(Path(source)), rest) if Path(source).is_file() else name


def _if_there(path: Path, contents: Callable[[Path], str]) -> str | None:
    try:
        return contents(path)
    except OSError:
        return None  # a neighbour that is not there is missed by its own task


def content(path: Path) -> str:
    """The hash of a file's bytes, or of all that is in a folder, names included; raises `OSError`."""
    if not path.is_dir():
        return sha256(path)
    inside = sorted(file for file in path.rglob("*") if file.is_file())
    lines = (f"{file.relative_to(path).as_posix()} {sha256(file)}\n" for file in inside)
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def _as_named(audit: Audit, plan: Plan) -> Audit:
    """``audit``, which was kept, under the paths that its inputs have now."""
    m = audit.measurements
    checkpoint, data = replace(m.checkpoint, path=plan.checkpoint), replace(m.data, path=plan.data)
    paths = {"checkpoint": plan.checkpoint, "data": plan.data, "neighbours": [*plan.neighbours]}
    return replace(audit, plan=audit.plan | paths, measurements=replace(m, checkpoint=checkpoint, data=data))


# -- order ---------------------------------------------------------------------


def natural(path: str) -> tuple[tuple[bool, int, str], ...]:
    """A sort key by which ``g_900.pt`` comes before ``g_1000.pt``."""
    parts = re.findall(r"[0-9]+|[^0-9]+", path)
    return tuple((False, int(part), "") if part[0] in "0123456789" else (True, 0, part) for part in parts)


def in_order(audits: Sequence[Audit]) -> list[Audit]:
    """By training step where every one of them is known, else by name as a person would."""

    def name(audit: Audit) -> tuple[tuple[bool, int, str], ...]:
        return natural(audit.measurements.checkpoint.path)

    steps = [audit.measurements.checkpoint.step for audit in audits]
    if None in steps:
        return sorted(audits, key=name)
    return [audit for _, _, audit in sorted(zip(steps, map(name, audits), audits, strict=True), key=lambda t: t[:2])]
