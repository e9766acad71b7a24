"""The house rules, read from the source: who may import whom, who may print, and what nobody may call."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import ganprobe

ROOT = Path(ganprobe.__file__).parent
FAMILIES = ("artefacts", "checkpoints", "checks", "datasets", "distances", "divergences", "probes", "reports", "views")
FLOORS = (
    {"errors", "seeds", "objective", "family", "record"},
    {"plan", "machine", "store"},
    {"samples"},
    {"nets", "show", "judge", "inputs"},
    {"probes", "views"},
    {"logits"},
    {"measures"},
    {"flow"},
    {"known", "series"},
    {"cli"},
    {"__main__"},
)
WARM_LIBRARIES = {"torch", "torchvision", "sklearn", "scipy", "pandas", "numpy", "PIL", "joblib"}
COLD = ("record", "judge", "show", "store", "cli")


@dataclass(frozen=True)
class Import:
    module: str
    line: int
    deferred: bool


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {name_of(path): path for path in sorted(ROOT.rglob("*.py"))}


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def imports(module: str) -> Iterator[Import]:
    """Every import of a module at run time, those inside functions marked as deferred."""

    def walk(node: ast.AST, deferred: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if _is_type_checking(child):
                continue
            if isinstance(child, ast.Import):
                yield from (Import(alias.name, child.lineno, deferred) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, f"{module}:{child.lineno} has a relative import"
                for alias in child.names:
                    inner = f"{child.module}.{alias.name}"
                    yield Import(inner if inner in SOURCES else str(child.module), child.lineno, deferred)
            else:
                yield from walk(child, deferred or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef))

    yield from walk(tree(SOURCES[module]), False)


def room(module: str) -> str:
    """``ganprobe.probes.mlp`` is in the room ``probes``."""
    return module.split(".")[1] if "." in module else "ganprobe"


def family_of(module: str) -> str:
    """``ganprobe.judge.checks.lattice`` is of the family ``checks``."""
    return ".".join(["", *module.split(".")]).split(".")[-2]


def floor(module: str) -> int:
    return next((i for i, rooms in enumerate(FLOORS) if room(module) in rooms), -1)


@pytest.mark.parametrize("module", [m for m in SOURCES if m != "ganprobe"])
def test_nothing_imports_from_a_higher_floor(module: str) -> None:
    assert floor(module) >= 0, f"{module} has no floor: name it in FLOORS"
    for found in imports(module):
        if found.module.startswith("ganprobe.") and floor(found.module) > floor(module):
            pytest.fail(f"{SOURCES[module]}:{found.line} imports {found.module} from a higher floor")


def test_the_package_itself_imports_nothing_of_its_own() -> None:
    assert [found for found in imports("ganprobe") if found.module.startswith("ganprobe")] == []


@pytest.mark.parametrize("module", [m for m in SOURCES if family_of(m) in (*FAMILIES, "cli")])
def test_members_do_not_import_their_siblings(module: str) -> None:
    for found in imports(module):
        package, _, member = found.module.rpartition(".")
        if package == module.rpartition(".")[0] and not member.startswith("_"):
            pytest.fail(f"{SOURCES[module]}:{found.line} imports its sibling {member}")


def test_imports_at_load_form_no_circle() -> None:
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, f"circle: {' -> '.join([*trail, module])}"
        if module in done:
            return
        for found in imports(module):
            if found.module in SOURCES and not found.deferred and found.module != "ganprobe":
                visit(found.module, (*trail, module))
        done.add(module)

    for module in SOURCES:
        visit(module, ())


@pytest.mark.parametrize("module", [m for m in SOURCES if room(m) in COLD])
def test_the_cold_wing_never_reaches_a_warm_library(module: str) -> None:
    """Deferred imports count too, except on the roof, where a command imports the flow when it runs."""
    seen: set[str] = set()

    def visit(name: str, trail: str) -> None:
        for found in imports(name):
            if found.deferred and room(name) == "cli":
                continue
            if found.deferred and name == "ganprobe.show.reports._frames" and found.module == "pandas":
                continue  # where a DataFrame is asked for
            where = f"{trail} -> {found.module} (line {found.line})"
            assert found.module.partition(".")[0] not in WARM_LIBRARIES, where
            for source in _loaded_with(found.module):
                if source not in seen:
                    seen.add(source)
                    visit(source, where)

    visit(module, module)


def _loaded_with(module: str) -> list[str]:
    """Importing ``ganprobe.judge.checks.lattice`` runs ``ganprobe.judge.checks`` too."""
    parts = module.split(".")
    return [name for i in range(len(parts)) if (name := ".".join(parts[: i + 1])) in SOURCES]


@pytest.mark.parametrize("module", [m for m in SOURCES if room(m) != "cli" and m != "ganprobe.show.reports.terminal"])
def test_only_the_command_line_and_the_terminal_report_print(module: str) -> None:
    for node in ast.walk(tree(SOURCES[module])):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"print", "click.echo", "sys.stdout.write"}:
            pytest.fail(f"{SOURCES[module]}:{node.lineno} prints")


@pytest.mark.parametrize("module", SOURCES)
def test_nothing_loads_or_runs_what_a_file_says(module: str) -> None:
    for found in imports(module):
        if found.module.partition(".")[0] in {"pickle", "cloudpickle", "dill", "shelve", "marshal"}:
            pytest.fail(f"{SOURCES[module]}:{found.line} imports {found.module}")
    for node in ast.walk(tree(SOURCES[module])):
        if not isinstance(node, ast.Call):
            continue
        called, keywords = ast.unparse(node.func), {k.arg: k.value for k in node.keywords}
        where = f"{SOURCES[module]}:{node.lineno} calls {called}"
        assert called not in {"eval", "exec", "os.system"}, where
        assert not called.startswith("torch.hub."), where
        assert not called.endswith("read_pickle"), where
        if called == "torch.load":
            assert {"map_location", "weights_only"} <= keywords.keys(), f"{where} without both keywords"
        if "allow_pickle" in keywords:
            assert ast.unparse(keywords["allow_pickle"]) == "False", where


@pytest.mark.parametrize("module", SOURCES)
def test_no_check_disappears_under_optimisation(module: str) -> None:
    lines = [node.lineno for node in ast.walk(tree(SOURCES[module])) if isinstance(node, ast.Assert)]
    assert lines == [], f"{SOURCES[module]} asserts"


@pytest.mark.parametrize("module", SOURCES)
def test_no_function_is_longer_than_a_screen(module: str) -> None:
    for node in ast.walk(tree(SOURCES[module])):
        if isinstance(node, ast.FunctionDef):
            length = node.end_lineno - node.lineno + 1  # type: ignore[operator]
            assert length <= 80, f"{SOURCES[module]}:{node.lineno} {node.name} has {length} lines"
