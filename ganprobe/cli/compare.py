"""Checkpoints over training: the best one, what changed, and whether it is still getting better."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import click

from ganprobe.cli import _sweep
from ganprobe.cli._plan import (
    INCONCLUSIVE,
    Configured,
    layers_option,
    loading_options,
    look_first,
    planned,
    probe_options,
    sigma_option,
    strict_option,
)
from ganprobe.cli._series import Asked, Checkpoints, arriving, series_options
from ganprobe.cli._show import deliver
from ganprobe.cli._stderr import Progress, progress
from ganprobe.errors import InputError, ResourceError, UsageError
from ganprobe.judge import history
from ganprobe.plan import Plan
from ganprobe.record.audit import Audit
from ganprobe.record.history import FailureRecord, History
from ganprobe.show import trends
from ganprobe.store import archive

# What a history shows; kernel densities are for a closer look at one checkpoint.
_PARTS = ("crossed", "optimality", "views", "support", "labels", "memorisation", "smoothing", "distances", "gradients")
_REGRESSED = 1
_PART_FAILED = 3
_ENDED = FailureRecord("", "not measured: the run was ended", "the same command goes on where it stopped")


@click.command(
    "compare",
    cls=Configured,
    epilog="Example: ganprobe compare runs/g_*.pt digits.npz -m models.py:Generator -o history.jsonl",
)
@click.argument("paths", metavar="CKPT... DATA", nargs=-1, required=True)
@series_options
@loading_options
@probe_options
@sigma_option
@layers_option
@strict_option
def command(ctx: click.Context, /, paths: tuple[str, ...], **options: Any) -> int:
    """Measure checkpoints of one training against the same data, and compare them.

    The last path is DATA. Reals, folds and latents are common to all, so differences are paired. Each result is kept
    as soon as it is there: the same command, run again, measures only what is missing. Checkpoints that cannot be
    measured are reported, and the exit code is 3.

    With --watch the only path is DATA. A file is measured once it is whole, and again when it changes; each result is a
    line on stderr, and FILE is written anew. The report follows at the end, which may be Ctrl-C.
    """
    asked = Asked.of(options)
    checkpoints = Checkpoints.of(paths, asked)
    first = checkpoints.chosen[0] if checkpoints.chosen else str(asked.watch)
    plan = planned(ctx, _PARTS, options | {"checkpoint": first, "data": checkpoints.data})
    plan = replace(plan, threads=plan.threads or 1)
    for path in checkpoints.named if plan.trust_checkpoint else checkpoints.chosen[:1]:
        look_first(replace(plan, checkpoint=path))
    results = _measure(plan, checkpoints, asked, ("ganprobe", *ctx.obj))
    if not results:
        said = f"no checkpoint came: {asked.watch}"
        raise InputError(said, "is that where the training writes? a pattern needs quotes")
    whole = _compare(results.values(), asked)
    deliver([whole], asked.form, asked.output, asked.full, keep=not asked.no_cache)
    return _exit_code(whole, asked)


def _measure(
    plan: Plan, checkpoints: Checkpoints, asked: Asked, command: tuple[str, ...]
) -> dict[str, Audit | FailureRecord]:
    """What became of each checkpoint, by its path; where the run is ended, what there is is delivered first."""
    results: dict[str, Audit | FailureRecord] = {}
    begun: list[str] = []
    slots = asked.jobs or (1 if asked.address else _sweep.slots(plan))
    with progress(asked.quiet) as show:
        named = iter([checkpoints.plans(plan)])
        batches = named if asked.watch is None else arriving(plan, asked.watch, asked.until_idle, show)
        try:
            with _sweep.executor(plan, asked.jobs, asked.address) as executor:
                for batch in batches:
                    begun += [plan.checkpoint for plan in batch]
                    for result in _sweep.measured(batch, executor, asked.folder, command, show, slots):
                        results[_sweep.path_of(result)] = result
                        if asked.watch is not None:
                            _tell(result, results.values(), asked, show)
        except BaseException:
            _deliver_part(results, begun, asked)
            raise
    return results


def _tell(
    result: Audit | FailureRecord, results: Collection[Audit | FailureRecord], asked: Asked, show: Progress
) -> None:
    """What has just been measured, in a line, and all so far where it was asked for a file."""
    if isinstance(result, FailureRecord):
        show(f"{result.path}: {result.message}; it is tried again when it changes", stays=True)
        return
    whole = _compare(results, asked)
    show(trends.news(whole, result), stays=True)
    if (alarm := trends.alarm(whole)) is not None:
        show(alarm, stays=True)
        if asked.stop_file is not None:
            archive.write(asked.stop_file, f"{alarm}\n")
    if asked.output is not None:
        try:
            deliver([whole], asked.form, asked.output)
        except ResourceError as error:  # the next one may find room
            show(f"{error.message}", stays=True)


def _compare(results: Collection[Audit | FailureRecord], asked: Asked) -> History:
    from ganprobe.series import sweep

    audits = [result for result in results if isinstance(result, Audit)]
    failed = sorted((r for r in results if isinstance(r, FailureRecord)), key=lambda r: sweep.natural(r.path))
    if not audits:
        wrong = UsageError if all(failure.usage for failure in failed) else InputError
        others = f" (and so for all {len(failed)})" if len(failed) > 1 else ""
        raise wrong(f"{failed[0].message}{others}", failed[0].hint)
    return history.compare(sweep.in_order(audits), asked.select, failed, asked.beyond_tell)


def _deliver_part(results: dict[str, Audit | FailureRecord], begun: list[str], asked: Asked) -> None:
    """What there is where the run was ended; the rest of what was ``begun`` stands among what failed."""
    if any(isinstance(result, Audit) for result in results.values()):
        missing = [replace(_ENDED, path=path) for path in begun if path not in results]
        deliver(
            [_compare([*results.values(), *missing], asked)],
            asked.form,
            asked.output,
            asked.full,
            keep=not asked.no_cache,
        )


def _exit_code(whole: History, asked: Asked) -> int:
    if whole.record.failed:
        return _PART_FAILED
    if asked.fail_on_regression and len(whole.audits) - 1 in whole.record.trend.regressed:
        return _REGRESSED
    under_trained = any(raised.under_trained for raised in whole.record.raised)
    inconclusive = under_trained or any(audit.verdict == "INCONCLUSIVE" for audit in whole.audits)
    return INCONCLUSIVE if asked.strict and inconclusive else 0
