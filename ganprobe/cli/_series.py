"""Which checkpoints make a series, and what is asked about it as a whole; the other options are about each of them."""

from __future__ import annotations

import dataclasses
import glob
import os
import typing
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from ganprobe.cli._plan import existing, look_first
from ganprobe.cli._show import F, beyond_tell_option, cache_folder, form_of
from ganprobe.cli._stderr import Progress
from ganprobe.errors import UsageError
from ganprobe.plan import Plan, Select
from ganprobe.show import reports
from ganprobe.store import archive

# Seconds between two looks at what a training has written.
_LOOK_EVERY = 2.0


_OPTIONS = (
    click.option(
        "--watch",
        metavar="DIR",
        help="In place of CKPT: checkpoints as they are written there, until Ctrl-C; or a pattern in quotes.",
    ),
    click.option(
        "--until-idle",
        type=click.FloatRange(min=0),
        metavar="SECONDS",
        help="With --watch: end when nothing has been written for so long.",
    ),
    click.option(
        "--select",
        type=click.Choice(typing.get_args(Select)),
        default="auto",
        show_default=True,
        help="What ranks them: JS, or what noise leaves of it where JS is at log 2 throughout.",
    ),
    click.option(
        "-j", "--jobs", type=click.IntRange(min=1), metavar="N", help="Checkpoints measured at the same time."
    ),
    click.option(
        "--engine",
        type=click.Choice(("local", "dask")),
        default="local",
        show_default=True,
        help="Processes on this machine, or Dask workers.",
    ),
    click.option("--address", metavar="tcp://...|file:...", help="Where the Dask scheduler is."),
    click.option("--shard", metavar="I/N", help="Only every N-th checkpoint, from the I-th, counted from 0."),
    click.option("--cache-dir", type=click.Path(path_type=Path), metavar="DIR", help="Where each result is kept."),
    click.option("--no-cache", is_flag=True, help="Keep no result, and use none."),
    click.option(
        "--stop-file",
        type=click.Path(path_type=Path),
        metavar="F",
        help="With --watch: made where a collapse begins, for a training to stop itself.",
    ),
    beyond_tell_option,
    click.option("--fail-on-regression", is_flag=True, help="Exit 1 where the last is worse than the best before it."),
)


