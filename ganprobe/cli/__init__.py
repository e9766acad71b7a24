"""The command line: parse, call one library function, show the result, choose an exit code.

======  ===============================================================================
0       computed; with ``check``, every gate passed
1       a gate of ``check`` failed; with ``compare --fail-on-regression``, a regression
2       usage: an option, a setting, a path that does not exist
3       no complete result: unreadable or refused input, disk, memory, a part of ``compare``
4       inconclusive, with ``check`` or ``--strict``
70      a bug in ganprobe
128+n   ended by signal n
======  ===============================================================================

1 is kept for these two, and for nothing else. click by itself returns 1 for a crash, Ctrl-C and a closed
pipe, and lets a ``sys.exit(0)`` in the user's model code end the run as a success; hence the `main` below.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Protocol, cast

import click

from ganprobe import __version__
from ganprobe.cli._menu import first_line
from ganprobe.cli._stderr import say
from ganprobe.errors import GanprobeError, UsageError
from ganprobe.family import Family, did_you_mean
from ganprobe.show.escapes import safe

MEMBERS = Family(
    "ganprobe.cli",
    "command",
    (
        *("js", "support", "gradients", "compare", "check", "sample", "selfcheck", "inspect", "report"),
        *("list", "explain", "demo"),
    ),
)


class Command(Protocol):
    """What a module of this family provides."""

    command: click.Command


BUG = 70
NO_RESULT = 3
_USAGE = 2


class _Commands(click.Group):
    """The members of this package, each imported when it is named or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*MEMBERS]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """By the first line of each file, so that the menu imports no command."""
        files = Path(__file__).parent
        with formatter.section("Commands"):
            formatter.write_dl([(name, first_line(files / f"{name}.py")) for name in MEMBERS])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return cast(Command, MEMBERS[cmd_name]).command if cmd_name in MEMBERS else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in MEMBERS:
            raise UsageError(f"there is no command {args[0]!r}", did_you_mean(args[0], MEMBERS))
        return super().resolve_command(ctx, args)


@click.command(cls=_Commands, context_settings={"max_content_width": 80})
@click.version_option(__version__, message="ganprobe %(version)s")
def _ganprobe() -> None:
    """How far is a trained generator from its data, where, and how sure is that?

    Estimates the Jensen-Shannon divergence with a near-optimal probe discriminator, as a certified lower bound.
    """


class _Ended(BaseException):
    """A signal asked the process to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code; nothing but the report goes to stdout."""
    arguments = [*(sys.argv[1:] if argv is None else argv)] or ["--help"]
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a console that is not UTF-8 gets escapes, not a crash
            stream.reconfigure(errors="backslashreplace")
    try:
        with _signals():
            code = _run(arguments)
            if sys.stdout is not None:
                sys.stdout.flush()
            return code
    except BaseException as error:  # noqa: BLE001 - whatever happened has an exit code
        return _explain_failure(error, debug="--debug" in arguments)


def _run(arguments: list[str]) -> int:
    try:
        with _ganprobe.make_context("ganprobe", [*arguments], obj=tuple(arguments)) as context:
            return int(_ganprobe.invoke(context) or 0)
    except click.exceptions.Exit as asked:  # --help and --version
        return asked.exit_code


@contextmanager
def _signals() -> Iterator[None]:
    """SIGTERM and SIGHUP unwind the stack, so that no half-written file is left; handlers are put back after."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        raise _Ended(number)

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {getattr(signal, name): signal.signal(getattr(signal, name), end) for name in names}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _explain_failure(error: BaseException, debug: bool) -> int:
    """Say on stderr in two lines what happened and what to do; returns the exit code."""
    if debug:
        import traceback

        say(traceback.format_exc().rstrip())
    match error:
        case GanprobeError():
            message, hint, code = error.message, error.hint, error.exit_code
        case click.ClickException():
            message, hint, code = _from_click(error)
        case KeyboardInterrupt():
            message, hint, code = "interrupted", "nothing is left half-written", 128 + signal.SIGINT
        case _Ended():
            name = signal.Signals(error.number).name
            message, hint, code = f"ended by {name}", "nothing is left half-written", 128 + error.number
        case BrokenPipeError():
            _silence_stdout()
            return 128 + 13  # SIGPIPE, which not every system names
        case SystemExit():
            message, code = f"the model code ended the program (exit {error.code})", NO_RESULT
            hint = "remove the sys.exit from the code that -m imports"
        case _ if _out_of_memory(error):
            message, hint, code = "out of memory", "use --budget fast, or fewer --num-real and --num-fake", NO_RESULT
        case OSError():
            message, code = f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}", NO_RESULT
            hint = "check the file or the disk; --debug shows where it happened"
        case _:
            message, code = f"a bug: {type(error).__name__}: {error}", BUG
            hint = "please report it, with the traceback that --debug shows"
    say(f"ganprobe: {safe(message)}")
    say(f"hint: {safe(hint)}")
    _silence_stdout()
    return code


def _from_click(error: click.ClickException) -> tuple[str, str, int]:
    context = error.ctx if isinstance(error, click.UsageError) else None
    hint = f"see {context.command_path if context else 'ganprobe'} --help"
    if isinstance(error, click.NoSuchOption):
        message = f"there is no option {error.option_name}"
        hint = f"did you mean {' or '.join(sorted(error.possibilities))}?" if error.possibilities else hint
    else:
        message = error.format_message().rstrip(".")
    return message[:1].lower() + message[1:], hint, _USAGE


def _out_of_memory(error: BaseException) -> bool:
    """Python's, CUDA's, or that of torch's allocator on the CPU, which is a plain RuntimeError."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    signs = ("can't allocate memory", "not enough memory", "CUBLAS_STATUS_ALLOC_FAILED")
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in signs)


def _silence_stdout() -> None:
    """What is still buffered must not fail once more while the interpreter shuts down."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError, AttributeError):
        with suppress(OSError, ValueError, AttributeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
