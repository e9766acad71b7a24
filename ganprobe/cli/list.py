"""The families and their members, a line each."""

from __future__ import annotations

import textwrap

import click

from ganprobe.cli._menu import menus
from ganprobe.cli._show import debug_option

_WIDTH = 80
_NAMES = 28


@click.command("list")
@debug_option
def command() -> None:
    """Show what there is to choose from: probes, views, formats, checks and the other families."""
    for menu in menus():
        click.echo("\n".join([*textwrap.wrap(f"{menu.package}: {menu.line}", _WIDTH, subsequent_indent="    ")]))
        for name, line in menu.members:
            indent = " " * _NAMES
            click.echo(textwrap.fill(line, _WIDTH, initial_indent=f"  {name:{_NAMES - 2}}", subsequent_indent=indent))
        click.echo()
