"""A series measured: by processes of this machine or by Dask workers, each result handed on as soon as it is there."""

from __future__ import annotations

import math
import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from pathlib import Path

from ganprobe.cli._stderr import Progress, say
from ganprobe.plan import Plan
from ganprobe.record.audit import Audit
from ganprobe.record.history import FailureRecord
from ganprobe.show.escapes import safe


def executor(plan: Plan, jobs: int | None, address: str | None) -> AbstractContextManager[Executor]:
    """Where the tasks run: ``jobs`` at a time on this machine, or the scheduler at ``address``."""
    from ganprobe.series import engines

    if address is not None:
        return engines.dask(address, gpu=plan.device.startswith("cuda"))
    return engines.LocalExecutor(jobs or slots(plan))


def slots(plan: Plan) -> int:
    """As many as there are cores for; a GPU measures one at a time."""
    if plan.device.startswith("cuda") or (plan.device == "auto" and shutil.which("nvidia-smi")):
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // (plan.threads or 1))


def measured(
    plans: list[Plan], executor: Executor, folder: Path | None, command: tuple[str, ...], show: Progress, slots: int = 1
) -> Iterator[Audit | FailureRecord]:
    """What becomes of each of ``plans``, as it comes, ``slots`` at a time; results are kept in ``folder``."""
    from ganprobe.series import sweep

    kept = None if folder is None else sweep.Kept(folder)
    show(f"0 of {len(plans)} checkpoints", 0.0)
    results = sweep.run(plans, executor, kept, command, lambda line: say(f"ganprobe: {safe(line)}"))
    start, measured = time.monotonic(), 0
    for done, result in enumerate(results, 1):
        # What took longer than there was time for was kept from an earlier run, and says nothing of what is to come.
        measured += isinstance(result, FailureRecord) or result.seconds <= time.monotonic() - start
        show(f"{done} of {len(plans)} checkpoints", share(measured, len(plans) - done, slots))
        yield result


def share(measured: int, left: int, slots: int) -> float:
    """Of the time for all, where equal pieces of work begin ``slots`` at a time: the share of those that ended."""
    rounds = math.ceil(measured / slots)
    return rounds / max(1, rounds + math.ceil((left - (-measured % slots)) / slots))


def path_of(result: Audit | FailureRecord) -> str:
    """The checkpoint as it was asked for."""
    return str(result.plan["checkpoint"]) if isinstance(result, Audit) else result.path
