"""Checkpoints over training: the best one, what changed, and whether it is still getting better."""

from __future__ import annotations

import glob
import os
import shutil
import typing
from collections.abc import Collection, Iterator
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ganprobe.cli._plan import (
    INCONCLUSIVE,
    Configured,
    existing,
    layers_option,
    loading_options,
    look_first,
    planned,
    probe_options,
    sigma_option,
    strict_option,
)
from ganprobe.cli._show import Progress, deliver, form_of, progress, say
from ganprobe.errors import InputError, ResourceError, UsageError
from ganprobe.judge import history
from ganprobe.plan import Part, Plan, Select
from ganprobe.record.all import Audit, FailureRecord, History
from ganprobe.show import reports, trends
from ganprobe.show.reports import safe
from ganprobe.store import archive

# What a history shows; views and kernel densities are for a closer look at one checkpoint.
_PARTS: tuple[Part, ...] = ("optimality", "support", "smoothing", "distances", "gradients")
_REGRESSED = 1
_PART_FAILED = 3
# Seconds between two looks at what a training has written.
_LOOK_EVERY = 2.0
_ENDED = FailureRecord("", "not measured: the run was ended", "the same command goes on where it stopped")


@click.command(
    "compare",
    cls=Configured,
    short_help="Checkpoints over training: the best, trends, regressions.",
    epilog="Example: ganprobe compare runs/g_*.pt digits.npz -m models.py:Generator -o history.jsonl",
)
@click.argument("paths", metavar="CKPT... DATA", nargs=-1, required=True)
@click.option(
    "--watch",
    metavar="DIR",
    help="In place of CKPT: checkpoints as they are written there, until Ctrl-C; or a pattern in quotes.",
)
@click.option(
    "--until-idle",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="With --watch: end when nothing has been written for so long.",
)
@click.option(
    "--select",
    type=click.Choice(typing.get_args(Select)),
    default="auto",
    show_default=True,
    help="What ranks them: JS, or the noise that halves it where JS is at log 2 throughout.",
)
@click.option("-j", "--jobs", type=click.IntRange(min=1), metavar="N", help="Checkpoints measured at the same time.")
@click.option(
    "--engine",
    type=click.Choice(("local", "dask")),
    default="local",
    show_default=True,
    help="Processes on this machine, or Dask workers.",
)
@click.option("--address", metavar="tcp://...|file:...", help="Where the Dask scheduler is.")
@click.option("--shard", metavar="I/N", help="Only every N-th checkpoint, from the I-th, counted from 0.")
@click.option("--cache-dir", type=click.Path(path_type=Path), metavar="DIR", help="Where each result is kept.")
@click.option("--no-cache", is_flag=True, help="Keep no result, and use none.")
@click.option("--fail-on-regression", is_flag=True, help="Exit 1 where the last is worse than the best before it.")
@loading_options
@probe_options
@sigma_option
@layers_option
@strict_option
def command(
    ctx: click.Context,
    /,
    paths: tuple[str, ...],
    watch: str | None,
    until_idle: float | None,
    select: Select,
    jobs: int | None,
    engine: str,
    address: str | None,
    shard: str | None,
    cache_dir: Path | None,
    no_cache: bool,
    fail_on_regression: bool,
    strict: bool,
    form: str | None,
    output: Path | None,
    quiet: bool,
    **options: Any,
) -> int:
    """Measure checkpoints of one training against the same data, and compare them.

    The last path is DATA. Reals, folds and latents are common to all, so differences are paired. Each result is kept
    as soon as it is there: the same command, run again, measures only what is missing. Checkpoints that cannot be
    measured are reported, and the exit code is 3.

    With --watch the only path is DATA. A file is measured once it is whole, and again when it changes; each result is a
    line on stderr, and FILE is written anew. The report follows at the end, which may be Ctrl-C.
    """
    if form_of(form, output) not in reports.OF_HISTORIES:
        raise UsageError(f"{form_of(form, output)} shows one audit", f"use {', '.join(reports.OF_HISTORIES)}")
    if output is not None:
        archive.check_writable(output)
    if watch is None and until_idle is not None:
        raise UsageError("--until-idle is for --watch", "leave it out")
    checkpoints, data = _split(paths) if watch is None else ([], _only(paths))
    if watch is not None and shard is not None:
        raise UsageError("--watch and --shard exclude each other", "leave one of them out")
    if (engine == "dask") != (address is not None):
        raise UsageError(
            "--engine dask and --address go together", "for example --engine dask --address tcp://HOST:8786"
        )
    if address is not None and jobs is not None:
        raise UsageError("--jobs is for this machine", "start as many Dask workers as there shall be")
    if shard is not None and no_cache:
        raise UsageError("--shard with --no-cache would keep nothing to gather", "leave one of them out")
    chosen = checkpoints if shard is None else _share(checkpoints, shard)
    plan = planned(ctx, _PARTS, options | {"checkpoint": chosen[0] if chosen else str(watch), "data": data})
    plan = replace(plan, threads=plan.threads or 1)
    for path in checkpoints if plan.trust_checkpoint else chosen[:1]:
        look_first(replace(plan, checkpoint=path))
    found: dict[str, Audit | FailureRecord] = {}
    asked: list[str] = []
    folder = None if no_cache else cache_dir or _cache()
    with progress(quiet) as show:
        plans = [replace(plan, checkpoint=path, neighbours=_beside(path, checkpoints)) for path in chosen]
        batches = iter([plans]) if watch is None else _arriving(plan, watch, until_idle, show)
        try:
            with _executor(plan, jobs, address) as executor:
                for batch in batches:
                    asked += [plan.checkpoint for plan in batch]
                    for result in _sweep(ctx, batch, executor, folder, show):
                        found[_path(result)] = result
                        if watch is not None:
                            _tell(result, found.values(), select, form, output, show)
        except BaseException:
            _deliver_part(found, asked, select, form, output)
            raise
    if not found:
        raise InputError(f"no checkpoint came: {watch}", "is that where the training writes? a pattern needs quotes")
    whole = _compare(found.values(), select)
    deliver([whole], form, output)
    return _exit_code(whole, fail_on_regression, strict)


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


