"""The house rules, read from the source: who may import whom, who may print, what nobody may call, and how long."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import ganprobe

ROOT = Path(ganprobe.__file__).parent
FAMILIES = ("artefacts", "checkpoints", "checks", "datasets", "distances", "divergences", "probes", "reports", "views")
FLOORS = (
    {"errors", "seeds", "objective"},
    {"family"},
    {"record"},
    {"plan", "machine", "store"},
    {"samples"},
    {"nets", "show", "judge", "inputs"},
    {"probes", "views"},
    {"logits"},
    {"measures"},
    {"flow"},
    {"in_memory"},
    {"known", "series", "testing"},
    {"cli"},
    {"__main__"},
)
WARM_LIBRARIES = {"torch", "torchvision", "sklearn", "scipy", "pandas", "numpy", "PIL", "joblib"}
COLD = ("record", "judge", "show", "store", "cli")

# The most there may be: lines of a function, a file and flow.py, public names of a module, rooms, arrows between them.
LINES_OF_A_FUNCTION, LINES_OF_A_FILE, LINES_OF_THE_FLOW = 40, 300, 100
PUBLIC_NAMES, ROOMS, ARROWS = 16, 26, 140


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


@cache
def imports(module: str) -> tuple[Import, ...]:
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
            elif isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
                yield from walk(child, deferred or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef))

    return tuple(walk(tree(SOURCES[module]), False))


@cache
def nodes(module: str) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree(SOURCES[module])))


def room(module: str) -> str:
    """``ganprobe.probes.mlp`` is in the room ``probes``."""
    return module.split(".")[1] if "." in module else "ganprobe"


def family_of(module: str) -> str:
    """``ganprobe.judge.checks.lattice`` is of the family ``checks``."""
    return ".".join(["", *module.split(".")]).split(".")[-2]


def floor(module: str) -> int:
    return next((i for i, rooms in enumerate(FLOORS) if room(module) in rooms), -1)


def own(module: str) -> Iterator[Import]:
    """What it imports of the house itself."""
    return (found for found in imports(module) if found.module.startswith("ganprobe."))


def where(module: str, line: int) -> str:
    return f"{SOURCES[module].relative_to(ROOT.parent)}:{line}"


def test_every_room_has_its_floor() -> None:
    assert {room(module) for module in SOURCES if floor(module) < 0} == {"ganprobe"}


def test_nothing_imports_from_a_higher_floor_or_from_beside_it() -> None:
    wrong = [
        f"{where(module, found.line)} imports {found.module}"
        for module in SOURCES
        if module != "ganprobe"
        for found in own(module)
        if room(found.module) != room(module) and floor(found.module) >= floor(module)
    ]
    assert wrong == []


def test_the_package_itself_imports_nothing_of_its_own() -> None:
    assert [*own("ganprobe")] == []


def test_members_do_not_import_their_siblings() -> None:
    wrong = [
        f"{where(module, found.line)} imports {found.module}"
        for module in SOURCES
        if family_of(module) in (*FAMILIES, "cli")
        for found in own(module)
        if found.module.rpartition(".")[0] == module.rpartition(".")[0]
        and not found.module.rpartition(".")[2].startswith("_")
    ]
    assert wrong == []


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


def test_the_cold_wing_never_reaches_a_warm_library() -> None:
    """Deferred imports count too, except on the roof, where a command imports the flow when it runs."""
    seen: set[str] = set()

    def visit(name: str, trail: str) -> None:
        for found in imports(name):
            if found.deferred and room(name) == "cli":
                continue
            if found.deferred and name == "ganprobe.show.reports._frames" and found.module == "pandas":
                continue  # where a DataFrame is asked for
            trace = f"{trail} -> {found.module} (line {found.line})"
            assert found.module.partition(".")[0] not in WARM_LIBRARIES, trace
            for source in _loaded_with(found.module):
                if source not in seen:
                    seen.add(source)
                    visit(source, trace)

    for module in SOURCES:
        if room(module) in COLD:
            visit(module, module)


def _loaded_with(module: str) -> list[str]:
    """Importing ``ganprobe.judge.checks.lattice`` runs ``ganprobe.judge.checks`` too."""
    parts = module.split(".")
    return [name for i in range(len(parts)) if (name := ".".join(parts[: i + 1])) in SOURCES]


def calls(module: str) -> Iterator[tuple[ast.Call, str]]:
    return ((node, ast.unparse(node.func)) for node in nodes(module) if isinstance(node, ast.Call))


def test_only_the_command_line_and_the_terminal_report_print() -> None:
    wrong = [
        where(module, node.lineno)
        for module in SOURCES
        if room(module) != "cli" and module != "ganprobe.show.reports.terminal"
        for node, called in calls(module)
        if called in {"print", "click.echo", "sys.stdout.write"}
    ]
    assert wrong == []


def test_nothing_loads_or_runs_what_a_file_says() -> None:
    for module in SOURCES:
        for found in imports(module):
            if found.module.partition(".")[0] in {"pickle", "cloudpickle", "dill", "shelve", "marshal"}:
                pytest.fail(f"{where(module, found.line)} imports {found.module}")
        for node, called in calls(module):
            keywords = {k.arg: k.value for k in node.keywords}
            said = f"{where(module, node.lineno)} calls {called}"
            assert called not in {"eval", "exec", "os.system"}, said
            assert not called.startswith("torch.hub."), said
            assert not called.endswith("read_pickle"), said
            if called == "torch.load":
                assert {"map_location", "weights_only"} <= keywords.keys(), f"{said} without both keywords"
            if "allow_pickle" in keywords:
                assert ast.unparse(keywords["allow_pickle"]) == "False", said


def test_no_check_disappears_under_optimisation() -> None:
    wrong = [where(module, node.lineno) for module in SOURCES for node in nodes(module) if isinstance(node, ast.Assert)]
    assert wrong == []


def above(sizes: Mapping[str, int], most: int) -> list[str]:
    return [f"{name}: {size}" for name, size in sizes.items() if size > most]


def test_no_function_is_longer_than_a_screen() -> None:
    sizes = {
        f"{module}.{node.name}": int(node.end_lineno or 0) - node.lineno + 1
        for module in SOURCES
        for node in nodes(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert above(sizes, LINES_OF_A_FUNCTION) == []


def test_no_file_is_longer_than_a_reader_takes_in() -> None:
    sizes = {module: path.read_text(encoding="utf-8").count("\n") for module, path in SOURCES.items()}
    assert above(sizes, LINES_OF_A_FILE) == []
    assert sizes["ganprobe.flow"] <= LINES_OF_THE_FLOW


def test_no_module_has_more_names_than_one_remembers() -> None:
    assert above({module: len(public(module)) for module in SOURCES}, PUBLIC_NAMES) == []


def public(module: str) -> set[str]:
    """What it defines for others."""
    names: set[str] = set()
    for node in tree(SOURCES[module]).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)}
    return {name for name in names if not name.startswith("_")}


def test_the_house_has_few_rooms_and_few_doors() -> None:
    assert len({room(module) for module in SOURCES}) <= ROOMS
    doors = {(room(module), room(found.module)) for module in SOURCES for found in own(module)}
    assert len({(one, other) for one, other in doors if one != other}) <= ARROWS


# Tests of what no one module does, each with the reason.
OF_NO_MODULE = {
    "corpus/test_corpus.py": "broken and odd files, given to every command",
    "corpus/test_fuzz.py": "readers under mutated bytes",
    "corpus/test_properties.py": "laws that hold for any data",
    "inputs/checkpoints/test_generators.py": "what a generator of any format promises",
    "inputs/checkpoints/test_kinds_of_files.py": "which format a file is taken for",
    "inputs/checkpoints/test_state_dicts.py": "two formats, one reader of weights",
    "inputs/checkpoints/test_trusted.py": "three formats that may run code",
    "inputs/datasets/test_kinds_of_data.py": "which kind a path is taken for",
    "inputs/datasets/test_mixed_tables.py": "numbers, dates and categories in one table",
    "inputs/datasets/test_numbers.py": "arrays and tables, one content",
    "inputs/datasets/test_pictures.py": "folders, archives and arrays of pictures",
    "judge/test_trainings.py": "histories of a training whose truth is known",
    "known/truths/test_hostile.py": "all adversarial truths, alike",
    "logits/test_coverage.py": "bounds of trained, calibrated, stacked probes together",
    "series/test_faults.py": "a sweep that is killed, interrupted, short of disk",
    "views/test_chains_and_features.py": "views after views, and a user's own",
}


def test_tests_mirror_the_tree() -> None:
    """``tests/nets/test_mlp.py`` is about ``ganprobe/nets/mlp.py``; a family may be tested in one file of its name."""
    tests = Path(__file__).parent
    unmatched = set()
    for path in tests.rglob("*/test_*.py"):
        home, name = ROOT / path.parent.relative_to(tests), path.stem.removeprefix("test_")
        there = any((home / f"{start}{name}.py").is_file() for start in ("", "_"))
        if not there and not (name == home.name and home.is_dir()):
            unmatched.add(path.relative_to(tests).as_posix())
    assert unmatched == set(OF_NO_MODULE)
