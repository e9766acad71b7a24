"""What a Python file would do when imported, read from its syntax tree; and the part of it that only defines.

The class of a generator often lives in the script that trained it: importing that would parse arguments, fetch data and
train. A statement at module level is *inert* when it imports, defines, or assigns something whose calls are all known
to compute and nothing else (an allow-list: whatever is not on it counts as work). A file of inert statements is
imported as it is. From any other only the definitions behind one name are taken: the statements that bind it, those
that bind what they refer to, and so on. Where these are not inert themselves (a width that is read off a data loader)
nobody but the author can say what is meant, and the file is refused with the line.

Nothing here runs any of it.
"""

from __future__ import annotations

import ast
import builtins
import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ganprobe.errors import UsageError
from ganprobe.inputs import syntax

_OWN_FILE = "copy the class, and what it refers to, into a file of its own and name that with -m"

# Calls that compute a value and do nothing else; by their full name, or by what it begins with.
_INERT_BUILTINS = frozenset([
    "abs", "all", "any", "bool", "bytes", "callable", "complex", "dict", "divmod", "enumerate", "filter", "float",
    "frozenset", "getattr", "hasattr", "int", "isinstance", "issubclass", "iter", "len", "list", "map", "max", "min",
    "next", "object", "pow", "print", "property", "range", "repr", "reversed", "round", "set", "slice", "sorted", "str",
    "sum", "super", "tuple", "type", "vars", "zip",
])  # fmt: skip
_INERT_NAMES = frozenset([
    "logging.getLogger", "numpy.arange", "numpy.array", "numpy.ceil", "numpy.floor", "numpy.linspace", "numpy.log",
    "numpy.log2", "numpy.ones", "numpy.pi", "numpy.prod", "numpy.sqrt", "numpy.zeros", "os.cpu_count", "os.environ.get",
    "os.getcwd", "os.getenv", "sys.path.append", "sys.path.insert", "torch.Size", "torch.arange",
    "torch.backends.mps.is_available", "torch.cuda.device_count", "torch.cuda.is_available", "torch.device",
    "torch.eye", "torch.full", "torch.get_default_dtype", "torch.linspace", "torch.ones", "torch.tensor", "torch.zeros",
])  # fmt: skip
_INERT_PREFIXES = (
    "abc.", "argparse.", "collections.", "dataclasses.", "enum.", "fractions.", "functools.", "itertools.", "math.",
    "operator.", "os.path.", "pathlib.", "re.", "string.", "torch.nn.", "types.", "typing.",
)  # fmt: skip
# Methods that do no more than this on anything that has them.
_INERT_METHODS = frozenset([
    "add", "add_argument", "add_argument_group", "add_mutually_exclusive_group", "append", "bit_length", "copy",
    "count", "decode", "encode", "endswith", "extend", "format", "get", "index", "insert", "is_available", "items",
    "join", "keys", "lower", "parse_args", "parse_known_args", "replace", "resolve", "set_defaults", "setdefault",
    "split", "startswith", "strip", "update", "upper", "values",
])  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Definitions:
    """What to run of a file: ``tree``, which is ``whole`` or an excerpt; ``notes`` are for the record."""

    tree: ast.Module
    whole: bool
    notes: tuple[str, ...]


def of(path: Path, name: str) -> Definitions:
    """The whole file where importing it only defines, else what ``name`` needs of it.

    Raises `UsageError` where there is no such file or name, the file is not Python, or the name depends on work.
    """
    tree = _parse(path)
    script = _Script(tree)
    work = next((found for node in tree.body if (found := script.work(node)) is not None), None)
    if work is None:
        return Definitions(tree, True, _defaults_note(path, tree.body))
    if name not in script.bound and not script.stars:
        close = difflib.get_close_matches(name, script.classes, n=2)
        hint = (
            f"did you mean {' or '.join(close)}?" if close else f"it defines {', '.join(script.classes) or 'no class'}"
        )
        raise UsageError(f"-m {path}:{name}: {path.name} defines no {name!r}", hint)
    kept = script.closure(path, name)
    line = work.lineno  # type: ignore[attr-defined]
    note = f"{path.name} does more than define (line {line}); only {name} and what it refers to were taken from it"
    return Definitions(ast.Module(kept, []), False, (note, *_defaults_note(path, kept)))


