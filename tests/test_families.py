"""What every family promises, read from the source: no member needs to be imported to be checked."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

import ganprobe
from ganprobe.cli._menu import menus
from ganprobe.family import Family

ROOT = Path(ganprobe.__file__).parent
FOLDERS = {init.parent.name: init.parent for init in ROOT.rglob("__init__.py")}
PACKAGES = {menu.package: tuple(name for name, _ in menu.members) for menu in menus()}
MEMBERS = [(package, member) for package, members in PACKAGES.items() for member in members]


def parsed(package: str, member: str = "__init__") -> ast.Module:
    return ast.parse((FOLDERS[package] / f"{member}.py").read_text(encoding="utf-8"))


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
    functions, others = {}, set()
    for node in parsed(package, member).body:
        if isinstance(node, ast.FunctionDef):
            functions[node.name] = node
        elif isinstance(node, ast.ClassDef):
            others.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            others |= {ast.unparse(target) for target in targets}
    for promised in protocol(package).body:
        if isinstance(promised, ast.FunctionDef):
            assert promised.name in functions, f"{package}.{member} has no {promised.name}"
            assert _arguments(functions[promised.name]) == _arguments(promised)[1:]  # without self
        elif isinstance(promised, ast.AnnAssign):
            assert ast.unparse(promised.target) in others | functions.keys()


def _arguments(function: ast.FunctionDef) -> list[str]:
    return [argument.arg for argument in function.args.args]


def test_every_family_and_member_introduces_itself_in_one_line() -> None:
    for menu in menus():
        for name, line in ((menu.package, menu.line), *menu.members):
            assert 10 <= len(line) <= 120, f"{menu.package}.{name}: {line!r}"