def _arriving(plan: Plan, where: str, until_idle: float | None, show: Progress) -> Iterator[list[Plan]]:
    """Plans for what is written to ``where``. The only neighbour is the one before: none is measured for the next."""
    from ganprobe.series import sweep
    from ganprobe.series.watch import arrivals

    if not glob.has_magic(where):
        existing(where)
    look_first(replace(plan, trust_checkpoint=False))
    known: set[str] = set()
    show(f"waiting for checkpoints: {where}; Ctrl-C ends")
    for found in arrivals(where, _LOOK_EVERY, until_idle):
        paths = [path for path in found if Path(path).resolve() != Path(plan.data).resolve()]
        known.update(paths)
        for path in paths if plan.trust_checkpoint else ():
            look_first(replace(plan, checkpoint=path))
        before = sorted(known, key=sweep.natural)
        yield [
            replace(plan, checkpoint=path, neighbours=tuple(before[: before.index(path)][-1:]))
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


def _beside(path: str, checkpoints: list[str]) -> tuple[str, ...]:
    """Those before and after it."""
    at = checkpoints.index(path)
    return (*checkpoints[max(at - 1, 0) : at], *checkpoints[at + 1 : at + 2])


def _cache() -> Path:
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ganprobe"
    except RuntimeError:
        raise UsageError("there is no home to keep results in", "use --cache-dir DIR, or --no-cache") from None


def _executor(plan: Plan, jobs: int | None, address: str | None) -> AbstractContextManager[Executor]:
    from ganprobe.series import engines

    if address is not None:
        return engines.dask(address, gpu=plan.device.startswith("cuda"))
    return engines.LocalExecutor(jobs or _slots(plan))


def _sweep(
    ctx: click.Context, plans: list[Plan], executor: Executor, folder: Path | None, show: Progress
) -> Iterator[Audit | FailureRecord]:
    from ganprobe.series import sweep

    kept = None if folder is None else sweep.Kept(folder)
    show(f"0 of {len(plans)} checkpoints", 0.0)
    results = sweep.run(plans, executor, kept, ("ganprobe", *ctx.obj), lambda line: say(f"ganprobe: {safe(line)}"))
    for done, result in enumerate(results, 1):
        show(f"{done} of {len(plans)} checkpoints", done / len(plans))
        yield result


def _slots(plan: Plan) -> int:
    """As many as there are cores for; a GPU measures one at a time."""
    if plan.device.startswith("cuda") or (plan.device == "auto" and shutil.which("nvidia-smi")):
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // (plan.threads or 1))


def _path(result: Audit | FailureRecord) -> str:
    """The checkpoint as it was asked for."""
    return str(result.plan["checkpoint"]) if isinstance(result, Audit) else result.path


def _tell(
    result: Audit | FailureRecord,
    found: Collection[Audit | FailureRecord],
    select: Select,
    form: str | None,
    output: Path | None,
    show: Progress,
) -> None:
    """What has just been measured, in a line, and all so far where it was asked for a file."""
    if isinstance(result, FailureRecord):
        show(f"{result.path}: {result.message}; it is tried again when it changes", stays=True)
        return
    whole = _compare(found, select)
    show(trends.news(whole, result), stays=True)
    if output is not None:
        try:
            deliver([whole], form, output)
        except ResourceError as error:  # the next one may find room
            show(f"{error.message}", stays=True)


def _compare(found: Collection[Audit | FailureRecord], select: Select) -> History:
    from ganprobe.series import sweep

    audits = [result for result in found if isinstance(result, Audit)]
    failed = sorted((r for r in found if isinstance(r, FailureRecord)), key=lambda r: sweep.natural(r.path))
    if not audits:
        wrong = UsageError if all(failure.usage for failure in failed) else InputError
        others = f" (and so for all {len(failed)})" if len(failed) > 1 else ""
        raise wrong(f"{failed[0].message}{others}", failed[0].hint)
    return history.compare(sweep.in_order(audits), select, failed)


def _deliver_part(
    found: dict[str, Audit | FailureRecord],
    asked: list[str],
    select: Select,
    form: str | None,
    output: Path | None,
) -> None:
    """What there is where the run was ended; the rest of what was ``asked`` for stands among what failed."""
    if any(isinstance(result, Audit) for result in found.values()):
        missing = [replace(_ENDED, path=path) for path in asked if path not in found]
        deliver([_compare([*found.values(), *missing], select)], form, output)


def _exit_code(whole: History, fail_on_regression: bool, strict: bool) -> int:
    if whole.record.failed:
        return _PART_FAILED
    if fail_on_regression and len(whole.audits) - 1 in whole.record.trend.regressed:
        return _REGRESSED
    under_trained = any(raised.under_trained for raised in whole.record.raised)
    inconclusive = under_trained or any(audit.verdict == "INCONCLUSIVE" for audit in whole.audits)
    return INCONCLUSIVE if strict and inconclusive else 0