def networks(path: Path) -> dict[str, tuple[str, ...]]:
    """The classes of a file that look like networks, each with the names of its constructor's parameters.

    A class looks like one if it is built on another and has ``forward``, or is built on a ``Sequential``. Empty where
    the file is not Python.
    """
    try:
        tree = _parse(path)
    except UsageError:
        return {}
    found = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.bases:
            methods = {inner.name: inner for inner in node.body if isinstance(inner, ast.FunctionDef)}
            if "forward" in methods or any("Sequential" in ast.unparse(base) for base in node.bases):
                made = methods.get("__init__")
                found[node.name] = tuple(argument.arg for argument in made.args.args[1:]) if made else ()
    return found


def _parse(path: Path) -> ast.Module:
    if not path.is_file():
        raise UsageError(f"-m {path}: no such file", "for example -m model.py:Generator")
    if path.suffix == ".ipynb":
        raise UsageError(f"-m {path}: a notebook, not a Python file", f"jupyter nbconvert --to script {path.name}")
    try:
        return ast.parse(path.read_bytes(), str(path))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f" (line {error.lineno}: {error.msg})" if isinstance(error, SyntaxError) else ""
        raise UsageError(f"-m {path}: not valid Python{line}", f"mend it, or {_OWN_FILE}") from None


def _defaults_note(path: Path, body: Sequence[ast.stmt]) -> tuple[str, ...]:
    """That a script's options are at their defaults, which need not be what the weights were trained with."""
    parsing = ("parse_args", "parse_known_args")
    for node in body:
        attributes = (n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute))
        if not syntax.is_main_guard(node) and any(name in parsing for name in attributes):
            return (f"the options that {path.name} reads from its command line are at their defaults",)
    return ()