def series_options(function: F) -> F:
    """Which checkpoints, where they are measured, by what they are ranked, and where results are kept."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


@dataclass(frozen=True, slots=True)
class Asked:
    """What `series_options` and the options of a report say."""

    watch: str | None
    until_idle: float | None
    select: Select
    jobs: int | None
    engine: str
    address: str | None
    shard: str | None
    cache_dir: Path | None
    no_cache: bool
    stop_file: Path | None
    beyond_tell: bool
    fail_on_regression: bool
    strict: bool
    form: str | None
    output: Path | None
    full: bool
    quiet: bool

    @classmethod
    def of(cls, options: dict[str, Any]) -> Asked:
        """Taken out of ``options`` and checked; raises `UsageError` where two of them exclude each other."""
        asked = cls(**{field.name: options.pop(field.name) for field in dataclasses.fields(cls)})
        form = form_of(asked.form, asked.output)
        if form not in reports.OF_HISTORIES:
            raise UsageError(f"{form} shows one audit", f"use {', '.join(reports.OF_HISTORIES)}")
        if asked.output is not None:
            archive.check_writable(asked.output)
        asked._check_engine()
        asked._check_share()
        return asked

    def _check_engine(self) -> None:
        if (self.engine == "dask") != (self.address is not None):
            said = "for example --engine dask --address tcp://HOST:8786"
            raise UsageError("--engine dask and --address go together", said)
        if self.address is not None and self.jobs is not None:
            raise UsageError("--jobs is for this machine", "start as many Dask workers as there shall be")

    def _check_share(self) -> None:
        if self.watch is None and self.until_idle is not None:
            raise UsageError("--until-idle is for --watch", "leave it out")
        if self.watch is None and self.stop_file is not None:
            raise UsageError("--stop-file is for --watch", "leave it out")
        if self.shard is not None and self.watch is not None:
            raise UsageError("--watch and --shard exclude each other", "leave one of them out")
        if self.shard is not None and self.no_cache:
            raise UsageError("--shard with --no-cache would keep nothing to gather", "leave one of them out")

    @property
    def folder(self) -> Path | None:
        """Where results are kept, if anywhere."""
        return None if self.no_cache else self.cache_dir or cache_folder()


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """Those that were named in natural order, the share of them to be measured here, and the data."""

    named: list[str]
    chosen: list[str]
    data: str

    @classmethod
    def of(cls, paths: tuple[str, ...], asked: Asked) -> Checkpoints:
        """As the command line names them; none yet where a folder is watched. Raises `UsageError`."""
        if asked.watch is not None:
            return cls([], [], _only(paths))
        named, data = _split(paths)
        return cls(named, named if asked.shard is None else _share(named, asked.shard), data)

    def plans(self, plan: Plan) -> list[Plan]:
        """``plan`` for each chosen one, with those before and after it as neighbours."""
        return [replace(plan, checkpoint=path, neighbours=self._beside(path), series=True) for path in self.chosen]

    def _beside(self, path: str) -> tuple[str, ...]:
        at = self.named.index(path)
        return (*self.named[max(at - 1, 0) : at], *self.named[at + 1 : at + 2])


def _split(paths: tuple[str, ...]) -> tuple[list[str], str]:
    """The checkpoints in natural order, patterns that no shell has expanded among them, and the data."""
    from ganprobe.series import sweep

    *named, data = paths
    if not named:
        raise UsageError("there is one path only", "give checkpoints, then DATA as the last one")
    found: dict[str, None] = {}
    for name in named:
        matches = [] if os.path.lexists(name) else glob.glob(name)  # noqa: PTH207 - Path.glob takes no absolute pattern
        found |= dict.fromkeys(matches or [existing(name)])
    return sorted(found, key=sweep.natural), existing(data)


def _only(paths: tuple[str, ...]) -> str:
    """The data, where checkpoints are still to come."""
    if len(paths) > 1:
        raise UsageError(
            "with --watch the only path is DATA",
            "a pattern needs quotes, or the shell expands it: --watch 'runs/g_*.pt'",
        )
    return existing(paths[0])


def arriving(plan: Plan, where: str, until_idle: float | None, show: Progress) -> Iterator[list[Plan]]:
    """Plans for what is written to ``where``. The only neighbour is the one before: none is measured for the next."""
    from ganprobe.series import sweep
    from ganprobe.series.watch import arrivals

    if not glob.has_magic(where):
        existing(where)
    look_first(replace(plan, trust_checkpoint=False))
    known: set[str] = set()
    show(f"waiting for checkpoints: {where}; Ctrl-C ends")
    for written in arrivals(where, _LOOK_EVERY, until_idle):
        paths = [path for path in written if Path(path).resolve() != Path(plan.data).resolve()]
        known.update(paths)
        for path in paths if plan.trust_checkpoint else ():
            look_first(replace(plan, checkpoint=path))
        before = sorted(known, key=sweep.natural)
        yield [
            replace(plan, checkpoint=path, neighbours=tuple(before[: before.index(path)][-1:]), series=True)
            for path in sorted(paths, key=sweep.natural)
        ]
        show(f"{len(known)} measured, waiting for more: {where}; Ctrl-C ends")


def _share(checkpoints: list[str], shard: str) -> list[str]:
    first, _, every = shard.partition("/")
    if not (first.isdecimal() and every.isdecimal() and int(first) < int(every)):
        raise UsageError(f"--shard {shard}: not of the form I/N", "for example 0/4, 1/4, 2/4 and 3/4")
    share = checkpoints[int(first) :: int(every)]
    if not share:
        raise UsageError(f"--shard {shard}: there are only {len(checkpoints)} checkpoints", "use fewer shards")
    return share
