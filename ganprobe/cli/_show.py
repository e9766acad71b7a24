"""Options that every command shares, and how a report reaches the user."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from ganprobe.errors import GanprobeError, UsageError
from ganprobe.record.audit import Audit
from ganprobe.record.history import History
from ganprobe.show import reports
from ganprobe.show.reports import Style
from ganprobe.store import archive

F = TypeVar("F", bound=Callable[..., Any])


# Narrower breaks words apart, wider makes lines that the eye loses.
_NARROWEST, _WIDEST = 30, 100
_COMMAND_WIDTH = 78


def output_options(function: F) -> F:
    """``--format``, ``--json`` and ``-o`` for a command that shows an audit."""
    for option in (
        click.option("--full", is_flag=True, help="Every table, and not the first screen alone."),
        click.option(
            "-o",
            "--output-file",
            "output",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Write there, not to stdout.",
        ),
        click.option("--json", "form", flag_value="json", help="The same as --format json."),
        click.option(
            "--format",
            "form",
            type=click.Choice([*reports.MEMBERS]),
            help="How to show it; without this, the ending of -o decides, then terminal.",
        ),
    ):
        function = option(function)
    return function


def debug_option(function: F) -> F:
    """``--debug``, which `ganprobe.cli.main` reads: it must work where the rest cannot be parsed."""
    return click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback where a run fails.")(
        function
    )


def beyond_tell_option(function: F) -> F:
    """``--beyond-tell``, for what reads a headline."""
    return click.option("--beyond-tell", is_flag=True, help="By what is left of JS where the tell is not seen.")(
        function
    )


def quiet_option(function: F) -> F:
    """``-q``: no progress."""
    return click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")(function)


def form_of(form: str | None, output: Path | None) -> str:
    """The format that was asked for, that the ending of ``output`` implies, or that people read."""
    return form or (reports.format_of(output) if output else "terminal")


def deliver(
    audits: Sequence[Audit | History],
    form: str | None,
    output: Path | None,
    full: bool = False,
    saved: Path | None = None,
    keep: bool = True,
) -> None:
    """The reports one after the other to ``output``, whole or not at all, or to stdout.

    A terminal gets the first screen unless ``full``; the rest is in the file ``saved``, or may be ``keep``-ed for
    ganprobe report.
    """
    name = form_of(form, output)
    between = "" if name == "jsonl" else "\n"
    rest = _rest(audits, saved, keep) if name == "terminal" and output is None and not full else None
    emit(lambda style: between.join(reports.render(a, name, replace(style, rest=rest)) for a in audits), output)


def _rest(audits: Sequence[Audit | History], saved: Path | None, keep: bool) -> str:
    if saved is None and not (keep and _kept(audits)):
        return "the same command with --full, or with -o FILE.html for a page"
    file = "" if saved is None else f" {shlex.quote(str(saved))}"
    return f"ganprobe report{file} --full\nas a page: ganprobe report{file} -o audit.html"


def _kept(audits: Sequence[Audit | History]) -> bool:
    """Whether the only one could be kept as `last`; how a run ends does not depend on it."""
    with suppress(OSError, GanprobeError):
        if len(audits) == 1:
            last().parent.mkdir(parents=True, exist_ok=True)
            archive.write(last(), reports.render(audits[0], "jsonl"))
            return True
    return False


def last() -> Path:
    """Where the audit or history that was shown last is kept."""
    return cache_folder() / "last.jsonl"


def cache_folder() -> Path:
    """Where results are kept; raises `UsageError` for who has no home."""
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ganprobe"
    except RuntimeError:
        raise UsageError("there is no home to keep results in", "use --cache-dir DIR, or --no-cache") from None


def emit(text: Callable[[Style], str], output: Path | None) -> None:
    """Any text to ``output`` or to stdout, made for what can be shown there."""
    if output is not None:
        archive.write(output, text(Style()))
    elif sys.stdout is not None:
        sys.stdout.write(text(style()))  # click would force UTF-8 on a console without it


def style() -> Style:
    """What the terminal can show."""
    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if terminal else Style().width
    colour = terminal and os.environ.get("TERM") != "dumb"
    return Style(
        width=min(max(width, _NARROWEST), _WIDEST),
        colour=(colour or bool(os.environ.get("FORCE_COLOR"))) and not os.environ.get("NO_COLOR"),
        unicode=(sys.stdout.encoding or "").lower().startswith("utf"),
    )


def command_line(command: tuple[str, ...]) -> str:
    """A command line to copy, broken before options where it is too long for the screen."""
    lines, parts = [""], list[str]()
    for word in command:
        if word.startswith("-") or not parts:
            parts.append(shlex.quote(word))
        else:
            parts[-1] += f" {shlex.quote(word)}"
    for part in parts:
        if len(lines[-1]) + len(part) > _COMMAND_WIDTH:
            lines[-1] += "\\"
            lines.append("    ")
        lines[-1] += f"{part} "
    return "\n".join(lines).rstrip()