class _Script:
    """The statements of one module: what each binds and uses, and which of them do work."""

    def __init__(self, tree: ast.Module) -> None:
        self.body = tree.body
        flat = list(syntax.flattened(tree.body))
        self.functions = {node.name: node for node in flat if isinstance(node, syntax.FUNCTIONS)}
        self.classes = {node.name: node for node in flat if isinstance(node, ast.ClassDef)}
        self.imported = {name: full for node in ast.walk(tree) for name, full in syntax.imported(node)}
        self.bound = {name for node in tree.body if not syntax.is_main_guard(node) for name in syntax.bound(node)}
        self.stars = [str(n.module) for n in flat if isinstance(n, ast.ImportFrom) and n.names[0].name == "*"]

    def work(self, node: ast.stmt, inside: frozenset[str] = frozenset()) -> ast.AST | None:
        """The first part of a statement that may do more than define; None where it is inert.

        ``inside`` names the functions of the file that are being looked into, so that recursion ends.
        """
        match node:
            case ast.Import() | ast.ImportFrom() | ast.Pass() | ast.Delete() | ast.Global() | ast.Nonlocal():
                return None
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return None
            case ast.If():
                if syntax.is_main_guard(node):
                    return self._works(node.orelse, inside)
                return self._call(node.test, inside) or self._works([*node.body, *node.orelse], inside)
            case ast.Try():
                handled = [inner for handler in node.handlers for inner in handler.body]
                return self._works([*node.body, *handled, *node.orelse, *node.finalbody], inside)
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.Expr() | ast.Assert() | ast.Return():
                return self._call(node, inside)
            case ast.Raise() if not inside:
                return None
            case ast.For() | ast.Raise() if inside:  # in a function that fills a list, not in a training script
                return self._call(node, inside)
            case _:
                return node

    def closure(self, path: Path, name: str) -> list[ast.stmt]:
        """The statements that ``name`` needs, in the file's order; `UsageError` where one of them does work."""
        wanted = {name}
        while True:
            kept = [part for node in self.body if (part := self._excerpt(node, wanted)) is not None]
            used = {inner for node in kept for inner in syntax.used(node)}
            if used <= wanted:
                break
            wanted |= used
        for node in kept:
            work = self.work(node)
            if work is not None:
                raise UsageError(
                    f"-m {path}:{name} depends on line {work.lineno} ({syntax.shown(work)}), "  # type: ignore[attr-defined]
                    "which may do more than define",
                    _OWN_FILE,
                )
        self._require_bound(path, name, wanted)
        return kept

    def _require_bound(self, path: Path, name: str, wanted: set[str]) -> None:
        guarded = {n for node in self.body if syntax.is_main_guard(node) for n in syntax.bound(node)}
        lacking = sorted((wanted - self.bound) & guarded)
        if lacking:
            raise UsageError(
                f"-m {path}:{name} needs {', '.join(lacking[:3])}, which the file sets under __main__ only", _OWN_FILE
            )

    def _excerpt(self, node: ast.stmt, wanted: set[str]) -> ast.stmt | None:
        """The statement reduced to what ``wanted`` names need of it; None where that is nothing."""
        if syntax.prepares_imports(node):
            return node
        match node:
            case ast.ImportFrom(names=[ast.alias(name="*")]):
                known = self.bound | set(dir(builtins))
                return node if wanted - known else None
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                taken = [alias for alias in names if syntax.bound_by_alias(alias) in wanted]
                return syntax.changed(node, names=taken) if taken else None
            case ast.If():
                if syntax.is_main_guard(node):
                    return None
                return self._reduced(node, wanted, ("body", "orelse"))
            case ast.Try():
                bodies = [self._excerpts(handler.body, wanted) or [ast.Pass()] for handler in node.handlers]
                handlers = [syntax.changed(h, body=b) for h, b in zip(node.handlers, bodies, strict=True)]
                return self._reduced(syntax.changed(node, handlers=handlers), wanted, ("body", "orelse", "finalbody"))
            case _:
                return node if syntax.bound(node) & wanted or self._changed(node) in wanted else None

    def _excerpts(self, body: Sequence[ast.stmt], wanted: set[str]) -> list[ast.stmt]:
        return [part for node in body if (part := self._excerpt(node, wanted)) is not None]

    def _reduced(self, node: ast.stmt, wanted: set[str], blocks: tuple[str, ...]) -> ast.stmt | None:
        parts = {block: self._excerpts(getattr(node, block), wanted) for block in blocks}
        handled = [inner for handler in getattr(node, "handlers", []) for inner in handler.body]
        if not any(parts.values()) and all(isinstance(inner, ast.Pass) for inner in handled):
            return None
        parts["body"] = parts["body"] or [ast.Pass()]
        return ast.fix_missing_locations(syntax.changed(node, **parts))

    def _changed(self, node: ast.stmt) -> str | None:
        """The name whose object a statement adds to: ``options.width = 3``, ``parser.add_argument(...)``."""
        match node:
            case ast.Assign(targets=[target]) | ast.AugAssign(target=target) | ast.AnnAssign(target=target):
                root = syntax.root(target) if isinstance(target, ast.Attribute | ast.Subscript) else None
                return root if root not in self.imported else None
            case ast.Expr(value=ast.Call(func=ast.Attribute() as called)):
                root = syntax.root(called)
                return root if root not in self.imported | self.classes | self.functions else None
        return None

    def _works(self, body: Iterable[ast.stmt], inside: frozenset[str]) -> ast.AST | None:
        return next((work for node in body if (work := self.work(node, inside)) is not None), None)

    def _call(self, node: ast.AST, inside: frozenset[str]) -> ast.AST | None:
        """The first call, in the parts of ``node`` that are evaluated at once, that is not known to be inert."""
        for inner in syntax.evaluated(node):
            if isinstance(inner, ast.Call) and not self._inert(inner.func, inside):
                return inner
            if isinstance(inner, ast.stmt) and inner is not node and (work := self.work(inner, inside)) is not None:
                return work
        return None

    def _inert(self, called: ast.expr, inside: frozenset[str]) -> bool:
        name = syntax.dotted(called)
        root, _, rest = (name or "").partition(".")
        if root in self.imported:
            return _known(".".join(filter(None, (self.imported[root], rest))))
        if isinstance(called, ast.Attribute):
            return called.attr in _INERT_METHODS
        if root in inside:
            return True
        if root in self.functions:
            return self._works(self.functions[root].body, inside | {root}) is None
        if root in self.classes:  # settings as a class; a network or a trainer is built on another class
            made = [n for n in self.classes[root].body if isinstance(n, ast.FunctionDef) and n.name == "__init__"]
            plain = not self.classes[root].bases
            return plain and all(self._works(function.body, inside | {root}) is None for function in made)
        if self.stars and root not in self.bound and not hasattr(builtins, root):
            return all(_known(f"{module}.{name}") for module in self.stars)
        return root in _INERT_BUILTINS and root not in self.bound


def _known(full: str) -> bool:
    """Whether a call by its full name only computes."""
    return full in _INERT_NAMES or full.startswith(_INERT_PREFIXES)
