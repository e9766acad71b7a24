"""The families as their files describe them, read without importing a member, so that a menu costs no torch."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import ganprobe

_ROOT = Path(ganprobe.__file__).parent


@dataclass(frozen=True, slots=True)
class Menu:
    """A family: its package, the first line of its docstring, and (name, first line) of each member."""

    package: str
    line: str
    members: tuple[tuple[str, str], ...]


def menus() -> Iterator[Menu]:
    """Every family, by name, in whatever room it lives."""
    for init in sorted(_ROOT.rglob("__init__.py"), key=lambda init: init.parent.name):
        if names := _members(ast.parse(init.read_text(encoding="utf-8"))):
            lines = ((name, first_line(init.with_name(f"{name}.py"))) for name in names)
            yield Menu(init.parent.name, first_line(init), tuple(lines))


def names(package: str) -> tuple[str, ...]:
    """The members of one family."""
    init = next(_ROOT.rglob(f"{package}/__init__.py"))
    return _members(ast.parse(init.read_text(encoding="utf-8")))


def _members(tree: ast.Module) -> tuple[str, ...]:
    for node in tree.body:
        if (
            isinstance(node, ast.Assign)
            and ast.unparse(node.targets[0]) == "MEMBERS"
            and isinstance(node.value, ast.Call)
        ):
            return tuple(_words(node.value.args[-1]))
    return ()


def _words(node: ast.AST) -> Iterator[str]:
    """The strings below ``node`` as they are written, in one tuple or in several that are unpacked into it."""
    if isinstance(node, ast.Constant):
        yield str(node.value)
    for child in ast.iter_child_nodes(node):
        yield from _words(child)


def first_line(path: Path) -> str:
    """What a module says of itself first; every member of a family does so in one line."""
    with path.open(encoding="utf-8") as file:
        return file.readline().strip().strip('"')
