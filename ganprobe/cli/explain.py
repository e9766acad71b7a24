"""The meaning of a finding, with its background and source."""

from __future__ import annotations

import textwrap

import click

from ganprobe.cli._show import debug_option
from ganprobe.judge import checks


@click.command("explain")
@click.argument("code")
@debug_option
def command(code: str) -> None:
    """Explain the finding CODE, for example GP303."""
    check = checks.explain(code)
    click.echo(f"{check.CODE}: {check.TITLE}\n")
    click.echo(textwrap.fill(" ".join(check.EXPLAIN.split()), 80))
