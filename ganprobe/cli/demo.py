"""A small GAN trained on real digits, to try the program on."""

from __future__ import annotations

from pathlib import Path

import click

from ganprobe.cli._show import debug_option, progress, quiet_option


@click.command("demo", short_help="A small GAN to try the program on.")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path("ganprobe-demo"))
@click.option("--seed", type=click.IntRange(min=0), metavar="N", default=0, show_default=True, help="Seed.")
@click.option("--threads", type=click.IntRange(min=1), metavar="N", help="Threads to compute with.")
@quiet_option
@debug_option
def command(folder: Path, seed: int, threads: int | None, quiet: bool) -> None:
    """Train a small GAN on bundled real digits and save its checkpoints in FOLDER."""
    from ganprobe import demo

    with progress(quiet) as show:
        demo.run(folder, seed=seed, threads=threads, progress=show)
