"""A small GAN trained on real digits, to try the program on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ganprobe.cli._show import command_line, debug_option, emit, quiet_option
from ganprobe.cli._stderr import progress

if TYPE_CHECKING:
    from ganprobe.known.demo import Demo


@click.command("demo")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path("ganprobe-demo"))
@click.option("--seed", type=click.IntRange(min=0), metavar="N", default=0, show_default=True, help="Seed.")
@click.option("--threads", type=click.IntRange(min=1), metavar="N", help="Threads to compute with.")
@quiet_option
@debug_option
def command(folder: Path, seed: int, threads: int | None, quiet: bool) -> None:
    """Train a small GAN on bundled real digits and audit its first and last checkpoint.

    The checkpoints, the digits and the generator's code are saved in FOLDER (default: ganprobe-demo), so that every
    other command can be tried on them.
    """
    from ganprobe.known import demo
    from ganprobe.show.reports import terminal

    with progress(quiet) as show:
        made = demo.run(folder, seed=seed, threads=threads, progress=show)
    emit(lambda style: "\n".join((terminal.lay_out(demo.tables(made), style), *_next(made))) + "\n", None)


def _next(made: Demo) -> Iterator[str]:
    """What to try on the folder, in lines to copy, and what becomes of it."""
    from ganprobe.judge import gates
    from ganprobe.plan import Limits

    audits = (made.first, made.last)
    saved = [str(Path(audit.measurements.checkpoint.path).with_suffix(".json")) for audit in audits]
    yield f"{made.folder} holds {len(made.steps)} checkpoints, the digits and model.py."
    yield "The whole report of each audit:\n"
    yield from (command_line(("ganprobe", "report", path)) for path in saved)
    yield "\nThe same numbers anew, and what to adapt for a checkpoint of your own:\n"
    yield from (command_line(audit.command) for audit in audits)
    limits = Limits(max_js=0.3)
    first, last = (gates.hold(audit, limits, None).verdict for audit in audits)
    yield f"\nA gate for CI, {first} for the first and {last} for the last:\n"
    yield from (command_line(("ganprobe", "check", path, "--max-js", f"{limits.max_js}")) for path in saved)
