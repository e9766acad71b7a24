"""What every family promises: read from its source, and asked of its members."""

from __future__ import annotations

import ast
import importlib
import inspect
from pathlib import Path

import pytest

import ganprobe
from ganprobe.cli._menu import menus
from ganprobe.family import Family

ROOT = Path(ganprobe.__file__).parent
FOLDERS = {init.parent.name: init.parent for init in ROOT.rglob("__init__.py")}
PACKAGES = {menu.package: tuple(name for name, _ in menu.members) for menu in menus()}
MEMBERS = [(package, member) for package, members in PACKAGES.items() for member in members]


def parsed(package: str) -> ast.Module:
    return ast.parse((FOLDERS[package] / "__init__.py").read_text(encoding="utf-8"))


def protocol(package: str) -> ast.ClassDef:
    found = [
        node
        for node in parsed(package).body
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "Protocol" for base in node.bases)
    ]
    assert len(found) == 1, f"{package} has {len(found)} protocols"
    return found[0]


@pytest.mark.parametrize("package", PACKAGES)
def test_the_registry_is_the_directory(package: str) -> None:
    files = {path.stem for path in FOLDERS[package].glob("*.py") if not path.stem.startswith("_")}
    assert set(PACKAGES[package]) == files


@pytest.mark.parametrize("package", PACKAGES)
def test_the_menu_reads_what_the_family_says(package: str) -> None:
    module = ".".join(FOLDERS[package].relative_to(ROOT.parent).parts)
    family = importlib.import_module(module).MEMBERS
    assert isinstance(family, Family)
    assert tuple(family) == PACKAGES[package]
    assert family.package == module


@pytest.mark.parametrize(("package", "member"), MEMBERS)
def test_a_member_answers_its_familys_verbs(package: str, member: str) -> None:
    answers = importlib.import_module(".".join((*FOLDERS[package].relative_to(ROOT.parent).parts, member)))
    for promised in protocol(package).body:
        if isinstance(promised, ast.FunctionDef):
            verb = getattr(answers, promised.name, None)
            assert inspect.isfunction(verb), f"{package}.{member} has no {promised.name}"
            assert list(inspect.signature(verb).parameters) == [a.arg for a in promised.args.args[1:]]  # without self
        elif isinstance(promised, ast.AnnAssign):
            assert hasattr(answers, ast.unparse(promised.target))


def test_every_family_and_member_introduces_itself_in_one_line() -> None:
    for menu in menus():
        for name, line in ((menu.package, menu.line), *menu.members):
            assert 10 <= len(line) <= 120, f"{menu.package}.{name}: {line!r}"
