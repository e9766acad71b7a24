"""The pages that are read from the program: commands from their help, findings from their checks, the mathematics.

Docstrings are read as Markdown: indented lines are formulae, backticks are code.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click

import ganprobe
from ganprobe import cli
from ganprobe.cli import _menu
from ganprobe.judge import checks

_PACKAGE = Path(ganprobe.__file__).parent
_ABOUT = {
    "1": "The data and the files",
    "2": "The probe",
    "3": "The divergence",
    "4": "The support",
    "5": "The gradients",
    "6": "The training history",
}
# Rooms that do not measure, but read, keep, judge and show.
_PLUMBING = (
    *("cli", "errors", "family", "flow", "inputs", "judge"),
    *("machine", "plan", "record", "seeds", "show", "store"),
)


def write(folder: Path) -> None:
    """Every generated page into ``folder``."""
    folder.mkdir(exist_ok=True)
    for page in (commands, findings, mathematics, members):
        (folder / f"{page.__name__}.md").write_text("\n".join(page()) + "\n", encoding="utf-8")


def commands() -> Iterator[str]:
    """The command line, as its ``--help`` says it in 80 columns."""
    yield "# Commands\n"
    yield "Unknown options are errors with a suggestion. stdout has the report alone; an error is two lines on stderr."
    for name in ("", *cli.MEMBERS):
        command: click.Command = cli.MEMBERS[name].command if name else cli._ganprobe
        context = click.Context(command, info_name=f"ganprobe {name}".strip(), max_content_width=80, terminal_width=80)
        yield f"\n## {context.info_name}\n\n```text\n{command.get_help(context)}\n```"


def findings() -> Iterator[str]:
    """Each code with its background, as ``ganprobe explain`` gives it."""
    yield "# Findings\n"
    yield "A finding is a judgement with its evidence and what to do. `ganprobe explain CODE` prints the same."
    about = ""
    for check in sorted((checks.MEMBERS[name] for name in checks.MEMBERS), key=lambda check: check.CODE):
        if (hundred := check.CODE[2]) != about:
            about = hundred
            yield f"\n## {_ABOUT[about]}"
        yield f"\n### {check.CODE}: {check.TITLE}\n\n{_markdown(check.EXPLAIN)}"


def members() -> Iterator[str]:
    """What there is to choose from, as ``ganprobe list`` shows it."""
    yield "# Families\n"
    for menu in _menu.menus():
        yield f"\n## {menu.package}\n\n{_markdown(menu.line)}\n\n| name | |\n| --- | --- |"
        yield "\n".join(f"| `{name}` | {_markdown(line)} |" for name, line in menu.members)


def mathematics() -> Iterator[str]:
    """What the modules that measure say of their method, the objective first."""
    yield "# The mathematics\n"
    yield "Read from the modules themselves, sources included."
    for path in sorted(_PACKAGE.rglob("*.py"), key=lambda path: (path.stem != "objective", str(path))):
        _, *parts = path.relative_to(_PACKAGE.parent).with_suffix("").parts
        text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        first, _, rest = text.partition("\n\n")
        if rest and parts[0] not in (*_PLUMBING, "__init__"):
            module = ".".join(parts).removesuffix(".__init__")
            yield f"\n## {module}\n\n**{_markdown(' '.join(first.split()))}**\n\n{_markdown(rest)}"


def _markdown(text: str) -> str:
    """A docstring as Markdown: asterisks and angles are themselves, but in formulae; ``::`` before those is ``:``."""
    lines = [line if line.startswith("    ") else _plain(line) for line in text.strip().splitlines()]
    return re.sub(r"::$", ":", "\n".join(lines), flags=re.MULTILINE)


def _plain(line: str) -> str:
    pieces = re.split(r"(`+[^`]*`+)", line)
    return "".join(piece if piece.startswith("`") else re.sub(r"([*<|])", r"\\\1", piece) for piece in pieces)
