"""A saved audit or history in any format; needs no torch."""

from __future__ import annotations

from pathlib import Path

import click

from ganprobe.cli._show import debug_option, deliver, last, output_options
from ganprobe.errors import UsageError
from ganprobe.store import archive


@click.command("report")
@click.argument("file", metavar="[FILE]", type=click.Path(path_type=Path), required=False)
@output_options
@debug_option
def command(file: Path | None, form: str | None, output: Path | None, full: bool) -> None:
    """Show FILE, which ganprobe js --json or compare --json wrote, in any format.

    Without FILE, what was shown last.
    """
    if output is not None:
        archive.check_writable(output)
    if file is None and not last().exists():
        raise UsageError("nothing was shown before", "name a saved audit: ganprobe report FILE")
    deliver([archive.read_any(file or last())], form, output, full, file)
