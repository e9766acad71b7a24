"""A saved audit or history in any format; needs no torch."""

from __future__ import annotations

from pathlib import Path

import click

from ganprobe.cli._show import debug_option, deliver, output_options
from ganprobe.store import archive


@click.command("report")
@click.argument("file", type=click.Path(path_type=Path))
@output_options
@debug_option
def command(file: Path, form: str | None, output: Path | None) -> None:
    """Show FILE, which ganprobe js --json or compare --json wrote, in any format."""
    if output is not None:
        archive.check_writable(output)
    deliver([archive.read_any(file)], form, output)
