"""A small GAN trained on real digits, to try the program on."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from ganprobe.cli._show import debug_option, progress, quiet_option, style

_WIDTH = 78


@click.command("demo", short_help="A small GAN to try the program on.")
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
    from ganprobe import demo
    from ganprobe.reports import terminal

    with progress(quiet) as show:
        made = demo.run(folder, seed=seed, threads=threads, progress=show)
    click.echo(terminal.lay_out(demo.tables(made), style()))
    click.echo(
        f"{folder} holds {len(demo.STEPS)} checkpoints, the digits and model.py. The whole report of each audit:\n"
    )
    for audit in (made.first, made.last):
        click.echo(_shown(("ganprobe", "report", str(Path(audit.measurements.checkpoint.path).with_suffix(".json")))))
    click.echo("\nThe same numbers anew, and what to adapt for a checkpoint of your own:\n")
    for audit in (made.first, made.last):
        click.echo(_shown(audit.command))


def _shown(command: tuple[str, ...]) -> str:
    """A command line to copy, broken before options where it is too long for the screen."""
    lines, parts = [""], list[str]()
    for word in command:
        if word.startswith("-") or not parts:
            parts.append(shlex.quote(word))
        else:
            parts[-1] += f" {shlex.quote(word)}"
    for part in parts:
        if len(lines[-1]) + len(part) > _WIDTH:
            lines[-1] += "\\"
            lines.append("    ")
        lines[-1] += f"{part} "
    return "\n".join(lines).rstrip()
