"""Fakes of a checkpoint in one file; under torchrun each process draws its share."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ganprobe.cli._plan import Configured, existing, look_first, network_options, plan_option, planned
from ganprobe.cli._show import F, debug_option, quiet_option
from ganprobe.cli._stderr import Progress, progress
from ganprobe.errors import UsageError
from ganprobe.plan import Plan
from ganprobe.store import archive

_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    *network_options(),
    plan_option("--seed", type=click.IntRange(min=0), metavar="N", help="Seed of the latents."),
    plan_option("--device", metavar="auto|cpu|cuda[:N]", help="Where to compute."),
    plan_option("--threads", type=click.IntRange(min=1), metavar="N", help="Threads of each process; 1 unless said."),
    plan_option("--trust-checkpoint", is_flag=True, help="Let the checkpoint run code while it is loaded."),
    quiet_option,
    debug_option,
    click.pass_context,
)


def _options(function: F) -> F:
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


@click.command(
    "sample",
    cls=Configured,
    short_help="Fakes of a checkpoint in one file.",
    epilog="Example: torchrun --nproc-per-node 4 -m ganprobe sample g.pt -n 50000 -o fakes.npz -m models.py:Generator",
)
@click.argument("checkpoint", metavar="CKPT", type=existing)
@click.option("-n", "--number", type=click.IntRange(min=1), required=True, metavar="N", help="How many.")
@click.option("-o", "--to", type=click.Path(path_type=Path), required=True, metavar="FILE", help="An npz file.")
@_options
def command(ctx: click.Context, /, number: int, to: Path, quiet: bool, **options: Any) -> int:
    """Draw N fakes and keep them: an npz file, samples first and labels beside, which js and compare take.

    Under torchrun or accelerate launch each process draws its share of the same latents, and the first one writes: the
    bytes do not depend on how many there are. What a run that was ended has drawn is kept beside FILE, and the next one
    draws only what is missing.
    """
    if to.suffix != ".npz":
        raise UsageError(f"-o {to}: samples are kept as .npz", f"for example -o {to.with_suffix('.npz')}")
    archive.check_writable(to)
    plan = planned(ctx, (), options | {"data": "", "settings": ()})
    if plan.labels not in ("data", "uniform"):
        raise UsageError("--labels FILE needs the data that it is about", "leave it out: labels are uniform")
    look_first(plan)
    with progress(quiet) as show, contextlib.redirect_stdout(sys.stderr):  # the user's model code may print
        _draw(replace(plan, threads=plan.threads or 1), number, to, show)
    return 0


def _draw(plan: Plan, number: int, to: Path, show: Progress) -> None:
    from ganprobe import machine
    from ganprobe.inputs import checkpoints
    from ganprobe.inputs.load import network
    from ganprobe.seeds import Seeds
    from ganprobe.series import ranks

    rank = ranks.Rank.here()
    if checkpoints.is_exported(Path(plan.checkpoint)):
        raise UsageError(f"{plan.checkpoint} holds samples already", "give the checkpoint that they are from")
    with machine.ready(plan.threads, rank.device(plan.device), show) as here:
        generator = network(plan, Path(plan.checkpoint), here.device)
        ranks.sample(generator, number, Seeds(plan.seed).integer("fakes"), to, rank, show)
